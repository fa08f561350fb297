#include "runtime/ops/op_verifier.h"

#include <cstring>

#include "runtime/limits.h"
#include "runtime/ops/packed_layout.h"

namespace quaver {
namespace {

/// Whether each multiplier is 0 or in [2^30, 2^31) and each shift in [-31, 30]. Without a branch in
/// the loops, so that they are vectorized: channels are what a model has most of.
bool StageInRange(const std::int32_t* multipliers, const std::int8_t* shifts, std::int32_t count) {
  std::uint32_t bad = 0;
  for (std::int32_t c = 0; c < count; ++c) {
    const auto multiplier = static_cast<std::uint32_t>(multipliers[c]);
    // Bit 30 alone of the two highest, where the multiplier is not 0.
    bad |= static_cast<std::uint32_t>((multiplier >> 30 != 1) & (multiplier != 0));
  }
  for (std::int32_t c = 0; c < count; ++c) {
    bad |= static_cast<std::uint32_t>((shifts[c] < -31) | (shifts[c] > 30));
  }
  return bad == 0;
}

/// Whether `count` little-endian integers at `packed` are those of `values`.
bool SameShifts(const std::uint8_t* packed, const std::int8_t* values, std::int32_t count) {
  std::int32_t difference = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    std::int32_t value = 0;
    std::memcpy(&value, packed + 4 * i, sizeof(value));
    difference |= value ^ values[i];
  }
  return difference == 0;
}

bool AllZero(const std::uint8_t* bytes, std::int32_t count) {
  std::uint32_t bits = 0;
  for (std::int32_t i = 0; i < count; ++i) bits |= bytes[i];
  return bits == 0;
}

/// Whether a panel's header has the multipliers and shifts of its `channels` channels, and zeros
/// for those beyond, up to `nr`.
bool HeaderMatches(const std::uint8_t* panel, std::int32_t nr, const std::int32_t* multipliers,
                   const std::int8_t* shifts, std::int32_t channels) {
  const std::uint8_t* panel_multipliers = panel + 4 * nr;
  const std::uint8_t* panel_shifts = panel + 8 * nr;
  const std::int32_t used = 4 * channels;
  const std::int32_t unused = 4 * (nr - channels);
  return std::memcmp(panel_multipliers, multipliers, static_cast<std::size_t>(used)) == 0 &&
         SameShifts(panel_shifts, shifts, channels) && AllZero(panel_multipliers + used, unused) &&
         AllZero(panel_shifts + used, unused);
}

}  // namespace

bool OpVerifier::ZeroPoint(const char* what, std::int32_t zero_point) {
  return InRange(what, INT8_MIN, INT8_MAX, zero_point);
}

bool OpVerifier::AnyMultiplier(const char* what, std::int32_t multiplier) {
  return InRange(what, 0, INT32_MAX, multiplier);
}

bool OpVerifier::Multiplier(const char* what, std::int32_t multiplier) {
  return multiplier == 0 || InRange(what, 1 << 30, INT32_MAX, multiplier);
}

bool OpVerifier::Clamp(std::int32_t clamp_min, std::int32_t clamp_max) {
  return InRange("clamp_min", INT8_MIN, INT8_MAX, clamp_min) &&
         InRange("clamp_max", clamp_min, INT8_MAX, clamp_max);
}

bool OpVerifier::TensorEqual(std::int32_t tensor, const char* what, std::int64_t expected,
                             std::int32_t found) {
  if (expected == found) return true;
  SetTensor(tensor);
  return FailWith(what, expected, found);
}

bool OpVerifier::TensorType(std::int32_t tensor, fb::TensorType type) {
  return TensorEqual(tensor, "tensor type (0 int8, 1 uint8, ...)", static_cast<std::int64_t>(type),
                     static_cast<std::int32_t>(TensorAt(model(), tensor).type()));
}

bool OpVerifier::TensorRank(std::int32_t tensor, std::int32_t rank) {
  return TensorEqual(tensor, "number of dimensions", rank, Rank(TensorAt(model(), tensor)));
}

bool OpVerifier::TensorElements(std::int32_t tensor, std::int64_t expected) {
  return TensorEqual(tensor, "number of elements", expected,
                     ElementCount(TensorAt(model(), tensor)));
}

bool OpVerifier::Operands(std::int32_t inputs, std::int32_t outputs) {
  return Equal("number of inputs", inputs, view_.input_count()) &&
         Equal("number of outputs", outputs, view_.output_count());
}

bool OpVerifier::Int8Unary() {
  return Operands(1, 1) && InputType(0, fb::TensorType::Int8) &&
         OutputType(0, fb::TensorType::Int8);
}

bool OpVerifier::ConstantWeights(std::int32_t rank) {
  if (!InputType(1, fb::TensorType::Int8) || !InputRank(1, rank)) return false;
  if (IsConstant(PlaceOf(view_.model(), input(1)))) return true;
  return TensorEqual(view_.input_index(1), "storage of the weights (1 constant)",
                     static_cast<std::int64_t>(fb::Storage::Constant),
                     static_cast<std::int32_t>(PlaceOf(view_.model(), input(1)).storage()));
}

bool OpVerifier::Weights(const kernels::WeightShape& shape, kernels::LayoutKind kind,
                         const Int32Vector& bias, const fb::OutputStage& stage,
                         const PackedWeightsVector* packed) {
  return InRange("products per output", 1, kMaxAccumulationDepth - 1, shape.depth) &&
         Stage(bias, stage, shape.channels) &&
         (!kReadsPackedWeights || Packed(packed, shape, kind, stage));
}

bool OpVerifier::Stage(const Int32Vector& bias, const fb::OutputStage& stage,
                       std::int32_t channels) {
  if (!(Equal("entries of bias", channels, Count(bias)) &&
        Equal("entries of multiplier", channels, Count(stage.multiplier())) &&
        Equal("entries of shift", channels, Count(stage.shift())) &&
        ZeroPoint("output zero point", stage.zero_point()) &&
        Clamp(stage.clamp_min(), stage.clamp_max()))) {
    return false;
  }
  if (StageInRange(stage.multiplier()->data(), stage.shift()->data(), channels)) return true;
  // Once more, one by one, for the message.
  for (std::int32_t c = 0; c < channels; ++c) {
    if (!Multiplier("output multiplier", At(*stage.multiplier(), c)) ||
        !Shift("output shift", At(*stage.shift(), c))) {
      return false;
    }
  }
  return true;
}

bool OpVerifier::Packed(const PackedWeightsVector* packed, const kernels::WeightShape& shape,
                        kernels::LayoutKind kind, const fb::OutputStage& stage) {
  for (std::int32_t i = 0; i < Count(packed); ++i) {
    const fb::PackedWeights& entry = *At(*packed, i);
    const fb::WeightLayout& layout = *entry.layout();
    // Pairs and dense panels are other orders of the same weights.
    const kernels::WeightLayout tag = ToWeightLayout(layout);
    const bool gemm = kind == kernels::LayoutKind::kGemm && (tag.pairs() || tag.dense());
    if (!((gemm ||
           Equal("kind of packed weights", static_cast<std::int64_t>(kind), layout.kind())) &&
          (!tag.pairs() || (Equal("kr of packed pairs", 4, layout.kr()) &&
                            Equal("nr of packed pairs", 16, layout.nr()))) &&
          InRange("nr of packed weights", 1, kernels::kMaxNr, layout.nr()) &&
          InRange("kr of packed weights", 1, kernels::kMaxKr, layout.kr()) &&
          (layout.input_offset() == 0 ||
           Equal("input offset of packed weights", 128, layout.input_offset())) &&
          InRange("buffer of packed weights", 0, Count(view_.model().buffers()) - 1,
                  entry.buffer()) &&
          PackedPanels(entry, shape, stage))) {
      return false;
    }
  }
  return true;
}

// Kernels read multipliers and shifts from the panels: they must be those that were verified. Where
// notes lead them, these must be some of theirs.
bool OpVerifier::PackedPanels(const fb::PackedWeights& packed, const kernels::WeightShape& shape,
                              const fb::OutputStage& stage) {
  const kernels::WeightLayout layout = ToWeightLayout(*packed.layout());
  const auto* buffer = view_.model().buffers()->Get(packed.buffer())->data();
  if (!Equal("bytes of packed weights",
             static_cast<std::int64_t>(kernels::PackedBytes(layout, shape)), Count(buffer))) {
    return false;
  }
  if (!Equal("address of packed weights modulo 16", 0,
             static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(buffer->Data()) %
                                       kernels::kPackedAlignment))) {
    return false;
  }
  const std::size_t panel_bytes = kernels::PanelBytes(layout, shape);
  const std::int32_t group_channels = shape.channels / shape.groups;
  const std::uint8_t* panel = buffer->Data();
  for (std::int32_t first = 0; first < shape.channels; first += group_channels) {
    for (std::int32_t c = 0; c < group_channels; c += layout.nr, panel += panel_bytes) {
      const std::int32_t channels = group_channels - c < layout.nr ? group_channels - c : layout.nr;
      const std::int32_t* multipliers = stage.multiplier()->data() + first + c;
      const std::int8_t* shifts = stage.shift()->data() + first + c;
      if (!HeaderMatches(panel, layout.nr, multipliers, shifts, channels)) {
        return PanelHeader(panel, layout.nr, multipliers, shifts, channels);
      }
      if (!kernels::HasPairNotes(layout, shape, panel)) {
        return Equal("valid notes in a panel of packed pairs", 1, 0);
      }
    }
  }
  return true;
}

bool OpVerifier::PanelHeader(const std::uint8_t* panel, std::int32_t nr,
                             const std::int32_t* multipliers, const std::int8_t* shifts,
                             std::int32_t channels) {
  for (std::int32_t i = 0; i < nr; ++i) {
    std::int32_t multiplier = 0;
    std::int32_t shift = 0;
    std::memcpy(&multiplier, panel + 4 * (nr + i), sizeof(multiplier));
    std::memcpy(&shift, panel + 4 * (2 * nr + i), sizeof(shift));
    if (!Equal("multiplier of packed weights", i < channels ? multipliers[i] : 0, multiplier) ||
        !Equal("shift of packed weights", i < channels ? shifts[i] : 0, shift)) {
      return false;
    }
  }
  return true;
}

}  // namespace quaver
