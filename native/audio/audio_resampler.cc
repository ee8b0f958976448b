#include "audio/audio_resampler.h"

#include <cmath>
#include <string>

namespace streamgear {
namespace {

/// libswresample takes a number of samples to add over a number of samples: enough of them for a
/// millionth.
constexpr int kStretchDistance = 1'000'000;

Status Failed(int error, const std::string& what) {
  return Status(Failure{.code = "RESAMPLER_FAILED",
                        .message = what + ": " + AvErrorText(error),
                        .stage = "audio",
                        .averror = error});
}

}  // namespace

Status AudioResampler::Create(const AudioFormat& input, const AudioFormat& output,
                              std::unique_ptr<AudioResampler>* resampler) {
  const std::string what = "Audio of " + input.layout.name() + " at " +
                           std::to_string(input.sample_rate) + " Hz cannot be made " +
                           output.layout.name() + " at " + std::to_string(output.sample_rate) +
                           " Hz";
  SwrContext* context = nullptr;
  // FFmpeg 5 to 7.0 take pointers to layouts that are not const.
  AVChannelLayout from = input.layout.raw();
  AVChannelLayout to = output.layout.raw();
  int error = swr_alloc_set_opts2(&context, &to, output.sample_format, output.sample_rate, &from,
                                  input.sample_format, input.sample_rate, 0, nullptr);
  std::unique_ptr<AudioResampler> made(new AudioResampler());
  made->output_ = output;
  made->context_.reset(context);
  if (error < 0) return Failed(error, what);
  // Channels that are mixed into one never sum up to more than full scale, whatever the format:
  // left alone, swresample sees to that for integers only, and an encoder of floats would clip.
  av_opt_set_double(context, "rematrix_maxval", 1, 0);
  // What is stretched goes between the phases of the filter.
  av_opt_set_int(context, "linear_interp", 1, 0);
  error = swr_init(context);
  if (error < 0) return Failed(error, what);
  *resampler = std::move(made);
  return Status::Ok();
}

Status AudioResampler::Convert(const AVFrame* frame, FramePtr* out) {
  out->reset();
  const int input = frame == nullptr ? 0 : frame->nb_samples;
  const int room = swr_get_out_samples(context_.get(), input);
  if (room < 0) return Failed(room, "The resampler failed");
  if (room == 0) return Status::Ok();
  FramePtr samples = MakeSamples(output_, room);
  if (samples == nullptr) return Failed(AVERROR(ENOMEM), "No memory for samples");
  const auto** data =
      frame == nullptr ? nullptr : const_cast<const std::uint8_t**>(frame->extended_data);
  const int count = swr_convert(context_.get(), samples->extended_data, room, data, input);
  if (count < 0) return Failed(count, "The resampler failed");
  samples->nb_samples = count;
  if (count > 0) *out = std::move(samples);
  return Status::Ok();
}

std::int64_t AudioResampler::held() const {
  return swr_get_delay(context_.get(), output_.sample_rate);
}

Status AudioResampler::SetSpeed(double faster) {
  const auto added = static_cast<int>(-std::lround(faster * kStretchDistance));
  const int error = swr_set_compensation(context_.get(), added, added == 0 ? 0 : kStretchDistance);
  return error < 0 ? Failed(error, "The resampler cannot change its speed") : Status::Ok();
}

}  // namespace streamgear
