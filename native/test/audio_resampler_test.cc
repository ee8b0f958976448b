// Mixing down: no sum of channels is louder than full scale.
#include "audio/audio_resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace streamgear::test {
namespace {

/// The loudest sample of what channels of these levels become; the first is settled.
double Mixed(AVSampleFormat format, const std::vector<float>& levels, int channels) {
  const AudioFormat floats{.sample_format = AV_SAMPLE_FMT_FLTP,
                           .sample_rate = 48000,
                           .layout = ChannelLayout::Default(static_cast<int>(levels.size()))};
  AudioFormat from = floats;
  from.sample_format = format;
  AudioFormat to = floats;
  to.layout = ChannelLayout::Default(channels);
  FramePtr samples = MakeSamples(floats, 4800);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    std::fill_n(reinterpret_cast<float*>(samples->extended_data[i]), 4800, levels[i]);
  }
  std::unique_ptr<AudioResampler> packing;
  std::unique_ptr<AudioResampler> mixing;
  EXPECT_TRUE(AudioResampler::Create(floats, from, &packing).ok());
  EXPECT_TRUE(AudioResampler::Create(from, to, &mixing).ok());
  FramePtr packed;
  FramePtr mixed;
  EXPECT_TRUE(packing->Convert(samples.get(), &packed).ok());
  EXPECT_TRUE(mixing->Convert(packed.get(), &mixed).ok());
  double loudest = 0;
  for (int channel = 0; channel < channels; ++channel) {
    const auto* values = reinterpret_cast<const float*>(mixed->extended_data[channel]);
    for (int i = 0; i < mixed->nb_samples; ++i) {
      loudest = std::max(loudest, std::abs(static_cast<double>(values[i])));
    }
  }
  return loudest;
}

TEST(AudioResampler, MixesWithoutClipping) {
  for (const AVSampleFormat format : {AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_S16}) {
    SCOPED_TRACE(av_get_sample_fmt_name(format));
    EXPECT_NEAR(Mixed(format, {0.5F, 0.5F}, 1), 0.5, 1e-4);
    EXPECT_NEAR(Mixed(format, {0.8F, 0}, 1), 0.4, 1e-4);
    EXPECT_LE(Mixed(format, {1, 1}, 1), 1.0);
    EXPECT_LE(Mixed(format, {1, 1, 1, 1, 1, 1}, 2), 1.0);
    EXPECT_LE(Mixed(format, {1, 1, 1, 1, 1, 1, 1, 1}, 1), 1.0);
  }
}

}  // namespace
}  // namespace streamgear::test
