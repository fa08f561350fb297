// Matrix multiplication with constant weights, its bias, and batch normalization.
#include <algorithm>
#include <cmath>

#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

// Weights [N, K] from a matrix in ONNX's order, [N, K] or (transposed) [K, N], times `scale`. Where
// the input is a flattened image, feature k in memory is ONNX's features[k]: the columns move
// instead of the activations.
std::vector<float> ArrangeMatrix(const std::vector<float>& values, const Dims& dims,
                                 bool transposed, float scale, const Flattened& flattened) {
  if (values.empty()) return {};
  const auto rows = static_cast<std::size_t>(dims[transposed ? 1 : 0]);
  const auto columns = static_cast<std::size_t>(dims[transposed ? 0 : 1]);
  std::vector<std::size_t> features;
  if (!flattened.empty()) features = flattened.Features();
  std::vector<float> result(rows * columns);
  for (std::size_t n = 0; n < rows; ++n) {
    for (std::size_t k = 0; k < columns; ++k) {
      const std::size_t from = features.empty() ? k : features[k];
      result[n * columns + k] = scale * values[transposed ? from * rows + n : n * columns + from];
    }
  }
  return result;
}

// A bias of one element per output, from [N], [1, N], [1, 1], ... or a scalar.
std::vector<float> BroadcastBias(const NodeImporter& node, const Constant& bias, float scale,
                                 std::size_t outputs) {
  if (bias.size() != outputs && bias.size() != 1) {
    node.Fail("the bias has shape " + DimsString(bias.dims) + ", expected [" +
              std::to_string(outputs) + "]: one element per output");
  }
  std::vector<float> result(outputs);
  for (std::size_t i = 0; i < outputs; ++i) {
    result[i] = scale * bias.floats[bias.size() == 1 ? 0 : i];
  }
  return result;
}

// The input with its last dimension last in memory, which a fully connected layer multiplies.
Value LastInMemory(NodeImporter& node, const Value& value) {
  if (value.constant != nullptr || value.rank() == 0) return node.Plain(value);
  if (value.order.back() == static_cast<std::int32_t>(value.rank()) - 1) return value;
  return node.WithOrder(value, Identity(value.rank()));
}

const Constant& Matrix(const NodeImporter& node, bool transposed, std::int64_t depth) {
  const Constant& matrix = node.FloatConstant(1, "right side");
  if (matrix.dims.size() != 2 || ElementCount(matrix.dims) < 1) {
    node.Fail("the right side has shape " + DimsString(matrix.dims) +
              ", expected a matrix; batches of matrices are not supported");
  }
  if (matrix.dims[transposed ? 0 : 1] != depth) {
    node.Fail("the right side " + DimsString(matrix.dims) + " does not fit an input of " +
              std::to_string(depth) + " features; check the model with onnx.checker");
  }
  return matrix;
}

Value Multiply(NodeImporter& node, const Value& input, bool transposed, float scale,
               const Constant* bias, float bias_scale) {
  if (input.rank() == 0) node.Fail("the left side is a scalar, expected at least one dimension");
  const Constant& matrix = Matrix(node, transposed, input.dims.back());
  const std::int64_t outputs = matrix.dims[transposed ? 1 : 0];
  const TensorId weights = node.AddWeights(
      {static_cast<std::int32_t>(outputs), static_cast<std::int32_t>(input.dims.back())}, 0,
      ArrangeMatrix(matrix.floats, matrix.dims, transposed, scale, input.flattened),
      ArrangeMatrix(matrix.steps, matrix.dims, transposed, std::abs(scale), input.flattened));
  TensorId bias_id = kNoTensor;
  if (bias != nullptr) {
    bias_id =
        node.AddConstant("bias", {static_cast<std::int32_t>(outputs)},
                         BroadcastBias(node, *bias, bias_scale, static_cast<std::size_t>(outputs)));
  }
  Dims dims = input.dims;
  dims.back() = outputs;
  return node.Add(FullyConnectedOp{}, {input.tensor, weights, bias_id}, dims, input.order);
}

}  // namespace

void ImportGemm(NodeImporter& node) {
  if (node.Int("transA", 0) != 0) {
    node.Fail("transA=1 is not supported; transpose the input before, or export with transA=0");
  }
  const Value input = LastInMemory(node, node.Input(0));
  if (input.rank() != 2) {
    node.Fail("input has shape " + DimsString(input.dims) + ", expected 2 dimensions");
  }
  const Constant* bias = node.HasInput(2) ? &node.FloatConstant(2, "bias") : nullptr;
  node.SetOutput(0, Multiply(node, input, node.Int("transB", 0) == 0, node.Float("alpha", 1), bias,
                             node.Float("beta", 1)));
}

void ImportMatMul(NodeImporter& node) {
  if (node.Input(1).constant == nullptr) {
    node.Fail(node.Input(0).constant == nullptr
                  ? "both sides are computed by the graph, but only a constant right side is "
                    "supported; attention is not supported yet"
                  : "the right side is computed by the graph, but only a constant right side is "
                    "supported; transpose both sides and exchange them");
  }
  if (node.Input(0).constant != nullptr) {
    return node.SetOutput(0, MakeConstant(FoldMatMul(node, node.FloatConstant(0, "left side"),
                                                     node.FloatConstant(1, "right side"))));
  }
  node.SetOutput(0, Multiply(node, LastInMemory(node, node.Input(0)), true, 1, nullptr, 1));
}

bool AddBias(NodeImporter& node, std::size_t layer_input, const Constant& bias) {
  const Value& value = node.Input(layer_input);
  if (value.constant != nullptr || value.rank() == 0 || !node.OnlyReader(layer_input)) return false;
  const std::int32_t producer = node.graph().Producer(value.tensor);
  if (producer < 0) return false;
  Node& layer = node.graph().nodes[static_cast<std::size_t>(producer)];
  if (layer.As<FullyConnectedOp>() == nullptr || layer.inputs[2] != kNoTensor) return false;
  const std::int64_t outputs = value.dims.back();
  const bool fits = bias.size() == 1 || (bias.size() == static_cast<std::size_t>(outputs) &&
                                         bias.dims.back() == outputs);
  if (bias.integer || !fits || bias.dims.size() > value.rank()) return false;
  const TensorId id =
      node.AddConstant("bias", {static_cast<std::int32_t>(outputs)},
                       BroadcastBias(node, bias, 1, static_cast<std::size_t>(outputs)));
  node.graph().nodes[static_cast<std::size_t>(producer)].inputs[2] = id;
  node.SetOutput(0, value);
  return true;
}

void ImportBatchNormalization(NodeImporter& node) {
  if (node.Int("training_mode", 0) != 0) {
    node.Fail("is in training mode; export the model after model.eval()");
  }
  Value input = node.Input(0);
  if (input.rank() < 2) {
    node.Fail("input has shape " + DimsString(input.dims) + ", expected [N, C, ...]");
  }
  if (input.constant != nullptr || input.order.back() != 1) {
    input = node.WithOrder(input, ChannelsLast(input.rank()));
  }
  const std::int64_t channels = input.dims[1];
  std::vector<TensorId> inputs = {input.tensor};
  const char* names[] = {"scale", "bias", "mean", "variance"};
  for (std::size_t i = 1; i <= 4; ++i) {
    const Constant& constant = node.FloatConstant(i, names[i - 1]);
    if (constant.size() != static_cast<std::size_t>(channels)) {
      node.Fail(std::string(names[i - 1]) + " has " + std::to_string(constant.size()) +
                " elements, expected " + std::to_string(channels) + ", one per channel");
    }
    std::vector<float> values = constant.floats;
    if (!input.flattened.empty()) {
      const std::vector<std::size_t> features = input.flattened.Features();
      for (std::size_t f = 0; f < values.size(); ++f) values[f] = constant.floats[features[f]];
    }
    inputs.push_back(node.AddConstant(names[i - 1], {static_cast<std::int32_t>(channels)}, values));
  }
  BatchNormOp op;
  op.epsilon = node.Float("epsilon", 1e-5F);
  node.SetOutput(0, node.AddLike(op, inputs, input));
}

}  // namespace quaver::compiler::onnx_import
