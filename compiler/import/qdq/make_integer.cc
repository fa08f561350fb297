// The last step: operators on integers. Of each operator the inputs are known as integers, and the
// output's scale is that of the Quantize which reads it, the operator's own, or its input's.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "compiler/import/qdq/resolve.h"
#include "compiler/import/qdq/steps.h"
#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler::qdq {
namespace {

constexpr char kWhatToDo[] =
    "; quantize it there too (a QuantizeStub, or the quantizer's list of operators), or export the "
    "float model and use quaver quantize";

[[noreturn]] void Refuse(const Node& node, const std::string& what) {
  throw Error(NodeString(node) + ": " + what);
}

/// Output channels of a layer's weights; -1 for other operators.
int ChannelAxis(const Node& node) {
  if (node.As<DepthwiseConv2DOp>() != nullptr) return 3;
  return node.As<Conv2DOp>() != nullptr || node.As<FullyConnectedOp>() != nullptr ? 0 : -1;
}

/// The scale and zero point that TensorFlow Lite's integer algorithm gives the output.
std::optional<Quantization> OwnQuantization(const Node& node) {
  const Quantization unit{{1.0F / 256}, {-128}, 0};
  if (node.As<SoftmaxOp>() != nullptr) return unit;
  const auto* unary = node.As<UnaryOp>();
  if (unary == nullptr) return {};
  if (unary->kind == UnaryKind::kSigmoid || unary->kind == UnaryKind::kHardSigmoid) return unit;
  if (unary->kind == UnaryKind::kTanh) return Quantization{{1.0F / 128}, {0}, 0};
  return {};
}

/// Whether the runtime computes it in the input's quantization only.
bool NeedsInputsQuantization(const Node& node) {
  const bool clamps = node.As<UnaryOp>() != nullptr || node.As<ConcatOp>() != nullptr;
  return (SelectsValues(node.attributes) && !clamps) || node.As<Pool2DOp>() != nullptr ||
         node.As<ResizeOp>() != nullptr;
}

/// Whether its output can be in the input's quantization: values that were there, or means of them.
bool CanKeepQuantization(const Node& node) {
  const auto* reduce = node.As<ReduceOp>();
  return SelectsValues(node.attributes) || NeedsInputsQuantization(node) ||
         (reduce != nullptr && reduce->kind == ReduceKind::kMean);
}

/// Levels of a float constant on its grid: value / scale, a whole number but for float's rounding.
std::vector<std::int64_t> LevelsOf(const Tensor& tensor) {
  const Quantization& grid = tensor.quantization;
  const std::vector<float> values = tensor.As<float>();
  const std::size_t channels = grid.scale.size();
  const std::size_t inner = values.size() / channels;
  std::vector<std::int64_t> levels;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = channels == 1 ? 0 : grid.axis == 0 ? i / inner : i % channels;
    levels.push_back(std::llround(double{values[i]} / double{grid.scale[channel]}));
  }
  return levels;
}

class IntegerMaker {
 public:
  explicit IntegerMaker(Graph* graph) : graph_(*graph) {}

  void Run() {
    std::vector<Node> nodes;
    nodes.swap(graph_.nodes);
    sources_ = std::move(nodes);
    erased_.assign(sources_.size(), false);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!erased_[i]) Convert(sources_[i]);
    }
  }

 private:
  void Convert(Node& node) {
    if (node.As<QuantizeOp>() != nullptr) return ConvertQuantize(node);
    if (node.As<DequantizeOp>() != nullptr) {
      integers_[node.outputs[0]] = node.inputs[0];
      return DequantizeOutput(node.outputs[0]);
    }
    const std::vector<TensorId> outputs = node.outputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) ConvertInput(&node, i);
    const bool is_float = graph_.tensor(outputs[0]).type == DataType::kFloat32;
    if (is_float && outputs.size() > 1) {
      for (TensorId& output : node.outputs) output = Keep(node, output);
      graph_.nodes.push_back(node);
    } else if (is_float) {
      ConvertOutput(node);
    } else {
      graph_.nodes.push_back(node);
    }
    for (TensorId output : outputs) DequantizeOutput(output);
  }

  /// At the border, or between two quantizations.
  void ConvertQuantize(Node& node) {
    const auto found = integers_.find(node.inputs[0]);
    if (found != integers_.end()) node.inputs[0] = found->second;
    graph_.nodes.push_back(node);
  }

  /// The float twin of an integer tensor, where the graph has it as its output.
  void DequantizeOutput(TensorId id) {
    if (!graph_.IsOutput(id) || integers_.count(id) == 0) return;
    graph_.nodes.push_back(
        {graph_.tensor(id).name + "/dequantize", DequantizeOp{}, {integers_[id]}, {id}});
  }

  void ConvertInput(Node* node, std::size_t i) {
    const TensorId id = node->inputs[i];
    if (id == kNoTensor || graph_.tensor(id).type != DataType::kFloat32) return;
    const auto found = integers_.find(id);
    if (found != integers_.end()) {
      node->inputs[i] = found->second;
    } else if (!graph_.tensor(id).constant()) {
      Refuse(*node, "input " + TensorString(graph_, id) +
                        " has no scale: expected a QuantizeLinear and a DequantizeLinear "
                        "before it" +
                        kWhatToDo);
    } else if (ChannelAxis(*node) < 0) {
      node->inputs[i] = QuantizeOperand(*node, id);
    }
  }

  void ConvertOutput(Node& node) {
    const TensorId output = node.outputs[0];
    const std::size_t quantize = QuantizeOf(output);
    if (quantize < sources_.size()) {
      const TensorId result = sources_[quantize].outputs[0];
      erased_[quantize] = true;
      integers_[output] = result;
      return Emit(node, result);
    }
    if (const auto own = OwnQuantization(node)) {
      integers_[output] = AddInteger(output, *own);
      return Emit(node, integers_[output]);
    }
    if (!CanKeepQuantization(node)) {
      Refuse(node, "output " + TensorString(graph_, output) +
                       " has no scale: expected a QuantizeLinear after it" + kWhatToDo);
    }
    Emit(node, Keep(node, output));
  }

  /// The node with its output in `result`, requantized where the runtime cannot do both at once.
  void Emit(Node& node, TensorId result) {
    const Quantization wanted = graph_.tensor(result).quantization;
    std::optional<Quantization> given;
    if (node.As<SoftmaxOp>() != nullptr) given = OwnQuantization(node);
    if (NeedsInputsQuantization(node)) given = graph_.tensor(node.inputs[0]).quantization;
    if (ChannelAxis(node) >= 0) QuantizeLayer(&node, wanted.scale[0]);
    node.outputs[0] = result;
    if (!given || (given->scale == wanted.scale && given->zero_point == wanted.zero_point)) {
      graph_.nodes.push_back(node);
      return;
    }
    const TensorId inner = AddInteger(result, *given);
    node.outputs[0] = inner;
    graph_.nodes.push_back(node);
    graph_.nodes.push_back({node.name + "/requantize", QuantizeOp{}, {inner}, {result}});
  }

  /// The Quantize that alone decides the scale of a float tensor, or sources_.size().
  [[nodiscard]] std::size_t QuantizeOf(TensorId id) const {
    std::size_t found = sources_.size();
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const Node& node = sources_[i];
      if (std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end()) continue;
      if (node.As<QuantizeOp>() == nullptr || found < sources_.size()) return sources_.size();
      found = i;
    }
    return graph_.IsOutput(id) ? sources_.size() : found;
  }

  TensorId AddInteger(TensorId like, const Quantization& quantization) {
    Tensor tensor = graph_.tensor(like);
    tensor.type = DataType::kInt8;
    tensor.quantization = quantization;
    tensor.name += "/int8";
    return graph_.AddTensor(std::move(tensor));
  }

  /// The output in the quantization of the first input.
  TensorId Keep(const Node& node, TensorId output) {
    const TensorId id = AddInteger(output, graph_.tensor(node.inputs[0]).quantization);
    integers_[output] = id;
    return id;
  }

  /// A constant beside activations: its own levels if it has a grid, exactly; one number is a level
  /// of its own; several get a scale from their smallest and largest.
  TensorId QuantizeOperand(const Node& node, TensorId id) {
    Tensor tensor = graph_.tensor(id);
    const std::vector<float> values = tensor.As<float>();
    if (tensor.quantization.empty()) {
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      const float range = std::max(*high, 0.0F) - std::min(*low, 0.0F);
      const float scale = *low == *high ? std::abs(*low) : range / 255;
      tensor.quantization = {{scale > 0 ? scale : 1}, {0}, 0};
    }
    const std::vector<std::int64_t> levels = LevelsOf(tensor);
    const auto [low, high] = std::minmax_element(levels.begin(), levels.end());
    const bool centered = *low >= -128 && *high <= 127;
    const std::int64_t zero_point = centered ? 0 : std::clamp<std::int64_t>(-128 - *low, -128, 127);
    if (*low + zero_point < -128 || *high + zero_point > 127) {
      Refuse(node, "constant " + TensorString(graph_, id) + " has levels from " +
                       std::to_string(*low) + " to " + std::to_string(*high) +
                       ", expected 256 around zero; quantize it to 8 bits");
    }
    std::vector<std::int8_t> integers;
    for (std::int64_t level : levels) {
      integers.push_back(static_cast<std::int8_t>(level + zero_point));
    }
    tensor.type = DataType::kInt8;
    tensor.quantization.zero_point = {static_cast<std::int32_t>(zero_point)};
    tensor.data = MakeBytes(integers);
    return graph_.AddTensor(std::move(tensor));
  }

  void QuantizeLayer(Node* node, float output_scale) {
    Tensor weights = graph_.tensor(node->inputs[1]);
    if (weights.quantization.empty()) {
      Refuse(*node, "weights " + TensorString(graph_, node->inputs[1]) +
                        " have no scale: expected a QuantizeLinear and a DequantizeLinear, or "
                        "int8 weights and a DequantizeLinear, before them" +
                        kWhatToDo);
    }
    std::vector<std::int8_t> integers;
    for (std::int64_t level : LevelsOf(weights)) {
      if (level < -128 || level > 127) {
        Refuse(*node, "weights " + TensorString(graph_, node->inputs[1]) + " have a level of " +
                          std::to_string(level) +
                          " from their zero point, expected -128 to 127; quantize weights "
                          "symmetrically");
      }
      integers.push_back(static_cast<std::int8_t>(level));
    }
    weights.type = DataType::kInt8;
    weights.data = MakeBytes(integers);
    node->inputs.resize(3, kNoTensor);
    if (node->inputs[2] != kNoTensor) QuantizeBias(node, integers, output_scale, &weights);
    node->inputs[1] = graph_.AddTensor(std::move(weights));
  }

  /// In units of input scale times weight scale, which the accumulator has. A channel without
  /// weights says nothing by its scale, and gets another if its bias needs it.
  void QuantizeBias(Node* node, const std::vector<std::int8_t>& levels, float output_scale,
                    Tensor* weights) {
    Tensor bias = graph_.tensor(node->inputs[2]);
    const std::vector<float> values = bias.As<float>();
    const float input_scale = graph_.tensor(node->inputs[0]).quantization.scale[0];
    Quantization& grid = weights->quantization;
    if (values.size() > 1 && grid.scale.size() == 1) {
      grid.scale.assign(values.size(), grid.scale[0]);
      grid.zero_point.assign(values.size(), 0);
      grid.axis = ChannelAxis(*node);
    }
    std::vector<std::int32_t> integers;
    bias.quantization = {{}, std::vector<std::int32_t>(values.size(), 0), 0};
    for (std::size_t c = 0; c < values.size(); ++c) {
      double unit = double{input_scale} * double{grid.scale[c]};
      constexpr double kMost = 1 << 30;
      if (std::abs(double{values[c]}) > unit * kMost &&
          ChannelIsZero(levels, grid.axis, c, values.size())) {
        grid.scale[c] = output_scale / input_scale / 65536;
        unit = double{input_scale} * double{grid.scale[c]};
      }
      if (!(std::abs(double{values[c]}) <= unit * std::numeric_limits<std::int32_t>::max())) {
        Refuse(*node, "bias " + TensorString(graph_, node->inputs[2]) + " holds " +
                          std::to_string(values[c]) + ", which is more than 2^31 times its scale " +
                          std::to_string(unit) + "; train or quantize the model again");
      }
      integers.push_back(static_cast<std::int32_t>(std::llround(double{values[c]} / unit)));
      bias.quantization.scale.push_back(static_cast<float>(unit));
    }
    bias.type = DataType::kInt32;
    bias.data = MakeBytes(integers);
    node->inputs[2] = graph_.AddTensor(std::move(bias));
  }

  static bool ChannelIsZero(const std::vector<std::int8_t>& levels, int axis, std::size_t channel,
                            std::size_t channels) {
    const std::size_t inner = levels.size() / channels;
    for (std::size_t i = 0; i < inner; ++i) {
      if (levels[axis == 0 ? channel * inner + i : i * channels + channel] != 0) return false;
    }
    return true;
  }

  Graph& graph_;
  std::vector<Node> sources_;  ///< The nodes before, in order.
  std::vector<bool> erased_;   ///< Of sources_: a Quantize whose result its producer writes.
  std::map<TensorId, TensorId> integers_;  ///< Of a float tensor, the one with its integers.
};

}  // namespace

void MakeInteger(Graph* graph) { IntegerMaker(graph).Run(); }

}  // namespace quaver::compiler::qdq
