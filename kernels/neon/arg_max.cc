// ArgMax of neighbours, and of values that lie beside others' values.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/compat.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBytes = 16;

// Values so that the best one is the largest: as they are, or their complements.
class Pieces {
 public:
  Pieces(const std::int8_t* values, bool smallest)
      : values_(values), flip_(vdupq_n_s8(smallest ? -1 : 0)) {}

  [[nodiscard]] int8x16_t At(std::int32_t i) const {
    return veorq_s8(vld1q_s8(values_ + i), flip_);
  }

 private:
  const std::int8_t* values_;
  int8x16_t flip_;
};

// The index of the first largest of `count` >= kBytes neighbours; the last piece overlaps the one
// before it.
std::int32_t IndexOfBest(const Pieces& pieces, std::int32_t count) {
  const std::int32_t last = count - kBytes;
  int8x16_t largest = pieces.At(last);
  for (std::int32_t i = 0; i < last; i += kBytes) largest = vmaxq_s8(largest, pieces.At(i));
  const int8x16_t wanted = vdupq_n_s8(LargestLane(largest));
  for (std::int32_t i = 0;; i += kBytes) {
    const std::int32_t at = i < last ? i : last;
    // Four bits a lane: a vector's equal lanes in one number.
    const uint16x8_t equal = vreinterpretq_u16_u8(vceqq_s8(pieces.At(at), wanted));
    const std::uint64_t bits = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(equal, 4)), 0);
    if (bits != 0) return at + __builtin_ctzll(bits) / 4;
  }
}

// Of fewer values than a vector.
std::int32_t IndexOfBestOfFew(const std::int8_t* values, std::int32_t count, bool smallest) {
  std::int32_t best = 0;
  for (std::int32_t i = 1; i < count; ++i) {
    if (smallest ? values[i] < values[best] : values[i] > values[best]) best = i;
  }
  return best;
}

}  // namespace

// Precondition: inner is 1.
void ArgMaxNeon(const ArgMaxParams& p, const Work& work) {
  const auto element_bytes = static_cast<std::size_t>(p.output_element_bytes);
  auto* output = static_cast<std::uint8_t*>(p.output);
  for (std::int32_t outer = work.begin; outer < work.end; ++outer) {
    const std::int8_t* values = p.input + std::ptrdiff_t{outer} * p.axis;
    // Little-endian: the first four bytes of an int64 are its int32.
    const std::int64_t index = p.axis < kBytes ? IndexOfBestOfFew(values, p.axis, p.smallest)
                                               : IndexOfBest(Pieces(values, p.smallest), p.axis);
    std::memcpy(output + std::ptrdiff_t{outer} * p.output_element_bytes, &index, element_bytes);
  }
}

}  // namespace quaver::kernels
