// Audio beside video in the packager: where it is cut, what it waits for, and what manifests say.
// Real packets, real files, one thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>

#include "encoded_streams.h"
#include "pipeline_fixture.h"
#include "segment_packager.h"
#include "written_files.h"

namespace streamgear::test {
namespace {

namespace fs = std::filesystem;

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// A big-endian number of 8 bytes.
std::int64_t Number64(const std::string& bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return static_cast<std::int64_t>(value);
}

/// Base media decode times of the fragments of a segment (version 1 of the box).
std::vector<std::int64_t> DecodeTimes(const fs::path& path) {
  const std::string bytes = ReadText(path);
  std::vector<std::int64_t> times;
  for (std::size_t at = bytes.find("tfdt"); at != std::string::npos;
       at = bytes.find("tfdt", at + 1)) {
    times.push_back(Number64(bytes, at + 8));
  }
  return times;
}

std::uint32_t Number32(const std::string& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(Number64(bytes, at) >> 32);
}

/// Durations of the samples of a segment, in order.
std::vector<std::int64_t> SampleDurations(const fs::path& path) {
  constexpr std::uint32_t kDefaultDuration = 0x08;
  constexpr std::uint32_t kSampleDuration = 0x100;
  const std::string bytes = ReadText(path) + std::string(8, '\0');
  std::vector<std::int64_t> durations;
  for (std::size_t box = bytes.find("tfhd"); box != std::string::npos;
       box = bytes.find("tfhd", box + 1)) {
    const std::uint32_t header = Number32(bytes, box + 4);
    const std::size_t description = (header >> 1) & 1;  // an index before the duration
    const std::uint32_t usual =
        (header & kDefaultDuration) != 0 ? Number32(bytes, box + 12 + 4 * description) : 0;
    const std::size_t run = bytes.find("trun", box);
    const std::uint32_t flags = Number32(bytes, run + 4);
    const std::uint32_t count = Number32(bytes, run + 8);
    // After the count: data offset, flags of the first sample; per sample duration, size, flags.
    std::size_t at = run + 12 + 4 * ((flags & 1) + ((flags >> 2) & 1));
    const std::size_t step =
        4 * (((flags >> 8) & 1) + ((flags >> 9) & 1) + ((flags >> 10) & 1) + ((flags >> 11) & 1));
    for (std::uint32_t i = 0; i < count; ++i, at += step) {
      durations.push_back((flags & kSampleDuration) != 0 ? Number32(bytes, at) : usual);
    }
  }
  return durations;
}

std::int64_t Sum(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

/// Times of all packets.
std::vector<std::int64_t> TimesOf(const InputPtr& input) {
  EXPECT_GE(avformat_find_stream_info(input.get(), nullptr), 0);
  std::vector<std::int64_t> times;
  const PacketPtr packet(av_packet_alloc());
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    times.push_back(packet->pts);
    av_packet_unref(packet.get());
  }
  return times;
}

/// Times of the packets that libavformat reads of these files, one after the other.
std::vector<std::int64_t> Demux(const fs::path& folder, const std::vector<std::string>& names) {
  return TimesOf(OpenJoined(folder, names));
}

/// The same of a playlist.
std::vector<std::int64_t> DemuxPlaylist(const fs::path& path) {
  AVFormatContext* context = nullptr;
  EXPECT_GE(avformat_open_input(&context, path.c_str(), nullptr, nullptr), 0);
  return TimesOf(InputPtr(context));
}

/// Durations of the segments of the first timeline in a text.
std::vector<std::int64_t> DurationsOf(const std::string& text) {
  std::vector<std::int64_t> durations;
  std::istringstream lines(text.substr(0, text.find("</SegmentTimeline>")));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t duration = line.find(" d=\"");
    if (duration == std::string::npos) continue;
    const std::size_t repeat = line.find(" r=\"");
    const int times = repeat == std::string::npos ? 1 : std::stoi(line.substr(repeat + 4)) + 1;
    for (int i = 0; i < times; ++i) durations.push_back(std::stoll(line.substr(duration + 4)));
  }
  return durations;
}

class SegmentAudioTest : public ::testing::Test {
 protected:
  /// One audio rendition beside one of video; segments of a second.
  PipelineConfig DashConfig() {
    PipelineConfig config = MakeConfig(folder_.path());
    config.renditions.resize(1);
    config.audio.origin = AudioOrigin::kPush;
    config.audio.renditions = {{.codec = "aac", .bitrate = 64000, .options = {}}};
    return config;
  }

  PipelineConfig HlsConfig(SegmentType type = SegmentType::kFmp4) {
    PipelineConfig config = DashConfig();
    const bool fmp4 = type == SegmentType::kFmp4;
    config.packaging.manifests[0].format = ManifestFormat::kHls;
    config.packaging.segment_type = type;
    config.packaging.output = (folder_.path() / "master.m3u8").string();
    config.packaging.init_name = "init_%v.mp4";
    config.packaging.segment_name = fmp4 ? "chunk%v-%03d.m4s" : "chunk%v-%03d.ts";
    config.packaging.playlist_name = "stream_%v.m3u8";
    config.packaging.playlist_type = "vod";
    config.packaging.start_number = 0;
    return config;
  }

  /// Both manifests of one set of segments.
  PipelineConfig BothConfig() {
    PipelineConfig config = DashConfig();
    config.packaging.manifests = {{.format = ManifestFormat::kDash},
                                  {.format = ManifestFormat::kHls, .name = "master.m3u8"}};
    config.packaging.playlist_name = "stream_$RepresentationID$.m3u8";
    config.packaging.playlist_type = "vod";
    return config;
  }

  static PipelineConfig Live(PipelineConfig config, int window) {
    config.packaging.live = true;
    config.packaging.playlist_type = "";
    for (ManifestConfig& manifest : config.packaging.manifests) {
      manifest.window = window;
      manifest.extra_window = 1;
    }
    config.packaging.delete_segments = true;
    config.packaging.program_date_time = true;
    return config;
  }

  /// Opens a packager for these streams.
  void Open(const PipelineConfig& config, std::vector<EncodedStream*> streams) {
    config_ = std::make_unique<PipelineConfig>(config);
    stats_ = std::make_unique<PipelineStats>(streams.size());
    packager_ = std::make_unique<SegmentPackager>(*config_, *stats_, events_.sink());
    std::vector<StreamInfo> infos;
    for (EncodedStream* stream : streams) infos.push_back(std::move(stream->info));
    const Status status = packager_->Open(std::move(infos));
    ASSERT_TRUE(status.ok()) << status.failure().message;
  }

  void Write(EncodedPacket packet) {
    const Status status = packager_->Write(std::move(packet));
    ASSERT_TRUE(status.ok()) << status.failure().message;
  }

  void WriteAll(EncodedStream& stream) {
    for (EncodedPacket& packet : stream.packets) Write(std::move(packet));
  }

  void Finish(std::int64_t end) {
    const Status status = packager_->Finish(end);
    ASSERT_TRUE(status.ok()) << status.failure().message;
  }

  /// A whole presentation of `seconds`, the audio first.
  void Package(const PipelineConfig& config, EncodedStream audio, double seconds = 3) {
    audio.info.rendition = 1;
    for (EncodedPacket& packet : audio.packets) packet.rendition = 1;
    EncodedStream video = EncodeVideo(FrameTimes(static_cast<int>(seconds * 25)));
    Open(config, {&video, &audio});
    if (HasFatalFailure()) return;
    WriteAll(audio);
    WriteAll(video);
    Finish(std::llround(seconds * kTicks));
  }

  std::string Text(const std::string& name) { return ReadText(folder_.path() / name); }

  std::set<std::string> Names() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.insert(entry.path().filename());
    }
    return names;
  }

  std::vector<SegmentEvent> Segments(int rendition) {
    std::vector<SegmentEvent> segments;
    for (SegmentEvent& segment : events_.All<SegmentEvent>()) {
      if (segment.rendition == rendition) segments.push_back(std::move(segment));
    }
    return segments;
  }

  TemporaryFolder folder_;
  EventRecorder events_;
  std::unique_ptr<PipelineConfig> config_;
  std::unique_ptr<PipelineStats> stats_;
  std::unique_ptr<SegmentPackager> packager_;
};

TEST_F(SegmentAudioTest, IsCutWhereTheVideoIsAndEndsWithIt) {
  Package(DashConfig(), EncodeTone({.seconds = 4}));
  const auto video = Segments(0);
  const auto audio = Segments(1);
  ASSERT_EQ(video.size(), 3U);
  ASSERT_EQ(audio.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GE(audio[i].start, video[i].start - 1e-9);
    EXPECT_LT(audio[i].start, video[i].start + 1024.0 / 48000);
  }
  EXPECT_DOUBLE_EQ(audio[0].start, 0);
  EXPECT_NEAR(audio[2].start + audio[2].duration, 3, 1e-9);
  // One after the other, to the sample: 48128 = 47 * 1024 is the first frame in the second second.
  const std::string mpd = Text("manifest.mpd");
  EXPECT_TRUE(Contains(mpd, "<S t=\"0\" d=\"48128\" r=\"1\"/>")) << mpd;
  EXPECT_TRUE(Contains(mpd, "<S d=\"47744\"/>")) << mpd;
  EXPECT_TRUE(Contains(mpd, "mediaPresentationDuration=\"PT3S\""));
  EXPECT_TRUE(Contains(mpd, "mimeType=\"audio/mp4\" codecs=\"mp4a.40.2\""));
  EXPECT_TRUE(Contains(mpd, "audioSamplingRate=\"48000\""));
}

TEST_F(SegmentAudioTest, PrimingIsInTheEditList) {
  Package(DashConfig(), EncodeTone({.seconds = 4}));
  // The media's own time line begins at 0 with the priming, the presentation 1024 samples later.
  EXPECT_EQ(DecodeTimes(folder_.path() / "chunk-stream1-00001.m4s"), std::vector<std::int64_t>{0});
  EXPECT_EQ(DecodeTimes(folder_.path() / "chunk-stream1-00002.m4s"),
            std::vector<std::int64_t>{48128 + 1024});
  const auto packets =
      Demux(folder_.path(), {"init-stream1.m4s", "chunk-stream1-00001.m4s",
                             "chunk-stream1-00002.m4s", "chunk-stream1-00003.m4s"});
  ASSERT_GT(packets.size(), 100U);
  EXPECT_EQ(packets[0], -1024);
  EXPECT_EQ(packets[1], 0);
}

TEST_F(SegmentAudioTest, EveryCodecStartsAtZero) {
  struct Case {
    SoundSpec sound;
    std::string codecs;
  };
  const std::array<Case, 5> cases{{{{.codec = "aac", .sample_rate = 44100}, "mp4a.40.2"},
                                   {{.codec = "libopus", .format = AV_SAMPLE_FMT_FLT}, "Opus"},
                                   {{.codec = "libmp3lame"}, "mp4a.6B"},
                                   {{.codec = "ac3", .bitrate = 192000}, "ac-3"},
                                   {{.codec = "flac", .format = AV_SAMPLE_FMT_S16}, "fLaC"}}};
  for (const Case& one : cases) {
    if (avcodec_find_encoder_by_name(one.sound.codec) == nullptr) continue;
    SCOPED_TRACE(one.sound.codec);
    PipelineConfig config = DashConfig();
    config.audio.renditions[0].codec = one.sound.codec;
    Package(config, EncodeTone(one.sound));
    EXPECT_TRUE(Contains(Text("manifest.mpd"), "codecs=\"" + one.codecs + "\""))
        << Text("manifest.mpd");
    const std::vector<std::string> names{"init-stream1.m4s", "chunk-stream1-00001.m4s",
                                         "chunk-stream1-00002.m4s", "chunk-stream1-00003.m4s"};
    const std::int64_t first = Demux(folder_.path(), names).front();
    EXPECT_LE(first, 0);
    EXPECT_GT(first, -5000);
    std::int64_t total = first;
    for (std::size_t i = 1; i < names.size(); ++i) {
      const fs::path path = folder_.path() / names[i];
      EXPECT_EQ(DecodeTimes(path), std::vector<std::int64_t>{total - first});
      total += Sum(SampleDurations(path));
    }
    EXPECT_EQ(total, 3 * one.sound.sample_rate);
  }
}

TEST_F(SegmentAudioTest, FollowsAGapOfTheVideo) {
  // Nothing between 1 s and 4 s: the picture stays, and the audio goes on in one segment with it.
  std::vector<std::int64_t> times = FrameTimes(25);
  for (const std::int64_t time : FrameTimes(25, 4 * kTicks)) times.push_back(time);
  EncodedStream video = EncodeVideo(times);
  EncodedStream audio = EncodeTone({.seconds = 6, .rendition = 1});
  Open(DashConfig(), {&video, &audio});
  WriteAll(audio);
  WriteAll(video);
  Finish(5 * kTicks);
  const auto sound = Segments(1);
  ASSERT_EQ(sound.size(), 2U);
  EXPECT_NEAR(sound[0].duration, 4, 0.022);
  EXPECT_NEAR(sound[1].start + sound[1].duration, 5, 1e-9);
  const auto packets = Demux(
      folder_.path(), {"init-stream1.m4s", "chunk-stream1-00001.m4s", "chunk-stream1-00002.m4s"});
  EXPECT_EQ(packets.size(), 1 + (5 * 48000 + 1023) / 1024U);
}

TEST_F(SegmentAudioTest, ThatEndsEarlyLeavesTheVideoAlone) {
  Package(DashConfig(), EncodeTone({.seconds = 1.5}));
  EXPECT_EQ(Segments(0).size(), 3U);
  const auto audio = Segments(1);
  ASSERT_EQ(audio.size(), 2U);
  EXPECT_NEAR(audio[1].start + audio[1].duration, 1.5, 0.022);
  EXPECT_TRUE(Contains(Text("manifest.mpd"), "mediaPresentationDuration=\"PT3S\""));
}

TEST_F(SegmentAudioTest, ThatBeginsLateHasTheNumbersOfTheVideo) {
  Package(DashConfig(), EncodeTone({.seconds = 2, .start = 1.25}));
  const auto audio = Segments(1);
  ASSERT_EQ(audio.size(), 2U);
  EXPECT_NEAR(audio[0].start, 1.25, 0.022);
  const std::string mpd = Text("manifest.mpd");
  EXPECT_FALSE(Names().contains("chunk-stream1-00001.m4s"));
  EXPECT_EQ(Count(mpd, "startNumber=\"1\""), 1U) << mpd;
  EXPECT_EQ(Count(mpd, "startNumber=\"2\""), 1U) << mpd;
  const auto packets = Demux(
      folder_.path(), {"init-stream1.m4s", "chunk-stream1-00002.m4s", "chunk-stream1-00003.m4s"});
  EXPECT_EQ(packets[0], 60000 - 1024);
  // No empty edit, which players overlook: the media's own times are the presentation's.
  EXPECT_EQ(DecodeTimes(folder_.path() / "chunk-stream1-00002.m4s"),
            std::vector<std::int64_t>{60000 - 1024});
}

TEST_F(SegmentAudioTest, ThatBeginsLateIsListedFromThenOn) {
  Package(HlsConfig(), EncodeTone({.seconds = 2, .start = 1.25}));
  EXPECT_EQ(Text("stream_1.m3u8"), R"(#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:1
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init_1.mp4"
#EXTINF:0.789333,
chunk1-001.m4s
#EXTINF:0.982000,
chunk1-002.m4s
#EXT-X-ENDLIST
)");
  EXPECT_FALSE(Names().contains("chunk1-000.m4s"));
}

/// A segment of audio, which is whole frames, is longer than the video's, and ends behind the last
/// picture.
TEST_F(SegmentAudioTest, ThatComesLastCountsForTheTargetDuration) {
  std::vector<std::int64_t> times = FrameTimes(25);
  times.push_back(kTicks * 2497 / 1000);
  EncodedStream video = EncodeVideo(times);
  EncodedStream audio = EncodeTone({.seconds = 4, .rendition = 1});
  Open(HlsConfig(), {&video, &audio});
  WriteAll(video);
  WriteAll(audio);
  Finish(kTicks * 2537 / 1000);
  EXPECT_TRUE(Contains(Text("stream_0.m3u8"), "#EXTINF:2.497000,"));
  EXPECT_TRUE(Contains(Text("stream_1.m3u8"), "#EXTINF:2.517333,"));
  for (const char* name : {"stream_0.m3u8", "stream_1.m3u8"}) {
    EXPECT_TRUE(Contains(Text(name), "#EXT-X-TARGETDURATION:3\n")) << Text(name);
  }
}

TEST_F(SegmentAudioTest, AHoleKeepsTheTimesBehindIt) {
  for (const bool dash : {true, false}) {
    SCOPED_TRACE(dash ? "DASH" : "HLS");
    EncodedStream audio = EncodeTone({.seconds = 5});
    // From 0.5 s to 3.2 s nothing came: all of segments 1 and 2, and parts of their neighbours.
    std::erase_if(audio.packets, [](const EncodedPacket& packet) {
      return packet.packet->pts >= 24000 && packet.packet->pts < 153600;
    });
    Package(dash ? DashConfig() : HlsConfig(), std::move(audio), 5);
    const fs::path last = folder_.path() / (dash ? "chunk-stream1-00002.m4s" : "chunk1-003.m4s");
    EXPECT_EQ(DecodeTimes(last), std::vector<std::int64_t>{153600 + 1024});
    if (dash) {
      const std::string mpd = Text("manifest.mpd");
      EXPECT_TRUE(Contains(mpd, "<S t=\"0\" d=\"144000\"/>\n            <S d=\"48512\"/>")) << mpd;
      continue;
    }
    const std::string playlist = Text("stream_1.m3u8");
    EXPECT_TRUE(Contains(playlist, "#EXT-X-VERSION:8\n"));
    EXPECT_EQ(Count(playlist, "#EXT-X-GAP"), 2U) << playlist;
    EXPECT_EQ(Count(playlist, "#EXTINF:1.000000,"), 3U) << playlist;
    EXPECT_TRUE(Contains(playlist, "#EXTINF:1.010667,\nchunk1-003.m4s")) << playlist;
  }
}

/// The entries of the MPD's timeline are counted one by one, so its numbers leave none out; the
/// playlist names the same files, with the video's indices.
TEST_F(SegmentAudioTest, BothManifestsTellOfTheSameHole) {
  EncodedStream audio = EncodeTone({.seconds = 5});
  std::erase_if(audio.packets, [](const EncodedPacket& packet) {
    return packet.packet->pts >= 24000 && packet.packet->pts < 153600;
  });
  Package(BothConfig(), std::move(audio), 5);
  const std::string mpd = Text("manifest.mpd");
  EXPECT_TRUE(Contains(mpd, "<S t=\"0\" d=\"144000\"/>\n            <S d=\"48512\"/>")) << mpd;
  EXPECT_EQ(Count(mpd, "startNumber=\"1\""), 2U) << mpd;
  const std::string playlist = Text("stream_1.m3u8");
  EXPECT_TRUE(Contains(playlist, "#EXT-X-MEDIA-SEQUENCE:1\n")) << playlist;
  EXPECT_EQ(Count(playlist, "#EXT-X-GAP"), 2U) << playlist;
  EXPECT_TRUE(Contains(playlist, "#EXTINF:1.000000,\nchunk-stream1-00001.m4s")) << playlist;
  EXPECT_TRUE(Contains(playlist, "#EXTINF:1.010667,\nchunk-stream1-00002.m4s")) << playlist;
  for (const char* name : {"chunk-stream1-00001.m4s", "chunk-stream1-00002.m4s"}) {
    EXPECT_TRUE(Names().contains(name)) << name;
  }
  EXPECT_EQ(DecodeTimes(folder_.path() / "chunk-stream1-00002.m4s"),
            std::vector<std::int64_t>{153600 + 1024});
}

/// A client that does not know EXT-X-GAP, as libavformat, asks for the file that is named there.
TEST_F(SegmentAudioTest, TheNameOfAGapIsNoFiles) {
  for (const bool dash : {true, false}) {
    SCOPED_TRACE(dash ? "DASH and HLS" : "HLS");
    EncodedStream audio = EncodeTone({.seconds = 5});
    std::erase_if(audio.packets, [](const EncodedPacket& packet) {
      return packet.packet->pts >= 24000 && packet.packet->pts < 153600;
    });
    Package(dash ? BothConfig() : HlsConfig(), std::move(audio), 5);
    std::istringstream playlist(Text("stream_1.m3u8"));
    std::set<std::string> names;
    std::size_t entries = 0;
    bool gap = false;
    for (std::string line; std::getline(playlist, line);) {
      gap = gap || line == "#EXT-X-GAP";
      if (line.starts_with("#")) continue;
      EXPECT_NE(Names().contains(line), std::exchange(gap, false)) << line;
      EXPECT_TRUE(line.ends_with(".m4s"))
          << line;  // libavformat stops at endings that it does not know
      names.insert(line);
      ++entries;
    }
    EXPECT_EQ(entries, 5U);
    EXPECT_EQ(names.size(), entries);
    std::int64_t last = INT64_MIN;
    for (const std::int64_t time : DemuxPlaylist(folder_.path() / "stream_1.m3u8")) {
      ASSERT_GT(time, last);
      last = time;
    }
    EXPECT_GT(last, 4 * 48000);
  }
}

/// A hole of a live stream is told when it is over, and what is announced of a segment stays.
TEST_F(SegmentAudioTest, AnAnnouncedSegmentNeverChanges) {
  EncodedStream video = EncodeVideo(FrameTimes(8 * 25));
  EncodedStream slow = EncodeVideo(FrameTimes(8 * 25), 1);  // 0.4 s behind
  EncodedStream audio = EncodeTone({.seconds = 8, .rendition = 2});
  std::erase_if(audio.packets, [](const EncodedPacket& packet) {
    return packet.packet->pts >= 120000 && packet.packet->pts < 249600;
  });
  PipelineConfig config = Live(BothConfig(), 8);
  config.renditions.push_back(MakeRendition(32, 24));
  Open(config, {&video, &slow, &audio});
  std::vector<std::int64_t> durations;
  std::size_t sounds = 0;
  std::size_t pictures = 0;
  for (EncodedPacket& picture : video.packets) {
    const std::int64_t now = picture.packet->pts * 48000 / kTicks;
    for (; sounds < audio.packets.size() && audio.packets[sounds].packet->pts <= now; ++sounds) {
      Write(std::move(audio.packets[sounds]));
    }
    Write(std::move(picture));
    if (++pictures > 10) Write(std::move(slow.packets[pictures - 11]));
    if (!Names().contains("manifest.mpd")) continue;
    const std::string mpd = Text("manifest.mpd");
    const std::size_t begin = mpd.find("<SegmentTimeline>", mpd.find("contentType=\"audio\""));
    if (begin == std::string::npos) continue;
    const std::vector<std::int64_t> written = DurationsOf(mpd.substr(begin));
    ASSERT_GE(written.size(), durations.size());
    ASSERT_TRUE(std::equal(durations.begin(), durations.end(), written.begin())) << mpd;
    durations = written;
  }
  EXPECT_EQ(durations.size(), 5U);
  Finish(8 * kTicks);
}

/// libavformat's mp4 muxer believes no step of 2^31 ticks.
TEST_F(SegmentAudioTest, GoesOnAfterAPauseOfHalfADay) {
  constexpr std::int64_t kPause = 50000;  // seconds
  std::vector<std::int64_t> times = FrameTimes(25);
  for (const std::int64_t time : FrameTimes(50, kPause * kTicks)) times.push_back(time);
  EncodedStream video = EncodeVideo(times);
  EncodedStream audio = EncodeTone({.seconds = 1, .rendition = 1});
  EncodedStream later = EncodeTone({.seconds = 2, .rendition = 1, .start = kPause});
  Open(DashConfig(), {&video, &audio});
  WriteAll(audio);
  for (EncodedPacket& packet : later.packets) {
    if (packet.packet->pts >= kPause * 48000) Write(std::move(packet));
  }
  WriteAll(video);
  Finish((kPause + 2) * kTicks);
  ASSERT_EQ(Segments(0).size(), 3U);
  ASSERT_EQ(Segments(1).size(), 3U);
  for (const std::int64_t second : {0, 1}) {
    const std::string number = std::to_string(2 + second);
    EXPECT_EQ(DecodeTimes(folder_.path() / ("chunk-stream0-0000" + number + ".m4s")),
              std::vector<std::int64_t>{(kPause + second) * kTicks});
    const auto sound = DecodeTimes(folder_.path() / ("chunk-stream1-0000" + number + ".m4s"));
    ASSERT_EQ(sound.size(), 1U);
    // As many samples later as the edit list takes off.
    EXPECT_NEAR(static_cast<double>(sound[0] - (kPause + second) * 48000), 1024, second * 1024);
  }
  EXPECT_EQ(Count(Text("init-stream1.m4s"), "elst"), 1U);
}

TEST_F(SegmentAudioTest, AHoleInsideASegmentIsAFragmentOfItsOwn) {
  EncodedStream audio = EncodeTone({.seconds = 3});
  std::erase_if(audio.packets, [](const EncodedPacket& packet) {
    return packet.packet->pts >= 9216 && packet.packet->pts < 20480;
  });
  Package(DashConfig(), std::move(audio));
  EXPECT_EQ(DecodeTimes(folder_.path() / "chunk-stream1-00001.m4s"),
            (std::vector<std::int64_t>{0, 20480 + 1024}));
}

TEST_F(SegmentAudioTest, PlaylistsOfFragmentedMp4) {
  PipelineConfig config = HlsConfig();
  config.renditions[0].audio = 0;
  EncodedStream audio = EncodeTone({.seconds = 3});
  audio.info.language = "eng";
  audio.info.name = "Commentary";
  Package(config, std::move(audio));
  const std::string master = Text("master.m3u8");
  EXPECT_TRUE(Contains(master,
                       "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Commentary\","
                       "LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\","
                       "URI=\"stream_1.m3u8\"\n"))
      << master;
  EXPECT_TRUE(Contains(master, ",mp4a.40.2\",RESOLUTION=64x48,")) << master;
  EXPECT_TRUE(Contains(master, ",AUDIO=\"audio\"\nstream_0.m3u8"));
  EXPECT_EQ(Text("stream_1.m3u8"), R"(#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:1
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init_1.mp4"
#EXTINF:1.002667,
chunk1-000.m4s
#EXTINF:1.002667,
chunk1-001.m4s
#EXTINF:0.994667,
chunk1-002.m4s
#EXT-X-ENDLIST
)");
}

TEST_F(SegmentAudioTest, EveryVariantNamesTheAudioItIsWatchedWith) {
  PipelineConfig config = HlsConfig();
  config.renditions.push_back(MakeRendition(32, 24));
  config.renditions[1].audio = 1;
  config.audio.renditions.push_back({.codec = "aac", .bitrate = 32000, .options = {}});
  EncodedStream high = EncodeVideo(FrameTimes(50), 0);
  EncodedStream low = EncodeVideo(FrameTimes(50), 1);
  EncodedStream rich = EncodeTone({.seconds = 2, .rendition = 2});
  EncodedStream poor = EncodeTone({.seconds = 2, .rendition = 3, .bitrate = 32000});
  Open(config, {&poor, &low, &rich, &high});  // in the order in which encoders happen to open
  for (EncodedStream* stream : {&rich, &poor, &high, &low}) WriteAll(*stream);
  Finish(2 * kTicks);
  const std::string master = Text("master.m3u8");
  EXPECT_TRUE(Contains(master, "GROUP-ID=\"audio\",NAME=\"Audio\",DEFAULT=YES")) << master;
  EXPECT_TRUE(Contains(master, "GROUP-ID=\"audio-1\",NAME=\"Audio\",DEFAULT=YES")) << master;
  EXPECT_TRUE(Contains(master, "AUDIO=\"audio\"\nstream_0.m3u8")) << master;
  EXPECT_TRUE(Contains(master, "AUDIO=\"audio-1\"\nstream_1.m3u8")) << master;
  EXPECT_EQ(Count(Text("stream_3.m3u8"), "#EXTINF"), 2U);
}

/// Key frames where the source has them, every second; the grid asks for one every 0.7 s.
TEST_F(SegmentAudioTest, ACopyIsCutAtTheSourcesOwnKeyFrames) {
  for (const bool copy : {true, false}) {
    SCOPED_TRACE(copy);
    events_.Clear();
    PipelineConfig config = DashConfig();
    config.grid = {kTicks * 7 / 10, 0};
    config.source.copy_video = copy;
    Package(config, EncodeTone({.seconds = 3}));
    const auto video = Segments(0);
    ASSERT_EQ(video.size(), 3U);
    EXPECT_DOUBLE_EQ(video[1].start, 1);
    EXPECT_EQ(Segments(1).size(), 3U);
    EXPECT_EQ(events_.All<WarningEvent>().size(), copy ? 0U : 1U);
  }
}

TEST_F(SegmentAudioTest, TransportStreamsOfSoundAndPictureHaveOneTimeLine) {
  Package(HlsConfig(SegmentType::kMpegTs), EncodeTone({.seconds = 3}));
  const auto picture = Demux(folder_.path(), {"chunk0-000.ts"});
  const auto sound = Demux(folder_.path(), {"chunk1-000.ts"});
  const auto later = Demux(folder_.path(), {"chunk1-002.ts"});
  ASSERT_FALSE(picture.empty());
  ASSERT_FALSE(sound.empty());
  EXPECT_EQ(picture.front(), 126000);  // far enough from 0 for any delay of an encoder
  EXPECT_EQ(sound.front(), picture.front() - 1920);  // the priming: 1024 samples
  EXPECT_NEAR(static_cast<double>(later.front() - picture.front()), 2.005333 * 90000, 2);
}

TEST_F(SegmentAudioTest, WaitsForTheVideoAndNotTheOtherWayRound) {
  PipelineConfig config = Live(DashConfig(), 5);
  EncodedStream video = EncodeVideo(FrameTimes(100));
  EncodedStream audio = EncodeTone({.seconds = 4, .rendition = 1});
  Open(config, {&video, &audio});
  WriteAll(audio);
  EXPECT_TRUE(Segments(1).empty());  // all of it is kept back
  for (int i = 0; i < 27; ++i) Write(std::move(video.packets[static_cast<std::size_t>(i)]));
  EXPECT_EQ(Segments(0).size(), 1U);
  EXPECT_EQ(Segments(1).size(), 1U);
  EXPECT_EQ(Count(Text("manifest.mpd"), "<AdaptationSet "), 2U);
}

TEST_F(SegmentAudioTest, ThatStallsStopsNoManifest) {
  PipelineConfig config = Live(HlsConfig(), 3);
  EncodedStream video = EncodeVideo(FrameTimes(25 * 9));
  EncodedStream audio = EncodeTone({.seconds = 2.5, .rendition = 1});
  Open(config, {&video, &audio});
  WriteAll(audio);
  for (int i = 0; i < 26; ++i) Write(std::move(video.packets[static_cast<std::size_t>(i)]));
  // The first segment's audio ends with the packet at 1.0 s, whose turn has not come.
  EXPECT_FALSE(Names().contains("master.m3u8"));
  for (int i = 26; i < 80; ++i) Write(std::move(video.packets[static_cast<std::size_t>(i)]));
  EXPECT_TRUE(Contains(Text("master.m3u8"), "AUDIO=\"audio\""));
  EXPECT_TRUE(Contains(Text("stream_0.m3u8"), "chunk0-002.m4s"));
  EXPECT_TRUE(Contains(Text("stream_1.m3u8"), "chunk1-001.m4s"));
  for (std::size_t i = 80; i < video.packets.size(); ++i) Write(std::move(video.packets[i]));
  // Its last segment has left the window: who comes now gets the video alone.
  EXPECT_FALSE(Contains(Text("master.m3u8"), "AUDIO="));
  EXPECT_TRUE(Contains(Text("stream_0.m3u8"), "chunk0-007.m4s"));
  EXPECT_FALSE(Names().contains("chunk1-000.m4s"));
  Finish(9 * kTicks);
  EXPECT_TRUE(Contains(Text("stream_0.m3u8"), "#EXT-X-ENDLIST"));
}

TEST_F(SegmentAudioTest, ThatComesLateIsNamedFromThenOn) {
  PipelineConfig config = Live(DashConfig(), 5);
  EncodedStream video = EncodeVideo(FrameTimes(100));
  EncodedStream audio = EncodeTone({.seconds = 4, .rendition = 1});
  Open(config, {&video, &audio});
  std::size_t frame = 0;
  for (; frame < 30; ++frame) Write(std::move(video.packets[frame]));
  EXPECT_FALSE(Names().contains("manifest.mpd"));  // the first one waits
  for (; frame < 60; ++frame) Write(std::move(video.packets[frame]));
  EXPECT_EQ(Count(Text("manifest.mpd"), "<AdaptationSet "), 1U);
  ASSERT_EQ(events_.All<WarningEvent>().size(), 1U);
  EXPECT_EQ(events_.All<WarningEvent>()[0].code, "AUDIO_MISSING");
  WriteAll(audio);
  const std::string mpd = Text("manifest.mpd");
  EXPECT_EQ(Count(mpd, "<AdaptationSet "), 2U);
  EXPECT_EQ(Count(mpd, "startNumber=\"1\""), 2U);
  EXPECT_EQ(Segments(1).size(), 2U);
}

/// What nobody can play any more is no reason to write the MPD again.
TEST_F(SegmentAudioTest, ThatComesBehindTheWindowWritesNoManifest) {
  EncodedStream video = EncodeVideo(FrameTimes(25 * 9));
  EncodedStream audio = EncodeTone({.seconds = 4.5, .rendition = 1});
  PipelineConfig config = Live(DashConfig(), 2);
  config.packaging.manifests[0].extra_window = 9;
  Open(config, {&video, &audio});
  WriteAll(video);
  const std::size_t written = events_.All<ManifestEvent>().size();
  EXPECT_EQ(written, 7U);  // one for each segment, from the second on
  WriteAll(audio);
  EXPECT_EQ(Segments(1).size(), 4U);
  EXPECT_EQ(events_.All<ManifestEvent>().size(), written);
}

TEST_F(SegmentAudioTest, IsNeverListedBeyondTheVideo) {
  PipelineConfig config = Live(HlsConfig(), 5);
  config.renditions.push_back(MakeRendition(32, 24));
  EncodedStream fast = EncodeVideo(FrameTimes(100), 0);
  EncodedStream slow = EncodeVideo(FrameTimes(100), 1);
  EncodedStream audio = EncodeTone({.seconds = 4, .rendition = 2});
  Open(config, {&fast, &slow, &audio});
  WriteAll(fast);
  WriteAll(audio);
  EXPECT_EQ(Segments(2).size(), 3U);
  EXPECT_FALSE(Names().contains("stream_2.m3u8"));
  for (std::size_t i = 0; i < 30; ++i) Write(std::move(slow.packets[i]));
  EXPECT_EQ(Count(Text("stream_2.m3u8"), "#EXTINF"), 1U);
}

TEST_F(SegmentAudioTest, DatesAreThoseOfTheVideo) {
  PipelineConfig config = Live(HlsConfig(), 5);
  Package(config, EncodeTone({.seconds = 4}));
  const auto date_of = [](const std::string& playlist, int index) {
    std::size_t at = 0;
    for (int i = 0; i <= index; ++i) at = playlist.find("DATE-TIME:", at + 1);
    return playlist.substr(at + 10 + 17, 6);  // seconds
  };
  const std::string video = Text("stream_0.m3u8");
  const std::string audio = Text("stream_1.m3u8");
  EXPECT_EQ(date_of(video, 0), date_of(audio, 0));
  const double difference = std::stod(date_of(audio, 1)) - std::stod(date_of(video, 1));
  EXPECT_NEAR(difference, 0.0027, 0.0011);
}

TEST_F(SegmentAudioTest, LiveRatesHoldTheContainerToo) {
  PipelineConfig config = Live(HlsConfig(SegmentType::kMpegTs), 5);
  config.renditions[0].bitrate = 8000;  // what the encoder makes of these pictures
  config.renditions[0].declared_peak = 8000;
  config.audio.renditions[0].bitrate = 64000;
  EncodedStream video = EncodeVideo(FrameTimes(75));
  EncodedStream audio = EncodeTone({.seconds = 3, .rendition = 1});
  Open(config, {&video, &audio});
  WriteAll(audio);
  WriteAll(video);
  const std::string master = Text("master.m3u8");
  const auto rate_of = [&master](const std::string& name) {
    return std::stod(master.substr(master.find(name) + name.size()));
  };
  double measured = 0;
  for (const int rendition : {0, 1}) {
    const SegmentEvent segment = Segments(rendition).front();
    measured += static_cast<double>(segment.bytes) * 8 / segment.duration;
  }
  EXPECT_GT(measured, 1.3 * (8000 + 64000));  // with pictures as small as these
  EXPECT_NEAR(rate_of(",AVERAGE-BANDWIDTH="), measured, 0.1 * measured) << master;
  EXPECT_GE(rate_of("INF:BANDWIDTH="), measured) << master;
}

TEST_F(SegmentAudioTest, WindowsSlideTogether) {
  PipelineConfig config = Live(HlsConfig(), 3);
  EncodedStream video = EncodeVideo(FrameTimes(25 * 9));
  EncodedStream audio = EncodeTone({.seconds = 9, .rendition = 1});
  Open(config, {&video, &audio});
  WriteAll(audio);
  WriteAll(video);
  // Three segments of audio, which are whole frames, are a little shorter than three target
  // durations: one more stays in both.
  for (const char* name : {"stream_0.m3u8", "stream_1.m3u8"}) {
    EXPECT_TRUE(Contains(Text(name), "#EXT-X-MEDIA-SEQUENCE:4\n")) << Text(name);
    EXPECT_EQ(Count(Text(name), "#EXTINF"), 4U);
  }
  for (const char* name : {"chunk0-002.m4s", "chunk1-002.m4s"})
    EXPECT_FALSE(Names().contains(name));
  // One is kept behind the window.
  for (const char* name : {"chunk0-003.m4s", "chunk1-003.m4s"}) EXPECT_TRUE(Names().contains(name));
}

/// Each at its own pace, and of what a list names nothing is deleted.
TEST_F(SegmentAudioTest, TwoManifestsHaveWindowsOfTheirOwn) {
  EncodedStream video = EncodeVideo(FrameTimes(10 * 25));
  EncodedStream audio = EncodeTone({.seconds = 10, .rendition = 1});
  PipelineConfig config = Live(BothConfig(), 3);
  config.packaging.manifests[1].window = 6;
  config.packaging.manifests[1].extra_window = 0;
  Open(config, {&video, &audio});
  WriteAll(audio);
  WriteAll(video);
  const std::string playlist = Text("stream_0.m3u8");
  EXPECT_EQ(Count(playlist, "#EXTINF"), 6U) << playlist;
  EXPECT_TRUE(Contains(playlist, "#EXT-X-MEDIA-SEQUENCE:4\n")) << playlist;
  EXPECT_TRUE(Contains(Text("manifest.mpd"), "startNumber=\"7\"")) << Text("manifest.mpd");
  EXPECT_TRUE(Contains(Text("manifest.mpd"), "timeShiftBufferDepth=\"PT3S\""));
  EXPECT_TRUE(Names().contains("chunk-stream0-00004.m4s"));
  EXPECT_FALSE(Names().contains("chunk-stream0-00003.m4s"));
}

TEST_F(SegmentAudioTest, BothManifestsAndTheirFilesGoAtExit) {
  PipelineConfig config = BothConfig();
  config.packaging.remove_at_exit = true;
  Package(config, EncodeTone({.seconds = 3}));
  EXPECT_TRUE(Names().empty());
}

TEST_F(SegmentAudioTest, RemoveAtExitLeavesNothing) {
  PipelineConfig config = HlsConfig();
  config.packaging.remove_at_exit = true;
  Package(config, EncodeTone({.seconds = 2, .start = 1.25}));
  EXPECT_TRUE(Names().empty());
}

TEST_F(SegmentAudioTest, WithoutFramesThereIsNothing) {
  EncodedStream video = EncodeVideo({});
  EncodedStream audio = EncodeTone({.seconds = 1, .rendition = 1});
  Open(DashConfig(), {&video, &audio});
  WriteAll(audio);
  Finish(0);
  EXPECT_TRUE(Names().empty());
}

TEST_F(SegmentAudioTest, AudioThatNeverComesIsNotNamed) {
  Package(HlsConfig(), EncodeTone({.seconds = 0}));
  EXPECT_FALSE(Contains(Text("master.m3u8"), "AUDIO"));
  ASSERT_EQ(events_.All<WarningEvent>().size(), 1U);
  EXPECT_EQ(events_.All<WarningEvent>()[0].code, "AUDIO_MISSING");
}

TEST_F(SegmentAudioTest, WithoutATimelineAPauseMakesOneAndLeavesNoNumberOut) {
  PipelineConfig config = DashConfig();
  config.packaging.use_timeline = false;
  std::vector<std::int64_t> times = FrameTimes(25);
  for (const std::int64_t time : FrameTimes(25, 4 * kTicks)) times.push_back(time);
  EncodedStream video = EncodeVideo(times);
  EncodedStream audio = EncodeTone({.seconds = 6, .rendition = 1});
  Open(config, {&video, &audio});
  WriteAll(audio);
  WriteAll(video);
  Finish(5 * kTicks);
  for (const char* name : {"chunk-stream0-00001.m4s", "chunk-stream0-00002.m4s",
                           "chunk-stream1-00001.m4s", "chunk-stream1-00002.m4s"}) {
    EXPECT_TRUE(Names().contains(name)) << name;
  }
  EXPECT_EQ(Count(Text("manifest.mpd"), "startNumber=\"1\""), 2U);
  EXPECT_EQ(Count(Text("manifest.mpd"), "<SegmentTimeline>"), 2U);
  const auto warnings = events_.All<WarningEvent>();
  const auto told = std::ranges::find(warnings, "TIMELINE_NEEDED", &WarningEvent::code);
  ASSERT_NE(told, warnings.end());
  EXPECT_TRUE(Contains(told->message, "before 4.0 s,")) << told->message;
  EXPECT_EQ(std::ranges::count(warnings, "TIMELINE_NEEDED", &WarningEvent::code), 1);
}

/// A number with no file in front of the audio, or behind it, would be asked for.
TEST_F(SegmentAudioTest, WithoutATimelineAudioOfAnotherLengthMakesOne) {
  struct Case {
    double start;
    double end;
    const char* told;  ///< nullptr = no timeline is needed
  };
  for (const Case& one :
       {Case{0, 3, nullptr}, Case{1.25, 3, "before 1.2"}, Case{0, 1.5, "before 3.0 s,"}}) {
    for (const bool both : {false, true}) {
      SCOPED_TRACE(one.start);
      SCOPED_TRACE(both);
      events_.Clear();
      PipelineConfig config = both ? BothConfig() : DashConfig();
      config.packaging.use_timeline = false;
      Package(config, EncodeTone({.seconds = one.end - one.start, .start = one.start}));
      const std::string mpd = Text("manifest.mpd");
      EXPECT_EQ(Count(mpd, "<SegmentTimeline>"), one.told == nullptr ? 0U : 2U) << mpd;
      EXPECT_EQ(Count(mpd, "startNumber=\"2\""), one.start > 0 ? 1U : 0U) << mpd;
      const auto warnings = events_.All<WarningEvent>();
      ASSERT_EQ(warnings.size(), one.told == nullptr ? 0U : 1U);
      if (one.told == nullptr) continue;
      EXPECT_EQ(warnings[0].code, "TIMELINE_NEEDED");
      EXPECT_TRUE(Contains(warnings[0].message, one.told)) << warnings[0].message;
    }
  }
}

/// The presentation's times, beside a clock on which frames come at another rate.
TEST_F(SegmentAudioTest, FramesThatLeaveTheWallClockAreTold) {
  for (const double speed : {0.5, 1.0, 2.0}) {
    SCOPED_TRACE(speed);
    events_.Clear();
    EncodedStream video = EncodeVideo(FrameTimes(25 * 25));
    const Clock::time_point begin = video.packets.front().pushed_at;
    for (EncodedPacket& packet : video.packets) {
      const std::chrono::duration<double> after = (packet.pushed_at - begin) / speed;
      packet.pushed_at = begin + std::chrono::duration_cast<Clock::duration>(after);
    }
    PipelineConfig config = Live(DashConfig(), 5);
    config.audio = {};
    Open(config, {&video});
    WriteAll(video);
    const auto warnings = events_.All<WarningEvent>();
    ASSERT_EQ(warnings.size(), speed == 1.0 ? 0U : 1U);
    if (warnings.empty()) continue;
    EXPECT_EQ(warnings[0].code, "LIVE_CLOCK");
    EXPECT_TRUE(Contains(warnings[0].message, speed > 1 ? "10 s ahead of" : "10 s behind"))
        << warnings[0].message;
  }
}

/// A source that pauses: the last picture stays until the next one comes, in one long segment.
TEST_F(SegmentAudioTest, APauseOfALiveSourceIsALongSegment) {
  std::vector<std::int64_t> times = FrameTimes(75);
  for (const std::int64_t time : FrameTimes(50, 13 * kTicks)) times.push_back(time);
  EncodedStream video = EncodeVideo(times);
  EncodedStream audio = EncodeTone({.seconds = 16, .rendition = 1});
  Open(Live(HlsConfig(), 6), {&video, &audio});
  WriteAll(audio);
  WriteAll(video);
  for (const char* name : {"stream_0.m3u8", "stream_1.m3u8"}) {
    const std::string playlist = Text(name);
    EXPECT_TRUE(Contains(playlist, "#EXTINF:11.0")) << playlist;
    EXPECT_TRUE(Contains(playlist, "#EXT-X-TARGETDURATION:11\n")) << playlist;
    EXPECT_FALSE(Contains(playlist, "DISCONTINUITY"));
    EXPECT_EQ(Count(playlist, "#EXTINF"), 4U);
  }
  const auto warnings = events_.All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "TARGET_DURATION_CHANGED");
}

}  // namespace
}  // namespace streamgear::test
