// Operators that move or repeat elements.
#include <algorithm>
#include <array>
#include <cmath>

#include "compiler/execute/float_ops.h"
#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

// One slice per dimension of a shape.
struct SliceSpec {
  Dims begin, step, counts;
};

SliceSpec ReadSlice(const NodeImporter& node, const Dims& dims) {
  const auto starts = node.IntConstant(1, "starts");
  const auto ends = node.IntConstant(2, "ends");
  std::vector<std::int64_t> axes(starts.size());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<std::int64_t>(i);
  if (node.HasInput(3)) axes = node.IntConstant(3, "axes");
  std::vector<std::int64_t> steps(starts.size(), 1);
  if (node.HasInput(4)) steps = node.IntConstant(4, "steps");
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    node.Fail("starts, ends, axes and steps differ in length; check the model with onnx.checker");
  }
  SliceSpec spec{Dims(dims.size(), 0), Dims(dims.size(), 1), dims};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t d = node.Axis(axes[i], dims.size());
    if (steps[i] == 0) node.Fail("a step is 0; check the model with onnx.checker");
    // Starts and ends may be as far out as INT64_MIN. Backwards, the end may be before element 0.
    const std::int64_t step = std::clamp<std::int64_t>(steps[i], -(1 << 30), 1 << 30);
    const auto bound = [&](std::int64_t at, std::int64_t least, std::int64_t most) {
      return std::clamp(at < 0 ? at + dims[d] : at, least, most);
    };
    const bool forward = step > 0;
    spec.begin[d] = bound(starts[i], 0, forward ? dims[d] : dims[d] - 1);
    const std::int64_t end = forward ? bound(ends[i], 0, dims[d]) : bound(ends[i], -1, dims[d] - 1);
    const std::int64_t length = forward ? end - spec.begin[d] : spec.begin[d] - end;
    spec.step[d] = step;
    spec.counts[d] = std::max<std::int64_t>((length + std::abs(step) - 1) / std::abs(step), 0);
  }
  return spec;
}

Value Sliced(NodeImporter& node, const Value& input, const SliceSpec& spec) {
  StridedSliceOp op;
  for (std::int32_t d : input.order) {
    const auto dim = static_cast<std::size_t>(d);
    op.begin.push_back(static_cast<std::int32_t>(spec.begin[dim]));
    op.stride.push_back(static_cast<std::int32_t>(spec.step[dim]));
  }
  return node.Add(op, {input.tensor}, spec.counts, input.order);
}

std::vector<std::int64_t> SplitSizes(const NodeImporter& node, std::int64_t size) {
  std::vector<std::int64_t> sizes = node.IntsOrInput("split", 1);
  if (sizes.empty()) {
    // Equal parts; since opset 18 the last one may be smaller.
    const auto parts = static_cast<std::int64_t>(node.OutputCount());
    const std::int64_t part = (size + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) {
      sizes.push_back(std::min(part, size - std::min(i * part, size)));
    }
  }
  std::int64_t total = 0;
  bool positive = sizes.size() == node.OutputCount();
  for (std::int64_t part : sizes) {
    positive = positive && part > 0 && part <= size;
    if (positive) total += part;
  }
  if (!positive || total != size) {
    node.Fail("parts " + DimsString(sizes) + " do not make up the " + std::to_string(size) +
              " elements of the axis for " + std::to_string(node.OutputCount()) +
              " outputs; check the model with onnx.checker");
  }
  return sizes;
}

// --- Resize ------------------------------------------------------------------------------------

struct ResizeAxis {
  std::int64_t in, out;
  double scale;
};

// The input coordinate of output index i (ONNX operator Resize, coordinate_transformation_mode).
double SourceCoordinate(const std::string& mode, const ResizeAxis& axis, std::int64_t i) {
  const auto x = static_cast<double>(i);
  if (mode == "asymmetric") return x / axis.scale;
  if (mode == "align_corners") {
    return axis.out > 1 ? x * static_cast<double>(axis.in - 1) / static_cast<double>(axis.out - 1)
                        : 0;
  }
  if (mode == "pytorch_half_pixel" && axis.out == 1) return 0;
  return (x + 0.5) / axis.scale - 0.5;
}

std::int64_t RoundCoordinate(const std::string& mode, double x) {
  if (mode == "floor") return static_cast<std::int64_t>(std::floor(x));
  if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(x));
  if (mode == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(x + 0.5));
  return static_cast<std::int64_t>(std::ceil(x - 0.5));  // round_prefer_floor
}

// Whether `op` reads the same elements as ONNX does.
bool SameIndices(const ResizeOp& op, const std::string& coordinates, const std::string& rounding,
                 const ResizeAxis& axis) {
  for (std::int64_t i = 0; i < axis.out; ++i) {
    const std::int64_t index = RoundCoordinate(rounding, SourceCoordinate(coordinates, axis, i));
    if (std::clamp<std::int64_t>(index, 0, axis.in - 1) != NearestIndex(op, i, axis.in, axis.out)) {
      return false;
    }
  }
  return true;
}

// The graph's three ways of placing pixels.
std::array<ResizeOp, 3> Placements(ResizeKind kind) {
  return {ResizeOp{kind, false, false}, ResizeOp{kind, false, true}, ResizeOp{kind, true, false}};
}

ResizeOp NearestResize(const NodeImporter& node, const std::string& coordinates,
                       const ResizeAxis& h, const ResizeAxis& w) {
  const std::string rounding = node.String("nearest_mode", "round_prefer_floor");
  for (const ResizeOp& op : Placements(ResizeKind::kNearest)) {
    if (SameIndices(op, coordinates, rounding, h) && SameIndices(op, coordinates, rounding, w)) {
      return op;
    }
  }
  node.Fail("nearest with coordinate_transformation_mode '" + coordinates + "' and nearest_mode '" +
            rounding + "' is not supported for these sizes; use 'asymmetric' with 'floor'");
}

ResizeOp LinearResize(const NodeImporter& node, const std::string& coordinates, const ResizeAxis& h,
                      const ResizeAxis& w) {
  for (const ResizeAxis& axis : {h, w}) {
    if (std::abs(static_cast<double>(axis.out) / static_cast<double>(axis.in) - axis.scale) >
        1e-6 * axis.scale) {  // a float's rounding of the ratio
      node.Fail("scale " + std::to_string(axis.scale) + " does not make " +
                std::to_string(axis.in) + " into whole " + std::to_string(axis.out) +
                " pixels; export with sizes instead of scales");
    }
  }
  ResizeOp op;
  op.kind = ResizeKind::kBilinear;
  if (coordinates == "align_corners") {
    op.align_corners = true;
  } else if (coordinates == "half_pixel" ||
             (coordinates == "pytorch_half_pixel" && h.out > 1 && w.out > 1)) {
    op.half_pixel_centers = true;
  } else if (coordinates != "asymmetric") {
    node.Fail("linear with coordinate_transformation_mode '" + coordinates +
              "' is not supported; use half_pixel, align_corners or asymmetric");
  }
  return op;
}

// One value for each dimension of an image, from one for each of `axes` (all, if there are none).
template <typename T>
std::vector<T> OfAxes(const NodeImporter& node, const std::vector<T>& values,
                      std::vector<T> missing) {
  const std::vector<std::int64_t> axes = node.Ints("axes");
  if (axes.empty()) return values;
  if (axes.size() != values.size()) {
    node.Fail("has " + std::to_string(axes.size()) + " axes and " + std::to_string(values.size()) +
              " sizes or scales, expected as many; check the model with onnx.checker");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) missing[node.Axis(axes[i], 4)] = values[i];
  return missing;
}

// Output sizes and scales of height and width, from `sizes` or `scales`.
std::array<ResizeAxis, 2> ReadResize(const NodeImporter& node, const Dims& dims) {
  std::vector<double> scales;
  std::vector<std::int64_t> sizes;
  if (node.HasInput(3)) {
    sizes = OfAxes(node, node.IntConstant(3, "sizes"), dims);
    for (std::size_t d = 0; d < sizes.size() && d < 4; ++d) {
      scales.push_back(static_cast<double>(sizes[d]) / static_cast<double>(dims[d]));
    }
  } else {
    const std::vector<float> given =
        OfAxes(node, node.FloatConstant(2, "scales").floats, std::vector<float>(4, 1));
    for (std::size_t d = 0; d < given.size() && d < 4; ++d) {
      scales.push_back(static_cast<double>(given[d]));
      const double size = std::floor(static_cast<double>(dims[d]) * scales[d]);
      sizes.push_back(size >= 1 && size < 1e6 ? static_cast<std::int64_t>(size) : 0);
    }
  }
  if (sizes.size() != 4 || scales.size() != 4 || sizes[0] != dims[0] || sizes[1] != dims[1] ||
      sizes[2] < 1 || sizes[3] < 1) {
    node.Fail("resizes " + DimsString(dims) + " to " + DimsString(sizes) +
              ", expected 4 dimensions of which height and width change");
  }
  return {ResizeAxis{dims[2], sizes[2], scales[2]}, ResizeAxis{dims[3], sizes[3], scales[3]}};
}

Value FourDimensions(NodeImporter& node) {
  if (node.Input(0).rank() != 4) {
    node.Fail("input has shape " + DimsString(node.Input(0).dims) +
              ", expected an image [N, C, H, W]; unsqueeze a sequence first");
  }
  return node.Image(0);
}

}  // namespace

void ImportConcat(NodeImporter& node) {
  std::vector<const Constant*> constants;
  const Value* computed = nullptr;
  for (std::size_t i = 0; i < node.InputCount(); ++i) {
    const Value& input = node.Input(i);
    if (input.constant != nullptr) {
      constants.push_back(input.constant.get());
    } else if (computed == nullptr || input.order != Identity(input.rank())) {
      computed = &input;
    }
  }
  const std::size_t rank = node.Input(0).rank();
  const std::size_t axis = node.Axis(node.Int("axis", 0), rank);
  Dims dims = node.Input(0).dims;
  for (std::size_t i = 1; i < node.InputCount(); ++i) {
    Dims part = node.Input(i).dims;
    const std::int64_t size = part.size() == rank ? part[axis] : 0;
    if (part.size() == rank) part[axis] = dims[axis];
    if (part != dims) {
      node.Fail("inputs " + DimsString(node.Input(0).dims) + " and " +
                DimsString(node.Input(i).dims) + " differ in more than axis " +
                std::to_string(axis) + "; check the model with onnx.checker");
    }
    dims[axis] += size;
  }
  if (computed == nullptr) return node.SetOutput(0, MakeConstant(FoldConcat(constants, axis)));
  const Order order = computed->order;
  ConcatOp op;
  op.axis = Positions(order)[axis];
  std::vector<TensorId> inputs;
  for (std::size_t i = 0; i < node.InputCount(); ++i) {
    inputs.push_back(node.WithOrder(node.Input(i), order).tensor);
  }
  node.SetOutput(0, node.Add(op, inputs, dims, order));
}

void ImportPad(NodeImporter& node) {
  const Value input = node.Plain(node.Input(0));
  const std::vector<std::int64_t> pads = node.IntsOrInput("pads", 1);
  std::vector<std::size_t> axes;
  if (node.HasInput(3)) {
    for (std::int64_t axis : node.IntConstant(3, "axes")) {
      axes.push_back(node.Axis(axis, input.rank()));
    }
  } else {
    for (std::size_t d = 0; d < input.rank(); ++d) axes.push_back(d);
  }
  if (pads.size() != 2 * axes.size()) {
    node.Fail("has " + std::to_string(pads.size()) + " paddings for " +
              std::to_string(axes.size()) + " dimensions; check the model with onnx.checker");
  }
  PadOp op;
  const std::string mode = node.String("mode", "constant");
  if (mode != "constant" && mode != "reflect") {
    node.Fail("mode '" + mode + "' is not supported; use 'constant' or 'reflect'");
  }
  op.mode = mode == "reflect" ? PadMode::kReflect : PadMode::kConstant;
  if (node.HasInput(2)) {
    const Constant& value = node.FloatConstant(2, "value");
    if (value.size() > 0) op.value = static_cast<double>(value.floats[0]);
  }
  op.before.assign(input.rank(), 0);
  op.after.assign(input.rank(), 0);
  Dims dims = input.dims;
  const Order positions = Positions(input.order);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t before = pads[i];
    const std::int64_t after = pads[axes.size() + i];
    if (before < 0 || after < 0 || before > 1 << 30 || after > 1 << 30) {
      node.Fail("padding by " + std::to_string(before) + " and " + std::to_string(after) +
                " is not supported, expected at least 0; use Slice to crop");
    }
    const auto position = static_cast<std::size_t>(positions[axes[i]]);
    op.before[position] = static_cast<std::int32_t>(before);
    op.after[position] = static_cast<std::int32_t>(after);
    dims[axes[i]] += before + after;
  }
  if (dims == input.dims) return node.SetOutput(0, input);
  node.SetOutput(0, node.Add(op, {input.tensor}, dims, input.order));
}

void ImportSlice(NodeImporter& node) {
  const Value& input = node.Input(0);
  const SliceSpec spec = ReadSlice(node, input.dims);
  if (input.constant != nullptr) {
    return node.SetOutput(
        0, MakeConstant(FoldSlice(*input.constant, spec.begin, spec.step, spec.counts)));
  }
  node.SetOutput(0, Sliced(node, node.Plain(input), spec));
}

void ImportSplit(NodeImporter& node) {
  const Value input = node.Plain(node.Input(0));
  const std::size_t axis = node.Axis(node.Int("axis", 0), input.rank());
  SplitOp op;
  op.axis = Positions(input.order)[axis];
  std::vector<Value> parts;
  std::vector<TensorId> outputs;
  for (std::int64_t size : SplitSizes(node, input.dims[axis])) {
    Value part;
    part.dims = input.dims;
    part.dims[axis] = size;
    part.order = input.order;
    part.tensor = node.AddTensor(part.dims, part.order);
    outputs.push_back(part.tensor);
    parts.push_back(std::move(part));
  }
  node.AddNode(op, {input.tensor}, outputs);
  for (std::size_t i = 0; i < parts.size(); ++i) node.SetOutput(i, parts[i]);
}

void ImportResize(NodeImporter& node) {
  const Value image = FourDimensions(node);
  if (node.Int("antialias", 0) != 0 ||
      node.String("keep_aspect_ratio_policy", "stretch") != "stretch") {
    node.Fail("antialias and keep_aspect_ratio_policy are not supported; leave them out");
  }
  const auto [h, w] = ReadResize(node, image.dims);
  const std::string mode = node.String("mode", "nearest");
  const std::string coordinates = node.String("coordinate_transformation_mode", "half_pixel");
  if (mode != "nearest" && mode != "linear") {
    node.Fail("mode '" + mode + "' is not supported; use 'nearest' or 'linear'");
  }
  const ResizeOp op = mode == "nearest" ? NearestResize(node, coordinates, h, w)
                                        : LinearResize(node, coordinates, h, w);
  node.SetOutput(
      0, node.Add(op, {image.tensor}, {image.dims[0], image.dims[1], h.out, w.out}, image.order));
}

void ImportDepthToSpace(NodeImporter& node) {
  const Value image = FourDimensions(node);
  const std::int64_t block = node.Int("blocksize", 0);
  if (block < 1 || block > 1024 || image.dims[1] % (block * block) != 0) {
    node.Fail("blocksize " + std::to_string(block) + " does not fit " +
              std::to_string(image.dims[1]) + " channels; check the model with onnx.checker");
  }
  const std::int64_t channels = image.dims[1] / (block * block);
  const Dims dims = {image.dims[0], channels, image.dims[2] * block, image.dims[3] * block};
  if (node.String("mode", "DCR") != "DCR" && channels != 1) {
    // PixelShuffle: the channels are [C, block, block] instead of [block, block, C].
    const Dims split = {image.dims[0] * image.dims[2], image.dims[3], channels, block, block};
    const Value parts = node.Add(ReshapeOp{}, {image.tensor}, split, Identity(5));
    const Dims moved = {split[0], block, split[1], block, channels};
    const Value rows = node.Add(TransposeOp{{0, 3, 1, 4, 2}}, {parts.tensor}, moved, Identity(5));
    return node.SetOutput(0, node.Add(ReshapeOp{}, {rows.tensor}, dims, image.order));
  }
  DepthToSpaceOp op;
  op.block = static_cast<std::int32_t>(block);
  node.SetOutput(0, node.Add(op, {image.tensor}, dims, image.order));
}

void ImportSpaceToDepth(NodeImporter& node) {
  const Value image = FourDimensions(node);
  const std::int64_t block = node.Int("blocksize", 0);
  if (block < 1 || block > 1024 || image.dims[2] % block != 0 || image.dims[3] % block != 0) {
    node.Fail("blocksize " + std::to_string(block) + " does not fit " + DimsString(image.dims) +
              "; check the model with onnx.checker");
  }
  SpaceToDepthOp op;
  op.block = static_cast<std::int32_t>(block);
  node.SetOutput(0, node.Add(op, {image.tensor},
                             {image.dims[0], image.dims[1] * block * block, image.dims[2] / block,
                              image.dims[3] / block},
                             image.order));
}

}  // namespace quaver::compiler::onnx_import
