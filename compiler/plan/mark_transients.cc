#include <algorithm>

#include "compiler/plan/lifetimes.h"
#include "compiler/plan/plan.h"

namespace quaver::compiler {
namespace {

bool CanMakeParts(const fb::OperatorT& op) {
  return op.params.type == fb::OperatorParams::Conv2D ||
         op.params.type == fb::OperatorParams::DepthwiseConv2D;
}

bool CanTakeParts(const fb::OperatorT& op) {
  return op.params.type == fb::OperatorParams::Add || op.params.type == fb::OperatorParams::Sub;
}

/// How often anything names `tensor`: operators that read it, views, the model's outputs.
std::ptrdiff_t Uses(const fb::ModelT& model, std::int32_t tensor) {
  std::ptrdiff_t uses = std::count(model.outputs.begin(), model.outputs.end(), tensor);
  for (const auto& op : model.operators) {
    uses += std::count(op->inputs.begin(), op->inputs.end(), tensor);
  }
  for (const auto& other : model.tensors) uses += other->view_of == tensor ? 1 : 0;
  return uses;
}

bool Reads(const fb::OperatorT& op, std::int32_t root, const Lifetimes& lifetimes) {
  return std::any_of(op.inputs.begin(), op.inputs.end(),
                     [&](std::int32_t tensor) { return lifetimes.Root(tensor) == root; });
}

/// Whether `taker`, the operator behind `maker`, can write over its input that is not `made`.
bool WritesOverOther(const fb::OperatorT& maker, const fb::OperatorT& taker, std::int32_t time,
                     std::int32_t made, const Lifetimes& lifetimes) {
  // Both inputs are contiguous and of the output's size: one dimension is left of their shape.
  if (InPlaceInputs(taker).size() != 2) return false;
  const std::int32_t other = taker.inputs[taker.inputs[0] == made ? 1 : 0];
  const std::int32_t root = lifetimes.Root(other);
  return root >= 0 && lifetimes.block(root).last == time && !Reads(maker, root, lifetimes) &&
         lifetimes.block(root).bytes == lifetimes.block(made).bytes;
}

}  // namespace

void MarkTransients(fb::ModelT* model) {
  for (std::size_t i = 0; i + 1 < model->operators.size(); ++i) {
    const fb::OperatorT& maker = *model->operators[i];
    const fb::OperatorT& taker = *model->operators[i + 1];
    if (!CanMakeParts(maker) || !CanTakeParts(taker)) continue;
    const std::int32_t made = maker.outputs[0];
    if (Uses(*model, made) != 1 ||
        std::count(taker.inputs.begin(), taker.inputs.end(), made) != 1) {
      continue;
    }
    const Lifetimes lifetimes(*model);
    if (WritesOverOther(maker, taker, static_cast<std::int32_t>(i) + 1, made, lifetimes)) {
      model->tensors[Index(made)]->storage = fb::Storage::Transient;
    }
  }
}

}  // namespace quaver::compiler
