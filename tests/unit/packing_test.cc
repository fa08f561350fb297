#include "kernels/packing.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/layouts.h"

namespace quaver::kernels {
namespace {

std::int32_t Int32At(const std::vector<std::uint8_t>& bytes, std::size_t offset) {
  std::int32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// An independent reader of the documented layout: the value that channel `channel` of group 0 has
// for input `k`.
std::int8_t WeightAt(const WeightLayout& layout, std::int32_t depth,
                     const std::vector<std::uint8_t>& packed, std::size_t channel, std::size_t k) {
  const std::size_t nr = layout.nr, kr = layout.kr;
  const std::size_t panel = channel / nr * PanelBytes(layout, {1, depth, 1, depth});
  const std::size_t lane = channel % nr;
  return static_cast<std::int8_t>(
      packed[panel + 12 * nr + (k / kr) * nr * kr + lane * kr + k % kr]);
}

struct StageOfSteps {
  explicit StageOfSteps(std::size_t channels) {
    for (std::size_t i = 0; i < channels; ++i) {
      bias.push_back(1000 + static_cast<std::int32_t>(i));
      multiplier.push_back((1 << 30) + static_cast<std::int32_t>(i));
      shift.push_back(static_cast<std::int8_t>(-static_cast<int>(i)));
    }
  }
  [[nodiscard]] OutputStage View() const {
    return {bias.data(), multiplier.data(), shift.data(), 0, -128, 127};
  }
  std::vector<std::int32_t> bias, multiplier;
  std::vector<std::int8_t> shift;
};

constexpr WeightLayout kLayouts[] = {{LayoutKind::kGemm, 8, 1, 0},
                                     kGemm8x2,
                                     {LayoutKind::kGemm, 16, 4, 128},
                                     {LayoutKind::kGemm, 4, 16, 0},
                                     kDepthwise8x1,
                                     kDepthwise8x2,
                                     {LayoutKind::kDepthwise, 32, 1, 0},
                                     {LayoutKind::kGemmDense, 16, 4, 0}};

TEST(PackWeights, EveryWeightIsWhereTheLayoutSays) {
  constexpr std::int32_t kChannels = 19, kDepth = 7;
  std::vector<std::int8_t> weights;
  for (int i = 0; i < kChannels * kDepth; ++i) {
    weights.push_back(static_cast<std::int8_t>(i * 37 - 128));
  }
  const StageOfSteps stage(kChannels);
  for (const WeightLayout& layout : kLayouts) {
    SCOPED_TRACE(testing::Message() << "nr " << int{layout.nr} << " kr " << int{layout.kr});
    const WeightShape shape{kChannels, kDepth, 1, kDepth};
    const auto bytes = static_cast<std::size_t>(PackedBytes(layout, shape));
    EXPECT_EQ(bytes % 64, 0U);
    std::vector<std::uint8_t> packed(bytes, 0xEE);
    PackWeights(layout, shape, weights.data(), stage.View(), packed.data());
    const bool depthwise = layout.kind == LayoutKind::kDepthwise;
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < kDepth; ++k) {
        const std::size_t plain = depthwise ? k * kChannels + channel : channel * kDepth + k;
        EXPECT_EQ(WeightAt(layout, kDepth, packed, channel, k), weights[plain]);
        sum += weights[plain];
      }
      const std::size_t panel = channel / layout.nr * PanelBytes(layout, shape);
      const std::size_t header = panel + channel % layout.nr * 4;
      EXPECT_EQ(Int32At(packed, header), stage.bias[channel] - layout.input_offset * sum);
      EXPECT_EQ(Int32At(packed, header + std::size_t{layout.nr} * 4), stage.multiplier[channel]);
      EXPECT_EQ(Int32At(packed, header + std::size_t{layout.nr} * 8), stage.shift[channel]);
    }
  }
}

TEST(PackWeights, ChannelsAndInputsBeyondTheLastAreZero) {
  const WeightShape shape{3, 5, 1, 5};
  const std::vector<std::int8_t> weights(15, 7);
  const StageOfSteps stage(3);
  std::vector<std::uint8_t> packed(static_cast<std::size_t>(PackedBytes(kGemm8x2, shape)), 0xEE);
  PackWeights(kGemm8x2, shape, weights.data(), stage.View(), packed.data());
  for (std::size_t channel = 0; channel < 8; ++channel) {
    for (std::size_t k = 0; k < 6; ++k) {
      EXPECT_EQ(WeightAt(kGemm8x2, 5, packed, channel, k), channel < 3 && k < 5 ? 7 : 0);
    }
  }
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t lane = 3; lane < 8; ++lane) EXPECT_EQ(Int32At(packed, row * 32 + lane * 4), 0);
  }
  for (std::size_t i = 12 * 8 + 6 * 8; i < packed.size(); ++i) EXPECT_EQ(packed[i], 0);
}

// G g, with the matrix of kernels/avx2/winograd.cc written out, for each pair of inputs.
TEST(PackWeights, RowsOfThreeTapsBecomeSixTerms) {
  constexpr int kG[6][3] = {{6, 0, 0}, {-4, -4, -4}, {-4, 4, -4},
                            {1, 2, 4}, {1, -2, 4},   {0, 0, 24}};
  constexpr std::size_t kChannels = 9, kRows = 2, kInputs = 5;
  const WeightShape shape{kChannels, kRows * 3 * kInputs, 1, 3 * kInputs};
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < kChannels * kRows * 3 * kInputs; ++i) {
    weights.push_back(static_cast<std::int8_t>(i * 91 - 128));
  }
  const StageOfSteps stage(kChannels);
  std::vector<std::uint8_t> packed(static_cast<std::size_t>(PackedBytes(kGemm8x3, shape)), 0xEE);
  PackWeights(kGemm8x3, shape, weights.data(), stage.View(), packed.data());
  const std::size_t panel_bytes = PanelBytes(kGemm8x3, shape);
  ASSERT_EQ(panel_bytes, 1280U);  // 96 of header, 2 rows x 3 pairs x 6 terms x 8 channels x 4
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const std::size_t panel = channel / 8 * panel_bytes;
    EXPECT_EQ(Int32At(packed, panel + channel % 8 * 4), stage.bias[channel]);
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t c = 0; c < 6; ++c) {
        const std::int8_t* g = &weights[(channel * kRows + row) * 3 * kInputs];
        for (std::size_t term = 0; term < 6; ++term) {
          int expected = 0;
          for (std::size_t tap = 0; c < kInputs && tap < 3; ++tap) {
            expected += kG[term][tap] * g[tap * kInputs + c];
          }
          std::int16_t value = 0;
          std::memcpy(&value,
                      &packed[panel + 96 + ((row * 3 + c / 2) * 6 + term) * 32 + channel % 8 * 4 +
                              c % 2 * 2],
                      sizeof value);
          EXPECT_EQ(value, expected) << "channel " << channel << " row " << row << " input " << c;
        }
      }
    }
  }
}

std::vector<std::uint8_t> PackPairs(const WeightShape& shape,
                                    const std::vector<std::int8_t>& weights) {
  const StageOfSteps stage(16);
  std::vector<std::uint8_t> packed(static_cast<std::size_t>(PackedBytes(kGemm16x4Pairs, shape)),
                                   0xEE);
  PackWeights(kGemm16x4Pairs, shape, weights.data(), stage.View(), packed.data());
  return packed;
}

// Groups of four inputs as two pairs for each block of four channels; then what may be added.
TEST(PackWeights, PairsTellHowManyProductsFit) {
  const WeightShape shape{16, 8, 1, 8};
  const std::size_t notes = std::size_t{12} * 16 + std::size_t{8} * 16;
  std::vector<std::int8_t> weights(128, 0);
  weights[5 * 8 + 6] = 7;  // channel 5, input 6: the second group's second pair
  EXPECT_EQ(PackPairs(shape, weights)[12 * 16 + 64 + 16 + 8 + 2], 7);
  struct Expected {
    std::int8_t weight;
    std::uint8_t note, last;
  };
  // Four times -128 * 64 fit, but not four times 128 * 64.
  for (const Expected e : {Expected{63, 0, 0},
                           {-63, 0, 0},
                           {64, 0, 0},
                           {-64, 15, 0},
                           {65, 15, 0},
                           {-127, 15, 0},
                           {INT8_MIN, 15, 1}}) {
    const std::vector<std::uint8_t> packed = PackPairs(shape, std::vector(128, e.weight));
    EXPECT_EQ(packed[notes], e.note) << int{e.weight};
    EXPECT_EQ(packed[notes + 1], PairNote::kOnlyRunEnds);
    EXPECT_EQ(packed.back(), e.last) << int{e.weight};
  }
}

// Every sum of four |w| up to 257, with each share of positive ones: what fits is what no input
// makes more than 16 bits.
TEST(PackWeights, FourProductsFitWhereNoInputMakesThemMore) {
  const WeightShape shape{16, 8, 1, 8};
  const std::size_t notes = std::size_t{12} * 16 + std::size_t{8} * 16;
  for (int positive = 0; positive <= 254; ++positive) {
    for (int negative = 254 - positive; negative <= 258 - positive; ++negative) {
      if (negative < 0 || negative > 256) continue;
      std::vector<std::int8_t> weights(128, 0);
      const std::size_t channel = 13;
      weights[channel * 8 + 1] = static_cast<std::int8_t>(positive / 2);
      weights[channel * 8 + 3] = static_cast<std::int8_t>(-(negative / 2));
      weights[channel * 8 + 5] = static_cast<std::int8_t>(positive - positive / 2);
      weights[channel * 8 + 7] = static_cast<std::int8_t>(-(negative - negative / 2));
      const bool fits = positive * INT8_MAX - negative * INT8_MIN <= INT16_MAX &&
                        positive * INT8_MIN - negative * INT8_MAX >= INT16_MIN;
      EXPECT_EQ(PackPairs(shape, weights)[notes], fits ? 0 : 8) << positive << " " << negative;
    }
  }
}

TEST(PackWeights, PairsTellOfBlocksGroupsAndRuns) {
  // Three runs of a block and a group; channels 0 and 9 are too large in the second one's block.
  const WeightShape shape{16, 36, 1, 12};
  std::vector<std::int8_t> weights(std::size_t{16} * 36, 20);
  for (std::size_t channel : {std::size_t{0}, std::size_t{9}}) {
    for (std::size_t i = 12; i < 20; ++i) weights[channel * 36 + i] = -127;
  }
  std::vector<std::uint8_t> packed = PackPairs(shape, weights);
  const std::size_t first = std::size_t{12} * 16 + std::size_t{36} * 16;
  const std::vector<std::uint8_t> expected = {0, PairNote::kFourInputs, PairNote::kNextRun,
                                              5, PairNote::kFourInputs, PairNote::kNextRun,
                                              0, PairNote::kFourInputs, PairNote::kLastRunEnds};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::uint8_t& note = packed[first + i];
    EXPECT_EQ(note, expected[i]) << i;
    EXPECT_TRUE(HasPairNotes(kGemm16x4Pairs, shape, packed.data()));
    for (std::uint8_t other = 0; other < 32; ++other) {
      const bool may_be = expected[i] < 16 ? other < 16 : other == expected[i];
      note = other;
      EXPECT_EQ(HasPairNotes(kGemm16x4Pairs, shape, packed.data()), may_be) << i << " " << other;
    }
    note = expected[i];
  }
}

// Whatever its runs are: the weights of a window, and what is said of them, are those of one run.
TEST(PackWeights, DensePanelsHaveOneRun) {
  constexpr std::int32_t kChannels = 20, kDepth = 27;
  std::vector<std::int8_t> weights;
  for (int i = 0; i < kChannels * kDepth; ++i) {
    weights.push_back(static_cast<std::int8_t>(i * 37 % 255 - 127));
  }
  const StageOfSteps stage(kChannels);
  const auto pack = [&](const WeightLayout& layout, std::int32_t run) {
    const WeightShape shape{kChannels, kDepth, 1, run};
    std::vector<std::uint8_t> packed(static_cast<std::size_t>(PackedBytes(layout, shape)), 0xEE);
    PackWeights(layout, shape, weights.data(), stage.View(), packed.data());
    return packed;
  };
  EXPECT_EQ(pack(kGemm16x4SignedDense, 9), pack(kGemm16x4Signed, kDepth));
  EXPECT_EQ(pack(kGemm16x4PairsDense, 9), pack(kGemm16x4Pairs, kDepth));
  EXPECT_NE(pack(kGemm16x4SignedDense, 9), pack(kGemm16x4Signed, 9));
  EXPECT_NE(pack(kGemm16x4PairsDense, 9), pack(kGemm16x4Pairs, 9));
}

// Each group begins a panel.
TEST(PackWeights, GroupsFollowOneAnother) {
  const WeightShape shape{6, 2, 3, 2};
  std::vector<std::int8_t> weights;
  for (int i = 0; i < 12; ++i) weights.push_back(static_cast<std::int8_t>(i));
  const StageOfSteps stage(6);
  const std::size_t panel = PanelBytes(kGemm8x2, shape);
  ASSERT_EQ(PackedBytes(kGemm8x2, shape), 3 * panel);
  std::vector<std::uint8_t> packed(3 * panel);
  PackWeights(kGemm8x2, shape, weights.data(), stage.View(), packed.data());
  for (std::size_t group = 0; group < 3; ++group) {
    EXPECT_EQ(Int32At(packed, group * panel), stage.bias[2 * group]);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(packed[group * panel + 96 + i], 4 * group + i);
  }
}

TEST(PackedBytes, AreKnownWithoutPacking) {
  EXPECT_EQ(PackedBytes(kPlainLayout, {64, 576, 1, 576}), 0U);
  // 8 channels of 576 inputs and 96 bytes of header: 4704, padded to 4736.
  EXPECT_EQ(PackedBytes(kGemm8x2, {64, 576, 1, 576}), 8U * 4736U);
  // Beyond 32 bits: a million groups of one channel.
  EXPECT_EQ(PackedBytes(kGemm8x2, {1 << 20, 1 << 16, 1 << 20, 1 << 16}),
            (std::uint64_t{1} << 20) * (8U * 65536U + 128U));
}

}  // namespace
}  // namespace quaver::kernels
