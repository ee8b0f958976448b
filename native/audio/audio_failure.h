// audio_failure: a failure of the audio stage.
#pragma once

#include <string>
#include <utility>

#include "base/status.h"

namespace streamgear {

[[nodiscard]] inline Status AudioFailure(std::string code, std::string message) {
  return Status(Failure{.code = std::move(code), .message = std::move(message), .stage = "audio"});
}

}  // namespace streamgear
