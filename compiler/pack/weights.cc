#include "compiler/pack/weights.h"

#include <algorithm>

#include "compiler/compress/compress.h"
#include "compiler/ir/error.h"
#include "runtime/arena_size.h"
#include "runtime/ops/op_definition.h"
#include "runtime/ops/packed_layout.h"

namespace quaver::compiler {
namespace {

std::string OperatorText(const fb::Model& model, std::int32_t index) {
  const fb::Operator& op = OperatorAt(model, index);
  const std::string name = TextOr(op.name(), "");
  return "operator " + std::to_string(index) + " " + OperatorKind(op) +
         (name.empty() ? "" : " '" + name + "'");
}

void CheckEntry(const Model& model, const WeightsUse& use, const fb::PackedWeights& entry) {
  const kernels::WeightLayout layout = ToWeightLayout(*entry.layout());
  const std::vector<std::uint8_t> expected = PackFor(model, use, layout);
  const std::uint8_t* found = BufferData(*model.root(), entry.buffer());
  const auto difference = std::mismatch(expected.begin(), expected.end(), found);
  if (difference.first == expected.end()) return;
  throw Error(OperatorText(*model.root(), use.operator_index) + ": weights packed as " +
              LayoutName(layout) + " are not the plain ones: byte " +
              std::to_string(difference.first - expected.begin()) + ": expected " +
              std::to_string(*difference.first) + ", found " + std::to_string(*difference.second) +
              "; pack the model again");
}

}  // namespace

std::vector<WeightsUse> WeightsOn(const Model& model, Isa isa) {
  PrepareTarget target;
  target.isas = IsaWithFallbacks(isa);
  target.foreign = true;
  return WeightsOn(model, target);
}

std::vector<WeightsUse> WeightsOn(const Model& model, const PrepareTarget& target) {
  std::vector<WeightsUse> uses;
  const auto observe = [](void* context, const WeightsUse& use) {
    static_cast<std::vector<WeightsUse>*>(context)->push_back(use);
  };
  ObserveWeights(*model.root(), target, {observe, &uses});
  return uses;
}

std::vector<std::uint8_t> PackFor(const Model& model, const WeightsUse& use,
                                  const kernels::WeightLayout& layout) {
  std::vector<std::uint8_t> packed(
      static_cast<std::size_t>(kernels::PackedBytes(layout, use.shape)));
  kernels::PackWeights(layout, use.shape, PlainWeights(*model.root(), *use.tensor).data(),
                       use.stage, packed.data());
  return packed;
}

std::string LayoutName(const kernels::WeightLayout& layout) {
  if (layout.plain()) return "plain";
  std::string name = layout.kind == kernels::LayoutKind::kDepthwise ? "depthwise " : "gemm ";
  name += std::to_string(layout.nr) + "x" + std::to_string(layout.kr);
  if (layout.pairs()) name += " pairs";
  if (layout.dense()) name += " dense";
  if (layout.input_offset != 0) name += " +" + std::to_string(layout.input_offset);
  return name;
}

std::size_t CheckPackedWeights(const Model& model) {
  std::size_t count = 0;
  for (const WeightsUse& use : WeightsOn(model, Isa::kScalar)) {
    for (std::int32_t i = 0; i < Count(use.packed); ++i, ++count) {
      CheckEntry(model, use, *At(*use.packed, i));
    }
  }
  return count;
}

}  // namespace quaver::compiler
