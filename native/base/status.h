// Status: the result of every call that can fail. Our C++ does not throw; the first error wins.
#pragma once

#include <string>
#include <utility>

namespace streamgear {

/// What went wrong, where, and what libav said about it. Becomes a `StreamError` in JavaScript.
struct Failure {
  std::string code{};     ///< stable identifier, e.g. "ENCODER_OPEN_FAILED"
  std::string message{};  ///< one sentence for a person
  std::string
      stage{};  ///< "ingest" | "filter" | "scaler" | "encoder" | "audio" | "packager" | "reader"
  int rendition = -1;  ///< index of the rendition, or -1
  int averror = 0;     ///< libav's (negative) error code, or 0
  std::string
      log{};  ///< libav's last warning or error line before it, or "" (the pipeline fills it in)
};

/// OK or a Failure. Small enough to return by value.
class [[nodiscard]] Status {
 public:
  Status() = default;
  explicit Status(Failure failure) : failed_(true), failure_(std::move(failure)) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] const Failure& failure() const { return failure_; }

  static Status Ok() { return Status(); }

 private:
  bool failed_ = false;
  Failure failure_;
};

}  // namespace streamgear
