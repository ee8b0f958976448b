#include "source/parameter_watch.h"

#include <algorithm>
#include <cstring>
#include <span>

extern "C" {
#include <libavutil/intreadwrite.h>
}

#include "base/annex_b.h"

namespace streamgear {
namespace {

using View = std::span<const std::uint8_t>;

/// Calls `take` with each NAL unit between start codes, without the zeros that may follow it.
template <typename Take>
void ForEachBehindStartCode(View data, Take take) {
  for (std::size_t begin = AfterStartCode(data, 0); begin < data.size();) {
    const std::size_t next = FindStartCode(data, begin);
    std::size_t end = next;
    while (end > begin && data[end - 1] == 0) --end;
    if (end > begin) take(data.subspan(begin, end - begin));
    begin = std::min(next + 3, data.size());
  }
}

/// Calls `take` with each NAL unit behind its length; stops where a length is wrong.
template <typename Take>
void ForEachBehindLength(View data, std::size_t length_size, Take take) {
  while (data.size() > length_size) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_size; ++i) length = length << 8 | data[i];
    data = data.subspan(length_size);
    if (length > data.size()) return;
    if (length > 0) take(data.first(length));
    data = data.subspan(length);
  }
}

/// The units that an avcC or hvcC record lists, each behind two bytes of length (ISO/IEC 14496-15
/// §5.3.3.1, §8.3.3.1).
template <typename Take>
void ForEachInRecord(View record, AVCodecID codec, Take take) {
  const bool hevc = codec == AV_CODEC_ID_HEVC;
  std::size_t at = hevc ? 22 : 5;
  if (record.size() <= at) return;
  // avcC: here the list of sequence parameter sets only.
  for (int lists = hevc ? record[at++] : 1; lists > 0; --lists) {
    if (record.size() < at + 3) return;
    int count = hevc ? AV_RB16(&record[at + 1]) : record[at] & 31;
    for (at += hevc ? 3 : 1; count > 0; --count) {
      if (record.size() < at + 2) return;
      const std::size_t length = AV_RB16(&record[at]);
      at += 2;
      if (record.size() - at < length) return;
      if (length > 0) take(record.subspan(at, length));
      at += length;
    }
  }
}

std::string Copy(View bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

ParameterWatch::ParameterWatch(const AVCodecParameters* parameters) {
  if (parameters != nullptr) Learn(*parameters);
}

void ParameterWatch::Learn(const AVCodecParameters& parameters) {
  codec_ = parameters.codec_id;
  width_ = parameters.width;
  height_ = parameters.height;
  const View extradata(parameters.extradata,
                       static_cast<std::size_t>(std::max(0, parameters.extradata_size)));
  extradata_ = Copy(extradata);
  if (codec_ != AV_CODEC_ID_H264 && codec_ != AV_CODEC_ID_HEVC) return;
  const auto keep = [this](View unit) {
    if (IsSequenceSet(unit[0])) known_.push_back(Copy(unit));
  };
  // A record begins with its version, 1; what has start codes begins with zeros.
  const std::size_t length_at = codec_ == AV_CODEC_ID_HEVC ? 21 : 4;
  if (extradata.size() > length_at && extradata[0] == 1) {
    length_size_ = (extradata[length_at] & 3U) + 1;
    ForEachInRecord(extradata, codec_, keep);
  } else {
    ForEachBehindStartCode(extradata, keep);
  }
}

bool ParameterWatch::IsSequenceSet(std::uint8_t header) const {
  if (codec_ == AV_CODEC_ID_H264) return (header & 31) == 7;
  const int type = header >> 1 & 63;
  return type == 32 || type == 33;  // video and sequence parameter sets
}

bool ParameterWatch::Changes(const AVPacket& packet) {
  std::size_t size = 0;
  const std::uint8_t* extradata =
      av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
  if (extradata != nullptr && size > 0 && extradata_ != Copy({extradata, size})) {
    if (!extradata_.empty()) return true;
    extradata_ = Copy({extradata, size});
  }
  const std::uint8_t* change = av_packet_get_side_data(&packet, AV_PKT_DATA_PARAM_CHANGE, &size);
  if (change != nullptr && size >= 12 &&
      (AV_RL32(change) & AV_SIDE_DATA_PARAM_CHANGE_DIMENSIONS) != 0) {
    // The sizes are behind what else has changed, which of video is nothing.
    const auto width = static_cast<int>(AV_RL32(change + 4));
    const auto height = static_cast<int>(AV_RL32(change + 8));
    if (width != width_ || height != height_) return true;
  }
  return (packet.flags & AV_PKT_FLAG_KEY) != 0 && ChangesSets(packet);
}

bool ParameterWatch::ChangesSets(const AVPacket& packet) {
  if (codec_ != AV_CODEC_ID_H264 && codec_ != AV_CODEC_ID_HEVC) return false;
  std::vector<Bytes> sets =
      SequenceSets(packet.data, static_cast<std::size_t>(std::max(0, packet.size)));
  if (known_.empty()) {
    known_ = std::move(sets);
    return false;
  }
  return std::ranges::any_of(
      sets, [this](const Bytes& set) { return std::ranges::find(known_, set) == known_.end(); });
}

std::vector<ParameterWatch::Bytes> ParameterWatch::SequenceSets(const std::uint8_t* data,
                                                                std::size_t size) const {
  std::vector<Bytes> sets;
  const auto keep = [&](View unit) {
    if (IsSequenceSet(unit[0])) sets.push_back(Copy(unit));
  };
  if (length_size_ > 0) {
    ForEachBehindLength({data, size}, length_size_, keep);
  } else {
    ForEachBehindStartCode({data, size}, keep);
  }
  return sets;
}

}  // namespace streamgear
