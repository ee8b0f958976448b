// What the tests of the audio share: sound with a known value at each sample, files of it, and an
// audio stage that runs on its own, with the video played by the test.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "audio/audio_stage.h"
#include "manual_clock.h"
#include "pipeline_fixture.h"
#include "source/media_input.h"
#include "test_clip.h"

namespace streamgear::test {

inline constexpr int kRate = 48000;

/// The value of a sample, -1 to 1.
using Sound = std::function<double(std::int64_t sample)>;

/// No two stretches of it are alike, so a sample tells where it comes from: 15 bits, exact in s16.
inline double Noise(std::int64_t sample) {
  const auto mixed = static_cast<std::uint64_t>(sample + 1'000'000) * 0x9E3779B97F4A7C15ULL;
  return static_cast<double>(static_cast<std::int64_t>(mixed >> 50) - 8192) / 32768;
}

/// A tone of 20 ms at each full second, else silence.
inline double Beeps(std::int64_t sample) {
  const std::int64_t within = sample % kRate;
  if (sample < 0 || within >= kRate / 50) return 0;
  return 0.8 * std::sin(2 * M_PI * 2000 * static_cast<double>(within) / kRate);
}

struct AudioFile {
  const char* codec = "pcm_s16le";
  double seconds = 1;
  int channels = 1;
  int rate = kRate;
  Sound sound = Noise;
  /// The time that the container is told for a block that begins at this sample, in samples.
  std::function<std::int64_t(std::int64_t)> time = [](std::int64_t sample) { return sample; };
  /// Samples of the sound that are in the file, of those up to `seconds`.
  std::function<bool(std::int64_t)> present = [](std::int64_t) { return true; };
  int block = 1024;  ///< for encoders without a frame size
  const char* language = nullptr;
};

/// Writes it; the extension chooses the container.
class AudioFileWriter {
 public:
  AudioFileWriter(const std::string& path, AudioFile file) : file_(std::move(file)) {
    const AVCodec* codec = avcodec_find_encoder_by_name(file_.codec);
    avformat_alloc_output_context2(&muxer_, nullptr, nullptr, path.c_str());
    encoder_.reset(avcodec_alloc_context3(codec));
    encoder_->sample_fmt = AV_SAMPLE_FMT_S16;
    const std::vector<AVSampleFormat> formats = SampleFormatsOf(codec);
    if (std::ranges::find(formats, AV_SAMPLE_FMT_FLTP) != formats.end()) {
      encoder_->sample_fmt = AV_SAMPLE_FMT_FLTP;
    }
    encoder_->sample_rate = file_.rate;
    encoder_->time_base = {1, file_.rate};
    encoder_->bit_rate = 192'000;
    av_channel_layout_default(&encoder_->ch_layout, file_.channels);
    if ((muxer_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
      encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    EXPECT_GE(avcodec_open2(encoder_.get(), codec, nullptr), 0) << file_.codec;
    AVStream* stream = avformat_new_stream(muxer_, nullptr);
    avcodec_parameters_from_context(stream->codecpar, encoder_.get());
    stream->time_base = encoder_->time_base;
    if (file_.language != nullptr) av_dict_set(&stream->metadata, "language", file_.language, 0);
    EXPECT_GE(avio_open(&muxer_->pb, path.c_str(), AVIO_FLAG_WRITE), 0) << path;
    EXPECT_GE(avformat_write_header(muxer_, nullptr), 0) << path;
  }
  AudioFileWriter(const AudioFileWriter&) = delete;
  AudioFileWriter& operator=(const AudioFileWriter&) = delete;
  ~AudioFileWriter() {
    avio_closep(&muxer_->pb);
    avformat_free_context(muxer_);
  }

  void Write() {
    const int block = encoder_->frame_size > 0 ? encoder_->frame_size : file_.block;
    const auto total = static_cast<std::int64_t>(file_.seconds * file_.rate);
    for (std::int64_t begin = 0; begin < total; begin += block) {
      if (!file_.present(begin)) continue;
      const auto count = static_cast<int>(std::min<std::int64_t>(block, total - begin));
      const FramePtr frame = MakeBlock(begin, count);
      frame->pts = file_.time(begin);
      Encode(frame.get());
    }
    Encode(nullptr);
    EXPECT_GE(av_write_trailer(muxer_), 0);
  }

 private:
  FramePtr MakeBlock(std::int64_t begin, int count) {
    FramePtr frame = MakeSamples({.sample_format = encoder_->sample_fmt,
                                  .sample_rate = file_.rate,
                                  .layout = ChannelLayout(encoder_->ch_layout)},
                                 count);
    const bool planar = av_sample_fmt_is_planar(encoder_->sample_fmt) != 0;
    const bool floats = av_get_packed_sample_fmt(encoder_->sample_fmt) == AV_SAMPLE_FMT_FLT;
    for (int channel = 0; channel < file_.channels; ++channel) {
      for (int i = 0; i < count; ++i) {
        const double value = file_.sound(begin + i);
        const int at = planar ? i : i * file_.channels + channel;
        std::uint8_t* plane = frame->extended_data[planar ? channel : 0];
        if (floats) {
          reinterpret_cast<float*>(plane)[at] = static_cast<float>(value);
        } else {
          reinterpret_cast<std::int16_t*>(plane)[at] =
              static_cast<std::int16_t>(std::lround(value * 32768));
        }
      }
    }
    return frame;
  }

  void Encode(const AVFrame* frame) {
    ASSERT_GE(avcodec_send_frame(encoder_.get(), frame), 0);
    const PacketPtr packet(av_packet_alloc());
    while (avcodec_receive_packet(encoder_.get(), packet.get()) >= 0) {
      av_packet_rescale_ts(packet.get(), encoder_->time_base, muxer_->streams[0]->time_base);
      packet->stream_index = 0;
      ASSERT_GE(av_write_frame(muxer_, packet.get()), 0);
    }
  }

  const AudioFile file_;
  AVFormatContext* muxer_ = nullptr;
  CodecContextPtr encoder_;
};

inline std::string WriteAudio(const std::string& name, AudioFile file) {
  const std::string path = ClipFolder::PathOf(name);
  AudioFileWriter(path, std::move(file)).Write();
  return path;
}

/// Packets of PCM with any times, as a source's demuxer would give them.
class ScriptedPackets final : public PacketReader {
 public:
  /// Blocks of 1024 samples. `time`: in samples, of the block that begins at this sample; nullopt =
  /// none.
  ScriptedPackets(double seconds, Sound sound,
                  std::function<std::optional<std::int64_t>(std::int64_t)> time)
      : total_(static_cast<std::int64_t>(seconds * kRate)),
        sound_(std::move(sound)),
        time_(std::move(time)) {
    stream_.parameters.reset(avcodec_parameters_alloc());
    stream_.parameters->codec_type = AVMEDIA_TYPE_AUDIO;
    stream_.parameters->codec_id = AV_CODEC_ID_PCM_S16LE;
    stream_.parameters->format = AV_SAMPLE_FMT_S16;
    stream_.parameters->sample_rate = kRate;
    stream_.parameters->bits_per_coded_sample = 16;
    stream_.parameters->block_align = 2;
    av_channel_layout_default(&stream_.parameters->ch_layout, 1);
    stream_.time_base = {1, kRate};
    stream_.url = "script";
  }

  const StreamDescription& stream() const override { return stream_; }

  Status Read(AVPacket* packet, Result* result) override {
    const auto count = static_cast<int>(std::min<std::int64_t>(1024, total_ - next_));
    *result = count <= 0 ? Result::kEnd : Result::kPacket;
    if (count <= 0) return end_;
    av_new_packet(packet, count * 2);
    for (int i = 0; i < count; ++i) {
      reinterpret_cast<std::int16_t*>(packet->data)[i] =
          static_cast<std::int16_t>(std::lround(sound_(next_ + i) * 32768));
    }
    packet->pts = time_(next_).value_or(AV_NOPTS_VALUE);
    packet->duration = count;
    next_ += count;
    return Status::Ok();
  }

  /// Reading ends with this.
  void FailWith(Status status) { end_ = std::move(status); }

 private:
  const std::int64_t total_;
  const Sound sound_;
  const std::function<std::optional<std::int64_t>(std::int64_t)> time_;
  StreamDescription stream_;
  std::int64_t next_ = 0;
  Status end_;
};

/// What one rendition sounds like: its samples by presentation time.
struct Heard {
  std::int64_t begin = 0;     ///< pts of its first packet
  std::int64_t end = 0;       ///< of its last packet, duration included
  std::int64_t samples = 0;   ///< that lie in [0, end)
  std::vector<double> value;  ///< first channel; NaN = nothing there
  int channels = 0;

  [[nodiscard]] bool IsHole(std::int64_t at) const {
    return at >= static_cast<std::int64_t>(value.size()) ||
           std::isnan(value[static_cast<std::size_t>(at)]);
  }

  /// Seconds at which it gets loud after `from`.
  [[nodiscard]] double Onset(double from) const {
    for (auto i = static_cast<std::size_t>(from * kRate); i < value.size(); ++i) {
      if (std::abs(value[i]) > 0.1) return static_cast<double>(i) / kRate;
    }
    return -1;
  }
};

/// An audio stage with everything around it. The test plays the video on clock(), and lets the time
/// of every patience pass.
class AudioBench {
 public:
  explicit AudioBench(AudioConfig audio, SegmentType segments = SegmentType::kFmp4,
                      std::size_t queue = 1'000'000)
      : config_(MakeConfig("unused")),
        stats_(2 + audio.renditions.size()),
        clock_(kTicks, time_),
        output_(queue),
        log_(nullptr) {
    config_.audio = std::move(audio);
    config_.packaging.segment_type = segments;
  }
  ~AudioBench() {
    if (!thread_.joinable()) return;
    Cancel();
    thread_.join();
  }

  /// Of the video's first frame, on the source's time line.
  double origin = 0;

  PipelineConfig& config() { return config_; }
  PresentationClock& clock() { return clock_; }
  ManualClock& time() { return time_; }
  PacketQueue& output() { return output_; }
  AudioStage& stage() { return *stage_; }
  EventRecorder& events() { return events_; }
  const AudioStats& stats() const { return stats_.audio; }

  void Start(PacketReader* source = nullptr) {
    stage_ = std::make_unique<AudioStage>(config_, source, clock_, output_, stats_, events_.sink(),
                                          log_);
    thread_ = std::thread([this] {
      const LogScope scope(&log_);
      status_ = stage_->Run();
      output_.Close();
      ended_ = true;
    });
  }

  /// The video is so long, and all of it is there at once.
  void PlayVideo(double seconds) {
    const auto ticks = static_cast<std::int64_t>(std::llround(seconds * kTicks));
    clock_.Begin(origin, Clock::now());
    clock_.Advance(ticks, Clock::now());
    clock_.End(ticks);
  }

  /// Until so many seconds are encoded; a minute of real time at most.
  void WaitForPosition(double position) {
    const Clock::time_point hang = Clock::now() + kHangs;
    while (stats().position.load() < position && Clock::now() < hang) Yield();
    EXPECT_GE(stats().position.load(), position);
  }

  /// Until nothing goes on any more before the video does. What was encoded by then stays so.
  void AwaitWaitForVideo() { EXPECT_EQ(time_.AwaitWait(), std::chrono::seconds(10)); }

  /// As Wait(), for a stage whose patience has to end.
  ///
  /// @returns how much of it passed, to a second.
  Clock::duration WaitWhileTimePasses(Status* status) {
    const Clock::time_point begin = time_.Now();
    const Clock::time_point hang = Clock::now() + kHangs;
    while (!ended_ && Clock::now() < hang) {
      time_.Advance(std::chrono::seconds(1));
      Yield();
    }
    EXPECT_TRUE(ended_) << "it has more patience than a minute of real time";
    if (!ended_) Cancel();
    *status = Wait();
    return time_.Now() - begin;
  }

  /// Waits for the stage and sorts what it gave.
  Status Wait() {
    while (std::optional<EncoderOutput> output = output_.Pop()) {
      if (auto* info = std::get_if<StreamInfo>(&*output)) {
        const int rendition = info->rendition;
        infos_.emplace(rendition, std::move(*info));
      } else if (auto* packet = std::get_if<EncodedPacket>(&*output)) {
        packets_[packet->rendition].push_back(std::move(packet->packet));
      } else {
        ends_.push_back(std::get<StreamEnd>(*output).rendition);
      }
    }
    thread_.join();
    return status_;
  }

  /// The common case: a source, a video of this length, everything went well.
  void Run(double video_seconds, PacketReader* source = nullptr) {
    PlayVideo(video_seconds);
    Start(source);
    stage_->FinishPush();
    const Status status = Wait();
    EXPECT_TRUE(status.ok()) << status.failure().message;
    EXPECT_EQ(ends_.size(), config_.audio.renditions.size());
  }

  Failure RunFailing(double video_seconds = 1, PacketReader* source = nullptr) {
    PlayVideo(video_seconds);
    Start(source);
    stage_->FinishPush();
    const Status status = Wait();
    EXPECT_FALSE(status.ok());
    return status.failure();
  }

  void Cancel() {
    stage_->Cancel();
    output_.Cancel();
  }

  std::vector<std::string> Warnings() {
    std::vector<std::string> codes;
    for (const WarningEvent& event : events_.All<WarningEvent>()) codes.push_back(event.code);
    return codes;
  }

  /// Of an audio rendition. Valid after Wait().
  const StreamInfo& info(int audio = 0) { return infos_.at(2 + audio); }
  const std::vector<PacketPtr>& packets(int audio = 0) { return packets_[2 + audio]; }

  /// Decodes an audio rendition.
  Heard Hear(int audio = 0) {
    const StreamInfo& stream = info(audio);
    const std::vector<PacketPtr>& packets = packets_[2 + audio];
    Heard heard;
    if (packets.empty()) return heard;
    heard.begin = packets.front()->pts;
    heard.end = packets.back()->pts + packets.back()->duration;
    heard.channels = ChannelsOf(stream.parameters.get());
    heard.value.assign(static_cast<std::size_t>(std::max<std::int64_t>(heard.end, 0)),
                       std::numeric_limits<double>::quiet_NaN());
    const CodecContextPtr decoder(
        avcodec_alloc_context3(avcodec_find_decoder(stream.parameters->codec_id)));
    avcodec_parameters_to_context(decoder.get(), stream.parameters.get());
    decoder->pkt_timebase = {1, static_cast<int>(stream.ticks_per_second)};
    decoder->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;
    EXPECT_GE(avcodec_open2(decoder.get(), nullptr, nullptr), 0);
    const FramePtr frame(av_frame_alloc());
    for (const PacketPtr& packet : packets) {
      EXPECT_GE(avcodec_send_packet(decoder.get(), packet.get()), 0);
      while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
        Store(*frame, packet->pts, packet->duration, &heard);
      }
    }
    for (const double value : heard.value) heard.samples += std::isnan(value) ? 0 : 1;
    return heard;
  }

 private:
  /// Lets the stage go on.
  static void Yield() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

  static void Store(const AVFrame& frame, std::int64_t pts, std::int64_t duration, Heard* heard) {
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const int step = av_sample_fmt_is_planar(format) != 0 ? 1 : frame.ch_layout.nb_channels;
    const bool floats = av_get_packed_sample_fmt(format) == AV_SAMPLE_FMT_FLT;
    for (int i = 0; i < std::min<std::int64_t>(frame.nb_samples, duration); ++i) {
      const std::int64_t at = pts + i;
      if (at < 0 || at >= static_cast<std::int64_t>(heard->value.size())) continue;
      const std::uint8_t* data = frame.extended_data[0];
      heard->value[static_cast<std::size_t>(at)] =
          floats ? static_cast<double>(reinterpret_cast<const float*>(data)[i * step])
                 : reinterpret_cast<const std::int16_t*>(data)[i * step] / 32768.0;
    }
  }

  PipelineConfig config_;
  PipelineStats stats_;
  ManualClock time_;
  PresentationClock clock_;
  PacketQueue output_;
  LogRing log_;
  EventRecorder events_;
  std::unique_ptr<AudioStage> stage_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
  Status status_;
  std::map<int, StreamInfo> infos_;
  std::map<int, std::vector<PacketPtr>> packets_;
  std::vector<int> ends_;
};

/// Lossless, without priming, and of any length: what comes out is what went in.
inline AudioRenditionConfig Lossless() { return {.codec = "flac"}; }

inline AudioConfig FromFile(const std::string& path, AudioRenditionConfig rendition = Lossless()) {
  AudioConfig config;
  config.origin = AudioOrigin::kInput;
  config.input.url = path;
  config.renditions = {std::move(rendition)};
  return config;
}

/// The audio of a source whose packets the test gives.
inline AudioConfig FromSource(AudioRenditionConfig rendition = Lossless()) {
  AudioConfig config;
  config.origin = AudioOrigin::kSource;
  config.renditions = {std::move(rendition)};
  return config;
}

inline AudioConfig FromLavfi(const std::string& graph, AudioRenditionConfig rendition) {
  AudioConfig config = FromFile(graph, std::move(rendition));
  config.input.format = "lavfi";
  return config;
}

/// Expects the samples [begin, end) to be those of `sound`, `shift` samples further on.
inline void ExpectSound(const Heard& heard, std::int64_t begin, std::int64_t end,
                        const Sound& sound, std::int64_t shift = 0) {
  ASSERT_LE(end, static_cast<std::int64_t>(heard.value.size()));
  for (std::int64_t i = begin; i < end; ++i) {
    ASSERT_EQ(heard.value[static_cast<std::size_t>(i)], sound(i + shift)) << "at sample " << i;
  }
}

}  // namespace streamgear::test
