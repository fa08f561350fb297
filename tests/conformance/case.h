// One call of an operator with all that its parameters point to, but for the tensors: those are
// bound for each run, so that they can be misaligned, guarded, or the same.
#ifndef QUAVER_TESTS_CONFORMANCE_CASE_H_
#define QUAVER_TESTS_CONFORMANCE_CASE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {

using Random = std::mt19937;

inline std::int32_t Between(Random& random, std::int32_t low, std::int32_t high) {
  return low + static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(high - low + 1));
}

/// Random int8 values; `extreme`: only -128 and 127, mostly -128.
std::vector<std::int8_t> RandomBytes(std::size_t count, bool extreme, Random& random);

/// Arrays that live as long as the case, at addresses that copies of the case share.
class Arrays {
 public:
  const std::int32_t* Keep(std::vector<std::int32_t> values) {
    kept_.push_back(std::make_shared<const std::vector<std::int32_t>>(std::move(values)));
    return kept_.back()->data();
  }
  const std::int8_t* Keep(std::vector<std::int8_t> values) {
    kept8_.push_back(std::make_shared<const std::vector<std::int8_t>>(std::move(values)));
    return kept8_.back()->data();
  }

 private:
  std::vector<std::shared_ptr<const std::vector<std::int32_t>>> kept_;
  std::vector<std::shared_ptr<const std::vector<std::int8_t>>> kept8_;
};

template <typename Params>
struct Case {
  std::string description;
  Params params{};
  std::vector<std::int8_t> input1, input2;
  std::vector<std::int8_t> weights;  // plain; empty for operators without
  std::size_t output_bytes = 0;
  std::size_t element_bytes = 1;                       // what tensors are aligned to
  std::int32_t units = 0;                              // of work
  std::ptrdiff_t input_offset = 0, output_offset = 0;  // of the first element, for copies
  bool in_place = false;                               // the output may be input1
  Arrays arrays;
};

/// The cases of one operator: every kernel of it must agree with scalar on each of them.
template <typename Params>
std::vector<Case<Params>> CasesOf();

/// Weights that kernels may want packed.
template <typename Params>
inline constexpr bool kPacksWeights =
    std::is_same_v<Params, Conv2DParams> || std::is_same_v<Params, DepthwiseConv2DParams> ||
    std::is_same_v<Params, FullyConnectedParams>;
template <typename Params>
inline constexpr bool kHasWeights =
    kPacksWeights<Params> || std::is_base_of_v<ConvolutionInt16Params, Params> ||
    std::is_same_v<Params, FullyConnectedInt16Params>;

/// As kernels/packing.h has it of int8.
inline WeightShape WeightShapeOf(const Conv2DInt16Params& p) {
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  return {p.output_c, depth, p.groups, depth};
}
inline WeightShape WeightShapeOf(const DepthwiseConv2DInt16Params& p) {
  return {p.output_c, p.kernel_h * p.kernel_w, 1, p.kernel_h};
}
inline WeightShape WeightShapeOf(const FullyConnectedInt16Params& p) {
  return {p.output_c, p.depth, 1, p.depth};
}

template <typename Params>
void BindTensors(Params& params, const Case<Params>& c, const std::uint8_t* input1,
                 const std::uint8_t* input2,
                 std::uint8_t* output) {  // NOLINT(readability-non-const-parameter): kernels write
  if constexpr (std::is_base_of_v<BroadcastParams, Params> ||
                std::is_base_of_v<BroadcastParamsOf<std::int16_t>, Params>) {
    params.input1 = reinterpret_cast<decltype(params.input1)>(input1);
    params.input2 = reinterpret_cast<decltype(params.input2)>(input2);
    params.output = reinterpret_cast<decltype(params.output)>(output);
  } else if constexpr (std::is_same_v<Params, StridedCopyParams>) {
    params.source = input1 + c.input_offset;
    params.target = output + c.output_offset;
  } else {
    params.input = reinterpret_cast<decltype(params.input)>(input1);
    params.output = reinterpret_cast<decltype(params.output)>(output);
  }
}

}  // namespace quaver::kernels

#endif  // QUAVER_TESTS_CONFORMANCE_CASE_H_
