#include "source/input_reader.h"

#include <string_view>
#include <utility>

namespace streamgear {
namespace {

bool HasNoTimes(const MediaInput& input) {
  return std::string_view(input.context()->iformat->name) == "avi";
}

}  // namespace

StreamDescription DescribePackets(const MediaInput& input, int index) {
  const AVStream* stream = input.stream(index);
  const MediaStream& info = input.info().streams[static_cast<std::size_t>(index)];
  StreamDescription description{.parameters = CodecParametersPtr(avcodec_parameters_alloc()),
                                .time_base = stream->time_base,
                                .frame_rate = info.frame_rate,
                                .start = stream->start_time,
                                .counted_times = HasNoTimes(input),
                                .language = info.language,
                                .title = info.title,
                                .url = input.config().url,
                                .max_pixels = input.config().limits.max_pixels};
  if (description.parameters != nullptr) {
    avcodec_parameters_copy(description.parameters.get(), stream->codecpar);
  }
  return description;
}

InputReader::InputReader(MediaInput& input, int stream, EventSink sink,
                         std::optional<double> first_picture)
    : index_(stream),
      description_(DescribePackets(input, stream)),
      first_picture_(first_picture),
      input_(input, std::move(sink)) {
  input.Select({stream});
}

Status InputReader::Read(AVPacket* packet, Result* result) {
  for (;;) {
    MediaInput::Result read = MediaInput::Result::kEnd;
    if (Status status = input_.Read(packet, &read); !status.ok()) return status;
    if (read == MediaInput::Result::kPacket && packet->stream_index != index_) {
      av_packet_unref(packet);  // a stream that has just appeared
      continue;
    }
    *result = read == MediaInput::Result::kPacket ? Result::kPacket
              : read == MediaInput::Result::kEnd  ? Result::kEnd
                                                  : Result::kCancelled;
    return Status::Ok();
  }
}

}  // namespace streamgear
