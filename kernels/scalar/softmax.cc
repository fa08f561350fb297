#include "kernels/fixed_point.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kSumIntegerBits = 12;  // the sum of exponentials is Q12.19
constexpr std::int32_t kSumFractionBits = 31 - kSumIntegerBits;
// From 512 = 2 * 256 on no output reaches one half of a step of 1/256.
constexpr std::uint64_t kSumLimit = std::uint64_t{512} << kSumFractionBits;

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

// sum = 2^integer_bits * (1 + x); writes integer_bits and returns 1 / (1 + x) in Q0.31.
// sum in [1, 512) in Q12.19.
std::int32_t Reciprocal(std::uint32_t sum, std::int32_t* integer_bits) {
  *integer_bits = 0;
  while ((sum >> (kSumFractionBits + 1 + *integer_bits)) != 0) ++*integer_bits;
  const std::uint32_t one_plus_x = sum << (kSumIntegerBits - *integer_bits);
  return OneOverOnePlusX(static_cast<std::int32_t>(one_plus_x - (std::uint32_t{1} << 31)));
}

void SoftmaxRow(const SoftmaxParams& p, const std::int8_t* input, std::int8_t* output) {
  const std::int32_t largest = Largest(input, p.depth);
  const std::uint64_t sum = SumOfExps(p, input, largest);
  const bool all_zero = sum >= kSumLimit;
  std::int32_t integer_bits = 0;
  const std::int32_t reciprocal =
      all_zero ? 0 : Reciprocal(static_cast<std::uint32_t>(sum), &integer_bits);
  for (std::int32_t c = 0; c < p.depth; ++c) {
    const std::int32_t quotient =
        SaturatingRoundingDoublingHighMul(reciprocal, Exp(p, largest, input[c]));
    // Q0.31 to steps of 1/256.
    const std::int32_t steps = RoundingDivideByPowerOfTwo(quotient, integer_bits + 31 - 8);
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
