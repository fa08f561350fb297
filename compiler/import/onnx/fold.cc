// Operators on constants: how exporters compute shapes (Shape, Gather, Concat, Reshape, ...).
#include <cmath>
#include <limits>

#include "compiler/execute/element_functions.h"
#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

std::vector<std::size_t> ElementStrides(const Dims& dims) {
  std::vector<std::size_t> strides(dims.size(), 1);
  for (std::size_t d = dims.size(); d-- > 1;) {
    strides[d - 1] = strides[d] * static_cast<std::size_t>(dims[d]);
  }
  return strides;
}

// A constant of shape `dims` whose element i is `constant`'s element source(indices of i).
template <typename Source>
Constant Gathered(const Constant& constant, const Dims& dims, const Source& source) {
  Constant result;
  result.dims = dims;
  result.integer = constant.integer;
  result.type = constant.type;
  const auto count = static_cast<std::size_t>(ElementCount(dims));
  std::vector<std::size_t> indices(dims.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    for (std::size_t d = dims.size(); d-- > 0;) {
      indices[d] = rest % static_cast<std::size_t>(dims[d]);
      rest /= static_cast<std::size_t>(dims[d]);
    }
    const std::size_t from = source(indices);
    if (constant.integer) {
      result.ints.push_back(constant.ints[from]);
    } else {
      result.floats.push_back(constant.floats[from]);
      if (!constant.steps.empty()) result.steps.push_back(constant.steps[from]);
    }
  }
  return result;
}

Constant AsFloats(const Constant& constant) {
  if (!constant.integer) return constant;
  Constant result;
  result.dims = constant.dims;
  for (std::int64_t v : constant.ints) result.floats.push_back(static_cast<float>(v));
  return result;
}

// Exact, or fails.
std::int64_t CombineIntegers(const NodeImporter& node, BinaryKind kind, std::int64_t a,
                             std::int64_t b) {
  std::int64_t result = 0;
  bool bad = false;
  switch (kind) {
    case BinaryKind::kAdd:
      bad = __builtin_add_overflow(a, b, &result);
      break;
    case BinaryKind::kSub:
      bad = __builtin_sub_overflow(a, b, &result);
      break;
    case BinaryKind::kMul:
      bad = __builtin_mul_overflow(a, b, &result);
      break;
    case BinaryKind::kDiv:
      bad = b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min());
      if (!bad) result = a / b;
      break;
    case BinaryKind::kMaximum:
      return std::max(a, b);
    case BinaryKind::kMinimum:
      return std::min(a, b);
  }
  if (bad) node.Fail("integer constants overflow or divide by zero; check the model");
  return result;
}

Constant Scalar(float value) {
  Constant constant;
  constant.floats = {value};
  return constant;
}

Constant Integers(std::vector<std::int64_t> values, const Dims& dims) {
  Constant constant;
  constant.integer = true;
  constant.ints = std::move(values);
  constant.dims = dims;
  return constant;
}

}  // namespace

void ImportConstant(NodeImporter& node) {
  if (node.HasAttribute("value")) {
    return node.SetOutput(0, MakeConstant(node.TensorAttribute("value")));
  }
  if (node.HasAttribute("value_float")) {
    return node.SetOutput(0, MakeConstant(Scalar(node.Float("value_float", 0))));
  }
  if (node.HasAttribute("value_int")) {
    return node.SetOutput(0, MakeConstant(Integers({node.Int("value_int", 0)}, {})));
  }
  if (node.HasAttribute("value_ints")) {
    std::vector<std::int64_t> values = node.Ints("value_ints");
    const Dims dims = {static_cast<std::int64_t>(values.size())};
    return node.SetOutput(0, MakeConstant(Integers(std::move(values), dims)));
  }
  node.Fail(
      "only the attributes value, value_float, value_int and value_ints are supported; write "
      "the constant as an initializer");
}

void ImportConstantOfShape(NodeImporter& node) {
  const Dims dims = node.IntConstant(0, "shape");
  const std::int64_t count = ElementCount(dims);
  if (count < 0 || count > kMostFolded) {
    node.Fail("shape " + DimsString(dims) + " is too large or negative; check the model");
  }
  Constant value = node.HasAttribute("value") ? node.TensorAttribute("value") : Scalar(0);
  if (value.size() != 1) {
    node.Fail("value has " + std::to_string(value.size()) +
              " elements, expected one; check the model");
  }
  node.SetOutput(0,
                 MakeConstant(Gathered(value, dims, [](const auto&) { return std::size_t{0}; })));
}

void ImportCast(NodeImporter& node) {
  const Value& input = node.Input(0);
  const std::int64_t to = node.Int("to", 0);
  const bool to_float = to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::DOUBLE ||
                        to == onnx::TensorProto::FLOAT16;
  if (input.constant == nullptr) {
    if (!to_float) {
      node.Fail("casts activations to type " + std::to_string(to) +
                " (onnx.TensorProto.DataType), but only float32 is supported; remove the cast");
    }
    return node.SetOutput(0, input);
  }
  if (to_float) return node.SetOutput(0, MakeConstant(AsFloats(*input.constant)));
  if (input.constant->integer) {
    Constant result = *input.constant;
    result.type = static_cast<std::int32_t>(to);
    return node.SetOutput(0, MakeConstant(std::move(result)));
  }
  Constant result = Integers({}, input.dims);
  result.type = static_cast<std::int32_t>(to);
  for (float v : input.constant->floats) {
    if (!(std::abs(v) < 9e18F)) node.Fail("casts " + std::to_string(v) + " to an integer");
    result.ints.push_back(static_cast<std::int64_t>(v));
  }
  node.SetOutput(0, MakeConstant(std::move(result)));
}

void ImportGather(NodeImporter& node) {
  const Value& data = node.Input(0);
  const std::size_t axis = node.Axis(node.Int("axis", 0), data.rank());
  const Value& index_value = node.Input(1);
  std::vector<std::int64_t> indices = node.IntConstant(1, "indices");
  for (std::int64_t& index : indices) {
    if (index < -data.dims[axis] || index >= data.dims[axis]) {
      node.Fail("index " + std::to_string(index) + " is outside the " +
                std::to_string(data.dims[axis]) + " elements of the axis; check the model");
    }
    if (index < 0) index += data.dims[axis];
  }
  const auto at = static_cast<std::ptrdiff_t>(axis);
  Dims dims(data.dims.begin(), data.dims.begin() + at);
  dims.insert(dims.end(), index_value.dims.begin(), index_value.dims.end());
  dims.insert(dims.end(), data.dims.begin() + at + 1, data.dims.end());
  if (data.constant == nullptr) {
    if (indices.size() != 1) {
      node.Fail("several indices into activations are not supported; use Slice or Split");
    }
    const Value input = node.Plain(data);
    StridedSliceOp op;
    op.begin.assign(input.rank(), 0);
    op.stride.assign(input.rank(), 1);
    op.begin[static_cast<std::size_t>(Positions(input.order)[axis])] =
        static_cast<std::int32_t>(indices[0]);
    Dims one = input.dims;
    one[axis] = 1;
    const Value slice = node.Add(op, {input.tensor}, one, input.order);
    return node.SetOutput(0, node.Reshaped(slice, dims));
  }
  const std::int64_t count = ElementCount(dims);
  if (count < 0 || count > kMostFolded) {
    node.Fail("gathers " + DimsString(dims) + " elements of a constant, which is too large");
  }
  const std::size_t index_rank = index_value.rank();
  const std::vector<std::size_t> strides = ElementStrides(data.dims);
  const std::vector<std::size_t> index_strides = ElementStrides(index_value.dims);
  const auto source = [&](const std::vector<std::size_t>& i) {
    std::size_t index = 0;
    for (std::size_t d = 0; d < index_rank; ++d) index += i[axis + d] * index_strides[d];
    std::size_t from = static_cast<std::size_t>(indices[index]) * strides[axis];
    for (std::size_t d = 0; d < axis; ++d) from += i[d] * strides[d];
    for (std::size_t d = axis + 1; d < strides.size(); ++d) {
      from += i[d - 1 + index_rank] * strides[d];
    }
    return from;
  };
  node.SetOutput(0, MakeConstant(Gathered(*data.constant, dims, source)));
}

Constant FoldConcat(const std::vector<const Constant*>& parts, std::size_t axis) {
  Constant result;
  result.integer = parts[0]->integer;
  result.dims = parts[0]->dims;
  std::size_t outer = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= static_cast<std::size_t>(result.dims[d]);
  result.dims[axis] = 0;
  for (const Constant* part : parts) result.dims[axis] += part->dims[axis];
  for (std::size_t o = 0; o < outer; ++o) {
    for (const Constant* part : parts) {
      const std::size_t run = part->size() / outer;
      for (std::size_t i = o * run; i < (o + 1) * run; ++i) {
        if (result.integer) {
          result.ints.push_back(part->integer ? part->ints[i] : 0);
        } else {
          result.floats.push_back(part->integer ? static_cast<float>(part->ints[i])
                                                : part->floats[i]);
        }
      }
    }
  }
  return result;
}

Constant FoldTranspose(const Constant& constant, const std::vector<std::int64_t>& permutation) {
  const std::vector<std::size_t> strides = ElementStrides(constant.dims);
  Dims dims;
  for (std::int64_t d : permutation) dims.push_back(constant.dims[static_cast<std::size_t>(d)]);
  return Gathered(constant, dims, [&](const std::vector<std::size_t>& i) {
    std::size_t from = 0;
    for (std::size_t d = 0; d < i.size(); ++d) {
      from += i[d] * strides[static_cast<std::size_t>(permutation[d])];
    }
    return from;
  });
}

Constant FoldSlice(const Constant& constant, const Dims& begin, const Dims& step,
                   const Dims& counts) {
  const std::vector<std::size_t> strides = ElementStrides(constant.dims);
  return Gathered(constant, counts, [&](const std::vector<std::size_t>& i) {
    std::size_t from = 0;
    for (std::size_t d = 0; d < i.size(); ++d) {
      const std::int64_t index = begin[d] + static_cast<std::int64_t>(i[d]) * step[d];
      from += static_cast<std::size_t>(index) * strides[d];
    }
    return from;
  });
}

Dims FoldedShape(const NodeImporter& node, const Dims& a, const Dims& b) {
  const Dims& longer = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  Dims dims = longer;
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& dim = dims[dims.size() - 1 - i];
    const std::int64_t other = shorter[shorter.size() - 1 - i];
    if (dim == 1) dim = other;
    if (other != dim && other != 1) {
      node.Fail("shapes " + DimsString(a) + " and " + DimsString(b) +
                " do not broadcast; check the model with onnx.checker");
    }
  }
  return dims;
}

std::size_t FoldedIndex(std::size_t i, const Dims& dims, const Dims& own) {
  const std::vector<std::size_t> strides = ElementStrides(own);
  std::size_t index = 0;
  for (std::size_t back = 0; back < dims.size(); ++back) {
    const auto size = static_cast<std::size_t>(dims[dims.size() - 1 - back]);
    if (back < own.size() && own[own.size() - 1 - back] != 1) {
      index += i % size * strides[own.size() - 1 - back];
    }
    i /= size;
  }
  return index;
}

Constant FoldBinary(const NodeImporter& node, BinaryKind kind, const Constant& a,
                    const Constant& b) {
  const Dims dims = FoldedShape(node, a.dims, b.dims);
  const std::int64_t count = ElementCount(dims);
  if (count < 0 || count > kMostFolded) {
    node.Fail("constants of shapes " + DimsString(a.dims) + " and " + DimsString(b.dims) +
              " make a result that is too large");
  }
  Constant result;
  result.dims = dims;
  result.integer = a.integer && b.integer;
  const Constant left = result.integer ? a : AsFloats(a);
  const Constant right = result.integer ? b : AsFloats(b);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::size_t ai = FoldedIndex(i, dims, a.dims);
    const std::size_t bi = FoldedIndex(i, dims, b.dims);
    if (result.integer) {
      result.ints.push_back(CombineIntegers(node, kind, left.ints[ai], right.ints[bi]));
    } else {
      result.floats.push_back(EvaluateBinary(kind, left.floats[ai], right.floats[bi]));
    }
  }
  return result;
}

}  // namespace quaver::compiler::onnx_import
