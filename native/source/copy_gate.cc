#include "source/copy_gate.h"

#include <algorithm>
#include <utility>

#include "base/duration_text.h"

namespace streamgear {
namespace {

/// A transport stream's demuxer marks what was open when its count of packets jumped, and its
/// parser, which is a packet late, puts the mark on the one before: a key frame that explains the
/// jump comes within so many packets.
constexpr std::size_t kReach = 2;

bool IsKey(const AVPacket& packet) { return (packet.flags & AV_PKT_FLAG_KEY) != 0; }

bool IsMarked(const AVPacket& packet) { return (packet.flags & AV_PKT_FLAG_CORRUPT) != 0; }

}  // namespace

void CopyGate::Send(PacketPtr packet, std::vector<PacketPtr>* passed) {
  if (!doubtful_.empty() && IsKey(*packet)) {
    // Two recordings were put together: what was open is whole, and where it is not, nothing refers
    // to it.
    for (PacketPtr& held : doubtful_) held->flags &= ~AV_PKT_FLAG_CORRUPT;
    Decide(passed);
  } else if (doubtful_.size() == kReach) {
    Decide(passed);
  }
  if (!doubtful_.empty() || IsMarked(*packet)) {
    doubtful_.push_back(std::move(packet));
  } else {
    Pass(std::move(packet), passed);
  }
}

void CopyGate::Finish(bool at_splice, std::vector<PacketPtr>* passed) {
  if (at_splice) {
    for (PacketPtr& held : doubtful_) held->flags &= ~AV_PKT_FLAG_CORRUPT;
  }
  Decide(passed);
  if (hides_) NoteEdit(last_lost_pts_ + 1);
}

void CopyGate::Decide(std::vector<PacketPtr>* passed) {
  for (PacketPtr& held : std::exchange(doubtful_, {})) {
    if (IsMarked(*held)) {
      NoteDamage();
    } else {
      Pass(std::move(held), passed);
    }
  }
}

void CopyGate::Pass(PacketPtr packet, std::vector<PacketPtr>* passed) {
  if ((packet->flags & AV_PKT_FLAG_DISCARD) != 0) {
    hides_ = true;
    decodable_ = false;
    return;
  }
  if (IsKey(*packet) && !decodable_) {
    if (std::exchange(hides_, false)) NoteEdit(packet->pts);
    decodable_ = true;
    key_pts_ = packet->pts;
  }
  if (decodable_ && packet->pts >= key_pts_) {
    passed->push_back(std::move(packet));
  } else if (hides_) {
    first_lost_pts_ = std::min(first_lost_pts_, packet->pts);
    last_lost_pts_ = std::max(last_lost_pts_, packet->pts);
  }
}

void CopyGate::NoteDamage() {
  if (!damages_.Add()) return;
  sink_(WarningEvent{.code = "DECODE_ERROR",
                     .message = "Part of \"" + url_ + "\" is damaged (" +
                                std::to_string(damages_.count()) + " so far): it is left out"});
}

void CopyGate::NoteEdit(std::int64_t end_pts) {
  const std::int64_t first = std::exchange(first_lost_pts_, INT64_MAX);
  if (first >= end_pts || !edits_.Add()) return;
  const double lost = static_cast<double>(end_pts - first) * time_base_;
  sink_(WarningEvent{.code = "EDIT_NOT_COPIED",
                     .message = "\"" + url_ +
                                "\" hides part of its video by an edit list that does not cut at "
                                "key frames, so a copy leaves out " +
                                DurationText(lost, 2) +
                                " of what is shown, up to the next key frame: encode it instead "
                                "to keep them"});
}

}  // namespace streamgear
