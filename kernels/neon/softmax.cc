// Exponentials are gathered from their table and scaled as vectors. In long rows an output depends
// on its input's distance from the largest only: it is computed once for each distance that there
// is, and looked up.
#include "kernels/generic/softmax.h"

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/byte_table.h"
#include "kernels/arm/compat.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kDistances = 256;
constexpr std::int32_t kBytes = 16;
// Rows of fewer elements than that are faster one by one.
constexpr std::int32_t kLeastLong = 64;

struct Range {
  std::int8_t smallest, largest;
};

Range RangeOf(const std::int8_t* row, std::int32_t depth) {
  if (depth < kBytes) {
    Range range{INT8_MAX, INT8_MIN};
    for (std::int32_t c = 0; c < depth; ++c) {
      range.smallest = row[c] < range.smallest ? row[c] : range.smallest;
      range.largest = row[c] > range.largest ? row[c] : range.largest;
    }
    return range;
  }
  // The last vector overlaps the one before it.
  const std::int32_t last = depth - kBytes;
  int8x16_t smallest = vld1q_s8(row + last);
  int8x16_t largest = smallest;
  for (std::int32_t c = 0; c < last; c += kBytes) {
    const int8x16_t q = vld1q_s8(row + c);
    smallest = vminq_s8(smallest, q);
    largest = vmaxq_s8(largest, q);
  }
  return {SmallestLane(smallest), LargestLane(largest)};
}

// Q0.31 rounded to Q12.19; no exponential is negative.
std::uint32_t RoundedExp(std::int32_t exp) {
  constexpr std::uint32_t kHalf = 1U << (kSumIntegerBits - 1);
  return (static_cast<std::uint32_t>(exp) + kHalf) >> kSumIntegerBits;
}

// Outputs of exponentials. Nothing is negative, so SQRDMULH and SRSHL round as gemmlowp does, and
// what is above 255 saturates to it.
class Scaler {
 public:
  explicit Scaler(const SoftmaxScale& scale)
      : reciprocal_(vdupq_n_s32(scale.reciprocal)), shift_(vdupq_n_s32(-scale.shift)) {}

  // Of `count` of them, rounded up to a multiple of eight.
  void Scale(const std::int32_t* exps, std::int32_t count, std::int8_t* outputs) const {
    for (std::int32_t i = 0; i < count; i += 8) {
      const uint16x8_t steps = NarrowUnsigned(Steps(exps + i), Steps(exps + i + 4));
      const uint8x8_t bytes = veor_u8(vqmovn_u16(steps), vdup_n_u8(128));
      vst1_s8(outputs + i, vreinterpret_s8_u8(bytes));
    }
  }

 private:
  [[nodiscard]] int32x4_t Steps(const std::int32_t* exps) const {
    return vrshlq_s32(vqrdmulhq_s32(vld1q_s32(exps), reciprocal_), shift_);
  }

  int32x4_t reciprocal_, shift_;
};

void ShortRow(const SoftmaxParams& p, const std::int8_t* input, std::int8_t* output) {
  const std::int32_t largest = RangeOf(input, p.depth).largest;
  std::int32_t exps[kLeastLong];
  std::uint64_t sum = 0;
  for (std::int32_t c = 0; c < p.depth; ++c) {
    const std::int32_t distance = largest - input[c];
    exps[c] = distance < p.table_size ? p.exp_table[distance] : 0;
    sum += RoundedExp(exps[c]);
  }
  for (std::int32_t c = p.depth; c % 8 != 0; ++c) exps[c] = 0;
  std::int8_t outputs[kLeastLong];
  Scaler(ScaleOfSum(sum)).Scale(exps, p.depth, outputs);
  std::memcpy(output, outputs, static_cast<std::size_t>(p.depth));
}

// output[c] = outputs[largest - input[c]]
void LookUp(const std::int8_t* input, std::int32_t depth, std::int32_t largest,
            const std::int8_t* outputs, std::int8_t* output) {
  std::int32_t c = 0;
#ifdef __aarch64__
  const ByteTable table(reinterpret_cast<const std::uint8_t*>(outputs));
  const int8x16_t from = vdupq_n_s8(static_cast<std::int8_t>(largest));
  for (; c + kBytes <= depth; c += kBytes) {
    const int8x16_t distance = vsubq_s8(from, vld1q_s8(input + c));
    vst1q_s8(output + c, vreinterpretq_s8_u8(table[vreinterpretq_u8_s8(distance)]));
  }
#endif
  for (; c < depth; ++c) output[c] = outputs[largest - input[c]];
}

void LongRow(const SoftmaxParams& p, const std::int8_t* input, std::int8_t* output) {
  const Range range = RangeOf(input, p.depth);
  const std::int32_t distances = range.largest - range.smallest + 1;
  const std::int32_t known = distances < p.table_size ? distances : p.table_size;
  std::int32_t exps[kDistances];
  std::uint32_t rounded[kDistances];
  std::int32_t d = 0;
  for (; d < known; ++d) {
    exps[d] = p.exp_table[d];
    rounded[d] = RoundedExp(exps[d]);
  }
  for (; d < distances || d % 8 != 0; ++d) exps[d] = 0, rounded[d] = 0;
  std::uint64_t sum = 0;
  for (std::int32_t c = 0; c < p.depth; ++c) sum += rounded[range.largest - input[c]];
  std::int8_t outputs[kDistances] = {};
  Scaler(ScaleOfSum(sum)).Scale(exps, distances, outputs);
  LookUp(input, p.depth, range.largest, outputs, output);
}

}  // namespace

void SoftmaxNeon(const SoftmaxParams& p, const Work& work) {
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::ptrdiff_t offset = std::ptrdiff_t{row} * p.depth;
    if (p.depth < kLeastLong) {
      ShortRow(p, p.input + offset, p.output + offset);
    } else {
      LongRow(p, p.input + offset, p.output + offset);
    }
  }
}

}  // namespace quaver::kernels
