#include "container/codec_string.h"

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/annex_b.h"
#include "base/bit_reader.h"

namespace streamgear {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// `value` in base 10 or 16, at least `digits` long.
std::string Number(std::uint32_t value, unsigned base, std::size_t digits, bool upper = false) {
  const std::string_view alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), alphabet[value % base]);
    value /= base;
  } while (value != 0);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

std::string Decimal(std::uint32_t value, std::size_t digits = 1) {
  return Number(value, 10, digits);
}

/// The first NAL unit of an Annex B stream whose first byte, shifted and masked, is `type`. It may
/// run into the start code that follows it, which no reader of a parameter set's first bytes can
/// notice.
Bytes FindNal(Bytes stream, int shift, unsigned mask, unsigned type) {
  for (std::size_t i = AfterStartCode(stream, 0); i < stream.size();
       i = AfterStartCode(stream, i)) {
    if (((stream[i] >> shift) & mask) == type) {
      const std::size_t next = AfterStartCode(stream, i);
      return stream.subspan(i, next - i);
    }
  }
  return {};
}

/// NAL unit to RBSP: in 00 00 03 the third byte only prevents an emulated start code.
std::vector<std::uint8_t> Unescape(Bytes nal) {
  std::vector<std::uint8_t> rbsp;
  rbsp.reserve(nal.size());
  int zeros = 0;
  for (const std::uint8_t byte : nal) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    rbsp.push_back(byte);
  }
  return rbsp;
}

/// general_profile_space … general_level_idc: the 12 bytes that hvcC and profile_tier_level()
/// share.
constexpr std::size_t kHevcGeneralBytes = 12;

/// ISO/IEC 14496-15 E.3.
std::string HevcFromGeneral(Bytes general) {
  constexpr std::array<std::string_view, 4> kSpaces{"", "A", "B", "C"};
  std::string text = "hvc1." + std::string(kSpaces[general[0] >> 6]) + Decimal(general[0] & 31u);
  std::uint32_t reversed = 0;  // general_profile_compatibility_flag[31] comes first
  for (std::size_t bit = 0; bit < 32; ++bit) {
    const std::uint32_t flag = (general[1 + bit / 8] >> (7 - bit % 8)) & 1u;
    reversed |= flag << bit;
  }
  text.append(".").append(Number(reversed, 16, 1, true));
  text += (general[0] & 0x20) != 0 ? ".H" : ".L";
  text += Decimal(general[11]);
  std::size_t constraints = 6;
  while (constraints > 0 && general[4 + constraints] == 0) --constraints;
  for (std::size_t i = 0; i < constraints; ++i) {
    text.append(".").append(Number(general[5 + i], 16, 1, true));
  }
  return text;
}

/// What the string of AV1 needs to know (AV1-ISOBMFF section 5).
struct Av1Sequence {
  std::uint32_t profile = 0;
  std::uint32_t level = 0;
  bool high_tier = false;
  std::uint32_t bit_depth = 8;
  bool monochrome = false;
  std::uint32_t subsampling_x = 1;
  std::uint32_t subsampling_y = 1;
  std::uint32_t sample_position = 0;
  bool described = false;  // a colour description is present
  std::uint32_t primaries = 2;
  std::uint32_t transfer = 2;
  std::uint32_t matrix = 2;
  bool full_range = false;
};

/// timing_info() and decoder_model_info(). Returns the length of the decoder's buffer delays, 0
/// without a model.
std::uint32_t SkipAv1Timing(BitReader& bits) {
  bits.Skip(64);
  if (bits.Flag()) bits.SkipUvlc();
  if (!bits.Flag()) return 0;
  const std::uint32_t delay_bits = bits.Read(5) + 1;
  bits.Skip(32 + 5 + 5);
  return delay_bits;
}

void ReadAv1OperatingPoints(BitReader& bits, std::uint32_t delay_bits, Av1Sequence& sequence) {
  const bool display_delay = bits.Flag();
  const std::uint32_t count = bits.Read(5) + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    bits.Skip(12);
    const std::uint32_t level = bits.Read(5);
    const bool high_tier = level > 7 && bits.Flag();
    if (delay_bits > 0 && bits.Flag()) bits.Skip(2 * delay_bits + 1);
    if (display_delay && bits.Flag()) bits.Skip(4);
    if (i == 0) {
      sequence.level = level;
      sequence.high_tier = high_tier;
    }
  }
}

void SkipAv1Tools(BitReader& bits, bool reduced) {
  bits.Skip(3);  // superblock size, filter intra, intra edge filter
  if (!reduced) {
    bits.Skip(4);
    const bool order_hint = bits.Flag();
    if (order_hint) bits.Skip(2);
    const bool screen_content = bits.Flag() || bits.Flag();
    if (screen_content && !bits.Flag()) bits.Skip(1);
    if (order_hint) bits.Skip(3);
  }
  bits.Skip(3);  // superres, cdef, restoration
}

void ReadAv1Color(BitReader& bits, Av1Sequence& sequence) {
  const bool high_depth = bits.Flag();
  sequence.bit_depth = high_depth ? 10 : 8;
  if (sequence.profile == 2 && high_depth && bits.Flag()) sequence.bit_depth = 12;
  sequence.monochrome = sequence.profile != 1 && bits.Flag();
  sequence.described = bits.Flag();
  if (sequence.described) {
    sequence.primaries = bits.Read(8);
    sequence.transfer = bits.Read(8);
    sequence.matrix = bits.Read(8);
  }
  if (sequence.monochrome) {
    sequence.full_range = bits.Flag();
    return;
  }
  const bool srgb = sequence.primaries == 1 && sequence.transfer == 13 && sequence.matrix == 0;
  sequence.full_range = srgb || bits.Flag();
  if (srgb || sequence.profile == 1) {
    sequence.subsampling_x = sequence.subsampling_y = 0;
  } else if (sequence.profile == 2) {
    sequence.subsampling_x = sequence.bit_depth == 12 ? bits.Read(1) : 1;
    sequence.subsampling_y =
        sequence.bit_depth == 12 && sequence.subsampling_x == 1 ? bits.Read(1) : 0;
  }
  if (sequence.subsampling_x == 1 && sequence.subsampling_y == 1) {
    sequence.sample_position = bits.Read(2);
  }
}

/// sequence_header_obu() of the AV1 specification, section 5.5.
std::optional<Av1Sequence> ReadAv1Sequence(Bytes payload) {
  BitReader bits(payload);
  Av1Sequence sequence;
  sequence.profile = bits.Read(3);
  bits.Skip(1);
  const bool reduced = bits.Flag();
  if (reduced) {
    sequence.level = bits.Read(5);
  } else {
    const std::uint32_t delay_bits = bits.Flag() ? SkipAv1Timing(bits) : 0;
    ReadAv1OperatingPoints(bits, delay_bits, sequence);
  }
  const std::uint32_t width_bits = bits.Read(4) + 1;
  const std::uint32_t height_bits = bits.Read(4) + 1;
  bits.Skip(width_bits + height_bits);
  if (!reduced && bits.Flag()) bits.Skip(4 + 3);
  SkipAv1Tools(bits, reduced);
  ReadAv1Color(bits, sequence);
  if (bits.overrun()) return std::nullopt;
  return sequence;
}

/// The payload of the first sequence header in a run of OBUs.
std::optional<Av1Sequence> FindAv1Sequence(Bytes stream) {
  constexpr unsigned kSequenceHeader = 1;
  while (!stream.empty()) {
    const unsigned type = (stream[0] >> 3) & 15;
    const std::size_t header = (stream[0] & 4) != 0 ? 2 : 1;
    const bool has_size = (stream[0] & 2) != 0;
    if (stream.size() < header) return std::nullopt;
    stream = stream.subspan(header);
    std::uint64_t size = stream.size();
    if (has_size) {
      size = 0;
      std::size_t used = 0;
      bool more = true;
      while (more) {  // leb128
        if (used == stream.size() || used == 8) return std::nullopt;
        size |= static_cast<std::uint64_t>(stream[used] & 0x7f) << (7 * used);
        more = (stream[used] & 0x80) != 0;
        ++used;
      }
      stream = stream.subspan(used);
    }
    if (size > stream.size()) return std::nullopt;
    const auto length = static_cast<std::size_t>(size);
    if (type == kSequenceHeader) return ReadAv1Sequence(stream.first(length));
    stream = stream.subspan(length);
  }
  return std::nullopt;
}

/// av1C without a sequence header in it: everything but the colour description.
Av1Sequence Av1SequenceFromRecord(Bytes record) {
  Av1Sequence sequence;
  sequence.profile = record[1] >> 5;
  sequence.level = record[1] & 31u;
  sequence.high_tier = (record[2] & 0x80) != 0;
  sequence.bit_depth = (record[2] & 0x40) == 0 ? 8 : (record[2] & 0x20) == 0 ? 10 : 12;
  sequence.monochrome = (record[2] & 0x10) != 0;
  sequence.subsampling_x = (record[2] >> 3) & 1u;
  sequence.subsampling_y = (record[2] >> 2) & 1u;
  sequence.sample_position = record[2] & 3u;
  return sequence;
}

/// The optional fields are written when a reader would otherwise assume something false: their
/// defaults are colour, 4:2:0, BT.709, limited range. Without a colour description there is nothing
/// to state about colour.
bool Av1NeedsColor(const Av1Sequence& sequence) {
  const bool plain_samples = !sequence.monochrome && sequence.subsampling_x == 1 &&
                             sequence.subsampling_y == 1 && !sequence.full_range;
  if (!plain_samples) return true;
  const bool bt709 = sequence.primaries == 1 && sequence.transfer == 1 && sequence.matrix == 1;
  return sequence.described && (!bt709 || sequence.sample_position != 0);
}

std::string Av1Text(const Av1Sequence& sequence) {
  std::string text = "av01." + Decimal(sequence.profile) + "." + Decimal(sequence.level, 2) +
                     (sequence.high_tier ? "H." : "M.") + Decimal(sequence.bit_depth, 2);
  if (!Av1NeedsColor(sequence)) return text;
  text += sequence.monochrome ? ".1." : ".0.";
  text += Decimal(sequence.subsampling_x) + Decimal(sequence.subsampling_y) +
          Decimal(sequence.sample_position);
  for (const std::uint32_t code : {sequence.primaries, sequence.transfer, sequence.matrix}) {
    text.append(".").append(Decimal(code, 2));
  }
  return text + (sequence.full_range ? ".1" : ".0");
}

}  // namespace

std::string AvcCodecString(const std::uint8_t* extradata, std::size_t size) {
  const Bytes data(extradata, size);
  Bytes profile;  // profile_idc, constraint flags, level_idc
  if (size >= 7 && data[0] == 1 && (data[5] & 31) > 0) {
    profile = data.subspan(1, 3);
  } else if (const Bytes sps = FindNal(data, 0, 31, 7); sps.size() >= 4) {
    profile = sps.subspan(1, 3);  // no two of them are zero in a row: nothing is escaped
  }
  if (profile.empty()) return "";
  std::string text = "avc1.";
  for (const std::uint8_t byte : profile) text += Number(byte, 16, 2);
  return text;
}

std::string HevcCodecString(const std::uint8_t* extradata, std::size_t size) {
  const Bytes data(extradata, size);
  if (size >= 23 && data[0] == 1) return HevcFromGeneral(data.subspan(1, kHevcGeneralBytes));
  const std::vector<std::uint8_t> sps = Unescape(FindNal(data, 1, 63, 33));
  constexpr std::size_t kBefore = 3;  // the NAL unit header, then ids and counts in one byte
  if (sps.size() < kBefore + kHevcGeneralBytes) return "";
  return HevcFromGeneral(Bytes(sps).subspan(kBefore, kHevcGeneralBytes));
}

std::string Av1CodecString(const std::uint8_t* extradata, std::size_t size) {
  const Bytes data(extradata, size);
  constexpr std::uint8_t kRecordStart =
      0x81;  // marker and version 1; an OBU never starts with a one
  const bool record = size >= 4 && data[0] == kRecordStart;
  std::optional<Av1Sequence> sequence = FindAv1Sequence(record ? data.subspan(4) : data);
  if (!sequence && record) sequence = Av1SequenceFromRecord(data);
  return sequence ? Av1Text(*sequence) : "";
}

std::string AacCodecString(const std::uint8_t* extradata, std::size_t size) {
  constexpr std::uint32_t kLowComplexity = 2;
  constexpr std::uint32_t kEscape = 31;
  BitReader bits(Bytes(extradata, size));
  std::uint32_t object_type = bits.Read(5);
  if (object_type == kEscape) object_type = 32 + bits.Read(6);
  if (bits.overrun() || object_type == 0) object_type = kLowComplexity;
  return "mp4a.40." + Decimal(object_type);
}

int Vp9Level(int width, int height, double frame_rate) {
  struct Limit {
    int level;
    std::int64_t sample_rate;
    std::int64_t picture_size;
  };
  // The table of the VP9 bitstream specification's Annex A.
  constexpr std::array<Limit, 14> kLimits{{
      {10, 829440, 36864},
      {11, 2764800, 73728},
      {20, 4608000, 122880},
      {21, 9216000, 245760},
      {30, 20736000, 552960},
      {31, 36864000, 983040},
      {40, 83558400, 2228224},
      {41, 160432128, 2228224},
      {50, 311951360, 8912896},
      {51, 588251136, 8912896},
      {52, 1176502272, 8912896},
      {60, 1176502272, 35651584},
      {61, 2353004544, 35651584},
      {62, 4706009088, 35651584},
  }};
  const std::int64_t picture_size = std::int64_t{width} * height;
  if (picture_size <= 0) return 0;
  const double sample_rate = static_cast<double>(picture_size) * (frame_rate > 0 ? frame_rate : 0);
  for (const Limit& limit : kLimits) {
    if (picture_size <= limit.picture_size &&
        sample_rate <= static_cast<double>(limit.sample_rate)) {
      return limit.level;
    }
  }
  return 0;
}

std::string Vp9CodecString(int profile, int width, int height, double frame_rate, int bit_depth) {
  const auto part = [](int value) { return Decimal(static_cast<std::uint32_t>(value), 2); };
  return "vp09." + part(profile) + "." + part(Vp9Level(width, height, frame_rate)) + "." +
         part(bit_depth);
}

}  // namespace streamgear
