// audio_encoder_format: what an audio encoder is given: the source's own format if it takes that,
// else the nearest.
#pragma once

#include <cstdint>
#include <vector>

#include "audio/audio_samples.h"
#include "base/av.h"
#include "base/status.h"
#include "config.h"

namespace streamgear {

struct EncoderFormat {
  AudioFormat format;
  bool mixed_down = false;  ///< it has channels less than the source, though nobody asked for it
};

/// Fails with AUDIO_FORMAT_UNSUPPORTED, and says what the encoder takes, when it does not take what
/// `config` asks for.
[[nodiscard]] Status ChooseEncoderFormat(const AVCodec* codec, const AudioFormat& source,
                                         const AudioConfig& config, EncoderFormat* chosen);

/// What an encoder can be asked for, in ascending order; empty: anything.
[[nodiscard]] std::vector<int> SampleRatesFor(const AVCodec* codec);
[[nodiscard]] std::vector<int> ChannelCountsFor(const AVCodec* codec);

/// bit/s: what `rendition` asks for, else the source's own `source_bitrate` when that is a lossy
/// codec's, else 64000 per channel, but 128000 at least.
[[nodiscard]] std::int64_t ChooseBitrate(const AudioRenditionConfig& rendition,
                                         const AVCodecParameters* source, int channels);

}  // namespace streamgear
