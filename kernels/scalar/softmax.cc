#include "kernels/generic/softmax.h"

#include "kernels/fixed_point.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// exp(q - max) in Q0.31.
std::int32_t Exp(const SoftmaxParams& p, std::int32_t largest, std::int32_t q) {
  const std::int32_t difference = largest - q;
  return difference < p.table_size ? p.exp_table[difference] : 0;
}

std::int32_t Largest(const std::int8_t* row, std::int32_t depth) {
  std::int32_t largest = INT8_MIN;
  for (std::int32_t c = 0; c < depth; ++c) largest = row[c] > largest ? row[c] : largest;
  return largest;
}

std::uint64_t SumOfExps(const SoftmaxParams& p, const std::int8_t* row, std::int32_t largest) {
  std::uint64_t sum = 0;
  for (std::int32_t c = 0; c < p.depth; ++c) {
    const std::int32_t exp = Exp(p, largest, row[c]);
    sum += static_cast<std::uint32_t>(RoundingDivideByPowerOfTwo(exp, kSumIntegerBits));
  }
  return sum;
}

void SoftmaxRow(const SoftmaxParams& p, const std::int8_t* input, std::int8_t* output) {
  const std::int32_t largest = Largest(input, p.depth);
  const SoftmaxScale scale = ScaleOfSum(SumOfExps(p, input, largest));
  for (std::int32_t c = 0; c < p.depth; ++c) {
    const std::int32_t quotient =
        SaturatingRoundingDoublingHighMul(scale.reciprocal, Exp(p, largest, input[c]));
    const std::int32_t steps = RoundingDivideByPowerOfTwo(quotient, scale.shift);
    output[c] = static_cast<std::int8_t>(steps > 255 ? INT8_MAX : steps + INT8_MIN);
  }
}

}  // namespace

void SoftmaxScalar(const SoftmaxParams& p, const Work& work) {
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::ptrdiff_t offset = std::ptrdiff_t{row} * p.depth;
    SoftmaxRow(p, p.input + offset, p.output + offset);
  }
}

}  // namespace quaver::kernels
