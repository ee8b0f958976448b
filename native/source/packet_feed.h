// PacketFeed: the packets of one stream on their way from the demuxer to whoever decodes or copies
// them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

#include "base/av.h"
#include "base/status.h"
#include "source/packet_reader.h"

namespace streamgear {

/// What the feeds of one demuxer share: it waits for any of them.
struct FeedMonitor {
  std::mutex mutex;
  std::condition_variable changed;
};

/// Grows beyond "full" where the demuxer must go on; see demuxer.h.
class PacketFeed final : public PacketReader {
 public:
  /// Read ahead before it counts as full.
  static constexpr std::size_t kFullPackets = 128;
  static constexpr std::size_t kFullBytes = std::size_t{16} << 20;

  PacketFeed(StreamDescription stream, FeedMonitor& monitor);

  // The consumer's side.
  [[nodiscard]] const StreamDescription& stream() const override { return stream_; }
  [[nodiscard]] std::optional<double> first_picture() const override;
  [[nodiscard]] Status Read(AVPacket* packet, Result* result) override;
  /// No more packets are wanted: what is there and what comes is dropped. From any thread.
  void Close();
  /// Every wait ends. From any thread.
  void Cancel();

  // The demuxer's side. The calls that end in Locked are made under the monitor's mutex.
  /// What first_picture() says. Before the first packet.
  void SetFirstPicture(std::optional<double> seconds);
  /// Takes the packet.
  [[nodiscard]] Status AppendLocked(AVPacket* packet);
  /// Nothing follows, for this reason.
  void Finish(const Status& status);
  [[nodiscard]] bool ClosedLocked() const { return closed_ || cancelled_; }
  [[nodiscard]] bool FullLocked() const {
    return bytes_ >= kFullBytes || packets_.size() >= kFullPackets;
  }
  /// Its consumer waits, or will at once.
  [[nodiscard]] bool StarvesLocked() const { return packets_.empty() && !ClosedLocked(); }
  [[nodiscard]] std::size_t BytesLocked() const { return bytes_; }

 private:
  [[nodiscard]] std::size_t SizeOf(const AVPacket& packet) const;

  const StreamDescription stream_;
  const std::size_t raw_bytes_;  ///< of a packet that only refers to a picture, else 0
  FeedMonitor& monitor_;
  // Guarded by the monitor's mutex.
  std::optional<double> first_picture_;
  std::deque<PacketPtr> packets_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
  Status end_;
};

}  // namespace streamgear
