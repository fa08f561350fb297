// One number for all that a network has put out.
#pragma once

#include <cstdint>

#include "quaver/span.h"

namespace mnist {

/// CRC-32 (zlib's polynomial) of all outputs so far: the same on every CPU, or a kernel is wrong.
class Digest {
 public:
  void Add(quaver::Span<const std::int8_t> bytes) {
    for (const std::int8_t byte : bytes) {
      crc_ ^= static_cast<std::uint8_t>(byte);
      for (int bit = 0; bit < 8; ++bit) crc_ = crc_ >> 1 ^ ((crc_ & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  [[nodiscard]] std::uint32_t value() const { return ~crc_; }

 private:
  std::uint32_t crc_ = 0xFFFFFFFFU;
};

}  // namespace mnist
