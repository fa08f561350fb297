// What most lowerings ask about quantized tensors.
#ifndef QUAVER_COMPILER_LOWER_QUANTIZATION_H_
#define QUAVER_COMPILER_LOWER_QUANTIZATION_H_

#include <cstdint>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/lower/fixed_point.h"
#include "quaver_generated.h"

namespace quaver::compiler {

/// Scale and zero point of an activation. The scale is as in the source model, a float: formulas
/// widen it to double first, or do not, as TensorFlow Lite's do.
struct Affine {
  float scale = 1;
  std::int32_t zero_point = 0;
};

/// Of a tensor with one scale; refuses others, scales that are not positive and finite, and zero
/// points outside the type, which of int16 has only 0. The second form also refuses what is not
/// int8, the third what is not of `type`, int8 or int16.
Affine AffineOf(const Node& node, const Tensor& tensor);
Affine Int8AffineOf(const Node& node, const Tensor& tensor);
Affine ActivationAffineOf(const Node& node, const Tensor& tensor, DataType type);

/// Refuses unless SameQuantization (compiler/ir/shapes.h): for operators that hand values on.
void RequireSameQuantization(const Node& node, const Tensor& a, const Tensor& b);

struct ClampRange {
  std::int32_t min = -128;
  std::int32_t max = 127;
};
/// All values of a type: int8, uint8, int16.
ClampRange TypeRange(DataType type);
/// TFLite: CalculateActivationRangeQuantized of an output of int8 or int16.
ClampRange ActivationRange(Activation activation, const Affine& output,
                           DataType type = DataType::kInt8);

/// round_half_away(value / scale) + zero_point in float, as TFLite quantizes parameters; limited
/// to +-2^30 so that callers can clamp.
std::int32_t QuantizeReal(float value, const Affine& affine);

/// A convolution-like operator's weights: int8, constant, symmetric.
struct Weights {
  std::vector<std::int8_t> values;
  std::vector<float> scales;  ///< One, or one per output channel.
};
Weights WeightsOf(const Node& node, const Tensor& tensor, std::int32_t channels);

/// Bias of `channels` int32, zeros where there is none; and of a layer on int16, of int64.
std::vector<std::int32_t> BiasOf(const Node& node, const Graph& graph, std::int32_t channels);
std::vector<std::int64_t> Bias64Of(const Node& node, const Graph& graph, std::int32_t channels);

/// One channel's sums over its weights: what folding and checking its bias need.
struct ChannelSums {
  std::int64_t positive = 0;  ///< Sum of the weights above zero.
  std::int64_t negative = 0;  ///< Sum of those below.
};

/// The output stage of a convolution-like operator. Folds the input's zero point into `bias`
/// (bias - zero_point * sum(weights), modulo 2^32: the runtime's accumulators wrap) and refuses
/// channels whose true accumulator can leave int32.
std::unique_ptr<fb::OutputStageT> MakeOutputStage(const Node& node, const Affine& input,
                                                  const Affine& output, Activation activation,
                                                  const std::vector<double>& effective_scales,
                                                  const std::vector<ChannelSums>& sums,
                                                  std::vector<std::int32_t>* bias);

/// The same of a layer on int16: accumulators have 64 bits, multipliers 15. Refuses biases of 2^46
/// and more, and multipliers of 2^7 and more.
std::unique_ptr<fb::OutputStageT> MakeOutputStageInt16(const Node& node, const Affine& output,
                                                       Activation activation,
                                                       const std::vector<double>& effective_scales,
                                                       const std::vector<std::int64_t>& bias);

/// Products are summed in int32: at most 2^17 - 1 of them fit (2^14 each).
void RequireDepth(const Node& node, std::int64_t depth);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_QUANTIZATION_H_
