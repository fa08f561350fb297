// Operators that change the shape only, and those that compute shapes.
#include <algorithm>

#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {

void ImportFlatten(NodeImporter& node) {
  const Value& input = node.Input(0);
  const auto rank = static_cast<std::int64_t>(input.rank());
  const std::int64_t axis = node.Int("axis", 1);
  if (axis < -rank || axis > rank) {
    node.Fail("axis " + std::to_string(axis) + " does not exist in " + DimsString(input.dims) +
              "; check the model with onnx.checker");
  }
  const auto split = input.dims.begin() + (axis < 0 ? axis + rank : axis);
  const Dims before(input.dims.begin(), split);
  const Dims after(split, input.dims.end());
  node.SetOutput(0, node.Reshaped(input, {ElementCount(before), ElementCount(after)}));
}

void ImportReshape(NodeImporter& node) {
  const Value& input = node.Input(0);
  Dims dims = node.IntConstant(1, "shape");
  const bool keep_zero = node.Int("allowzero", 0) != 0;
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 0 && !keep_zero && d < input.rank()) dims[d] = input.dims[d];
    if (dims[d] == -1 && open == nullptr) {
      open = &dims[d];
    } else if (dims[d] < 1 || dims[d] > ElementCount(input.dims)) {
      node.Fail("cannot give " + DimsString(input.dims) + " the shape " + DimsString(dims) +
                "; check the model with onnx.checker");
    } else {
      known = std::min(known * dims[d], std::int64_t{1} << 31);
    }
  }
  if (open != nullptr) *open = ElementCount(input.dims) / known;
  node.SetOutput(0, node.Reshaped(input, dims));
}

void ImportSqueeze(NodeImporter& node) {
  const Value& input = node.Input(0);
  std::vector<bool> dropped(input.rank(), false);
  const std::vector<std::int64_t> axes = node.IntsOrInput("axes", 1);
  for (std::int64_t axis : axes) dropped[node.Axis(axis, input.rank())] = true;
  Dims dims;
  for (std::size_t d = 0; d < input.rank(); ++d) {
    const bool drop = axes.empty() ? input.dims[d] == 1 : dropped[d];
    if (!drop) dims.push_back(input.dims[d]);
  }
  node.SetOutput(0, node.Reshaped(input, dims));
}

void ImportUnsqueeze(NodeImporter& node) {
  const Value& input = node.Input(0);
  const std::vector<std::int64_t> axes = node.IntsOrInput("axes", 1);
  const std::size_t rank = input.rank() + axes.size();
  std::vector<bool> added(rank, false);
  for (std::int64_t axis : axes) {
    const std::size_t at = node.Axis(axis, rank);
    if (added[at]) node.Fail("an axis is named twice; check the model with onnx.checker");
    added[at] = true;
  }
  Dims dims;
  auto next = input.dims.begin();
  for (std::size_t d = 0; d < rank; ++d) dims.push_back(added[d] ? 1 : *next++);
  node.SetOutput(0, node.Reshaped(input, dims));
}

void ImportTranspose(NodeImporter& node) {
  const Value& input = node.Input(0);
  std::vector<std::int64_t> permutation = node.Ints("perm");
  if (permutation.empty()) {
    for (std::size_t d = input.rank(); d-- > 0;) {
      permutation.push_back(static_cast<std::int64_t>(d));
    }
  }
  std::vector<std::int64_t> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  const Order identity = Identity(input.rank());
  if (!std::equal(sorted.begin(), sorted.end(), identity.begin(), identity.end())) {
    node.Fail("perm " + DimsString(permutation) + " does not name each dimension of " +
              DimsString(input.dims) + " once; check the model with onnx.checker");
  }
  if (input.constant != nullptr) {
    return node.SetOutput(0, MakeConstant(FoldTranspose(*input.constant, permutation)));
  }
  // Nothing moves: the dimensions only change their names.
  Value result = node.Plain(input);
  for (std::size_t d = 0; d < permutation.size(); ++d) {
    result.dims[d] = input.dims[static_cast<std::size_t>(permutation[d])];
  }
  for (std::int32_t& d : result.order) {
    const auto at = std::find(permutation.begin(), permutation.end(), d);
    d = static_cast<std::int32_t>(at - permutation.begin());
  }
  node.SetOutput(0, result);
}

void ImportIdentity(NodeImporter& node) {
  const Value& input = node.Input(0);
  if (node.HasOutput(1)) {
    node.Fail("the mask (output 1) is not supported; export the model after model.eval()");
  }
  node.SetOutput(0, input);
}

void ImportShape(NodeImporter& node) {
  const Value& input = node.Input(0);
  const auto rank = static_cast<std::int64_t>(input.rank());
  const auto bound = [&](const std::string& name, std::int64_t missing) {
    const std::int64_t at = node.Int(name, missing);
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t start = bound("start", 0);
  const std::int64_t end = std::max(start, bound("end", rank));
  Constant shape;
  shape.integer = true;
  shape.ints.assign(input.dims.begin() + start, input.dims.begin() + end);
  shape.dims = {end - start};
  node.SetOutput(0, MakeConstant(std::move(shape)));
}

void ImportSize(NodeImporter& node) {
  Constant size;
  size.integer = true;
  size.ints = {ElementCount(node.Input(0).dims)};
  node.SetOutput(0, MakeConstant(std::move(size)));
}

}  // namespace quaver::compiler::onnx_import
