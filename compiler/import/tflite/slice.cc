// SLICE and STRIDED_SLICE.
#include <algorithm>
#include <limits>

#include "compiler/import/tflite/importer.h"

namespace quaver::compiler::tflite {
namespace {

/// Emits the slice whose counts are `sliced`, and the Reshape to the output where dimensions are
/// dropped or added.
void EmitSlice(OperatorContext& op, StridedSliceOp slice, const Shape& sliced) {
  if (sliced == op.OutputShape()) {
    op.Emit(std::move(slice));
    return;
  }
  const TensorId part = op.Temporary(op.Input(0), sliced, "/slice");
  op.Emit(std::move(slice), {op.Input(0)}, {part});
  op.Emit(ReshapeOp{}, {part}, {op.Output()});
}

/// The bits of a mask by position, those beyond 31 unset.
bool Bit(std::int32_t mask, std::size_t position) {
  return position < 32 && ((static_cast<std::uint32_t>(mask) >> position) & 1U) != 0;
}

struct Specification {
  std::vector<std::int64_t> begin, end, stride;
  const fbs::StridedSliceOptions* options;
};

/// begin, end and stride, kept within 32 bits so that sums of them cannot overflow.
Specification ReadSpecification(const OperatorContext& op) {
  Specification spec{op.Ints(1), {}, {}, &op.OptionsAs<fbs::StridedSliceOptions>()};
  spec.end = op.Ints(2, spec.begin.size());
  spec.stride = op.Ints(3, spec.begin.size());
  for (auto* values : {&spec.begin, &spec.end, &spec.stride}) {
    for (std::int64_t& value : *values) {
      value = std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(),
                                       std::numeric_limits<std::int32_t>::max());
    }
  }
  return spec;
}

struct DimensionSlice {
  std::int64_t begin, count, stride;
};

/// Entry `i` of the specification applied to a dimension of `size`: negative positions count from
/// the end, those beyond the dimension are moved to its border (as Python's slices).
DimensionSlice SliceDimension(const OperatorContext& op, const Specification& spec, std::size_t i,
                              std::int64_t size) {
  const std::int64_t stride = spec.stride[i];
  if (stride == 0) op.Fail("stride 0 of dimension " + std::to_string(i));
  const bool forward = stride > 0;
  const std::int64_t lowest = forward ? 0 : -1;
  const std::int64_t highest = forward ? size : size - 1;
  const std::int64_t first = spec.begin[i] < 0 ? spec.begin[i] + size : spec.begin[i];
  const bool from_border = Bit(spec.options->begin_mask(), i);
  if (Bit(spec.options->shrink_axis_mask(), i)) {
    const std::int64_t index = from_border ? 0 : first;
    if (index < 0 || index >= size) {
      op.Fail("index " + std::to_string(spec.begin[i]) + " is outside of a dimension of " +
              std::to_string(size));
    }
    return {index, 1, 1};
  }
  const std::int64_t stated = spec.end[i] + (spec.options->offset() ? spec.begin[i] : 0);
  const std::int64_t last = stated < 0 ? stated + size : stated;
  const std::int64_t begin =
      from_border ? (forward ? lowest : highest) : std::clamp(first, lowest, highest);
  const std::int64_t end = Bit(spec.options->end_mask(), i) ? (forward ? highest : lowest)
                                                            : std::clamp(last, lowest, highest);
  const std::int64_t distance = forward ? end - begin : begin - end;
  const std::int64_t step = forward ? stride : -stride;
  const std::int64_t count = distance <= 0 ? 0 : (distance + step - 1) / step;
  if (count == 0) op.Fail("slice of dimension " + std::to_string(i) + " is empty");
  return {begin, count, stride};
}

/// How many dimensions of the input the ellipsis stands for: those that no other entry names.
std::size_t EllipsisLength(const OperatorContext& op, const Specification& spec, std::size_t rank) {
  std::size_t named = 0;
  std::size_t ellipses = 0;
  for (std::size_t i = 0; i < spec.begin.size(); ++i) {
    if (Bit(spec.options->ellipsis_mask(), i)) {
      ++ellipses;
    } else if (!Bit(spec.options->new_axis_mask(), i)) {
      ++named;
    }
  }
  if (ellipses > 1) op.Fail("has more than one ellipsis");
  if (named > rank) {
    op.Fail("slices " + std::to_string(named) + " dimensions of " + op.Named(0) + ", which has " +
            std::to_string(rank));
  }
  return rank - named;
}

}  // namespace

void ImportSlice(OperatorContext& op) {
  op.Expect(3);
  const Shape input = op.InputShape(0);
  const std::vector<std::int64_t> begin = op.Ints(1, input.size());
  const std::vector<std::int64_t> size = op.Ints(2, input.size());
  StridedSliceOp slice;
  Shape sliced;
  for (std::size_t d = 0; d < input.size(); ++d) {
    if (begin[d] < 0 || begin[d] >= input[d]) {
      op.Fail("begin " + std::to_string(begin[d]) + " is outside of dimension " +
              std::to_string(d) + " of " + op.Named(0));
    }
    const std::int64_t rest = input[d] - begin[d];
    const std::int64_t count = size[d] == -1 ? rest : size[d];  // -1: all that are left
    if (count < 1 || count > rest) {
      op.Fail("size " + std::to_string(size[d]) + " is outside of dimension " + std::to_string(d) +
              " of " + op.Named(0));
    }
    slice.begin.push_back(static_cast<std::int32_t>(begin[d]));
    slice.stride.push_back(1);
    sliced.push_back(static_cast<std::int32_t>(count));
  }
  EmitSlice(op, std::move(slice), sliced);
}

void ImportStridedSlice(OperatorContext& op) {
  op.Expect(4);
  const Specification spec = ReadSpecification(op);
  const Shape input = op.InputShape(0);
  const std::size_t ellipsis = EllipsisLength(op, spec, input.size());
  StridedSliceOp slice;
  Shape sliced;
  Shape expected;
  const auto add = [&](const DimensionSlice& part, bool keep) {
    slice.begin.push_back(static_cast<std::int32_t>(part.begin));
    slice.stride.push_back(static_cast<std::int32_t>(part.stride));
    sliced.push_back(static_cast<std::int32_t>(part.count));
    if (keep) expected.push_back(sliced.back());
  };
  const auto add_whole = [&](std::size_t dimensions) {
    for (std::size_t d = 0; d < dimensions; ++d) add({0, input[sliced.size()], 1}, true);
  };
  for (std::size_t i = 0; i < spec.begin.size(); ++i) {
    if (Bit(spec.options->ellipsis_mask(), i)) {
      add_whole(ellipsis);
    } else if (Bit(spec.options->new_axis_mask(), i)) {
      expected.push_back(1);
    } else {
      add(SliceDimension(op, spec, i, input[sliced.size()]),
          !Bit(spec.options->shrink_axis_mask(), i));
    }
  }
  add_whole(input.size() - sliced.size());
  if (expected != op.OutputShape()) {
    op.Fail("gives " + ShapeString(expected) + ", but its output has the shape " +
            ShapeString(op.OutputShape()));
  }
  EmitSlice(op, std::move(slice), sliced);
}

}  // namespace quaver::compiler::tflite
