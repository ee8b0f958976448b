// The vectors were written by libx264, libx265, libaom and SVT-AV1; their strings were checked
// against libavformat's and shaka-packager's manifests of the same files.
#include "container/codec_string.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bit_reader.h"

namespace streamgear {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes Hex(std::string_view text) {
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(nibble(text[i]) << 4 | nibble(text[i + 1])));
  }
  return bytes;
}

std::string Avc(const Bytes& data) { return AvcCodecString(data.data(), data.size()); }
std::string Hevc(const Bytes& data) { return HevcCodecString(data.data(), data.size()); }
std::string Av1(const Bytes& data) { return Av1CodecString(data.data(), data.size()); }
std::string Aac(const Bytes& data) { return AacCodecString(data.data(), data.size()); }

/// Every shorter prefix must be survived; AddressSanitizer watches the reads.
template <typename Function>
void ExpectSafeWhenCut(Function function, const Bytes& data) {
  for (std::size_t size = 0; size < data.size(); ++size) {
    const Bytes cut(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string text = function(cut);
    EXPECT_TRUE(text.empty() || text.size() > 8) << size << ": " << text;
  }
}

const Bytes kAvcC = Hex(
    "01640028ffe1001a67640028acd940a02ff97011000003000100000300320f18319601000468ef8fcbfdf8f800");
const Bytes kAvcHigh =
    Hex("0000000167640028acd940a02ff97011000003000100000300320f1831960000000168ef8fcb");
const Bytes kAvcBaseline =
    Hex("000000016742c01ed900a02ff97011000003000100000300320f162e480000000168cb83cb20");

TEST(AvcCodecString, FromAvcC) { EXPECT_EQ(Avc(kAvcC), "avc1.640028"); }

TEST(AvcCodecString, FromAnnexB) {
  EXPECT_EQ(Avc(kAvcHigh), "avc1.640028");
  EXPECT_EQ(Avc(kAvcBaseline), "avc1.42c01e");
}

TEST(AvcCodecString, TheSpsNeedNotComeFirst) {
  // An access unit delimiter, an SEI message, then the SPS after a start code of three bytes.
  EXPECT_EQ(Avc(Hex("0000000109f000000001060504010203048000000167640c1facd9")), "avc1.640c1f");
}

TEST(AvcCodecString, WithoutSpsThereIsNone) {
  EXPECT_EQ(AvcCodecString(nullptr, 0), "");
  EXPECT_EQ(Avc(Hex("0000000168ef8fcb")), "");  // a PPS alone
  EXPECT_EQ(Avc(Hex("01640028ffe000")), "");    // avcC with no SPS
  EXPECT_EQ(Avc(Hex("00000001676400")), "");    // an SPS cut short
  EXPECT_EQ(Avc(Hex("0000000000000000")), "");
}

TEST(AvcCodecString, IsSafeWhenCut) {
  ExpectSafeWhenCut(Avc, kAvcC);
  ExpectSafeWhenCut(Avc, kAvcHigh);
}

const Bytes kHvcC = Hex("0101600000009000000000003ff000fcfdf8f800000f04");
const Bytes kHevcMain =
    Hex("0000000140010c01ffff01600000030090000003000003003f95980900000001"
        "42010101600000030090000003000003003fa00502016965959a4932bc05a020");
const Bytes kHevcMain10 =
    Hex("0000000140010c01ffff0220000003009000000300000300999598090000000142010102200000030090000003"
        "00000300"
        "99a005020169365959a4932bc05a02");

TEST(HevcCodecString, FromHvcC) { EXPECT_EQ(Hevc(kHvcC), "hvc1.1.6.L63.90"); }

TEST(HevcCodecString, FromAnnexBWithEmulationPrevention) {
  EXPECT_EQ(Hevc(kHevcMain), "hvc1.1.6.L63.90");
  EXPECT_EQ(Hevc(kHevcMain10), "hvc1.2.4.L153.90");
}

/// hvcC with these general_* bytes.
Bytes HvcC(std::string_view general) {
  return Hex("01" + std::string(general) + "f000fcfdf8f800000f04");
}

TEST(HevcCodecString, ProfileSpaceAndTier) {
  EXPECT_EQ(Hevc(HvcC("2160000000b0000000000078")), "hvc1.1.6.H120.B0");
  EXPECT_EQ(Hevc(HvcC("4160000000b0000000000078")), "hvc1.A1.6.L120.B0");
  EXPECT_EQ(Hevc(HvcC("e160000000b0000000000078")), "hvc1.C1.6.H120.B0");
}

TEST(HevcCodecString, CompatibilityFlagsAreReversed) {
  // The first flag of the bitstream is the lowest bit of the string, as the example of E.3 has it.
  EXPECT_EQ(Hevc(HvcC("048000000190000000000078")), "hvc1.4.80000001.L120.90");
  EXPECT_EQ(Hevc(HvcC("040800000090000000000078")), "hvc1.4.10.L120.90");
}

TEST(HevcCodecString, TrailingZeroConstraintBytesAreLeftOut) {
  EXPECT_EQ(Hevc(HvcC("01600000000000000000005d")), "hvc1.1.6.L93");
  EXPECT_EQ(Hevc(HvcC("0160000000b023000000005d")), "hvc1.1.6.L93.B0.23");
  EXPECT_EQ(Hevc(HvcC("0160000000900008000a015d")), "hvc1.1.6.L93.90.0.8.0.A.1");
}

TEST(HevcCodecString, WithoutSpsThereIsNone) {
  EXPECT_EQ(HevcCodecString(nullptr, 0), "");
  EXPECT_EQ(Hevc(Hex("0000000140010c01ffff01600000030090000003000003003f959809")),
            "");  // a VPS alone
  EXPECT_EQ(Hevc(Hex("00000001420101016000000300")), "");
  EXPECT_EQ(Hevc(Hex("0101600000009000000000003ff0")), "");
}

TEST(HevcCodecString, IsSafeWhenCut) {
  ExpectSafeWhenCut(Hevc, kHvcC);
  ExpectSafeWhenCut(Hevc, kHevcMain);
}

struct Av1Case {
  std::string_view record;
  std::string_view text;
};

/// av1C boxes with the sequence header in them.
constexpr Av1Case kAv1Cases[] = {
    {"81010c000a0b0000000cc4ff6736be4010", "av01.0.01M.08"},        // no colour description
    {"81010c000a0e0000000cc4ff6736be4404040410", "av01.0.01M.08"},  // BT.709: the defaults
    {"81010c000a0e0000000cc4ff6700be0404040410", "av01.0.01M.08"},  // SVT-AV1, BT.709
    {"81014c000a0e0000000cc4ff6736be5424402410", "av01.0.01M.10.0.110.09.16.09.0"},  // HDR10
    {"81011c000a0b0000000cc4ff6736be4a80", "av01.0.01M.08.1.110.02.02.02.1"},  // gray, full range
    {"812100000a0b2000000cc4ff6736be4080", "av01.1.01M.08.0.000.02.02.02.0"},  // 4:4:4
    {"814168000a0b4000000cc4ff6736be5888", "av01.2.01M.12.0.100.02.02.02.0"},  // 4:2:2, 12 bits
};

TEST(Av1CodecString, FromAv1C) {
  for (const Av1Case& c : kAv1Cases) EXPECT_EQ(Av1(Hex(c.record)), c.text) << c.record;
}

TEST(Av1CodecString, FromSequenceHeaderObu) {
  for (const Av1Case& c : kAv1Cases) EXPECT_EQ(Av1(Hex(c.record.substr(8))), c.text) << c.record;
}

TEST(Av1CodecString, TheSequenceHeaderNeedNotComeFirst) {
  const std::string sequence(kAv1Cases[3].record.substr(8));
  EXPECT_EQ(Av1(Hex("1200" + sequence)), kAv1Cases[3].text);  // a temporal delimiter before it
  EXPECT_EQ(Av1(Hex("2a0401020304" + sequence)), kAv1Cases[3].text);  // metadata before it
}

TEST(Av1CodecString, ObuHeadersWithExtensionAndWithoutSize) {
  const std::string payload(kAv1Cases[3].record.substr(12));
  EXPECT_EQ(Av1(Hex("08" + payload)), kAv1Cases[3].text);
  EXPECT_EQ(Av1(Hex("0c00" + payload)), kAv1Cases[3].text);
  EXPECT_EQ(Av1(Hex("0e000e" + payload)), kAv1Cases[3].text);
  EXPECT_EQ(Av1(Hex("0a8e00" + payload)), kAv1Cases[3].text);  // leb128 of two bytes
}

TEST(Av1CodecString, FromTheFourBytesOfAv1CAlone) {
  EXPECT_EQ(Av1(Hex("81080c00")), "av01.0.08M.08");
  EXPECT_EQ(Av1(Hex("810dcc00")), "av01.0.13H.10");
  EXPECT_EQ(Av1(Hex("814de800")), "av01.2.13H.12.0.100.02.02.02.0");
}

TEST(Av1CodecString, ReducedStillPictureHeader) {
  // profile 0, still, reduced, level 8, then 8x8 pixels, no tools, 8 bits, 4:2:0, no colour
  // description. 000 1 1 01000 | 0010 0010 111 111 | 000 | 000 | 0 0 0 0 00
  EXPECT_EQ(Av1(Hex("0a051a08bf0000")), "av01.0.08M.08");
}

/// Appends bits and makes a sequence header OBU of them.
class ObuWriter {
 public:
  ObuWriter& Put(std::uint64_t value, int count) {
    for (int i = count - 1; i >= 0; --i) bits_.push_back((value >> i & 1) != 0);
    return *this;
  }

  [[nodiscard]] Bytes Obu() const {
    Bytes payload((bits_.size() + 7) / 8);
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (bits_[i]) payload[i / 8] = static_cast<std::uint8_t>(payload[i / 8] | 0x80 >> i % 8);
    }
    Bytes obu{0x0a, static_cast<std::uint8_t>(payload.size())};
    obu.insert(obu.end(), payload.begin(), payload.end());
    return obu;
  }

 private:
  std::vector<bool> bits_;
};

TEST(Av1CodecString, EveryOptionalPartOfTheHeaderIsSteppedOver) {
  ObuWriter writer;
  writer.Put(0, 3).Put(0, 1).Put(0, 1);     // profile, still, reduced
  writer.Put(1, 1).Put(1, 32).Put(25, 32);  // timing_info
  writer.Put(1, 1).Put(0b00101, 5);         // equal_picture_interval, uvlc of 4
  writer.Put(1, 1).Put(9, 5).Put(1, 32).Put(7, 5).Put(7,
                                                      5);  // decoder_model_info: delays of 10 bits
  writer.Put(1, 1);                                        // initial_display_delay_present_flag
  writer.Put(1, 5);                                        // two operating points
  writer.Put(1, 12).Put(13, 5).Put(1, 1);                  // level 5.1, high tier
  writer.Put(1, 1).Put(1023, 10).Put(1023, 10).Put(1, 1);  // its decoder model
  writer.Put(1, 1).Put(9, 4);                              // its display delay
  writer.Put(1, 12).Put(5, 5).Put(0, 1).Put(0, 1);         // the second: a low level has no tier
  writer.Put(10, 4).Put(10, 4).Put(1919, 11).Put(1079, 11);
  writer.Put(1, 1).Put(2, 4).Put(3, 3);             // frame ids
  writer.Put(7, 3).Put(15, 4).Put(1, 1).Put(3, 2);  // tools, order hint
  writer.Put(0, 1).Put(1, 1).Put(0, 1).Put(1,
                                           1);  // screen content and integer motion vectors, forced
  writer.Put(6, 3).Put(7, 3);                   // order hint bits; superres, cdef, restoration
  writer.Put(1, 1).Put(0, 1).Put(1, 1);         // 10 bits, colour, described
  writer.Put(9, 8).Put(18, 8).Put(9, 8);        // BT.2020, HLG
  writer.Put(0, 1).Put(2, 2);                   // limited range, collocated
  EXPECT_EQ(Av1(writer.Obu()), "av01.0.13H.10.0.112.09.18.09.0");
}

TEST(Av1CodecString, WithoutSequenceHeaderThereIsNone) {
  EXPECT_EQ(Av1CodecString(nullptr, 0), "");
  EXPECT_EQ(Av1(Hex("1200")), "");
  EXPECT_EQ(Av1(Hex("0aff")), "");    // a size that does not end
  EXPECT_EQ(Av1(Hex("0a7f00")), "");  // a size beyond the end
  EXPECT_EQ(Av1(Hex("0affffffffffffffffff01")), "");
  EXPECT_EQ(Av1(Hex("0c")), "");  // no extension byte
}

TEST(Av1CodecString, IsSafeWhenCut) { ExpectSafeWhenCut(Av1, Hex(kAv1Cases[3].record)); }

TEST(Vp9CodecString, ProfileLevelAndDepth) {
  EXPECT_EQ(Vp9CodecString(0, 1920, 1080, 30, 8), "vp09.00.40.08");
  EXPECT_EQ(Vp9CodecString(0, 1920, 1080, 60, 8), "vp09.00.41.08");
  EXPECT_EQ(Vp9CodecString(2, 3840, 2160, 30, 10), "vp09.02.50.10");
  EXPECT_EQ(Vp9CodecString(0, 640, 360, 25, 8), "vp09.00.21.08");
}

TEST(Vp9CodecString, WithoutARateTheSizeDecides) {
  EXPECT_EQ(Vp9Level(640, 360, 0), 21);  // what libavformat's vpcC box says at 25 and at 60 fps
  EXPECT_EQ(Vp9Level(640, 360, 60), 30);
  EXPECT_EQ(Vp9Level(1920, 1080, 0), 40);
}

TEST(Vp9CodecString, EveryLevelEndsAtItsLimit) {
  struct Case {
    int width, height;
    double rate;
    int level;
  };
  // Sizes of exactly the largest picture, at exactly the highest rate of a level where there is a
  // whole one.
  const std::vector<Case> cases{
      {192, 192, 22.5, 10},   {192, 192, 22.6, 11},   {256, 288, 37.5, 11},  {384, 320, 37.5, 20},
      {512, 480, 37.5, 21},   {768, 720, 37.5, 30},   {1024, 960, 37.5, 31}, {2048, 1088, 37.5, 40},
      {2048, 1088, 72, 41},   {2048, 1088, 72.1, 50}, {4096, 2176, 35, 50},  {4096, 2176, 66, 51},
      {4096, 2176, 132, 52},  {8192, 4352, 33, 60},   {8192, 4352, 66, 61},  {8192, 4352, 132, 62},
      {8192, 4352, 132.1, 0}, {16384, 8704, 1, 0},    {0, 1080, 30, 0}};
  for (const Case& c : cases) {
    EXPECT_EQ(Vp9Level(c.width, c.height, c.rate), c.level)
        << c.width << "x" << c.height << "@" << c.rate;
  }
}

TEST(AacCodecString, ObjectTypes) {
  EXPECT_EQ(Aac(Hex("1190")), "mp4a.40.2");       // LC, 48 kHz, stereo
  EXPECT_EQ(Aac(Hex("2b118800")), "mp4a.40.5");   // SBR
  EXPECT_EQ(Aac(Hex("eb118800")), "mp4a.40.29");  // parametric stereo
  EXPECT_EQ(Aac(Hex("f94640")), "mp4a.40.42");    // xHE-AAC: 31, then 32 + 10
}

TEST(AacCodecString, WithoutExtradataItIsLowComplexity) {
  EXPECT_EQ(AacCodecString(nullptr, 0), "mp4a.40.2");
  EXPECT_EQ(Aac(Hex("f9")), "mp4a.40.2");  // an escape that is cut short
}

TEST(BitReader, ReadsMostSignificantFirstAndZerosPastTheEnd) {
  const Bytes data = Hex("a5f0");
  BitReader bits(data);
  EXPECT_EQ(bits.Read(3), 0b101u);
  EXPECT_FALSE(bits.Flag());
  EXPECT_EQ(bits.Read(8), 0x5fu);
  EXPECT_EQ(bits.Read(4), 0u);
  EXPECT_FALSE(bits.overrun());
  EXPECT_EQ(bits.Read(32), 0u);
  EXPECT_TRUE(bits.overrun());
}

TEST(BitReader, AnEndlessUvlcEnds) {
  const Bytes data(16);
  BitReader bits(data);
  bits.SkipUvlc();
  EXPECT_TRUE(bits.overrun());
}

}  // namespace
}  // namespace streamgear
