#include "compiler/lower/movement.h"

#include <algorithm>
#include <limits>
#include <string>

#include "compiler/ir/shapes.h"
#include "compiler/lower/lut.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

std::int32_t ToInt32(const Node& node, std::int64_t value) {
  if (value > std::numeric_limits<std::int32_t>::max() ||
      value < std::numeric_limits<std::int32_t>::min()) {
    Refuse(node, "a distance of " + std::to_string(value) +
                     " bytes does not fit 32 bits; make the tensor smaller");
  }
  return static_cast<std::int32_t>(value);
}

std::unique_ptr<fb::CopyPieceT> ToPiece(const Node& node, const Copy& copy,
                                        std::int64_t element_bytes) {
  auto piece = std::make_unique<fb::CopyPieceT>();
  std::vector<CopyDim> dims = MergeDims(copy.dims);
  std::int64_t run = element_bytes;
  if (!dims.empty() && dims.back().source_stride == 1 && dims.back().target_stride == 1) {
    run *= dims.back().count;
    dims.pop_back();
  }
  piece->input = copy.input;
  piece->run_bytes = ToInt32(node, run);
  piece->source_offset = ToInt32(node, copy.source_offset * element_bytes);
  piece->target_offset = ToInt32(node, copy.target_offset * element_bytes);
  for (const CopyDim& dim : dims) {
    piece->dims.push_back(ToInt32(node, dim.count));
    piece->source_strides.push_back(ToInt32(node, dim.source_stride * element_bytes));
    piece->target_strides.push_back(ToInt32(node, dim.target_stride * element_bytes));
  }
  return piece;
}

const Tensor& Input(const Node& node, const Program& program) {
  return program.tensor(node.inputs[0]);
}
const Tensor& Output(const Node& node, const Program& program) {
  return program.tensor(node.outputs[0]);
}

/// One input, one output of the same quantization.
void AppendMove(const Node& node, const std::vector<Copy>& copies, std::optional<std::uint8_t> fill,
                Program* program) {
  RequireSameQuantization(node, Input(node, *program), Output(node, *program));
  const std::int32_t input = program->Place(node.inputs[0]);
  AppendCopy(node, copies, fill, {input}, program->Place(node.outputs[0]), program);
}

/// The part of `shape` along `axis` that starts at `begin` and is as large as `part`.
std::vector<CopyDim> PartDims(const std::vector<std::int32_t>& part,
                              const std::vector<std::int64_t>& source_strides,
                              const std::vector<std::int64_t>& target_strides) {
  std::vector<CopyDim> dims;
  for (std::size_t i = 0; i < part.size(); ++i) {
    dims.push_back({part[i], source_strides[i], target_strides[i]});
  }
  return dims;
}

/// A run of one padded dimension: from input index `source`, stepping by `step`.
struct PadSegment {
  std::int64_t source;
  std::int64_t step;
  std::int64_t target;
  std::int64_t count;
};

/// Reflect mirrors without the edge (step back from 1), symmetric with it (from 0).
std::vector<PadSegment> MirrorSegments(std::int64_t size, std::int64_t before, std::int64_t after,
                                       PadMode mode) {
  const std::int64_t skip = mode == PadMode::kReflect ? 1 : 0;
  std::vector<PadSegment> segments;
  if (before > 0) segments.push_back({before - 1 + skip, -1, 0, before});
  segments.push_back({0, 1, before, size});
  if (after > 0) segments.push_back({size - 1 - skip, -1, before + size, after});
  return segments;
}

/// Every combination of the dimensions' segments is one copy.
std::vector<Copy> MirrorCopies(const std::vector<std::vector<PadSegment>>& segments,
                               const std::vector<std::int64_t>& source_strides,
                               const std::vector<std::int64_t>& target_strides) {
  std::vector<Copy> copies(1);
  for (std::size_t d = 0; d < segments.size(); ++d) {
    std::vector<Copy> extended;
    for (const Copy& copy : copies) {
      for (const PadSegment& segment : segments[d]) {
        Copy next = copy;
        next.source_offset += segment.source * source_strides[d];
        next.target_offset += segment.target * target_strides[d];
        next.dims.push_back({segment.count, segment.step * source_strides[d], target_strides[d]});
        extended.push_back(std::move(next));
      }
    }
    copies = std::move(extended);
  }
  return copies;
}

void LowerMirrorPad(const PadOp& op, const Node& node, Program* program) {
  const std::vector<std::int32_t>& shape = Input(node, *program).shape;
  std::vector<std::vector<PadSegment>> segments;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t most = op.mode == PadMode::kReflect ? shape[i] - 1 : shape[i];
    if (op.before[i] > most || op.after[i] > most) {
      Refuse(node, "mirrored padding of dimension " + std::to_string(i) + " is " +
                       std::to_string(std::max(op.before[i], op.after[i])) + ", expected at most " +
                       std::to_string(most) + " for its size " + std::to_string(shape[i]));
    }
    segments.push_back(MirrorSegments(shape[i], op.before[i], op.after[i], op.mode));
  }
  AppendMove(node, MirrorCopies(segments, Strides(shape), Strides(Output(node, *program).shape)),
             std::nullopt, program);
}

/// Space to depth reads, and depth to space writes, `large` [N, H*b, W*b, C]; the other side is
/// [N, H, W, b*b*C].
Copy BlockCopy(const std::vector<std::int32_t>& large, std::int64_t block, bool to_depth) {
  const std::vector<std::int64_t> wide = Strides(large);
  const std::int64_t channels = large[3];
  const std::int64_t height = large[1] / block;
  const std::int64_t width = large[2] / block;
  const std::int64_t deep = block * block * channels;
  Copy copy;
  copy.dims = {{large[0], wide[0], height * width * deep},
               {height, block * wide[1], width * deep},
               {width, block * wide[2], deep},
               {block, wide[1], block * channels},
               {block, wide[2], channels},
               {channels, 1, 1}};
  if (!to_depth) {
    for (CopyDim& dim : copy.dims) std::swap(dim.source_stride, dim.target_stride);
  }
  return copy;
}

void RequireBlock(const Node& node, const Tensor& large, std::int32_t block) {
  if (large.shape.size() == 4 && block > 0 && large.shape[1] % block == 0 &&
      large.shape[2] % block == 0) {
    return;
  }
  Refuse(node, large,
         "expected [N, H, W, C] with H and W multiples of the block " + std::to_string(block));
}

}  // namespace

Copy ContiguousCopy(const Tensor& tensor) {
  Copy copy;
  copy.dims = {{tensor.elements(), 1, 1}};
  return copy;
}

std::vector<CopyDim> MergeDims(const std::vector<CopyDim>& dims) {
  std::vector<CopyDim> merged;
  for (const CopyDim& dim : dims) {
    if (dim.count == 1) continue;
    if (!merged.empty() && merged.back().source_stride == dim.source_stride * dim.count &&
        merged.back().target_stride == dim.target_stride * dim.count) {
      merged.back() = {merged.back().count * dim.count, dim.source_stride, dim.target_stride};
    } else {
      merged.push_back(dim);
    }
  }
  return merged;
}

void AppendCopy(const Node& node, const std::vector<Copy>& copies, std::optional<std::uint8_t> fill,
                std::vector<std::int32_t> inputs, std::int32_t target, Program* program) {
  fb::StridedCopyT params;
  params.fill = fill.has_value();
  params.fill_value = fill.value_or(0);
  const auto bytes =
      static_cast<std::int64_t>(DataTypeBytes(static_cast<DataType>(program->placed(target).type)));
  for (const Copy& copy : copies) params.pieces.push_back(ToPiece(node, copy, bytes));
  program->Append(node, fb::OperatorParams::StridedCopy, std::move(params), std::move(inputs),
                  {target});
}

void Lower(const ReshapeOp&, const Node& node, Program* program) {
  program->PlaceAsView(node.outputs[0], program->Place(node.inputs[0]));
}

void Lower(const TransposeOp& op, const Node& node, Program* program) {
  const Tensor& input = Input(node, *program);
  const std::vector<std::int64_t> source = Strides(input.shape);
  const std::vector<std::int64_t> target = Strides(Output(node, *program).shape);
  Copy copy;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const auto from = static_cast<std::size_t>(op.permutation[i]);
    copy.dims.push_back({input.shape[from], source[from], target[i]});
  }
  AppendMove(node, {copy}, std::nullopt, program);
}

void Lower(const StridedSliceOp& op, const Node& node, Program* program) {
  const std::vector<std::int64_t> source = Strides(Input(node, *program).shape);
  const std::vector<std::int32_t>& shape = Output(node, *program).shape;
  const std::vector<std::int64_t> target = Strides(shape);
  Copy copy;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    copy.source_offset += op.begin[i] * source[i];
    copy.dims.push_back({shape[i], op.stride[i] * source[i], target[i]});
  }
  AppendMove(node, {copy}, std::nullopt, program);
}

void Lower(const ConcatOp& op, const Node& node, Program* program) {
  const Tensor& output = Output(node, *program);
  const std::vector<std::int64_t> target = Strides(output.shape);
  const auto axis = static_cast<std::size_t>(op.axis);
  std::vector<Copy> copies;
  std::vector<std::int32_t> inputs;
  std::int64_t position = 0;
  for (TensorId id : node.inputs) {
    const Tensor& input = program->tensor(id);
    Copy copy;
    copy.input = static_cast<std::int32_t>(inputs.size());
    copy.target_offset = position * target[axis];
    copy.dims = PartDims(input.shape, Strides(input.shape), target);
    copies.push_back(std::move(copy));
    inputs.push_back(SameQuantization(input, output) ? program->Place(id)
                                                     : AppendRequantize(node, id, output, program));
    position += input.shape[axis];
  }
  AppendCopy(node, copies, std::nullopt, std::move(inputs), program->Place(node.outputs[0]),
             program);
}

void Lower(const SplitOp& op, const Node& node, Program* program) {
  const Tensor& input = Input(node, *program);
  const std::vector<std::int64_t> source = Strides(input.shape);
  const auto axis = static_cast<std::size_t>(op.axis);
  const std::int32_t whole = program->Place(node.inputs[0]);
  std::int64_t position = 0;
  for (TensorId id : node.outputs) {
    const Tensor& part = program->tensor(id);
    RequireSameQuantization(node, input, part);
    Copy copy;
    copy.source_offset = position * source[axis];
    copy.dims = PartDims(part.shape, source, Strides(part.shape));
    AppendCopy(node, {copy}, std::nullopt, {whole}, program->Place(id), program);
    position += part.shape[axis];
  }
}

void Lower(const PadOp& op, const Node& node, Program* program) {
  if (op.mode != PadMode::kConstant) return LowerMirrorPad(op, node, program);
  const Tensor& input = Input(node, *program);
  const std::vector<std::int64_t> target = Strides(Output(node, *program).shape);
  Copy copy;
  copy.dims = PartDims(input.shape, Strides(input.shape), target);
  for (std::size_t i = 0; i < target.size(); ++i) copy.target_offset += op.before[i] * target[i];
  const Tensor& output = Output(node, *program);
  const Affine affine = ActivationAffineOf(node, output, output.type);
  const std::int32_t fill = QuantizeReal(static_cast<float>(op.value), affine);
  // Bytes are filled.
  if (output.type == DataType::kInt16 && fill != 0) {
    Refuse(node, output,
           "int16 can be padded with 0 only, found " + std::to_string(op.value) +
               "; pad before the quantization to int16");
  }
  AppendMove(node, {copy}, static_cast<std::uint8_t>(std::clamp(fill, -128, 127)), program);
}

void Lower(const SpaceToDepthOp& op, const Node& node, Program* program) {
  const Tensor& large = Input(node, *program);
  RequireBlock(node, large, op.block);
  AppendMove(node, {BlockCopy(large.shape, op.block, true)}, std::nullopt, program);
}

void Lower(const DepthToSpaceOp& op, const Node& node, Program* program) {
  const Tensor& large = Output(node, *program);
  RequireBlock(node, large, op.block);
  AppendMove(node, {BlockCopy(large.shape, op.block, false)}, std::nullopt, program);
}

}  // namespace quaver::compiler
