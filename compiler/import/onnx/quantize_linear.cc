// QuantizeLinear and DequantizeLinear: a QDQ model is a float graph in which each value that is
// quantized passes through both. Activations get nodes for them, which compiler/import/qdq turns
// into an integer graph; constants are folded and remember the grid on which they lie.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

/// Scales and zero points, as many as there are indices of `axis`, or one.
struct Parameters {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::int32_t type = onnx::TensorProto::UINT8;  ///< Of the integers.
};

struct IntegerRange {
  std::int64_t low, high;
};

IntegerRange RangeOf(const NodeImporter& node, std::int32_t type) {
  switch (type) {
    case onnx::TensorProto::UINT8:
      return {0, 255};
    case onnx::TensorProto::INT8:
      return {-128, 127};
    case onnx::TensorProto::INT32:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    default:
      node.Fail("quantizes to element type " + std::to_string(type) +
                " (onnx.TensorProto.DataType), expected int8 (3) or uint8 (2), or int32 (6) for a "
                "bias; quantize the model to 8 bits");
  }
}

Parameters ReadParameters(const NodeImporter& node, std::int32_t missing_type) {
  if (node.Int("block_size", 0) != 0) {
    node.Fail("has a scale per block, expected one per tensor or per channel");
  }
  Parameters parameters;
  parameters.scales = node.FloatConstant(1, "scale").floats;
  for (float scale : parameters.scales) {
    if (!std::isfinite(scale) || scale <= 0) {
      node.Fail("scale " + std::to_string(scale) + ", expected a finite number above 0");
    }
  }
  parameters.type = missing_type;
  parameters.zero_points.assign(parameters.scales.size(), 0);
  if (!node.HasInput(2)) return parameters;
  parameters.zero_points = node.IntConstant(2, "zero point");
  parameters.type = node.Input(2).constant->type;
  if (parameters.zero_points.size() != parameters.scales.size()) {
    node.Fail(std::to_string(parameters.scales.size()) + " scales and " +
              std::to_string(parameters.zero_points.size()) +
              " zero points, expected as many; check the model with onnx.checker");
  }
  const IntegerRange range = RangeOf(node, parameters.type);
  for (std::int64_t zero_point : parameters.zero_points) {
    if (zero_point < range.low || zero_point > range.high) {
      node.Fail("zero point " + std::to_string(zero_point) + " is outside its type");
    }
  }
  return parameters;
}

/// For each element of a constant, the index of its scale.
std::vector<std::size_t> Channels(const NodeImporter& node, const Dims& dims, std::size_t elements,
                                  std::size_t scales) {
  std::vector<std::size_t> channels(elements, 0);
  if (scales == 1) return channels;
  const std::size_t axis = node.Axis(node.Int("axis", 1), dims.size());
  if (static_cast<std::size_t>(dims[axis]) != scales) {
    node.Fail(std::to_string(scales) + " scales along axis " + std::to_string(axis) + " of " +
              DimsString(dims) + "; check the model with onnx.checker");
  }
  std::size_t inner = 1;
  for (std::size_t d = axis + 1; d < dims.size(); ++d) inner *= static_cast<std::size_t>(dims[d]);
  for (std::size_t i = 0; i < elements; ++i) channels[i] = i / inner % scales;
  return channels;
}

/// round_half_even(x / scale) + zero point, saturated: ONNX's definition, in float as ONNX Runtime.
Constant Quantized(const NodeImporter& node, const Constant& constant, const Parameters& q) {
  const IntegerRange range = RangeOf(node, q.type);
  const auto channels = Channels(node, constant.dims, constant.size(), q.scales.size());
  Constant result;
  result.dims = constant.dims;
  result.integer = true;
  result.type = q.type;
  for (std::size_t i = 0; i < constant.size(); ++i) {
    const float quotient = std::nearbyint(constant.floats[i] / q.scales[channels[i]]);
    if (std::isnan(quotient)) node.Fail("a constant is not a number; train the model again");
    const auto level = static_cast<std::int64_t>(std::clamp(quotient, -2e9F, 2e9F));
    result.ints.push_back(std::clamp(level + q.zero_points[channels[i]], range.low, range.high));
  }
  return result;
}

Constant Dequantized(const NodeImporter& node, const Constant& constant, const Parameters& q) {
  const auto channels = Channels(node, constant.dims, constant.size(), q.scales.size());
  Constant result;
  result.dims = constant.dims;
  for (std::size_t i = 0; i < constant.size(); ++i) {
    const std::size_t channel = channels[i];
    const std::int64_t level = constant.ints[i] - q.zero_points[channel];
    result.floats.push_back(static_cast<float>(level) * q.scales[channel]);
    result.steps.push_back(q.scales[channel]);
  }
  return result;
}

/// The one scale and zero point of an activation of int8 or uint8.
Quantization ActivationQuantization(const NodeImporter& node, const Parameters& q) {
  if (q.scales.size() != 1) {
    node.Fail("has " + std::to_string(q.scales.size()) +
              " scales for an activation, expected one; quantize activations per tensor");
  }
  if (q.type != onnx::TensorProto::INT8 && q.type != onnx::TensorProto::UINT8) {
    node.Fail("quantizes an activation to element type " + std::to_string(q.type) +
              " (onnx.TensorProto.DataType), expected int8 (3) or uint8 (2); quantize "
              "activations to 8 bits");
  }
  return {q.scales, {static_cast<std::int32_t>(q.zero_points[0])}, 0};
}

}  // namespace

void ImportQuantizeLinear(NodeImporter& node) {
  const auto type = static_cast<std::int32_t>(
      node.Int("output_dtype", static_cast<std::int64_t>(onnx::TensorProto::UINT8)));
  const Parameters q = ReadParameters(node, type);
  const Value& input = node.Input(0);
  if (input.constant != nullptr) {
    return node.SetOutput(0, MakeConstant(Quantized(node, node.FloatConstant(0, "input"), q)));
  }
  const Quantization quantization = ActivationQuantization(node, q);
  const Value result = node.AddLike(QuantizeOp{}, {input.tensor}, input);
  Tensor& tensor = node.graph().tensor(result.tensor);
  tensor.type = q.type == onnx::TensorProto::INT8 ? DataType::kInt8 : DataType::kUInt8;
  tensor.quantization = quantization;
  node.SetOutput(0, result);
}

void ImportDequantizeLinear(NodeImporter& node) {
  const Value& input = node.Input(0);
  const bool constant = input.constant != nullptr;
  if (constant && !input.constant->integer) {
    node.Fail("dequantizes a constant of floats, expected integers; check the model");
  }
  const bool int8 = !constant && node.graph().tensor(input.tensor).type == DataType::kInt8;
  Parameters q = ReadParameters(node, constant ? input.constant->type
                                      : int8   ? onnx::TensorProto::INT8
                                               : onnx::TensorProto::UINT8);
  if (constant) {
    q.type = input.constant->type;
    RangeOf(node, q.type);  // refuses 4 and 16 bits
    return node.SetOutput(0, MakeConstant(Dequantized(node, *input.constant, q)));
  }
  const Quantization quantization = ActivationQuantization(node, q);
  Tensor& tensor = node.graph().tensor(input.tensor);
  if (tensor.type == DataType::kFloat32) {
    node.Fail("its input '" + tensor.name +
              "' is float, expected integers: those of a QuantizeLinear, an input of the graph, or "
              "what only moves these");
  }
  if (tensor.quantization.empty()) tensor.quantization = quantization;  // an integer input
  if (tensor.quantization.scale != quantization.scale ||
      tensor.quantization.zero_point != quantization.zero_point) {
    node.Fail(
        "scale " + std::to_string(q.scales[0]) + " and zero point " +
        std::to_string(q.zero_points[0]) + " are not those of the QuantizeLinear before it (" +
        std::to_string(tensor.quantization.scale[0]) + ", " +
        std::to_string(tensor.quantization.zero_point[0]) + "); export both from one quantizer");
  }
  node.SetOutput(0, node.AddLike(DequantizeOp{}, {input.tensor}, input));
}

void ImportQuantizedClip(NodeImporter& node) {
  const Value& input = node.Input(0);
  const Tensor tensor = node.graph().tensor(input.tensor);
  const auto bound = [&](std::size_t i, const std::string& name, std::int64_t missing) {
    const std::int64_t q = node.HasInput(i) ? node.IntConstant(i, name).at(0) : missing;
    return tensor.quantization.scale[0] *
           static_cast<float>(q - std::int64_t{tensor.quantization.zero_point[0]});
  };
  const bool int8 = tensor.type == DataType::kInt8;
  const UnaryOp op{UnaryKind::kClip, bound(1, "min", int8 ? -128 : 0),
                   bound(2, "max", int8 ? 127 : 255)};
  node.SetOutput(0, node.AddLike(op, {input.tensor}, input));
}

}  // namespace quaver::compiler::onnx_import
