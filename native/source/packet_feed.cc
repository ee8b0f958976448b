#include "source/packet_feed.h"

#include <algorithm>
#include <utility>

extern "C" {
#include <libavutil/imgutils.h>
}

namespace streamgear {
namespace {

/// Filter graphs (lavfi) hand pictures over as packets that hold a pointer.
std::size_t WrappedBytes(const AVCodecParameters* parameters) {
  if (parameters == nullptr || parameters->codec_id != AV_CODEC_ID_WRAPPED_AVFRAME) return 0;
  return static_cast<std::size_t>(
      std::max(0, av_image_get_buffer_size(static_cast<AVPixelFormat>(parameters->format),
                                           parameters->width, parameters->height, 1)));
}

}  // namespace

PacketFeed::PacketFeed(StreamDescription stream, FeedMonitor& monitor)
    : stream_(std::move(stream)),
      raw_bytes_(WrappedBytes(stream_.parameters.get())),
      monitor_(monitor) {}

std::size_t PacketFeed::SizeOf(const AVPacket& packet) const {
  return raw_bytes_ > 0 ? raw_bytes_ : static_cast<std::size_t>(std::max(0, packet.size));
}

std::optional<double> PacketFeed::first_picture() const {
  const std::lock_guard lock(monitor_.mutex);
  return first_picture_;
}

void PacketFeed::SetFirstPicture(std::optional<double> seconds) {
  const std::lock_guard lock(monitor_.mutex);
  first_picture_ = seconds;
}

Status PacketFeed::Read(AVPacket* packet, Result* result) {
  std::unique_lock lock(monitor_.mutex);
  monitor_.changed.wait(lock, [this] { return !packets_.empty() || finished_ || ClosedLocked(); });
  if (cancelled_) {
    *result = Result::kCancelled;
    return Status::Ok();
  }
  if (packets_.empty()) {
    *result = Result::kEnd;
    return end_;
  }
  *result = Result::kPacket;
  bytes_ -= SizeOf(*packets_.front());
  av_packet_move_ref(packet, packets_.front().get());
  packets_.pop_front();
  lock.unlock();
  monitor_.changed.notify_all();
  return Status::Ok();
}

Status PacketFeed::AppendLocked(AVPacket* packet) {
  PacketPtr kept(av_packet_alloc());
  if (kept == nullptr) {
    return Status(Failure{.code = "OUT_OF_MEMORY",
                          .message = "Expected memory for a packet but the system gave none",
                          .stage = "reader",
                          .averror = AVERROR(ENOMEM)});
  }
  bytes_ += SizeOf(*packet);
  av_packet_move_ref(kept.get(), packet);
  packets_.push_back(std::move(kept));
  return Status::Ok();
}

void PacketFeed::Finish(const Status& status) {
  {
    std::lock_guard lock(monitor_.mutex);
    finished_ = true;
    end_ = status;
  }
  monitor_.changed.notify_all();
}

void PacketFeed::Close() {
  {
    std::lock_guard lock(monitor_.mutex);
    closed_ = true;
    packets_.clear();
    bytes_ = 0;
  }
  monitor_.changed.notify_all();
}

void PacketFeed::Cancel() {
  {
    std::lock_guard lock(monitor_.mutex);
    cancelled_ = true;
    packets_.clear();
    bytes_ = 0;
  }
  monitor_.changed.notify_all();
}

}  // namespace streamgear
