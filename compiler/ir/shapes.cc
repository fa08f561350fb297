#include "compiler/ir/shapes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/ir/error.h"

namespace quaver::compiler {

std::string ShapeString(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::string TensorString(const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  const std::int32_t index = tensor.source_index >= 0 ? tensor.source_index : id;
  return "tensor " + std::to_string(index) + " '" + tensor.name + "' " + DataTypeName(tensor.type) +
         " " + ShapeString(tensor.shape);
}

std::string NodeString(const Node& node) { return KindName(node) + " '" + node.name + "'"; }

std::int64_t CheckedElements(const Shape& shape) {
  if (shape.size() > static_cast<std::size_t>(kMaxRank)) return -1;
  std::int64_t count = 1;
  for (std::int32_t dim : shape) {
    if (dim < 1) return -1;
    count *= dim;
    if (count > std::numeric_limits<std::int32_t>::max()) return -1;
  }
  return count;
}

std::vector<std::int64_t> Strides(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::int64_t WindowOutput(std::int32_t size, std::int32_t filter, std::int32_t stride,
                          std::int32_t dilation, std::int32_t before, std::int32_t after) {
  const std::int64_t extent = (static_cast<std::int64_t>(filter) - 1) * dilation + 1;
  const std::int64_t padded = static_cast<std::int64_t>(size) + before + after;
  if (padded < extent) return 0;
  return (padded - extent) / stride + 1;
}

Shape BroadcastShape(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int32_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int32_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) {
      throw Error("shapes " + ShapeString(a) + " and " + ShapeString(b) + " do not broadcast");
    }
    result[result.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  return result;
}

bool SameQuantization(const Tensor& a, const Tensor& b) {
  const Quantization& qa = a.quantization;
  const Quantization& qb = b.quantization;
  if (a.type != b.type || qa.zero_point != qb.zero_point || qa.scale.size() != qb.scale.size()) {
    return false;
  }
  return std::equal(qa.scale.begin(), qa.scale.end(), qb.scale.begin(), [](float sa, float sb) {
    return std::abs(sa - sb) <= 1e-5F * std::max(sa, sb);
  });
}

namespace {

class ShapeVisitor {
 public:
  ShapeVisitor(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  std::vector<Shape> operator()(const Conv2DOp& op) const {
    InputCount(2, 3);
    const Shape& weights = Ranked(1, 4);
    const Shape& input = Ranked(0, 4);
    if (op.groups < 1 || weights[0] % op.groups != 0 ||
        static_cast<std::int64_t>(weights[3]) * op.groups != input[3]) {
      Fail("weights [O,KH,KW,I] " + ShapeString(weights) + " in " + std::to_string(op.groups) +
           " groups do not fit the " + std::to_string(input[3]) +
           " channels of the input: expected I * groups = channels, O a multiple of groups");
    }
    Bias(weights[0]);
    return {Windowed(op.window, weights[1], weights[2], weights[0])};
  }

  std::vector<Shape> operator()(const DepthwiseConv2DOp& op) const {
    InputCount(2, 3);
    const Shape& weights = Ranked(1, 4);
    const Shape& input = Ranked(0, 4);
    if (weights[0] != 1 || weights[3] % input[3] != 0) {
      Fail("weights " + ShapeString(weights) + " do not fit the " + std::to_string(input[3]) +
           " channels of the input: expected [1, KH, KW, channels * multiplier]");
    }
    Bias(weights[3]);
    return {Windowed(op.window, weights[1], weights[2], weights[3])};
  }

  std::vector<Shape> operator()(const FullyConnectedOp&) const {
    InputCount(2, 3);
    const Shape& weights = Ranked(1, 2);
    Shape shape = Input(0).shape;
    if (shape.empty() || shape.back() != weights[1]) {
      Fail("weights [N,K] " + ShapeString(weights) + " do not fit the last dimension of " +
           Named(0));
    }
    Bias(weights[0]);
    shape.back() = weights[0];
    // [1,1,K] => [1,N] is allowed: the leading dimensions may be merged.
    if (!node_.outputs.empty()) {
      const Shape& given = Output(0).shape;
      if (!given.empty() && given.back() == shape.back() &&
          CheckedElements(given) == CheckedElements(shape)) {
        return {given};
      }
    }
    return {shape};
  }

  std::vector<Shape> operator()(const Pool2DOp& op) const {
    InputCount(1, 1);
    const Shape& input = Ranked(0, 4);
    const Padding2D& pad = op.window.padding;
    if (op.window.dilation_h != 1 || op.window.dilation_w != 1) Fail("pooling has no dilation");
    if (pad.top >= op.filter_h || pad.bottom >= op.filter_h || pad.left >= op.filter_w ||
        pad.right >= op.filter_w) {
      Fail("padding as large as the filter: a window would see nothing but padding");
    }
    return {Windowed(op.window, op.filter_h, op.filter_w, input[3])};
  }

  std::vector<Shape> operator()(const BinaryOp&) const {
    InputCount(2, 2);
    try {
      return {BroadcastShape(Input(0).shape, Input(1).shape)};
    } catch (const Error& error) {
      Fail(error.what());
    }
  }

  std::vector<Shape> operator()(const UnaryOp&) const { return Unchanged(); }
  std::vector<Shape> operator()(const QuantizeOp&) const { return Unchanged(); }
  std::vector<Shape> operator()(const DequantizeOp&) const { return Unchanged(); }
  std::vector<Shape> operator()(const SoftmaxOp&) const {
    InputCount(1, 1);
    if (Input(0).shape.empty()) Fail("input is a scalar: expected at least one dimension");
    return Unchanged();
  }

  std::vector<Shape> operator()(const ReduceOp& op) const {
    InputCount(1, 1);
    const Shape& input = Input(0).shape;
    Shape shape;
    std::size_t next = 0;
    for (std::size_t d = 0; d < input.size(); ++d) {
      const bool reduced = next < op.axes.size() && op.axes[next] == static_cast<std::int32_t>(d);
      if (reduced) ++next;
      if (!reduced) {
        shape.push_back(input[d]);
      } else if (op.keep_dims) {
        shape.push_back(1);
      }
    }
    if (next != op.axes.size()) {
      Fail("axes " + ShapeString(op.axes) + " are not ascending dimensions of " + Named(0));
    }
    return {shape};
  }

  std::vector<Shape> operator()(const ReshapeOp&) const {
    InputCount(1, 1);
    OutputCount(1);
    if (Input(0).elements() != Output(0).elements()) {
      Fail(Named(0) + " has " + std::to_string(Input(0).elements()) + " elements, " +
           TensorString(graph_, node_.outputs[0]) + " has " + std::to_string(Output(0).elements()));
    }
    return {Output(0).shape};
  }

  std::vector<Shape> operator()(const TransposeOp& op) const {
    InputCount(1, 1);
    const Shape& input = Input(0).shape;
    Shape sorted = op.permutation;
    std::sort(sorted.begin(), sorted.end());
    bool whole = sorted.size() == input.size();
    for (std::size_t d = 0; whole && d < sorted.size(); ++d) {
      whole = sorted[d] == static_cast<std::int32_t>(d);
    }
    if (!whole) {
      Fail("permutation " + ShapeString(op.permutation) + " does not name each dimension of " +
           Named(0) + " once");
    }
    Shape shape;
    for (std::int32_t d : op.permutation) shape.push_back(input[static_cast<std::size_t>(d)]);
    return {shape};
  }

  std::vector<Shape> operator()(const PadOp& op) const {
    InputCount(1, 1);
    const Shape& input = Input(0).shape;
    if (op.before.size() != input.size() || op.after.size() != input.size()) {
      Fail("padding of " + std::to_string(op.before.size()) + " and " +
           std::to_string(op.after.size()) + " dimensions for " + Named(0));
    }
    Shape shape;
    for (std::size_t d = 0; d < input.size(); ++d) {
      const std::int32_t before = op.before[d];
      const std::int32_t after = op.after[d];
      // A reflection does not repeat the border element, a symmetric copy does.
      const std::int32_t most = op.mode == PadMode::kConstant  ? kHuge
                                : op.mode == PadMode::kReflect ? input[d] - 1
                                                               : input[d];
      if (before < 0 || after < 0 || before > most || after > most) {
        Fail("padding by " + std::to_string(before) + " and " + std::to_string(after) +
             " of dimension " + std::to_string(d) + " of " + Named(0));
      }
      shape.push_back(Dimension(static_cast<std::int64_t>(input[d]) + before + after));
    }
    return {shape};
  }

  std::vector<Shape> operator()(const ConcatOp& op) const {
    if (node_.inputs.empty()) Fail("no inputs");
    Shape shape = Input(0).shape;
    const std::size_t axis = Axis(op.axis, shape);
    std::int64_t total = shape[axis];
    for (std::size_t i = 1; i < node_.inputs.size(); ++i) {
      const Shape& other = Input(i).shape;
      if (!EqualBut(shape, other, axis)) {
        Fail(Named(0) + " and " + Named(i) + " differ in more than dimension " +
             std::to_string(axis));
      }
      total += other[axis];
    }
    shape[axis] = Dimension(total);
    return {shape};
  }

  std::vector<Shape> operator()(const SplitOp& op) const {
    InputCount(1, 1);
    if (node_.outputs.empty()) Fail("no outputs");
    const Shape& input = Input(0).shape;
    const std::size_t axis = Axis(op.axis, input);
    std::int64_t total = 0;
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < node_.outputs.size(); ++i) {
      const Shape& part = Output(i).shape;
      if (!EqualBut(input, part, axis)) {
        Fail(Named(0) + " and " + TensorString(graph_, node_.outputs[i]) +
             " differ in more than dimension " + std::to_string(axis));
      }
      total += part[axis];
      shapes.push_back(part);
    }
    if (total != input[axis]) {
      Fail("parts of " + std::to_string(total) + " in total along dimension " +
           std::to_string(axis) + " of " + Named(0));
    }
    return shapes;
  }

  std::vector<Shape> operator()(const StridedSliceOp& op) const {
    InputCount(1, 1);
    OutputCount(1);
    const Shape& input = Input(0).shape;
    const Shape& output = Output(0).shape;
    if (op.begin.size() != input.size() || op.stride.size() != input.size() ||
        output.size() != input.size()) {
      Fail("begin, stride and output must have the dimensions of " + Named(0));
    }
    for (std::size_t d = 0; d < input.size(); ++d) {
      const std::int64_t last =
          op.begin[d] + static_cast<std::int64_t>(output[d] - 1) * op.stride[d];
      if (op.stride[d] == 0 || op.begin[d] < 0 || op.begin[d] >= input[d] || last < 0 ||
          last >= input[d]) {
        Fail("slice of " + std::to_string(output[d]) + " from " + std::to_string(op.begin[d]) +
             " by " + std::to_string(op.stride[d]) + " leaves dimension " + std::to_string(d) +
             " of " + Named(0));
      }
    }
    return {output};
  }

  std::vector<Shape> operator()(const SpaceToDepthOp& op) const {
    InputCount(1, 1);
    const Shape& input = Ranked(0, 4);
    if (op.block < 1 || input[1] % op.block != 0 || input[2] % op.block != 0) {
      Fail("height and width of " + Named(0) + " are not multiples of block " +
           std::to_string(op.block));
    }
    const std::int64_t block = op.block;
    return {
        {input[0], input[1] / op.block, input[2] / op.block, Dimension(input[3] * block * block)}};
  }

  std::vector<Shape> operator()(const DepthToSpaceOp& op) const {
    InputCount(1, 1);
    const Shape& input = Ranked(0, 4);
    const std::int64_t block = op.block;
    if (block < 1 || input[3] % (block * block) != 0) {
      Fail("channels of " + Named(0) + " are not a multiple of the square of block " +
           std::to_string(block));
    }
    return {{input[0], Dimension(input[1] * block), Dimension(input[2] * block),
             static_cast<std::int32_t>(input[3] / (block * block))}};
  }

  std::vector<Shape> operator()(const ResizeOp& op) const {
    InputCount(1, 1);
    OutputCount(1);
    const Shape& input = Ranked(0, 4);
    const Shape& output = Output(0).shape;
    if (output.size() != 4 || output[0] != input[0] || output[3] != input[3]) {
      Fail(Named(0) + " and " + TensorString(graph_, node_.outputs[0]) +
           " may differ in height and width only");
    }
    if (op.align_corners && op.half_pixel_centers) {
      Fail("align_corners and half_pixel_centers exclude each other");
    }
    return {output};
  }

  std::vector<Shape> operator()(const ArgMaxOp& op) const {
    InputCount(1, 1);
    Shape shape = Input(0).shape;
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(Axis(op.axis, shape)));
    return {shape};
  }

  std::vector<Shape> operator()(const BatchNormOp&) const {
    InputCount(5, 5);
    const Shape& input = Input(0).shape;
    if (input.empty()) Fail("input is a scalar: expected channels in the last dimension");
    for (std::size_t i = 1; i < 5; ++i) {
      if (Input(i).shape != Shape{input.back()}) {
        Fail(Named(i) + ": expected [" + std::to_string(input.back()) + "], one per channel");
      }
    }
    return {input};
  }

 private:
  static constexpr std::int32_t kHuge = std::numeric_limits<std::int32_t>::max();

  [[noreturn]] void Fail(const std::string& what) const {
    throw Error(NodeString(node_) + ": " + what);
  }
  const Tensor& Input(std::size_t i) const { return graph_.tensor(node_.inputs[i]); }
  const Tensor& Output(std::size_t i) const { return graph_.tensor(node_.outputs[i]); }
  std::string Named(std::size_t i) const { return TensorString(graph_, node_.inputs[i]); }

  /// Only a bias, the third input of a layer with weights, may be absent.
  void InputCount(std::size_t least, std::size_t most) const {
    if (node_.inputs.size() < least || node_.inputs.size() > most) {
      Fail("has " + std::to_string(node_.inputs.size()) + " inputs: expected " +
           std::to_string(least) + (most > least ? " or " + std::to_string(most) : ""));
    }
  }
  void OutputCount(std::size_t count) const {
    if (node_.outputs.size() != count) {
      Fail("has " + std::to_string(node_.outputs.size()) + " outputs: expected " +
           std::to_string(count));
    }
  }

  const Shape& Ranked(std::size_t i, std::size_t rank) const {
    const Shape& shape = Input(i).shape;
    if (shape.size() != rank) {
      Fail(Named(i) + " has " + std::to_string(shape.size()) + " dimensions: expected " +
           std::to_string(rank));
    }
    return shape;
  }

  void Bias(std::int32_t channels) const {
    if (node_.inputs.size() < 3 || node_.inputs[2] == kNoTensor) return;
    if (Input(2).elements() != channels) {
      Fail("bias " + Named(2) + ": expected " + std::to_string(channels) +
           " elements, one per output channel");
    }
  }

  std::size_t Axis(std::int32_t axis, const Shape& shape) const {
    if (axis < 0 || static_cast<std::size_t>(axis) >= shape.size()) {
      Fail("axis " + std::to_string(axis) + " is not a dimension of " + Named(0));
    }
    return static_cast<std::size_t>(axis);
  }

  static bool EqualBut(const Shape& a, const Shape& b, std::size_t axis) {
    if (a.size() != b.size()) return false;
    for (std::size_t d = 0; d < a.size(); ++d) {
      if (d != axis && a[d] != b[d]) return false;
    }
    return true;
  }

  std::int32_t Dimension(std::int64_t size) const {
    if (size < 1 || size > kHuge) {
      Fail("an output dimension would be " + std::to_string(size));
    }
    return static_cast<std::int32_t>(size);
  }

  std::vector<Shape> Unchanged() const {
    InputCount(1, 1);
    return {Input(0).shape};
  }

  Shape Windowed(const Window2D& window, std::int32_t filter_h, std::int32_t filter_w,
                 std::int32_t channels) const {
    const Shape& input = Input(0).shape;
    const Padding2D& pad = window.padding;
    if (window.stride_h < 1 || window.stride_w < 1 || window.dilation_h < 1 ||
        window.dilation_w < 1 || filter_h < 1 || filter_w < 1) {
      Fail("filter, strides and dilations must be at least 1");
    }
    if (pad.top < 0 || pad.left < 0 || pad.bottom < 0 || pad.right < 0) {
      Fail("padding must not be negative");
    }
    const std::int64_t height =
        WindowOutput(input[1], filter_h, window.stride_h, window.dilation_h, pad.top, pad.bottom);
    const std::int64_t width =
        WindowOutput(input[2], filter_w, window.stride_w, window.dilation_w, pad.left, pad.right);
    if (height < 1 || width < 1) {
      Fail("a filter of " + std::to_string(filter_h) + " x " + std::to_string(filter_w) +
           " is larger than the padded input " + Named(0));
    }
    return {input[0], Dimension(height), Dimension(width), channels};
  }

  const Graph& graph_;
  const Node& node_;
};

}  // namespace

std::vector<Shape> OutputShapes(const Graph& graph, const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoTensor && i != 2) {
      throw Error(NodeString(node) + ": input " + std::to_string(i) + " is absent");
    }
  }
  return std::visit(ShapeVisitor(graph, node), node.attributes);
}

}  // namespace quaver::compiler
