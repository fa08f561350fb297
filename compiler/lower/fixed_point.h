// The fixed-point arithmetic that parameters and tables are computed with: TensorFlow Lite's, in
// its single-rounding build, so that tables hold the bytes that its reference kernels compute.
#ifndef QUAVER_COMPILER_LOWER_FIXED_POINT_H_
#define QUAVER_COMPILER_LOWER_FIXED_POINT_H_

#include <cstdint>

#include "kernels/fixed_point.h"

namespace quaver::compiler {

/// value * 2^(shift - 31): value is 0 or in [2^30, 2^31), shift in [-31, 30].
struct Multiplier {
  std::int32_t value = 0;
  std::int32_t shift = 0;
};

/// The nearest multiplier (TFLite: quantization_util.cc, QuantizeMultiplier): reals below 2^-32
/// become 0, those from 2^30 on (and what is not a number) the largest. Precondition: not negative.
Multiplier QuantizeMultiplier(double real);

/// Its nearest 15 bits, 0 or in [2^14, 2^15), as TFLite reduces multipliers of 16-bit values and of
/// 64-bit accumulators: the multiplier is value * 2^(shift - 15).
std::int16_t ReducedMultiplier(Multiplier multiplier);

/// round(x * multiplier), ties towards +infinity; not limited to int32.
std::int64_t Multiply(std::int32_t x, Multiplier multiplier);

using kernels::RoundingDivideByPowerOfTwo;

// Names as Q5.26: 5 integer bits, 26 fractional ones, one sign. The algorithms are those of
// gemmlowp's fixedpoint.h, which define TFLite's integer softmax, logistic and tanh.

/// exp(a) in Q0.31 for a <= 0 with `integer_bits` (4 or 5) integer bits.
std::int32_t ExpOfNegative(std::int32_t a, int integer_bits);

/// 1 / (1 + exp(-a)) in Q0.31 of a in Q4.27.
std::int32_t LogisticQ4(std::int32_t a);

/// tanh(a) in Q0.31 of a in Q4.27.
std::int32_t TanhQ4(std::int32_t a);

/// Largest |x| whose product with 2^left_shift still has `integer_bits` integer bits of 31
/// (TFLite: CalculateInputRadius with 31 total bits); beyond it logistic and exp saturate.
std::int32_t InputRadius(int integer_bits, int left_shift);

/// For functions of 16-bit fixed point: round(a * b / 2^15), ties towards +infinity, saturating.
std::int16_t RoundingDoublingHighMul16(std::int16_t a, std::int16_t b);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_FIXED_POINT_H_
