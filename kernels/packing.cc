#include "kernels/packing.h"

#include <cstring>

namespace quaver::kernels {
namespace {

constexpr std::size_t kPanelAlignment = 64;

constexpr std::size_t RoundUp(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// The shape as its layout packs it.
WeightShape PackedShape(const WeightLayout& layout, const WeightShape& shape) {
  return {shape.channels, shape.depth, shape.groups, layout.dense() ? shape.depth : shape.run};
}

// Of pairs: notes of a run.
constexpr std::size_t RunNotes(const WeightShape& shape) {
  return (static_cast<std::size_t>(shape.run) + 7) / 8 + 1;
}

// Whether rows of three taps are stored as the six terms of Winograd's F(4, 3).
constexpr bool HasFilterTerms(const WeightLayout& layout) {
  return layout.kind == LayoutKind::kGemm && layout.kr == kFilterTaps;
}

// Bytes of one channel's terms in a run: in pairs of inputs, 16 bits each.
constexpr std::size_t FilterBytes(const WeightShape& shape) {
  const auto inputs = static_cast<std::size_t>(shape.run / kFilterTaps);
  return RoundUp(inputs, 2) * kFilterTerms * sizeof(std::int16_t);
}

// G g of kernels/avx2/winograd.cc.
void FilterTerms(std::int32_t g0, std::int32_t g1, std::int32_t g2,
                 std::int32_t (&terms)[kFilterTerms]) {
  terms[0] = 6 * g0;
  terms[1] = -4 * (g0 + g1 + g2);
  terms[2] = -4 * (g0 - g1 + g2);
  terms[3] = g0 + 2 * g1 + 4 * g2;
  terms[4] = g0 - 2 * g1 + 4 * g2;
  terms[5] = 24 * g2;
}

void StoreInt32(std::int32_t value, std::uint8_t* target) {
  std::memcpy(target, &value, sizeof value);
}

// Where the weight of an input is among the plain weights of its channel, in steps from one input
// to the next. A depthwise window is stored row by row and packed column by column.
class InputOrder {
 public:
  InputOrder(const WeightLayout& layout, const WeightShape& shape)
      : columns_(layout.kind == LayoutKind::kDepthwise ? shape.depth / shape.run : 1),
        run_(shape.run) {}

  [[nodiscard]] std::int32_t operator()(std::int32_t run, std::int32_t i) const {
    return columns_ > 1 ? i * columns_ + run : run * run_ + i;
  }

 private:
  std::int32_t columns_, run_;
};

// One channel's weights, `stride` apart, as the channel number `lane` of a panel.
class PanelWriter {
 public:
  PanelWriter(const WeightLayout& layout, const WeightShape& shape, std::uint8_t* panel)
      : nr_(layout.nr),
        kr_(layout.kr),
        input_offset_(layout.input_offset),
        filter_(HasFilterTerms(layout)),
        pairs_(layout.pairs()),
        shape_(shape),
        order_(layout, shape),
        panel_(panel) {}

  void WriteChannel(std::size_t lane, const std::int8_t* weights, std::ptrdiff_t stride,
                    const OutputStage& stage, std::int32_t channel) {
    const std::uint32_t sum =
        filter_ ? WriteFilters(lane, weights) : WriteWeights(lane, weights, stride);
    const std::uint32_t bias =
        static_cast<std::uint32_t>(stage.bias[channel]) - input_offset_ * sum;
    WriteHeader(0, lane, static_cast<std::int32_t>(bias));
    WriteHeader(1, lane, stage.multiplier[channel]);
    WriteHeader(2, lane, stage.shift[channel]);
  }

 private:
  // Returns the sum of the weights.
  std::uint32_t WriteWeights(std::size_t lane, const std::int8_t* weights, std::ptrdiff_t stride) {
    std::uint8_t* run_weights = panel_ + 3 * sizeof(std::int32_t) * nr_;
    const std::size_t run_bytes = RoundUp(static_cast<std::size_t>(shape_.run), kr_) * nr_;
    std::uint32_t sum = 0;
    for (std::int32_t run = 0; run < shape_.depth / shape_.run; ++run) {
      for (std::int32_t i = 0; i < shape_.run; ++i) {
        const std::int8_t weight = weights[order_(run, i) * stride];
        const auto k = static_cast<std::size_t>(i);
        run_weights[k / kr_ * nr_ * kr_ + Place(lane, k % kr_)] = static_cast<std::uint8_t>(weight);
        sum += static_cast<std::uint32_t>(weight);
      }
      run_weights += run_bytes;
    }
    return sum;
  }

  std::uint32_t WriteFilters(std::size_t lane, const std::int8_t* weights) {
    const std::int32_t inputs = shape_.run / kFilterTaps;
    const std::size_t pair_bytes = kFilterTerms * nr_ * 4;
    std::uint8_t* target = panel_ + 3 * sizeof(std::int32_t) * nr_ + lane * 4;
    std::uint32_t sum = 0;
    for (std::int32_t row = 0; row < shape_.depth / shape_.run; ++row) {
      for (std::int32_t c = 0; c < inputs; ++c) {
        const std::int32_t g[] = {weights[c], weights[inputs + c], weights[2 * inputs + c]};
        sum += static_cast<std::uint32_t>(g[0] + g[1] + g[2]);
        std::int32_t terms[kFilterTerms];
        FilterTerms(g[0], g[1], g[2], terms);
        std::uint8_t* pair = target + static_cast<std::size_t>(c / 2) * pair_bytes;
        for (std::size_t i = 0; i < kFilterTerms; ++i) {
          const auto term = static_cast<std::int16_t>(terms[i]);
          std::memcpy(pair + i * nr_ * 4 + static_cast<std::size_t>(c % 2) * 2, &term, sizeof term);
        }
      }
      weights += shape_.run;
      target += FilterBytes(shape_) * nr_;
    }
    return sum;
  }

  // Where input k of a group is, for channel number `lane`.
  [[nodiscard]] std::size_t Place(std::size_t lane, std::size_t k) const {
    return pairs_ ? lane / 4 * 16 + k / 2 * 8 + lane % 4 * 2 + k % 2 : lane * kr_ + k;
  }

  void WriteHeader(std::size_t row, std::size_t lane, std::int32_t value) {
    StoreInt32(value, panel_ + (row * nr_ + lane) * sizeof(std::int32_t));
  }

  std::size_t nr_, kr_;
  std::uint32_t input_offset_;
  bool filter_;
  bool pairs_;
  WeightShape shape_;
  InputOrder order_;
  std::uint8_t* panel_;
};

// Where the notes of kGemmPairs are: behind the weights, run by run.
class NotesOfPanel {
 public:
  NotesOfPanel(const WeightLayout& layout, const WeightShape& shape)
      : runs(static_cast<std::size_t>(shape.depth / shape.run)),
        run_groups((static_cast<std::size_t>(shape.run) + 3) / 4),
        weights(3 * sizeof(std::int32_t) * layout.nr),
        notes(weights + runs * run_groups * layout.nr * layout.kr) {}

  // Of the groups before it, and the end of a run: not of two groups.
  [[nodiscard]] bool IsOfBlock(std::size_t i) const { return i < run_groups / 2; }
  [[nodiscard]] std::uint8_t Other(std::size_t run, std::size_t i) const {
    if (i < (run_groups + 1) / 2) return PairNote::kFourInputs;
    if (run + 1 < runs) return PairNote::kNextRun;
    return runs > 1 ? PairNote::kLastRunEnds : PairNote::kOnlyRunEnds;
  }

  std::size_t runs, run_groups, weights, notes;
};

// Whether products of four channels do not fit 16 bits together: of the two pairs of inputs of
// each, in each of `groups` groups of `group_bytes`. Inputs are -128 to 127.
bool Overflows(const std::uint8_t* weights, std::size_t group_bytes, std::size_t groups) {
  for (std::size_t i = 0; i < 8; ++i) {
    std::int32_t positive = 0;
    std::int32_t negative = 0;
    for (std::size_t k = 0; k < 2 * groups; ++k) {
      const auto w = static_cast<std::int8_t>(weights[k / 2 * group_bytes + k % 2 * 8 + i]);
      (w < 0 ? negative : positive) += w;
    }
    if (127 * positive - 128 * negative > INT16_MAX) return true;
    if (127 * negative - 128 * positive < INT16_MIN) return true;
  }
  return false;
}

// The bytes behind the weights of kGemmPairs.
void WriteNotes(const WeightLayout& layout, const WeightShape& shape, std::uint8_t* panel) {
  const NotesOfPanel of(layout, shape);
  const std::size_t group_bytes = std::size_t{layout.nr} * layout.kr;
  const std::uint8_t* group = panel + of.weights;
  std::uint8_t* note = panel + of.notes;
  for (std::size_t run = 0; run < of.runs; ++run) {
    for (std::size_t i = 0; i < RunNotes(shape); ++i, ++note) {
      if (!of.IsOfBlock(i)) {
        *note = of.Other(run, i);
        continue;
      }
      for (unsigned v = 0; v < 4; ++v) {
        const unsigned overflows = Overflows(group + std::size_t{v} * 16, group_bytes, 2) ? 1 : 0;
        *note = static_cast<std::uint8_t>(*note | overflows << v);
      }
      group += 2 * group_bytes;
    }
    group += of.run_groups % 2 * group_bytes;
  }
  bool two_overflow = false;
  for (std::size_t four = of.weights; four < of.notes; four += 16) {
    two_overflow |= Overflows(panel + four, group_bytes, 1);
  }
  panel[PanelBytes(layout, shape) - 1] = two_overflow ? 1 : 0;
}

std::int32_t PanelsOfGroup(const WeightLayout& layout, const WeightShape& shape) {
  const std::int32_t channels = shape.channels / shape.groups;
  return channels / layout.nr + (channels % layout.nr != 0 ? 1 : 0);
}

}  // namespace

std::size_t PanelBytes(const WeightLayout& layout, const WeightShape& plain_shape) {
  const WeightShape shape = PackedShape(layout, plain_shape);
  const std::size_t run_bytes = HasFilterTerms(layout)
                                    ? FilterBytes(shape)
                                    : RoundUp(static_cast<std::size_t>(shape.run), layout.kr);
  const std::size_t inputs = run_bytes * static_cast<std::size_t>(shape.depth / shape.run);
  const std::size_t bytes = (3 * sizeof(std::int32_t) + inputs) * layout.nr;
  const std::size_t notes =
      layout.pairs() ? RunNotes(shape) * static_cast<std::size_t>(shape.depth / shape.run) + 1 : 0;
  return RoundUp(bytes + notes, kPanelAlignment);
}

std::uint64_t PackedBytes(const WeightLayout& layout, const WeightShape& shape) {
  if (layout.plain()) return 0;
  return std::uint64_t{PanelBytes(layout, shape)} *
         static_cast<std::uint64_t>(PanelsOfGroup(layout, shape)) *
         static_cast<std::uint64_t>(shape.groups);
}

bool HasPairNotes(const WeightLayout& layout, const WeightShape& plain_shape,
                  const std::uint8_t* panel) {
  if (!layout.pairs()) return true;
  const WeightShape shape = PackedShape(layout, plain_shape);
  const NotesOfPanel of(layout, shape);
  const std::uint8_t* note = panel + of.notes;
  for (std::size_t run = 0; run < of.runs; ++run) {
    for (std::size_t i = 0; i < RunNotes(shape); ++i, ++note) {
      const bool valid =
          of.IsOfBlock(i) ? *note < PairNote::kFourInputs : *note == of.Other(run, i);
      if (!valid) return false;
    }
  }
  return true;
}

void PackWeights(const WeightLayout& layout, const WeightShape& plain_shape,
                 const std::int8_t* weights, const OutputStage& stage, std::uint8_t* target) {
  const WeightShape shape = PackedShape(layout, plain_shape);
  const std::size_t panel_bytes = PanelBytes(layout, shape);
  const bool depthwise = layout.kind == LayoutKind::kDepthwise;
  const std::ptrdiff_t channel_stride = depthwise ? 1 : shape.depth;
  const std::ptrdiff_t input_stride = depthwise ? shape.channels : 1;
  const std::int32_t group_channels = shape.channels / shape.groups;
  std::memset(target, 0, static_cast<std::size_t>(PackedBytes(layout, shape)));
  for (std::int32_t group = 0; group < shape.groups; ++group) {
    for (std::int32_t first = 0; first < group_channels; first += layout.nr) {
      PanelWriter writer(layout, shape, target);
      for (std::int32_t lane = 0; lane < layout.nr && first + lane < group_channels; ++lane) {
        const std::int32_t channel = group * group_channels + first + lane;
        writer.WriteChannel(static_cast<std::size_t>(lane), weights + channel * channel_stride,
                            input_stride, stage, channel);
      }
      if (layout.pairs()) WriteNotes(layout, shape, target);
      target += panel_bytes;
    }
  }
}

}  // namespace quaver::kernels
