#include "base/options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

namespace streamgear {
namespace {

const OptionInfo* Find(const std::vector<OptionInfo>& list, const std::string& name) {
  const auto found = std::find_if(
      list.begin(), list.end(), [&name](const OptionInfo& option) { return option.name == name; });
  return found == list.end() ? nullptr : &*found;
}

bool Has(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

TEST(ListOptions, GivesThePrivateOptionsOfAnEncoderAndTheGenericOnesThatFit) {
  const auto list = ListOptions(ComponentKind::kEncoder, "mpeg2video");
  const OptionInfo* own = Find(list, "gop_timecode");
  ASSERT_NE(own, nullptr);
  EXPECT_TRUE(own->is_private);
  const OptionInfo* gop = Find(list, "g");
  ASSERT_NE(gop, nullptr);
  EXPECT_FALSE(gop->is_private);
  EXPECT_EQ(gop->type, "int");
  EXPECT_EQ(gop->default_value, "12");
  EXPECT_EQ(Find(list, "skip_frame"), nullptr) << "of decoders only";
  EXPECT_EQ(Find(list, "cutoff"), nullptr) << "of audio only";
}

TEST(ListOptions, DescribesTypesRangesAndNamedValues) {
  const auto list = ListOptions(ComponentKind::kEncoder, "mpeg2video");
  const OptionInfo* flags = Find(list, "flags");
  ASSERT_NE(flags, nullptr);
  EXPECT_EQ(flags->type, "flags");
  EXPECT_TRUE(Has(flags->constants, "cgop"));
  const OptionInfo* b_frames = Find(list, "bf");
  ASSERT_NE(b_frames, nullptr);
  EXPECT_FALSE(b_frames->help.empty());
  EXPECT_EQ(b_frames->min, -1);
  const auto muxer = ListOptions(ComponentKind::kMuxer, "mp4");
  const OptionInfo* movflags = Find(muxer, "movflags");
  ASSERT_NE(movflags, nullptr);
  EXPECT_TRUE(Has(movflags->constants, "faststart"));
  const OptionInfo* scale = Find(muxer, "video_track_timescale");
  ASSERT_NE(scale, nullptr);
  EXPECT_EQ(scale->default_value, "0");
}

TEST(ListOptions, NamesEveryOptionOnceAndEveryTypeInOurWords) {
  const std::set<std::string> types = {
      "flags",    "int",    "int64",       "uint64",       "double",       "float",    "string",
      "rational", "binary", "dict",        "bool",         "color",        "duration", "size",
      "rate",     "other",  "pixelFormat", "sampleFormat", "channelLayout"};
  for (const auto& [kind, name] : {std::pair{ComponentKind::kEncoder, "mpeg4"},
                                   {ComponentKind::kMuxer, "mpegts"},
                                   {ComponentKind::kDemuxer, "rawvideo"},
                                   {ComponentKind::kProtocol, "http"}}) {
    const auto list = ListOptions(kind, name);
    EXPECT_GT(list.size(), 4U) << name;
    std::set<std::string> names;
    for (const OptionInfo& option : list) {
      EXPECT_TRUE(names.insert(option.name).second) << name << " repeats " << option.name;
      EXPECT_TRUE(types.contains(option.type)) << option.name << " is " << option.type;
    }
  }
}

TEST(ListOptions, KnowsProtocolsDemuxersAndDevices) {
  const auto http = ListOptions(ComponentKind::kProtocol, "http");
  ASSERT_NE(Find(http, "user_agent"), nullptr);
  EXPECT_TRUE(Find(http, "user_agent")->is_private);
  ASSERT_NE(Find(http, "rw_timeout"), nullptr);
  EXPECT_FALSE(Find(http, "rw_timeout")->is_private);
  EXPECT_NE(Find(ListOptions(ComponentKind::kDemuxer, "rawvideo"), "video_size"), nullptr);
  EXPECT_NE(Find(ListOptions(ComponentKind::kDemuxer, "lavfi"), "graph"), nullptr);
  EXPECT_NE(Find(ListOptions(ComponentKind::kMuxer, "mpegts"), "mpegts_flags"), nullptr);
}

TEST(ListOptions, IsEmptyForAnUnknownComponent) {
  for (const ComponentKind kind : {ComponentKind::kEncoder, ComponentKind::kMuxer,
                                   ComponentKind::kDemuxer, ComponentKind::kProtocol}) {
    EXPECT_TRUE(ListOptions(kind, "no-such-thing").empty());
    EXPECT_NE(CheckOption(kind, "no-such-thing", "g", "1"), "");
  }
}

TEST(CheckOption, TakesWhatLibavTakes) {
  EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "mpeg2video", "g", "48"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "mpeg2video", "b", "2500k"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "mpeg2video", "flags", "+cgop+qscale"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kMuxer, "mp4", "movflags", "+faststart"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kDemuxer, "rawvideo", "video_size", "640x360"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kProtocol, "http", "method", "PUT"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kProtocol, "http", "rw_timeout", "1000000"), "");
  EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "aac", "b", "96k"), "");
}

TEST(CheckOption, KnowsTheNamesThatAnEncoderGivesToValuesOfGenericOptions) {
  EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "aac", "profile", "aac_low"), "");
  EXPECT_NE(CheckOption(ComponentKind::kEncoder, "aac", "profile", "aac_lo"), "");
  EXPECT_NE(CheckOption(ComponentKind::kEncoder, "mp2", "profile", "aac_low"), "");
  const auto list = ListOptions(ComponentKind::kEncoder, "aac");
  ASSERT_NE(Find(list, "profile"), nullptr);
  EXPECT_TRUE(Has(Find(list, "profile")->constants, "aac_low"));
}

TEST(CheckOption, GivesLibavsReason) {
  EXPECT_NE(CheckOption(ComponentKind::kEncoder, "mpeg2video", "bf", "-7").find("out of range"),
            std::string::npos);
  EXPECT_NE(CheckOption(ComponentKind::kEncoder, "mpeg2video", "b", "fast").find("fast"),
            std::string::npos);
  EXPECT_NE(CheckOption(ComponentKind::kMuxer, "mp4", "movflags", "+fastart").find("fastart"),
            std::string::npos);
  EXPECT_NE(CheckOption(ComponentKind::kDemuxer, "rawvideo", "video_size", "wide"), "");
}

TEST(CheckOption, RefusesOptionsOfSomethingElse) {
  const std::string not_found = CheckOption(ComponentKind::kEncoder, "mpeg2video", "crfx", "1");
  EXPECT_EQ(not_found, "Option not found");
  EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "mpeg2video", "skip_frame", "all"), not_found);
  EXPECT_EQ(CheckOption(ComponentKind::kMuxer, "mp4", "probesize", "5000"), not_found);
  EXPECT_EQ(CheckOption(ComponentKind::kProtocol, "http", "g", "12"), not_found);
}

/// Asks about thousands of values; needs every offset of every class to lie inside the probe.
TEST(CheckOption, TakesTheDefaultsOfEveryEncoder) {
  for (const EncoderInfo& encoder : ListVideoEncoders()) {
    for (const OptionInfo& option : ListOptions(ComponentKind::kEncoder, encoder.name)) {
      if (option.type != "int" && option.type != "bool" && option.type != "flags") continue;
      if (option.default_value.empty()) continue;
      EXPECT_EQ(
          CheckOption(ComponentKind::kEncoder, encoder.name, option.name, option.default_value), "")
          << encoder.name << " -" << option.name;
    }
  }
}

TEST(ListOptions, GivesThoseOfAudioToAudioEncoders) {
  const auto list = ListOptions(ComponentKind::kEncoder, "aac");
  ASSERT_NE(Find(list, "aac_coder"), nullptr);
  EXPECT_TRUE(Find(list, "aac_coder")->is_private);
  EXPECT_NE(Find(list, "cutoff"), nullptr);
  EXPECT_EQ(Find(list, "g"), nullptr) << "of video only";
}

TEST(ListAudioEncoders, ListsWhatIsLinked) {
  const auto list = ListAudioEncoders();
  const auto find = [&list](const std::string& name) {
    return std::ranges::find(list, name, &AudioEncoderInfo::name);
  };
  ASSERT_NE(find("aac"), list.end());
  EXPECT_EQ(find("aac")->codec, "aac");
  EXPECT_FALSE(find("aac")->description.empty());
  EXPECT_FALSE(find("aac")->experimental);
  ASSERT_NE(find("opus"), list.end());
  EXPECT_TRUE(find("opus")->experimental);
  EXPECT_EQ(find("mpeg4"), list.end()) << "a video encoder";
}

TEST(CheckOption, MayBeCalledFromSeveralThreads) {
  const auto ask = [] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(CheckOption(ComponentKind::kEncoder, "mpeg4", "g", "12"), "");
      EXPECT_NE(CheckOption(ComponentKind::kEncoder, "mpeg4", "g", "x"), "");
    }
  };
  std::thread other(ask);
  ask();
  other.join();
}

TEST(ListVideoEncoders, ListsWhatIsLinked) {
  const auto list = ListVideoEncoders();
  const auto found = std::find_if(
      list.begin(), list.end(), [](const EncoderInfo& encoder) { return encoder.name == "mpeg4"; });
  ASSERT_NE(found, list.end());
  EXPECT_EQ(found->codec, "mpeg4");
  EXPECT_FALSE(found->hardware);
  EXPECT_TRUE(found->reorders);
  EXPECT_TRUE(Has(found->pixel_formats, "yuv420p"));
  for (const EncoderInfo& encoder : list) {
    EXPECT_FALSE(encoder.codec.empty()) << encoder.name;
    EXPECT_NE(encoder.name, "aac");
  }
}

TEST(Versions, NamesEveryLibraryAndTheLicense) {
  std::map<std::string, std::string> versions;
  for (const LibraryVersion& library : Versions()) versions[library.name] = library.version;
  EXPECT_EQ(versions.size(), 8U);
  for (const char* name : {"libavcodec", "libavformat", "libavutil", "libswscale", "libswresample",
                           "libavfilter", "libavdevice"}) {
    EXPECT_EQ(std::count(versions[name].begin(), versions[name].end(), '.'), 2) << name;
  }
  EXPECT_NE(versions["license"].find("GPL"), std::string::npos);
}

}  // namespace
}  // namespace streamgear
