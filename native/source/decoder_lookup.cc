#include "source/decoder_lookup.h"

#include <string>

#include "base/av.h"

namespace streamgear {

bool IsDecodable(const MediaStream& stream) {
  const AVCodecDescriptor* codec = avcodec_descriptor_get_by_name(stream.codec.c_str());
  return codec != nullptr && avcodec_find_decoder(codec->id) != nullptr;
}

void TellLeftOut(const MediaInfo& info, std::string_view kind, int taken, const EventSink& sink) {
  int track = -1;
  for (const MediaStream& stream : info.streams) {
    if (stream.kind != kind || stream.attached_picture) continue;
    ++track;
    if (stream.index == taken || IsDecodable(stream)) continue;
    const std::string name = kind == "video" ? "Video" : "Audio";
    sink(WarningEvent{.code = "TRACK_LEFT_OUT",
                      .message = name + " track " + std::to_string(track) + " of \"" + info.url +
                                 "\" (" + stream.codec +
                                 ") is left out: this libavcodec has no decoder of it"});
  }
}

}  // namespace streamgear
