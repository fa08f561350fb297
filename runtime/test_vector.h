// Test vectors: the input that a seed stands for, and the digest of what an operator wrote. The
// compiler makes them with this code and a device checks them with it; docs/format.md.
#ifndef QUAVER_RUNTIME_TEST_VECTOR_H_
#define QUAVER_RUNTIME_TEST_VECTOR_H_

#include <cstdint>

#include "quaver/session.h"
#include "quaver/span.h"

namespace quaver {

/// Fills a model's inputs, one after the other, from one stream of pseudo-random bytes.
class TestInputGenerator {
 public:
  explicit TestInputGenerator(std::uint32_t seed);

  /// Fills all elements of one input. float32 elements become finite, with magnitudes in [1, 2);
  /// bools become 0 or 1; all else is any byte.
  void Fill(const TensorView& input);

 private:
  std::uint8_t NextByte();

  std::uint32_t state_;
};

/// CRC-32 as zlib's: start with 0, continue with the last result.
std::uint32_t Crc32(std::uint32_t crc, Span<const std::uint8_t> bytes);

/// Digest of an operator's outputs in order. Precondition: called within its OperatorObserver.
std::uint32_t OutputDigest(const Session& session, const OperatorEvent& event);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_TEST_VECTOR_H_
