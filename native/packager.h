// packager: the interface behind the encoders, which segment_packager.h implements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "media/packet.h"

namespace streamgear {

class Packager {
 public:
  virtual ~Packager() = default;

  /// Called once, when every encoder is open. Writes the headers.
  [[nodiscard]] virtual Status Open(std::vector<StreamInfo> streams) = 0;

  /// Packets of one rendition come in decoding order; renditions may be ahead of one another. Audio
  /// is kept back until the video has come as far: the presentation ends with the video.
  [[nodiscard]] virtual Status Write(EncodedPacket packet) = 0;

  /// Everything was written: closes the last segments at `end` (ticks of the pipeline) and writes
  /// the final manifests.
  [[nodiscard]] virtual Status Finish(std::int64_t end) = 0;

  /// From any thread: makes a Write that hangs on the network return soon.
  virtual void Abort() = 0;

  /// RFC 6381 strings, per rendition. Valid after Open().
  [[nodiscard]] virtual std::vector<std::string> Codecs() const = 0;
};

}  // namespace streamgear
