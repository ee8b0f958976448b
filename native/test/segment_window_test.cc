// The live window of the packager: what playlists list, and what is deleted. Real packets, real
// files, one thread.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "encoded_streams.h"
#include "pipeline_fixture.h"
#include "segment_packager.h"

namespace streamgear::test {
namespace {

namespace fs = std::filesystem;

/// What a media playlist lists.
struct Playlist {
  std::int64_t media_sequence = -1;
  double duration = 0;  ///< seconds, of all segments
  std::vector<std::string> segments;
};

Playlist ReadPlaylist(const fs::path& path) {
  Playlist playlist;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t value = line.find(':') + 1;
    if (line.starts_with("#EXT-X-MEDIA-SEQUENCE:")) {
      playlist.media_sequence = std::stoll(line.substr(value));
    } else if (line.starts_with("#EXTINF:")) {
      playlist.duration += std::stod(line.substr(value));
    } else if (!line.empty() && line.front() != '#') {
      playlist.segments.push_back(line);
    }
  }
  return playlist;
}

class SegmentWindowTest : public ::testing::Test {
 protected:
  /// Video and audio in segments of a second, in a window of three of them.
  PipelineConfig Config(int extra_window) {
    PipelineConfig config = MakeConfig(folder_.path());
    config.renditions.resize(1);
    config.audio.origin = AudioOrigin::kPush;
    config.audio.renditions = {{.codec = "aac", .bitrate = 64000, .options = {}}};
    PackagingConfig& packaging = config.packaging;
    packaging.manifests[0].format = ManifestFormat::kHls;
    packaging.output = (folder_.path() / "master.m3u8").string();
    packaging.init_name = "init_%v.mp4";
    packaging.segment_name = "chunk%v-%03d.m4s";
    packaging.playlist_name = "stream_%v.m3u8";
    packaging.start_number = 0;
    packaging.live = true;
    packaging.manifests[0].window = 3;
    packaging.manifests[0].extra_window = extra_window;
    packaging.delete_segments = true;
    return config;
  }

  /// Writes `seconds` of both streams as they come of live encoders, and looks at the playlists
  /// after each packet.
  void PackageLive(const PipelineConfig& config, double seconds) {
    PackageLive(config, seconds, seconds);
  }

  void PackageLive(const PipelineConfig& config, double seconds, double audio_seconds) {
    EncodedStream video = EncodeVideo(FrameTimes(static_cast<int>(seconds * 25)));
    EncodedStream audio = EncodeTone({.seconds = audio_seconds, .rendition = 1});
    audio_falls_behind_ = audio_seconds < seconds;
    PipelineStats stats(2);
    SegmentPackager packager(config, stats, events_.sink());
    std::vector<StreamInfo> infos;
    infos.push_back(std::move(video.info));
    infos.push_back(std::move(audio.info));
    ASSERT_TRUE(packager.Open(std::move(infos)).ok());
    std::size_t sounds = 0;
    for (EncodedPacket& picture : video.packets) {
      const std::int64_t now = picture.packet->pts * 48000 / kTicks;
      for (; sounds < audio.packets.size() && audio.packets[sounds].packet->pts <= now; ++sounds) {
        ASSERT_TRUE(packager.Write(std::move(audio.packets[sounds])).ok());
        Look();
      }
      ASSERT_TRUE(packager.Write(std::move(picture)).ok());
      Look();
    }
    ASSERT_TRUE(packager.Finish(std::llround(seconds * kTicks)).ok());
  }

  void Look() {
    for (const fs::path& path : undeletable_) {
      if (!fs::is_regular_file(path)) continue;
      fs::remove(path);
      fs::create_directories(path / "inside");
    }
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      Playlist playlist = ReadPlaylist(folder_.path() / ("stream_" + std::to_string(i) + ".m3u8"));
      ASSERT_GE(playlist.media_sequence, seen_[i].media_sequence) << "playlist " << i;
      for (const std::string& name : playlist.segments) {
        ASSERT_TRUE(fs::exists(folder_.path() / name)) << name << " of playlist " << i;
      }
      if (playlist.media_sequence > 0 && (i == 0 || !audio_falls_behind_)) {
        ASSERT_GE(playlist.duration, 3) << "playlist " << i;
      }
      seen_[i] = std::move(playlist);
    }
  }

  TemporaryFolder folder_;
  EventRecorder events_;
  std::array<Playlist, 2> seen_;
  std::vector<fs::path> undeletable_;
  bool audio_falls_behind_ = false;
};

TEST_F(SegmentWindowTest, NeverGoesBack) {
  PackageLive(Config(2), 12);
  EXPECT_GT(seen_[0].media_sequence, 5);
}

TEST_F(SegmentWindowTest, NamesNothingThatIsDeleted) {
  PackageLive(Config(0), 12);
  EXPECT_GT(seen_[0].media_sequence, 5);
}

TEST_F(SegmentWindowTest, KeepsWhatThePlaylistOfAudioThatFellBehindNames) {
  PackageLive(Config(0), 12, 4);
  EXPECT_GT(seen_[0].media_sequence, 5);
  EXPECT_FALSE(seen_[1].segments.empty());
}

TEST_F(SegmentWindowTest, GoesOnWhereAFileCannotBeDeleted) {
  // A folder that is not empty goes away by no such call, whoever makes it.
  for (const char* name : {"chunk0-000.m4s", "chunk0-001.m4s"}) {
    undeletable_.push_back(folder_.path() / name);
  }
  PackageLive(Config(0), 12);
  EXPECT_GT(seen_[0].media_sequence, 5);
  const auto warnings = events_.All<WarningEvent>();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "DELETE_REFUSED");
  EXPECT_NE(warnings[0].message.find("chunk0-000.m4s"), std::string::npos) << warnings[0].message;
  EXPECT_FALSE(fs::exists(folder_.path() / "chunk0-002.m4s"));
}

TEST_F(SegmentWindowTest, LeavesFilesAloneUnlessItIsToDelete) {
  PipelineConfig config = Config(0);
  config.packaging.delete_segments = false;
  PackageLive(config, 8);
  EXPECT_GT(seen_[0].media_sequence, 1);
  for (const char* name : {"chunk0-000.m4s", "chunk1-000.m4s"}) {
    EXPECT_TRUE(fs::exists(folder_.path() / name)) << name;
  }
}

TEST_F(SegmentWindowTest, DeletesAllInTheEndThatItLeftAlone) {
  PipelineConfig config = Config(0);
  config.packaging.delete_segments = false;
  config.packaging.remove_at_exit = true;
  PackageLive(config, 8);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

}  // namespace
}  // namespace streamgear::test
