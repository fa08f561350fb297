#include "runtime/test_vector.h"

#include <cstring>

namespace quaver {
namespace {

/// Stands in for a seed of 0, which xorshift would never leave.
constexpr std::uint32_t kZeroSeed = 0x9E3779B9U;
/// An IEEE binary32 keeps its sign and fraction, and gets the exponent of [1, 2).
constexpr std::uint32_t kSignAndFraction = 0x807FFFFFU;
constexpr std::uint32_t kExponentOfOne = 0x3F800000U;

/// CRC-32 (polynomial 0xEDB88320, reflected) of the 16 values of four bits: small beats fast here.
constexpr std::uint32_t kCrcTable[16] = {0x00000000U, 0x1DB71064U, 0x3B6E20C8U, 0x26D930ACU,
                                         0x76DC4190U, 0x6B6B51F4U, 0x4DB26158U, 0x5005713CU,
                                         0xEDB88320U, 0xF00F9344U, 0xD6D6A3E8U, 0xCB61B38CU,
                                         0x9B64C2B0U, 0x86D3D2D4U, 0xA00AE278U, 0xBDBDF21CU};

}  // namespace

TestInputGenerator::TestInputGenerator(std::uint32_t seed) : state_(seed == 0 ? kZeroSeed : seed) {}

std::uint8_t TestInputGenerator::NextByte() {
  // Marsaglia, "Xorshift RNGs" (2003), the 32-bit generator with shifts 13, 17, 5.
  state_ ^= state_ << 13;
  state_ ^= state_ >> 17;
  state_ ^= state_ << 5;
  return static_cast<std::uint8_t>(state_ >> 24);
}

void TestInputGenerator::Fill(const TensorView& input) {
  auto* bytes = static_cast<std::uint8_t*>(input.data);
  for (std::size_t i = 0; i < input.bytes; ++i) {
    const std::uint8_t byte = NextByte();
    bytes[i] = input.type == DataType::kBool ? byte & 1U : byte;
  }
  if (input.type != DataType::kFloat32) return;
  for (std::size_t i = 0; i < input.bytes; i += sizeof(std::uint32_t)) {
    std::uint32_t bits;
    std::memcpy(&bits, bytes + i, sizeof(bits));
    bits = (bits & kSignAndFraction) | kExponentOfOne;
    std::memcpy(bytes + i, &bits, sizeof(bits));
  }
}

std::uint32_t Crc32(std::uint32_t crc, Span<const std::uint8_t> bytes) {
  crc = ~crc;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    crc = (crc >> 4) ^ kCrcTable[crc & 15U];
    crc = (crc >> 4) ^ kCrcTable[crc & 15U];
  }
  return ~crc;
}

std::uint32_t OutputDigest(const Session& session, const OperatorEvent& event) {
  std::uint32_t crc = 0;
  for (const std::int32_t index : event.output_indices) {
    const TensorView view = session.Tensor(static_cast<std::size_t>(index));
    if (view.data == nullptr) continue;
    crc = Crc32(crc, {static_cast<const std::uint8_t*>(view.data), view.bytes});
  }
  return crc;
}

}  // namespace quaver
