// Softmax: the exponentials become a table, indexed by the distance from the row's largest value
// (TFLite: reference/softmax.h, quantization_util.cc PreprocessSoftmaxScaling).
#include <algorithm>
#include <string>

#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

/// Integer bits of the scaled difference: Q5.26.
constexpr int kDiffIntegerBits = 5;

/// exp(-d * scale * beta) in Q0.31, up to the first distance that TFLite takes as 0.
std::vector<std::int32_t> ExpTable(double scale, double beta) {
  const double limit = static_cast<double>((std::int64_t{1} << 30) - 1);
  const double real = std::min(beta * scale * (1 << (31 - kDiffIntegerBits)), limit);
  const Multiplier multiplier = QuantizeMultiplier(real);
  const std::int32_t radius = InputRadius(kDiffIntegerBits, multiplier.shift);
  std::vector<std::int32_t> table;
  for (std::int32_t d = 0; d < 256 && d <= radius; ++d) {
    const auto diff = static_cast<std::int32_t>(Multiply(-d, multiplier));
    table.push_back(ExpOfNegative(diff, kDiffIntegerBits));
  }
  while (table.size() > 1 && table.back() == 0) table.pop_back();
  return table;
}

}  // namespace

void Lower(const SoftmaxOp& op, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  const Affine input_affine = Int8AffineOf(node, input);
  const Affine output_affine = Int8AffineOf(node, output);
  if (output_affine.scale != 1.0F / 256 || output_affine.zero_point != -128) {
    Refuse(node, output,
           "expected scale 1/256 and zero point -128, found scale " +
               std::to_string(output_affine.scale) + " and zero point " +
               std::to_string(output_affine.zero_point) + "; softmax's output is fixed to [0, 1)");
  }
  // The table's multiplier must be above 1: real scales of 2^-26 and more.
  const double steepness = double{op.beta} * double{input_affine.scale};
  if (!(steepness * (1 << (31 - kDiffIntegerBits)) > 1)) {
    Refuse(node, input,
           "beta times scale is " + std::to_string(steepness) +
               ", expected more than 2^-26; softmax would be constant: remove it");
  }
  // The sum is kept in Q12.19: fewer than 2^12 exponentials of at most 1.
  if (input.shape.back() >= 1 << 12) {
    Refuse(node, input,
           "softmax over " + std::to_string(input.shape.back()) +
               " values; expected fewer than 4096, or its sum can overflow");
  }
  fb::SoftmaxT params;
  params.exp_table = ExpTable(input_affine.scale, op.beta);
  const std::int32_t source = program->Place(node.inputs[0]);
  program->Append(node, fb::OperatorParams::Softmax, std::move(params), {source},
                  {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
