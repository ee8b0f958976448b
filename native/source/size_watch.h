// SizeWatch: tells when the pictures of a source change their size. One thread.
#pragma once

#include <string>
#include <utility>

#include "base/av.h"
#include "base/event.h"
#include "base/size_text.h"

namespace streamgear {

class SizeWatch {
 public:
  struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size&) const = default;
  };

  /// `target`: to which all pictures are scaled.
  SizeWatch(std::string url, Size target, EventSink sink)
      : url_(std::move(url)), target_(target), sink_(std::move(sink)) {}

  void See(const AVFrame& frame) {
    const Size size{frame.width, frame.height};
    if (size == seen_) return;
    if (seen_ != Size{}) {
      sink_(WarningEvent{.code = "SIZE_CHANGED",
                         .message = "\"" + url_ + "\" changes from " + Text(seen_) + " to " +
                                    Text(size) + ": its frames are scaled to " + Text(target_)});
    }
    seen_ = size;
  }

 private:
  static std::string Text(Size size) { return SizeText(size.width, size.height); }

  const std::string url_;
  const Size target_;
  const EventSink sink_;
  Size seen_;
};

}  // namespace streamgear
