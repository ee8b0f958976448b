// ParameterWatch: packets of a copy that their first initialization does not fit.
#include "source/parameter_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

extern "C" {
#include <libavutil/intreadwrite.h>
}

namespace streamgear::test {
namespace {

using namespace std::string_literals;

const std::string kSet = "\x67\x64\x00\x1f\xac"s;       // a sequence parameter set
const std::string kOtherSet = "\x67\x64\x00\x28\xac"s;  // of another level
const std::string kPictureSet = "\x68\xee\x3c\x80"s;    // belongs to the pictures
const std::string kSlice = "\x65\x88\x84\x00"s;
const std::string kHevcSet = "\x42\x01\x01\x60"s;  // type 33
const std::string kOtherHevcSet = "\x42\x01\x01\x93"s;

std::string StartCodes(std::initializer_list<std::string> units) {
  std::string stream;
  for (const std::string& unit : units) stream += "\0\0\0\1"s + unit;
  return stream;
}

std::string Lengths(std::initializer_list<std::string> units) {
  std::string stream;
  for (const std::string& unit : units) {
    stream += "\0\0\0"s + static_cast<char>(unit.size()) + unit;
  }
  return stream;
}

/// An avcC record with one sequence parameter set, and lengths of four bytes.
std::string AvcRecord(const std::string& set) {
  return "\1\x64\0\x1f\xff\xe1\0"s + static_cast<char>(set.size()) + set + "\1\0\4"s + kPictureSet;
}

ParameterWatch WatchOf(AVCodecID codec, const std::string& extradata) {
  AVCodecParameters* parameters = avcodec_parameters_alloc();
  parameters->codec_id = codec;
  parameters->width = 640;
  parameters->height = 360;
  if (!extradata.empty()) {
    parameters->extradata =
        static_cast<std::uint8_t*>(av_mallocz(extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    std::memcpy(parameters->extradata, extradata.data(), extradata.size());
    parameters->extradata_size = static_cast<int>(extradata.size());
  }
  ParameterWatch watch(parameters);
  avcodec_parameters_free(&parameters);
  return watch;
}

PacketPtr PacketOf(const std::string& bytes, int flags = AV_PKT_FLAG_KEY) {
  PacketPtr packet(av_packet_alloc());
  EXPECT_EQ(av_new_packet(packet.get(), static_cast<int>(bytes.size())), 0);
  std::copy(bytes.begin(), bytes.end(), packet->data);
  packet->flags = flags;
  return packet;
}

void Attach(AVPacket* packet, AVPacketSideDataType type, const std::string& bytes) {
  std::uint8_t* data = av_packet_new_side_data(packet, type, bytes.size());
  ASSERT_NE(data, nullptr);
  std::copy(bytes.begin(), bytes.end(), data);
}

std::string Number(std::uint32_t value) {
  std::string bytes(4, '\0');
  AV_WL32(bytes.data(), value);
  return bytes;
}

TEST(ParameterWatch, KnowsTheSetsOfARecord) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_H264, AvcRecord(kSet));
  EXPECT_FALSE(watch.Changes(*PacketOf(Lengths({kSet, kPictureSet, kSlice}))));
  EXPECT_FALSE(watch.Changes(*PacketOf(Lengths({kSlice}))));
  EXPECT_TRUE(watch.Changes(*PacketOf(Lengths({kOtherSet, kSlice}))));
}

TEST(ParameterWatch, KnowsTheSetsBehindStartCodes) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_H264, StartCodes({kSet, kPictureSet}));
  // What follows a unit may begin with zeros of its own.
  EXPECT_FALSE(watch.Changes(*PacketOf(StartCodes({kSet, kSlice}) + "\0\0"s)));
  EXPECT_TRUE(watch.Changes(*PacketOf(StartCodes({kOtherSet, kSlice}))));
}

TEST(ParameterWatch, LearnsFromTheFirstKeyFrameWhereNobodyAnnouncedAnything) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_H264, "");
  EXPECT_FALSE(watch.Changes(*PacketOf(StartCodes({kSet, kSlice}))));
  EXPECT_FALSE(watch.Changes(*PacketOf(StartCodes({kSet, kSlice}))));
  EXPECT_TRUE(watch.Changes(*PacketOf(StartCodes({kOtherSet, kSlice}))));
}

TEST(ParameterWatch, LooksIntoKeyFramesOnly) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_H264, StartCodes({kSet}));
  EXPECT_FALSE(watch.Changes(*PacketOf(StartCodes({kOtherSet}), 0)));
}

TEST(ParameterWatch, KnowsHevc) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_HEVC, StartCodes({kHevcSet}));
  EXPECT_FALSE(watch.Changes(*PacketOf(StartCodes({kHevcSet}))));
  EXPECT_TRUE(watch.Changes(*PacketOf(StartCodes({kOtherHevcSet}))));
}

TEST(ParameterWatch, HearsOfNewExtradata) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_VP9, "one");
  PacketPtr packet = PacketOf("x");
  Attach(packet.get(), AV_PKT_DATA_NEW_EXTRADATA, "one");
  EXPECT_FALSE(watch.Changes(*packet));
  PacketPtr other = PacketOf("x", 0);
  Attach(other.get(), AV_PKT_DATA_NEW_EXTRADATA, "two");
  EXPECT_TRUE(watch.Changes(*other));
}

TEST(ParameterWatch, HearsOfAnotherSize) {
  ParameterWatch watch = WatchOf(AV_CODEC_ID_VP9, "");
  const std::string flags = Number(AV_SIDE_DATA_PARAM_CHANGE_DIMENSIONS);
  PacketPtr same = PacketOf("x", 0);
  Attach(same.get(), AV_PKT_DATA_PARAM_CHANGE, flags + Number(640) + Number(360));
  EXPECT_FALSE(watch.Changes(*same));
  PacketPtr other = PacketOf("x", 0);
  Attach(other.get(), AV_PKT_DATA_PARAM_CHANGE, flags + Number(360) + Number(640));
  EXPECT_TRUE(watch.Changes(*other));
}

TEST(ParameterWatch, EndsWithARecordAndLengthsThatAreCutOff) {
  const std::string record = AvcRecord(kSet);
  for (std::size_t size = 0; size < record.size(); ++size) {
    ParameterWatch watch = WatchOf(AV_CODEC_ID_H264, record.substr(0, size));
    const std::string whole = Lengths({kSet, kSlice});
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
      (void)watch.Changes(*PacketOf(whole.substr(0, cut)));
    }
  }
}

TEST(ParameterWatch, MindsNothingWhereNothingIsKnown) {
  ParameterWatch watch(nullptr);
  EXPECT_FALSE(watch.Changes(*PacketOf("x")));
}

}  // namespace
}  // namespace streamgear::test
