// output_sink: where whole files go. Names are relative to the root manifest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/event.h"
#include "base/status.h"
#include "config.h"

namespace streamgear {

class OutputSink {
 public:
  virtual ~OutputSink() = default;

  /// Replaces the file as a whole: nobody ever sees half of it, where the place allows that.
  [[nodiscard]] virtual Status Put(const std::string& name, const std::uint8_t* data,
                                   std::size_t size) = 0;

  /// Removes it. A file that is gone already is no error, and one that may not be removed is a
  /// WarningEvent DELETE_REFUSED, once. `removed` becomes true when there was one and is none now.
  [[nodiscard]] virtual Status Remove(const std::string& name, bool* removed) = 0;

  /// The full path or URL of a name; a URL without user, password and query.
  [[nodiscard]] virtual std::string PathOf(const std::string& name) const = 0;

  /// From any thread: makes a Put that hangs return soon.
  virtual void Abort() = 0;
};

/// WRITE_FAILED with the path or URL, libav's code and the reason.
[[nodiscard]] Failure WriteFailure(const std::string& path, int error, const std::string& reason);

/// DELETE_REFUSED with the path or URL and the reason: the stream goes on.
[[nodiscard]] WarningEvent DeleteRefusal(const std::string& path, const std::string& reason);

/// A folder for a path, requests for an HTTP URL, libavformat's protocols for any other. `root` is
/// the root manifest; its own name goes to `root_name`. `sink` takes warnings.
[[nodiscard]] std::unique_ptr<OutputSink> MakeOutputSink(const std::string& root,
                                                         const OptionList& io_options,
                                                         const EventSink& sink,
                                                         std::string* root_name);

}  // namespace streamgear
