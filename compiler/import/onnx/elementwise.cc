// Operators element by element, with broadcasting, and those along one axis.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

UnaryOp ReadUnary(const NodeImporter& node) {
  const std::string& op = node.op();
  if (op == "LeakyRelu") return {UnaryKind::kLeakyRelu, node.Float("alpha", 0.01F), 0};
  if (op == "Elu") return {UnaryKind::kElu, node.Float("alpha", 1), 0};
  if (op == "HardSigmoid") {
    return {UnaryKind::kHardSigmoid, node.Float("alpha", 0.2F), node.Float("beta", 0.5F)};
  }
  if (op == "Gelu") {
    const bool tanh = node.String("approximate", "none") == "tanh";
    return {tanh ? UnaryKind::kGeluTanh : UnaryKind::kGelu, 0, 0};
  }
  static const std::map<std::string, UnaryKind> kinds = {
      {"Abs", UnaryKind::kAbs},
      {"Ceil", UnaryKind::kCeil},
      {"Cos", UnaryKind::kCos},
      {"Erf", UnaryKind::kErf},
      {"Exp", UnaryKind::kExp},
      {"Floor", UnaryKind::kFloor},
      {"HardSwish", UnaryKind::kHardSwish},
      {"Log", UnaryKind::kLog},
      {"Neg", UnaryKind::kNegate},
      {"Relu", UnaryKind::kRelu},
      {"Round", UnaryKind::kRound},
      {"Sigmoid", UnaryKind::kSigmoid},
      {"Sin", UnaryKind::kSin},
      {"Softplus", UnaryKind::kSoftplus},
      {"Sqrt", UnaryKind::kSqrt},
      {"Tanh", UnaryKind::kTanh},
  };
  return {kinds.at(op), 0, 0};
}

// Applies a function to input 0, in whatever order it lies.
void SetUnary(NodeImporter& node, const UnaryOp& op) {
  const Value& input = node.Input(0);
  if (input.constant != nullptr) {
    return node.SetOutput(0, MakeConstant(FoldUnary(node, op, *input.constant)));
  }
  node.SetOutput(0, node.AddLike(op, {input.tensor}, input));
}

BinaryKind ReadBinaryKind(const NodeImporter& node) {
  static const std::map<std::string, BinaryKind> kinds = {
      {"Add", BinaryKind::kAdd}, {"Sub", BinaryKind::kSub},     {"Mul", BinaryKind::kMul},
      {"Div", BinaryKind::kDiv}, {"Max", BinaryKind::kMaximum}, {"Min", BinaryKind::kMinimum},
      {"Sum", BinaryKind::kAdd},
  };
  return kinds.at(node.op());
}

Dims Padded(const Dims& dims, std::size_t rank) {
  Dims padded(rank - dims.size(), 1);
  padded.insert(padded.end(), dims.begin(), dims.end());
  return padded;
}

Dims BroadcastDims(const NodeImporter& node, const Dims& a, const Dims& b) {
  Dims dims = a;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (a[d] != b[d] && a[d] != 1 && b[d] != 1) {
      node.Fail("shapes " + DimsString(a) + " and " + DimsString(b) +
                " do not broadcast; check the model with onnx.checker");
    }
    dims[d] = std::max(a[d], b[d]);
  }
  return dims;
}

// A constant operand as a tensor that lies as `other` does.
Value ConstantLike(NodeImporter& node, const Value& value, const Value& other) {
  if (other.flattened.empty() || value.dims.back() == 1) return node.WithOrder(value, other.order);
  const std::vector<std::size_t> features = other.flattened.Features();
  if (value.constant->integer || value.constant->size() % features.size() != 0) {
    node.Fail("a constant operand of shape " + DimsString(value.dims) + " does not fit " +
              DimsString(other.dims) + "; check the model with onnx.checker");
  }
  Constant moved = *value.constant;
  for (std::size_t i = 0; i < moved.floats.size(); ++i) {
    const std::size_t f = i % features.size();
    moved.floats[i] = value.constant->floats[i - f + features[f]];
  }
  return node.WithOrder(MakeConstant(std::move(moved)), other.order);
}

// Makes both operands lie alike, moving the one that is cheaper.
void Align(NodeImporter& node, Value* a, Value* b) {
  if (a->constant != nullptr) {
    *a = ConstantLike(node, *a, *b);
  } else if (b->constant != nullptr) {
    *b = ConstantLike(node, *b, *a);
  } else {
    if (!(a->flattened == b->flattened)) {
      *a = node.Plain(*a);
      *b = node.Plain(*b);
    }
    if (a->order == b->order) return;
    const Order order = a->order == Identity(a->rank()) ? b->order : a->order;
    *a = node.WithOrder(*a, order);
    *b = node.WithOrder(*b, order);
  }
}

Value Combine(NodeImporter& node, BinaryKind kind, Value a, Value b) {
  if (a.constant != nullptr && b.constant != nullptr) {
    return MakeConstant(FoldBinary(node, kind, *a.constant, *b.constant));
  }
  const std::size_t rank = std::max(a.rank(), b.rank());
  a = node.Reshaped(a, Padded(a.dims, rank));
  b = node.Reshaped(b, Padded(b.dims, rank));
  const Dims dims = BroadcastDims(node, a.dims, b.dims);
  const Flattened flattened = a.constant != nullptr ? b.flattened : a.flattened;
  const bool same_flattened =
      a.constant != nullptr || b.constant != nullptr || a.flattened == b.flattened;
  Align(node, &a, &b);
  BinaryOp op;
  op.kind = kind;
  Value result = node.Add(op, {a.tensor, b.tensor}, dims, a.order);
  if (same_flattened) result.flattened = flattened;
  return result;
}

// 1 / c, for a division by a constant.
Constant Reciprocal(const NodeImporter& node, const Constant& constant) {
  Constant result = constant;
  for (float& x : result.floats) {
    if (x == 0 || constant.integer) node.Fail("divides by zero or by integers; check the model");
    x = 1 / x;
  }
  return result;
}

// a * b, or the one function that this is the last step of.
Value Multiply(NodeImporter& node, const Value& a, const Value& b) {
  for (const auto& [x, gate] : {std::pair(a, b), std::pair(b, a)}) {
    if (const auto op = MatchGate(node, x, gate)) return node.AddLike(*op, {x.tensor}, x);
  }
  if (const auto gated = MatchProduct(node, a, b)) {
    return node.AddLike(gated->op, {gated->input.tensor}, gated->input);
  }
  return Combine(node, BinaryKind::kMul, a, b);
}

// The order that is left of `order` without the dimensions `axes`.
Order Without(const Order& order, const std::vector<std::size_t>& axes) {
  Order left;
  for (std::int32_t d : order) {
    const auto dim = static_cast<std::size_t>(d);
    if (std::find(axes.begin(), axes.end(), dim) != axes.end()) continue;
    const auto dropped =
        std::count_if(axes.begin(), axes.end(), [&](std::size_t axis) { return axis < dim; });
    left.push_back(d - static_cast<std::int32_t>(dropped));
  }
  return left;
}

Dims DimsWithout(const Dims& dims, const std::vector<std::size_t>& axes, bool keep) {
  Dims left;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const bool reduced = std::find(axes.begin(), axes.end(), d) != axes.end();
    if (!reduced) left.push_back(dims[d]);
    if (reduced && keep) left.push_back(1);
  }
  return left;
}

// An order with `axis` last and the rest as they lie.
Order WithLast(const Order& order, std::size_t axis) {
  Order result = order;
  const auto moved = static_cast<std::int32_t>(axis);
  result.erase(std::find(result.begin(), result.end(), moved));
  result.push_back(moved);
  return result;
}

}  // namespace

void ImportUnary(NodeImporter& node) { SetUnary(node, ReadUnary(node)); }

void ImportClip(NodeImporter& node) {
  const Value& input = node.Input(0);
  if (input.constant == nullptr && !node.graph().tensor(input.tensor).quantization.empty()) {
    return ImportQuantizedClip(node);
  }
  const auto bound = [&](std::size_t i, const std::string& name, float missing) {
    if (!node.HasInput(i)) return node.Float(name, missing);
    const Constant& constant = node.FloatConstant(i, name);
    if (constant.size() != 1) node.Fail(name + " has more than one element, expected a scalar");
    return constant.floats[0];
  };
  const float low = bound(1, "min", -kInfinity);
  const float high = bound(2, "max", kInfinity);
  if (low == 0 && high == 6) return SetUnary(node, {UnaryKind::kRelu6, 0, 0});
  if (low == 0 && high == kInfinity) return SetUnary(node, {UnaryKind::kRelu, 0, 0});
  if (low == -1 && high == 1) return SetUnary(node, {UnaryKind::kReluN1To1, 0, 0});
  if (low == -kInfinity && high == kInfinity) return node.SetOutput(0, node.Input(0));
  SetUnary(node, {UnaryKind::kClip, low, high});
}

void ImportPRelu(NodeImporter& node) {
  const Constant& slope = node.FloatConstant(1, "slope");
  if (slope.size() == 1) return SetUnary(node, {UnaryKind::kLeakyRelu, slope.floats[0], 0});
  const Value& input = node.Input(0);
  if (input.constant != nullptr) node.Fail("its input is constant; fold constants when exporting");
  // max(x, 0) + slope * min(x, 0)
  const Value above = node.AddLike(UnaryOp{UnaryKind::kRelu, 0, 0}, {input.tensor}, input);
  const Value below = node.AddLike(UnaryOp{UnaryKind::kClip, -kInfinity, 0}, {input.tensor}, input);
  const Value scaled = Combine(node, BinaryKind::kMul, below, node.Input(1));
  node.SetOutput(0, Combine(node, BinaryKind::kAdd, above, scaled));
}

void ImportPow(NodeImporter& node) {
  const Value& exponent = node.Input(1);
  const bool scalar = exponent.constant != nullptr && exponent.constant->size() == 1;
  const float power = !scalar                      ? 0
                      : exponent.constant->integer ? static_cast<float>(exponent.constant->ints[0])
                                                   : exponent.constant->floats[0];
  if (power == 2) return SetUnary(node, {UnaryKind::kSquare, 0, 0});
  if (power == 0.5F) return SetUnary(node, {UnaryKind::kSqrt, 0, 0});
  if (power == -0.5F) return SetUnary(node, {UnaryKind::kRsqrt, 0, 0});
  if (power == 1) return node.SetOutput(0, node.Input(0));
  if (power == 3 && node.Input(0).constant == nullptr) {
    const Value& input = node.Input(0);
    const Value square = node.AddLike(UnaryOp{UnaryKind::kSquare, 0, 0}, {input.tensor}, input);
    return node.SetOutput(0, Combine(node, BinaryKind::kMul, square, input));
  }
  node.Fail(
      "only constant exponents 3, 2, 1, 0.5 and -0.5 are supported; use Mul for other powers");
}

void ImportScaledElu(NodeImporter& node) {
  const bool selu = node.op() == "Selu";
  // Selu: gamma * elu(x; alpha); Celu: alpha * elu(x / alpha; 1).
  const float alpha = node.Float("alpha", selu ? 1.67326319F : 1.0F);
  const float gamma = selu ? node.Float("gamma", 1.05070102F) : alpha;
  const Value& input = node.Input(0);
  if (input.constant != nullptr) node.Fail("its input is constant; fold constants when exporting");
  if (!std::isfinite(alpha) || alpha == 0) {
    node.Fail("alpha " + std::to_string(alpha) + ", expected a finite number, not 0");
  }
  const auto scaled = [&](const Value& value, float by) {
    Constant factor;
    factor.floats = {by};
    return by == 1 ? value : Combine(node, BinaryKind::kMul, value, MakeConstant(factor));
  };
  const Value inner = selu ? input : scaled(input, 1 / alpha);
  const UnaryOp elu{UnaryKind::kElu, selu ? alpha : 1, 0};
  node.SetOutput(0, scaled(node.AddLike(elu, {inner.tensor}, inner), gamma));
}

Value Broadcast(NodeImporter& node, const Value& input, const Dims& dims) {
  Constant ones;
  const Dims own = Padded(input.dims, dims.size());
  for (std::size_t d = 0; d < dims.size(); ++d) {
    ones.dims.push_back(own[d] == dims[d] ? 1 : dims[d]);
  }
  const std::int64_t count = ElementCount(ones.dims);
  if (count < 1) node.Fail("makes a tensor of shape " + DimsString(dims) + ", which is too large");
  ones.floats.assign(static_cast<std::size_t>(count), 1);
  return Combine(node, BinaryKind::kMul, node.Plain(input), MakeConstant(std::move(ones)));
}

void ImportBinary(NodeImporter& node) {
  const BinaryKind kind = ReadBinaryKind(node);
  if (kind == BinaryKind::kAdd && node.InputCount() == 2) {
    for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const Value& bias = node.Input(1 - i);
      if (bias.constant != nullptr && AddBias(node, i, *bias.constant)) return;
    }
  }
  if (node.InputCount() == 2 && kind == BinaryKind::kMul) {
    return node.SetOutput(0, Multiply(node, node.Input(0), node.Input(1)));
  }
  if (kind == BinaryKind::kDiv && node.Input(1).constant != nullptr &&
      node.Input(0).constant == nullptr) {
    const Value reciprocal = MakeConstant(Reciprocal(node, *node.Input(1).constant));
    return node.SetOutput(0, Multiply(node, node.Input(0), reciprocal));
  }
  Value result = node.Input(0);
  for (std::size_t i = 1; i < node.InputCount(); ++i) {
    result = Combine(node, kind, result, node.Input(i));
  }
  node.SetOutput(0, result);
}

void ImportSoftmax(NodeImporter& node) {
  Value input = node.Plain(node.Input(0));
  if (input.rank() == 0) node.Fail("input is a scalar, expected at least one dimension");
  const bool flattens = node.opset() < 13;  // everything from the axis on is one distribution
  const std::size_t axis = node.Axis(node.Int("axis", flattens ? 1 : -1), input.rank());
  const Dims rest(input.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, input.dims.end());
  if (flattens && ElementCount(rest) != 1) {
    const Dims dims = input.dims;
    const std::int64_t depth = ElementCount(rest) * dims[axis];
    input = node.Reshaped(node.WithOrder(input, Identity(input.rank())),
                          {ElementCount(dims) / depth, depth});
    node.SetOutput(0, node.Reshaped(node.AddLike(SoftmaxOp{}, {input.tensor}, input), dims));
    return;
  }
  input = node.WithOrder(input, WithLast(input.order, axis));
  node.SetOutput(0, node.AddLike(SoftmaxOp{}, {input.tensor}, input));
}

void ImportReduce(NodeImporter& node) {
  static const std::map<std::string, ReduceKind> kinds = {{"ReduceMean", ReduceKind::kMean},
                                                          {"ReduceSum", ReduceKind::kSum},
                                                          {"ReduceMax", ReduceKind::kMax},
                                                          {"ReduceMin", ReduceKind::kMin}};
  const Value input = node.Plain(node.Input(0));
  std::vector<std::size_t> axes;
  for (std::int64_t axis : node.IntsOrInput("axes", 1)) {
    axes.push_back(node.Axis(axis, input.rank()));
  }
  if (axes.empty()) {
    if (node.Int("noop_with_empty_axes", 0) != 0) return node.SetOutput(0, input);
    for (std::size_t d = 0; d < input.rank(); ++d) axes.push_back(d);
  }
  ReduceOp op;
  op.kind = kinds.at(node.op());
  op.keep_dims = node.Int("keepdims", 1) != 0;
  const Order positions = Positions(input.order);
  for (std::size_t axis : axes) op.axes.push_back(positions[axis]);
  std::sort(op.axes.begin(), op.axes.end());
  op.axes.erase(std::unique(op.axes.begin(), op.axes.end()), op.axes.end());
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  node.SetOutput(0, node.Add(op, {input.tensor}, DimsWithout(input.dims, axes, op.keep_dims),
                             op.keep_dims ? input.order : Without(input.order, axes)));
}

void ImportArgMax(NodeImporter& node) {
  const Value input = node.Plain(node.Input(0));
  if (node.Int("select_last_index", 0) != 0) {
    node.Fail("select_last_index=1 is not supported; use select_last_index=0");
  }
  const std::size_t axis = node.Axis(node.Int("axis", 0), input.rank());
  ArgMaxOp op;
  op.axis = Positions(input.order)[axis];
  op.smallest = node.op() == "ArgMin";
  const auto indices = [&](Value value) {
    node.graph().tensor(value.tensor).type = DataType::kInt32;
    return value;
  };
  Value result = indices(node.Add(op, {input.tensor}, DimsWithout(input.dims, {axis}, false),
                                  Without(input.order, {axis})));
  if (node.Int("keepdims", 1) != 0) {
    result = indices(node.Reshaped(result, DimsWithout(input.dims, {axis}, true)));
  }
  node.SetOutput(0, result);
}

}  // namespace quaver::compiler::onnx_import
