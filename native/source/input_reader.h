// InputReader: the packets of one stream of a MediaInput that nobody else reads.
#pragma once

#include <optional>

#include "base/event.h"
#include "source/media_input.h"
#include "source/packet_reader.h"
#include "source/steady_input.h"

namespace streamgear {

/// What a reader of this stream has to know.
[[nodiscard]] StreamDescription DescribePackets(const MediaInput& input, int stream);

class InputReader final : public PacketReader {
 public:
  /// `input` is open and outlives this; only packets of `stream` are read from now on.
  /// `first_picture`: as PacketReader's.
  InputReader(MediaInput& input, int stream, EventSink sink,
              std::optional<double> first_picture = std::nullopt);

  [[nodiscard]] const StreamDescription& stream() const override { return description_; }
  [[nodiscard]] std::optional<double> first_picture() const override { return first_picture_; }
  [[nodiscard]] Status Read(AVPacket* packet, Result* result) override;

 private:
  const int index_;
  const StreamDescription description_;
  const std::optional<double> first_picture_;
  SteadyInput input_;
};

}  // namespace streamgear
