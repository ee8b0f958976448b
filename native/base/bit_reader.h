// BitReader: the bits of a codec header, most significant first. Past the end it reads zeros and
// remembers it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace streamgear {

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> data) : data_(data) {}

  /// The next `count` bits, at most 32.
  std::uint32_t Read(std::uint32_t count) {
    std::uint32_t value = 0;
    for (std::uint32_t i = 0; i < count; ++i) value = value << 1 | NextBit();
    return value;
  }

  bool Flag() { return Read(1) != 0; }

  void Skip(std::size_t count) { position_ += count; }

  /// AV1's uvlc(): as many bits after the first one as there were zeros before it. 32 zeros stand
  /// alone.
  void SkipUvlc() {
    std::size_t zeros = 0;
    while (!overrun() && !Flag()) ++zeros;
    if (zeros < 32) Skip(zeros);
  }

  /// True when more was read than there is.
  [[nodiscard]] bool overrun() const { return position_ > data_.size() * 8; }

 private:
  std::uint32_t NextBit() {
    const std::size_t byte = position_ / 8;
    const std::size_t shift = 7 - position_ % 8;
    ++position_;
    return byte < data_.size() ? (data_[byte] >> shift) & 1u : 0u;
  }

  std::span<const std::uint8_t> data_;
  std::size_t position_ = 0;
};

}  // namespace streamgear
