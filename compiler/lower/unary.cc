// Functions of one int8 value: all become tables. Where TFLite has an integer algorithm, the table
// is what that algorithm computes; the rest is computed in double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "compiler/execute/element_functions.h"
#include "compiler/lower/lut.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"
#include "compiler/lower/requantize.h"

namespace quaver::compiler {
namespace {

/// TFLite's ReLU family (activations.cc): requantize by the float quotient of the scales, clamp.
Table ClampTable(const Affine& input, const Affine& output, float low, float high) {
  const Multiplier multiplier = QuantizeMultiplier(double{input.scale / output.scale});
  const std::int64_t min = QuantizeReal(low, output);
  const std::int64_t max = QuantizeReal(high, output);
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) {
    const std::int64_t value = Multiply(q - input.zero_point, multiplier) + output.zero_point;
    return std::min(std::max(value, min), max);
  });
}

/// TFLite: reference/leaky_relu.h; multipliers in float.
Table LeakyReluTable(const Affine& input, const Affine& output, float alpha) {
  const Multiplier identity = QuantizeMultiplier(double{input.scale / output.scale});
  const float slope = input.scale * alpha / output.scale;
  const Multiplier leak = QuantizeMultiplier(std::abs(double{slope}));
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) -> std::int64_t {
    const std::int32_t value = q - input.zero_point;
    if (value >= 0) return Multiply(value, identity) + output.zero_point;
    const std::int64_t leaked = Multiply(value, leak);
    return (slope < 0 ? -leaked : leaked) + output.zero_point;
  });
}

/// Logistic and tanh (TFLite: integer_ops/logistic.h, tanh.h): the input in Q4.27, the function in
/// fixed point, rounded to `fraction_bits`; saturated beyond the range of Q4.27.
Table SigmoidalTable(const Affine& input, std::int32_t (*function)(std::int32_t), int fraction_bits,
                     std::int32_t zero_point) {
  constexpr int kIntegerBits = 4;
  const Multiplier multiplier =
      QuantizeMultiplier(double{input.scale} * (1 << (31 - kIntegerBits)));
  const std::int32_t radius = InputRadius(kIntegerBits, std::max(multiplier.shift, 0));
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) -> std::int64_t {
    const std::int32_t value = q - input.zero_point;
    if (value <= -radius) return -128;
    if (value >= radius) return 127;
    const auto scaled = static_cast<std::int32_t>(Multiply(value, multiplier));
    return RoundingDivideByPowerOfTwo(function(scaled), 31 - fraction_bits) + zero_point;
  });
}

std::int16_t Saturate16(std::int64_t value) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -32768, 32767));
}

/// x * relu6(x + 3) / 6 in 16-bit fixed point (TFLite: reference/hard_swish.h, hard_swish_common).
Table HardSwishTable(const Node& node, const Affine& input, const Affine& output) {
  const float fine_scale = (1.0F / 128.0F) * input.scale;
  const Multiplier to_output = QuantizeMultiplier(double{fine_scale / output.scale});
  const Multiplier to_gate = QuantizeMultiplier(double{fine_scale / (3.0F / 32768.0F)});
  if (to_output.shift > 0) {
    Refuse(node,
           "the output's scale is more than 128 times finer than the input's; hard swish "
           "expects them alike. Quantize the model again");
  }
  const std::int16_t output_multiplier = ReducedMultiplier(to_output);
  const std::int16_t gate_multiplier = ReducedMultiplier(to_gate);
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) -> std::int64_t {
    const auto fine = static_cast<std::int16_t>((q - input.zero_point) * 128);
    const std::int16_t unshifted = RoundingDoublingHighMul16(fine, output_multiplier);
    // relu6(x + 3) / 6 as (x / 3 limited to [-1, 1] + 1) / 2; the last bit of a left shift comes
    // after the product, so that only it saturates the result.
    std::int16_t gate = fine;
    if (to_gate.shift > 0) {
      gate = Saturate16(std::int64_t{gate} * (std::int64_t{1} << (to_gate.shift - 1)));
    }
    gate = RoundingDoublingHighMul16(gate, gate_multiplier);
    if (to_gate.shift > 0) gate = Saturate16(std::int64_t{gate} * 2);
    if (to_gate.shift < 0) {
      gate = static_cast<std::int16_t>(RoundingDivideByPowerOfTwo(gate, -to_gate.shift));
    }
    gate = static_cast<std::int16_t>((gate + (1 << 15)) >> 1);
    // Truncated towards zero, unlike the products above. No overflow: gate is not negative.
    const std::int32_t product = std::int32_t{gate} * unshifted / (1 << 15);
    return RoundingDivideByPowerOfTwo(product, -to_output.shift) + output.zero_point;
  });
}

/// ELU in float, as TFLM's elu.cc fills its table.
Table EluTable(const Affine& input, const Affine& output, float alpha) {
  const float inverse = 1.0F / output.scale;
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) -> std::int64_t {
    const float x = input.scale * static_cast<float>(q - input.zero_point);
    const float y = x < 0 ? alpha * (std::exp(x) - 1.0F) : x;
    return static_cast<std::int64_t>(std::clamp(std::round(y * inverse), -1e6F, 1e6F)) +
           output.zero_point;
  });
}

/// TFLite: elementwise.cc, AbsEvalQuantized; the multiplier from a float quotient.
Table AbsTable(const Affine& input, const Affine& output) {
  const Multiplier multiplier = QuantizeMultiplier(double{input.scale / output.scale});
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) {
    return Multiply(std::abs(q - input.zero_point), multiplier) + output.zero_point;
  });
}

bool HasAffine(const Affine& affine, double scale, std::int32_t zero_point) {
  return double{affine.scale} == scale && affine.zero_point == zero_point;
}

Table TableOf(const UnaryOp& op, const Node& node, const Affine& input, const Affine& output) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (op.kind) {
    case UnaryKind::kRelu:
      return ClampTable(input, output, 0, kInfinity);
    case UnaryKind::kRelu6:
      return ClampTable(input, output, 0, 6);
    case UnaryKind::kReluN1To1:
      return ClampTable(input, output, -1, 1);
    case UnaryKind::kClip:
      return ClampTable(input, output, op.alpha, op.beta);
    case UnaryKind::kLeakyRelu:
      return LeakyReluTable(input, output, op.alpha);
    case UnaryKind::kElu:
      return EluTable(input, output, op.alpha);
    case UnaryKind::kHardSwish:
      return HardSwishTable(node, input, output);
    case UnaryKind::kAbs:
      return AbsTable(input, output);
    case UnaryKind::kSigmoid:
      if (HasAffine(output, 1.0 / 256, -128)) return SigmoidalTable(input, LogisticQ4, 8, -128);
      break;
    case UnaryKind::kTanh:
      if (HasAffine(output, 1.0 / 128, 0)) return SigmoidalTable(input, TanhQ4, 7, 0);
      break;
    default:
      break;
  }
  return MakeRealTable(input, output, [&](double x) { return EvaluateUnary(op, x); });
}

/// Of an int16: two straight lines, clamped. As ClampTable and LeakyReluTable of an int8.
Requantization LinesOf(const UnaryOp& op, const Node& node, const Tensor& input,
                       const Tensor& output) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Requantization result = MakeRequantization(node, input, output);
  result.multiplier = result.negative_multiplier =
      QuantizeMultiplier(double{result.input.scale / result.output.scale});
  const auto clamp = [&](float low, float high) {
    result.range.min = std::max(result.range.min, QuantizeReal(low, result.output));
    result.range.max = std::min(result.range.max, QuantizeReal(high, result.output));
  };
  switch (op.kind) {
    case UnaryKind::kRelu:
      clamp(0, kInfinity);
      return result;
    case UnaryKind::kRelu6:
      clamp(0, 6);
      return result;
    case UnaryKind::kReluN1To1:
      clamp(-1, 1);
      return result;
    case UnaryKind::kClip:
      clamp(op.alpha, op.beta);
      return result;
    case UnaryKind::kLeakyRelu:
      if (op.alpha < 0) break;
      result.negative_multiplier =
          QuantizeMultiplier(double{result.input.scale * op.alpha / result.output.scale});
      return result;
    default:
      break;
  }
  Refuse(node, input,
         "expected int8, found int16; of int16 only ReLU, clips and leaky ReLU with a slope from 0 "
         "on are supported. Put a QUANTIZE to int8 before it");
}

}  // namespace

void Lower(const UnaryOp& op, const Node& node, Program* program) {
  const Tensor& wide = program->tensor(node.inputs[0]);
  if (wide.type == DataType::kInt16) {
    const Tensor& result = program->tensor(node.outputs[0]);
    (void)ActivationAffineOf(node, result, DataType::kInt16);
    const Requantization lines = LinesOf(op, node, wide, result);
    const std::int32_t from = program->Place(node.inputs[0]);
    return AppendRequantization(node, lines, from, program->Place(node.outputs[0]), program);
  }
  const Affine input = Int8AffineOf(node, program->tensor(node.inputs[0]));
  const Affine output = Int8AffineOf(node, program->tensor(node.outputs[0]));
  const std::int32_t source = program->Place(node.inputs[0]);
  AppendTable(node, TableOf(op, node, input, output), source, program->Place(node.outputs[0]),
              program);
}

}  // namespace quaver::compiler
