#include "compiler/execute/float_executor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compiler/execute/float_ops.h"
#include "compiler/ir/error.h"

namespace quaver::compiler {
namespace {

// A constant of any arithmetic type as floats.
std::vector<float> ConstantAsFloat(const Tensor& tensor) {
  const auto convert = [](const auto& values) {
    return std::vector<float>(values.begin(), values.end());
  };
  switch (tensor.type) {
    case DataType::kFloat32:
      return tensor.As<float>();
    case DataType::kInt32: {
      std::vector<float> result;
      for (std::int32_t v : tensor.As<std::int32_t>()) result.push_back(static_cast<float>(v));
      return result;
    }
    case DataType::kInt8:
      return convert(tensor.As<std::int8_t>());
    default:
      return {};
  }
}

// Refuses what only an integer graph has.
void CheckFloat(const Graph& graph, const Node& node) {
  for (const auto& ids : {node.inputs, node.outputs}) {
    for (TensorId id : ids) {
      if (id == kNoTensor || graph.tensor(id).quantization.empty()) continue;
      throw Error("operator '" + node.name + "' (" + KindName(node) + "): tensor '" +
                  graph.tensor(id).name + "' is quantized (" + DataTypeName(graph.tensor(id).type) +
                  "), but the float executor runs float graphs only; give it the model from before "
                  "quantization");
    }
  }
}

// Calls the float operator for one kind of attributes.
struct Dispatch {
  const std::vector<FloatInput>& in;
  const std::vector<FloatOutput>& out;
  const std::vector<PackedMatrix>& packed;

  // The weights as packed before, or now if they are computed by the graph.
  template <typename Pack, typename Use>
  void WithWeights(const Pack& pack, const Use& use) const {
    if (packed.empty()) {
      use(pack());
    } else {
      use(packed);
    }
  }
  [[nodiscard]] FloatInput Bias() const { return in.size() > 2 ? in[2] : FloatInput{}; }

  void operator()(const Conv2DOp& op) const {
    WithWeights([&] { return PackConvWeights(in[1], op.groups); },
                [&](const std::vector<PackedMatrix>& weights) {
                  FloatConv2D(op, in[0], *in[1].shape, weights, Bias(), out[0]);
                });
  }
  void operator()(const DepthwiseConv2DOp& op) const {
    FloatDepthwiseConv2D(op, in[0], in[1], Bias(), out[0]);
  }
  void operator()(const FullyConnectedOp& op) const {
    WithWeights([&] { return PackConvWeights(in[1], 1); },
                [&](const std::vector<PackedMatrix>& weights) {
                  FloatFullyConnected(op, in[0], weights[0], Bias(), out[0]);
                });
  }
  void operator()(const Pool2DOp& op) const { FloatPool2D(op, in[0], out[0]); }
  void operator()(const BinaryOp& op) const { FloatBinary(op, in[0], in[1], out[0]); }
  void operator()(const UnaryOp& op) const { FloatUnary(op, in[0], out[0]); }
  void operator()(const SoftmaxOp& op) const { FloatSoftmax(op, in[0], out[0]); }
  void operator()(const ReduceOp& op) const { FloatReduce(op, in[0], out[0]); }
  void operator()(const ReshapeOp&) const { FloatCopy(in[0], out[0]); }
  void operator()(const TransposeOp& op) const { FloatTranspose(op, in[0], out[0]); }
  void operator()(const PadOp& op) const { FloatPad(op, in[0], out[0]); }
  void operator()(const ConcatOp& op) const { FloatConcat(op, in, out[0]); }
  void operator()(const SplitOp& op) const { FloatSplit(op, in[0], out); }
  void operator()(const StridedSliceOp& op) const { FloatStridedSlice(op, in[0], out[0]); }
  void operator()(const SpaceToDepthOp& op) const { FloatSpaceToDepth(op, in[0], out[0]); }
  void operator()(const DepthToSpaceOp& op) const { FloatDepthToSpace(op, in[0], out[0]); }
  void operator()(const ResizeOp& op) const { FloatResize(op, in[0], out[0]); }
  void operator()(const ArgMaxOp& op) const { FloatArgMax(op, in[0], out[0]); }
  void operator()(const BatchNormOp& op) const { FloatBatchNorm(op, in, out[0]); }
  // Float to float: what is left of a border when nothing is quantized.
  void operator()(const QuantizeOp&) const { FloatCopy(in[0], out[0]); }
  void operator()(const DequantizeOp&) const { FloatCopy(in[0], out[0]); }
};

}  // namespace

FloatExecutor::FloatExecutor(const Graph& graph)
    : graph_(graph),
      values_(graph.tensors.size()),
      packed_(graph.nodes.size()),
      last_reads_(graph.nodes.size()) {
  for (const Node& node : graph.nodes) CheckFloat(graph, node);
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    if (graph.tensors[t].constant()) values_[t] = ConstantAsFloat(graph.tensors[t]);
  }
  std::vector<std::int64_t> last(graph.tensors.size(), -1);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    for (const auto& ids : {node.inputs, node.outputs}) {
      for (TensorId id : ids) {
        if (id != kNoTensor) last[static_cast<std::size_t>(id)] = static_cast<std::int64_t>(n);
      }
    }
    const auto* conv = node.As<Conv2DOp>();
    if (conv == nullptr && node.As<FullyConnectedOp>() == nullptr) continue;
    const Tensor& weights = graph.tensor(node.inputs[1]);
    if (!weights.constant()) continue;
    const FloatInput view{&weights.shape, values_[static_cast<std::size_t>(node.inputs[1])].data()};
    packed_[n] = PackConvWeights(view, conv != nullptr ? conv->groups : 1);
  }
  for (std::size_t t = 0; t < last.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    if (last[t] < 0 || graph.tensors[t].constant() || graph.IsOutput(id)) continue;
    last_reads_[static_cast<std::size_t>(last[t])].push_back(id);
  }
}

void FloatExecutor::SetInputs(const std::vector<std::vector<float>>& inputs) {
  if (inputs.size() != graph_.inputs.size()) {
    throw Error("the model has " + std::to_string(graph_.inputs.size()) + " inputs, but " +
                std::to_string(inputs.size()) + " were given");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& tensor = graph_.tensor(graph_.inputs[i]);
    if (static_cast<std::int64_t>(inputs[i].size()) != tensor.elements()) {
      throw Error("input " + std::to_string(i) + " '" + tensor.name + "' has " +
                  std::to_string(tensor.elements()) + " elements, but " +
                  std::to_string(inputs[i].size()) + " were given");
    }
    values_[static_cast<std::size_t>(graph_.inputs[i])] = inputs[i];
  }
}

void FloatExecutor::RunNode(std::size_t index) {
  const Node& node = graph_.nodes[index];
  std::vector<FloatInput> in;
  std::vector<FloatOutput> out;
  for (TensorId id : node.outputs) {
    std::vector<float>& value = values_[static_cast<std::size_t>(id)];
    value.resize(static_cast<std::size_t>(graph_.tensor(id).elements()));
    out.push_back({&graph_.tensor(id).shape, value.data()});
  }
  for (TensorId id : node.inputs) {
    if (id == kNoTensor) {
      in.push_back({});
    } else {
      in.push_back({&graph_.tensor(id).shape, values_[static_cast<std::size_t>(id)].data()});
    }
  }
  std::visit(Dispatch{in, out, packed_[index]}, node.attributes);
}

void FloatExecutor::Release(std::size_t index) {
  for (TensorId id : last_reads_[index]) {
    std::vector<float>().swap(values_[static_cast<std::size_t>(id)]);
  }
}

std::vector<std::vector<float>> FloatExecutor::Run(const std::vector<std::vector<float>>& inputs,
                                                   const Observer& observer) {
  SetInputs(inputs);
  const auto tell = [&](TensorId id) {
    if (observer && graph_.tensor(id).type == DataType::kFloat32) {
      observer(id, values_[static_cast<std::size_t>(id)]);
    }
  };
  for (TensorId id : graph_.inputs) tell(id);
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    RunNode(n);
    for (TensorId id : graph_.nodes[n].outputs) tell(id);
    Release(n);
  }
  std::vector<std::vector<float>> outputs;
  for (TensorId id : graph_.outputs) outputs.push_back(values_[static_cast<std::size_t>(id)]);
  return outputs;
}

}  // namespace quaver::compiler
