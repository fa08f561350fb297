#include "compiler/plan/lifetimes.h"

#include <algorithm>
#include <limits>

#include "quaver/tensor.h"

namespace quaver::compiler {
namespace {

std::uint64_t BytesOf(const fb::TensorT& tensor) {
  std::uint64_t bytes = DataTypeBytes(static_cast<DataType>(tensor.type));
  for (std::int32_t dim : tensor.shape) bytes *= static_cast<std::uint64_t>(dim);
  return bytes;
}

bool Contiguous(const std::vector<std::int32_t>& dims, const std::vector<std::int32_t>& strides) {
  std::int64_t expected = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    if (strides[i] != expected) return false;
    expected *= dims[i];
  }
  return true;
}

}  // namespace

Lifetimes::Lifetimes(const fb::ModelT& model) : model_(model), blocks_(model.tensors.size()) {
  constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::max();
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i] = {kNever, -1, BytesOf(*model.tensors[i])};
  }
  const auto end = static_cast<std::int32_t>(model.operators.size());
  for (std::int32_t input : model.inputs) Use(input, -1);
  for (std::int32_t time = 0; time < end; ++time) {
    const fb::OperatorT& op = *model.operators[Index(time)];
    for (std::int32_t tensor : op.inputs) Use(tensor, MakesParts(model, op) ? time + 1 : time);
    for (std::int32_t tensor : op.outputs) Use(tensor, time);
  }
  for (std::int32_t output : model.outputs) Use(output, end);
}

std::int32_t Lifetimes::Root(std::int32_t tensor) const {
  const fb::TensorT& t = *model_.tensors[Index(tensor)];
  if (t.storage != fb::Storage::Activation) return -1;
  return t.view_of >= 0 ? t.view_of : tensor;
}

void Lifetimes::Use(std::int32_t tensor, std::int32_t time) {
  const std::int32_t root = Root(tensor);
  if (root < 0) return;
  Block& block = blocks_[Index(root)];
  block.first = std::min(block.first, time);
  block.last = std::max(block.last, time);
}

bool MakesParts(const fb::ModelT& model, const fb::OperatorT& op) {
  return std::any_of(op.outputs.begin(), op.outputs.end(), [&model](std::int32_t tensor) {
    return model.tensors[Index(tensor)]->storage == fb::Storage::Transient;
  });
}

std::vector<std::size_t> InPlaceInputs(const fb::OperatorT& op) {
  const fb::BroadcastT* broadcast = nullptr;
  switch (op.params.type) {
    case fb::OperatorParams::Lut8:
    case fb::OperatorParams::Softmax:
      return {0};
    case fb::OperatorParams::AddInt16:
      broadcast = op.params.AsAddInt16()->broadcast.get();
      break;
    case fb::OperatorParams::SubInt16:
      broadcast = op.params.AsSubInt16()->broadcast.get();
      break;
    case fb::OperatorParams::MulInt16:
      broadcast = op.params.AsMulInt16()->broadcast.get();
      break;
    case fb::OperatorParams::Add:
      broadcast = op.params.AsAdd()->broadcast.get();
      break;
    case fb::OperatorParams::Sub:
      broadcast = op.params.AsSub()->broadcast.get();
      break;
    case fb::OperatorParams::Mul:
      broadcast = op.params.AsMul()->broadcast.get();
      break;
    default:
      return {};
  }
  std::vector<std::size_t> inputs;
  if (Contiguous(broadcast->dims, broadcast->strides1)) inputs.push_back(0);
  if (Contiguous(broadcast->dims, broadcast->strides2)) inputs.push_back(1);
  return inputs;
}

}  // namespace quaver::compiler
