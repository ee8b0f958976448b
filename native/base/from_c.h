// from_c: what C libraries call back. An exception (memory ran out) must not pass through their
// frames, which know no destructors: they get the error that they understand.
#pragma once

#include <exception>
#include <utility>

namespace streamgear {

/// The result of `call`, or `failed` when it threw.
template <typename Result, typename Call>
[[nodiscard]] Result CalledFromC(Result failed, Call&& call) noexcept {
  try {
    return std::forward<Call>(call)();
  } catch (const std::exception&) {
    return failed;
  }
}

}  // namespace streamgear
