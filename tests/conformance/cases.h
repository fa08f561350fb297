// Makers of single cases, for the lists of the conformance test and for the benchmarks.
#ifndef QUAVER_TESTS_CONFORMANCE_CASES_H_
#define QUAVER_TESTS_CONFORMANCE_CASES_H_

#include <cstdint>
#include <vector>

#include "tests/conformance/case.h"

namespace quaver::kernels {

/// What the numbers of an operator with weights are like.
enum class Values {
  kTypical,     // as in a real layer: outputs spread over the range, no weight is -128
  kExtreme,     // inputs and weights of -128 and 127
  kEveryShift,  // shifts from -31 to 30, edge multipliers, biases up to the ends of int32
  kRelu,        // zero point -128, clamps -128 and 127, small shifts, sums far beyond the clamps
};

/// Input and window of a convolution.
struct Window {
  std::int32_t batch, h, w, c;
  std::int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  std::int32_t pad_top, pad_left, pad_bottom, pad_right;
};

constexpr Window Pointwise(std::int32_t batch, std::int32_t h, std::int32_t w, std::int32_t c,
                           std::int32_t stride) {
  return {batch, h, w, c, 1, 1, stride, stride, 1, 1, 0, 0, 0, 0};
}
constexpr Window Same3x3(std::int32_t h, std::int32_t w, std::int32_t c, std::int32_t stride) {
  return {1, h, w, c, 3, 3, stride, stride, 1, 1, 1, 1, 1, 1};
}

Case<Conv2DParams> MakeConv2D(const Window& window, std::int32_t output_c, std::int32_t groups,
                              Values values, Random& random);
Case<DepthwiseConv2DParams> MakeDepthwiseConv2D(const Window& window, std::int32_t multiplier,
                                                Values values, Random& random);
Case<FullyConnectedParams> MakeFullyConnected(std::int32_t rows, std::int32_t depth,
                                              std::int32_t output_c, Values values, Random& random);

/// The same on int16 activations.
Case<Conv2DInt16Params> MakeConv2DInt16(const Window& window, std::int32_t output_c,
                                        std::int32_t groups, Values values, Random& random);
Case<DepthwiseConv2DInt16Params> MakeDepthwiseConv2DInt16(const Window& window,
                                                          std::int32_t multiplier, Values values,
                                                          Random& random);
Case<FullyConnectedInt16Params> MakeFullyConnectedInt16(std::int32_t rows, std::int32_t depth,
                                                        std::int32_t output_c, Values values,
                                                        Random& random);

/// Add, Sub or Mul over `dims`; a bit of a mask says that the input has that dimension, where it
/// is otherwise broadcast. Variants 0 to 3 are as in a real layer, 4 to 7 anything that the
/// preconditions allow.
template <typename Params>
Case<Params> MakeBroadcast(const std::vector<std::int32_t>& dims, std::uint32_t mask1,
                           std::uint32_t mask2, int variant, Random& random);

}  // namespace quaver::kernels

#endif  // QUAVER_TESTS_CONFORMANCE_CASES_H_
