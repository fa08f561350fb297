// More of what exporters compute of shapes: comparisons, selections and functions of constants.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/execute/element_functions.h"
#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

const Constant& ConstantInput(const NodeImporter& node, std::size_t i) {
  const Value& value = node.Input(i);
  if (value.constant == nullptr) {
    node.Fail(
        "is supported for constants only, as exporters compute shapes with it; export with "
        "fixed shapes and constant folding (onnxsim does both), and choose between activations "
        "with Relu, Clip, Max or Min by a constant");
  }
  return *value.constant;
}

double ElementOf(const Constant& constant, std::size_t i) {
  return constant.integer ? static_cast<double>(constant.ints[i])
                          : static_cast<double>(constant.floats[i]);
}

Constant Truths(const Dims& dims) {
  Constant result;
  result.dims = dims;
  result.integer = true;
  result.type = onnx::TensorProto::BOOL;
  return result;
}

bool Compare(const std::string& op, double a, double b) {
  if (op == "Equal") return a == b;
  if (op == "Greater") return a > b;
  if (op == "GreaterOrEqual") return a >= b;
  if (op == "Less") return a < b;
  if (op == "LessOrEqual") return a <= b;
  if (op == "And") return a != 0 && b != 0;
  return a != 0 || b != 0;  // Or
}

void CheckFolded(const NodeImporter& node, const Dims& dims) {
  const std::int64_t count = ElementCount(dims);
  if (count < 0 || count > kMostFolded) {
    node.Fail("makes a constant of shape " + DimsString(dims) + ", which is too large");
  }
}

}  // namespace

void ImportCompare(NodeImporter& node) {
  const Constant& a = ConstantInput(node, 0);
  const Constant& b = ConstantInput(node, 1);
  Constant result = Truths(FoldedShape(node, a.dims, b.dims));
  CheckFolded(node, result.dims);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ElementCount(result.dims)); ++i) {
    const double left = ElementOf(a, FoldedIndex(i, result.dims, a.dims));
    const double right = ElementOf(b, FoldedIndex(i, result.dims, b.dims));
    result.ints.push_back(Compare(node.op(), left, right) ? 1 : 0);
  }
  node.SetOutput(0, MakeConstant(std::move(result)));
}

void ImportNot(NodeImporter& node) {
  const Constant& input = ConstantInput(node, 0);
  Constant result = Truths(input.dims);
  for (std::size_t i = 0; i < input.size(); ++i) {
    result.ints.push_back(ElementOf(input, i) == 0 ? 1 : 0);
  }
  node.SetOutput(0, MakeConstant(std::move(result)));
}

void ImportWhere(NodeImporter& node) {
  const Constant& condition = ConstantInput(node, 0);
  const Constant& a = ConstantInput(node, 1);
  const Constant& b = ConstantInput(node, 2);
  Constant result;
  result.dims = FoldedShape(node, FoldedShape(node, condition.dims, a.dims), b.dims);
  result.integer = a.integer && b.integer;
  result.type = a.type;
  CheckFolded(node, result.dims);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ElementCount(result.dims)); ++i) {
    const bool first = ElementOf(condition, FoldedIndex(i, result.dims, condition.dims)) != 0;
    const Constant& from = first ? a : b;
    const std::size_t index = FoldedIndex(i, result.dims, from.dims);
    if (result.integer) {
      result.ints.push_back(from.ints[index]);
    } else {
      result.floats.push_back(static_cast<float>(ElementOf(from, index)));
    }
  }
  node.SetOutput(0, MakeConstant(std::move(result)));
}

void ImportExpand(NodeImporter& node) {
  const Dims shape = node.IntConstant(1, "shape");
  const Value& input = node.Input(0);
  const Dims dims = FoldedShape(node, input.dims, shape);
  if (dims == input.dims) return node.SetOutput(0, input);
  if (input.constant == nullptr) return node.SetOutput(0, Broadcast(node, input, dims));
  const Constant& constant = *input.constant;
  CheckFolded(node, dims);
  Constant result;
  result.dims = dims;
  result.integer = constant.integer;
  result.type = constant.type;
  for (std::size_t i = 0; i < static_cast<std::size_t>(ElementCount(dims)); ++i) {
    const std::size_t index = FoldedIndex(i, dims, constant.dims);
    if (result.integer) {
      result.ints.push_back(constant.ints[index]);
    } else {
      result.floats.push_back(constant.floats[index]);
    }
  }
  node.SetOutput(0, MakeConstant(std::move(result)));
}

void ImportRange(NodeImporter& node) {
  double bounds[3];  // start, limit, delta
  for (std::size_t i = 0; i < 3; ++i) {
    const Constant& constant = ConstantInput(node, i);
    if (constant.size() != 1) node.Fail("takes three numbers; check the model with onnx.checker");
    bounds[i] = ElementOf(constant, 0);
  }
  const double count = std::ceil((bounds[1] - bounds[0]) / bounds[2]);
  if (!(std::abs(bounds[2]) > 0) || !(count <= static_cast<double>(kMostFolded))) {
    node.Fail("counts too far, or by 0; check the model with onnx.checker");
  }
  Constant result;
  result.integer = node.Input(0).constant->integer;
  result.dims = {static_cast<std::int64_t>(std::max(count, 0.0))};
  for (std::int64_t i = 0; i < result.dims[0]; ++i) {
    const double value = bounds[0] + static_cast<double>(i) * bounds[2];
    if (result.integer) {
      result.ints.push_back(static_cast<std::int64_t>(value));
    } else {
      result.floats.push_back(static_cast<float>(value));
    }
  }
  node.SetOutput(0, MakeConstant(std::move(result)));
}

void ImportReduceProd(NodeImporter& node) {
  const Constant& input = ConstantInput(node, 0);
  if (!input.integer || input.dims.size() != 1) {
    node.Fail("is supported for a shape only; export with constant folding (onnxsim)");
  }
  Constant result;
  result.integer = true;
  result.ints = {ElementCount(input.ints)};
  if (node.Int("keepdims", 1) != 0) result.dims = {1};
  node.SetOutput(0, MakeConstant(std::move(result)));
}

Constant FoldUnary(const NodeImporter& node, const UnaryOp& op, const Constant& constant) {
  Constant result;
  result.dims = constant.dims;
  result.integer = constant.integer;
  result.type = constant.type;
  for (std::size_t i = 0; i < constant.size(); ++i) {
    const double value = EvaluateUnary(op, ElementOf(constant, i));
    if (!constant.integer) {
      result.floats.push_back(static_cast<float>(value));
      continue;
    }
    if (!(std::abs(value) < 9e18)) node.Fail("a constant of integers overflows; check the model");
    result.ints.push_back(static_cast<std::int64_t>(value));
  }
  return result;
}

Constant FoldMatMul(const NodeImporter& node, const Constant& a, const Constant& b) {
  const bool fits = !a.dims.empty() && a.dims.size() <= 2 && !b.dims.empty() &&
                    b.dims.size() <= 2 && a.dims.back() == b.dims.front();
  if (!fits) {
    node.Fail("constants of shapes " + DimsString(a.dims) + " and " + DimsString(b.dims) +
              ", expected matrices that fit; fold constants when exporting");
  }
  const auto depth = static_cast<std::size_t>(b.dims.front());
  const std::int64_t rows = a.dims.size() == 2 ? a.dims[0] : 1;
  const auto columns = static_cast<std::size_t>(b.dims.size() == 2 ? b.dims[1] : 1);
  Constant result;
  if (a.dims.size() == 2) result.dims.push_back(rows);
  if (b.dims.size() == 2) result.dims.push_back(b.dims[1]);
  CheckFolded(node, {rows, static_cast<std::int64_t>(columns)});
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows) * columns; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      sum += static_cast<double>(a.floats[i / columns * depth + k]) *
             static_cast<double>(b.floats[k * columns + i % columns]);
    }
    result.floats.push_back(static_cast<float>(sum));
  }
  return result;
}

}  // namespace quaver::compiler::onnx_import
