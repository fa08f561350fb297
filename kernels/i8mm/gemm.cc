#include "kernels/arm/gemm.h"

#include "kernels/arm/memory.h"
#include "kernels/arm/paired_inputs.h"
#include "kernels/arm/paired_rows.h"
#include "kernels/arm/window_columns.h"
#include "kernels/i8mm/tile.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SMMLA: two pixels of eight inputs by two channels of eight weights each. kWindows: of inputs as
// PairedRows makes them; else as PairedPixels does.
template <bool kWindows>
struct GemmTileI8mm {
  static constexpr WeightLayout kLayout = kGemm8x8;
  // 16 accumulators; with them eight registers of inputs and four of weights.
  template <int kChannels>
  static constexpr int kRows = 8;

  // A vector of a pair is two channels of the first pixel, the same two of the second.
  template <int kChannels>
  static void Prepare(const std::uint8_t* panel, const Narrower& narrow, PanelHead& head) {
    const auto* values = reinterpret_cast<const std::int32_t*>(panel);
    constexpr std::int32_t kCopies = 16;
#pragma GCC unroll 12
    for (int c = 0; c < 3 * kLayout.nr / 2; ++c) {
      const int32x2_t two = vld1_s32(values + 2 * c);
      vst1q_s32(head.copies + 4 * c, vcombine_s32(two, two));
    }
    head.bias = head.copies;
    head.stage.multipliers = head.copies + kCopies;
    head.stage.shifts = head.copies + 2 * kCopies;
    ChooseStage<4>(narrow, head);
  }

  template <int kRows, int kChannels>
  [[gnu::noinline]] static void Run(const GemmTile& tile, const Narrower& narrow,
                                    std::int32_t tiles) {
    constexpr int kPairs = kWindows ? Least(kRows, 4) : (kRows + 1) / 2;
    [[maybe_unused]] const std::ptrdiff_t steps[] = {tile.chunk_step, tile.odd_chunk_step};
    if constexpr (kWindows && kRows == 8) {
      if (tile.run_count == 3 && tile.run_bytes == 48) {
        const std::uint8_t* const runs[] = {tile.runs[0], tile.runs[1], tile.runs[2]};
        return ForEachTile<kRows, kChannels>(
            tile, kHeader, tiles,
            [&](const TileInputs& inputs, std::ptrdiff_t offset, const TileOutput& output)
                __attribute__((always_inline)) {
                  int32x4_t acc[kPairs][4];
                  MultiplyThreeByThree(inputs, runs, offset, steps, acc);
                  Store<kRows>(output.stage, narrow, acc, output.to, output.stride);
                });
      }
    }
    ForEachTile<kRows, kChannels>(
        tile, kHeader, tiles,
        [&](const TileInputs& inputs, std::ptrdiff_t offset, const TileOutput& output)
            __attribute__((always_inline)) {
              int32x4_t acc[kPairs][4];
              if constexpr (kRows < 8) {
                LoadBias(inputs.bias, acc);
                AddRuns(inputs, offset, steps, acc);
              } else if constexpr (kWindows) {
                MultiplyRuns(inputs, offset, steps, acc);
              } else {
                MultiplyQuads(inputs, offset, acc);
              }
              Store<kRows>(output.stage, narrow, acc, output.to, output.stride);
            });
  }

 private:
  static constexpr int kHeader = 3 * 4 * kLayout.nr;

  template <int kPairs>
  [[gnu::always_inline]] static void AddRuns(const TileInputs& inputs, std::ptrdiff_t offset,
                                             const std::ptrdiff_t (&steps)[2],
                                             int32x4_t (&acc)[kPairs][4]) {
    const auto* weights = reinterpret_cast<const std::int8_t*>(inputs.weights);
    for (const std::uint8_t* const* run = inputs.runs; run != inputs.runs_end; ++run) {
      const auto* input = reinterpret_cast<const std::int8_t*>(*run) + offset;
      const std::int32_t blocks = inputs.run_bytes >> 4;
      for (std::int32_t left = blocks; left > 0; --left) {
        AddGroup<0, 2>(input, weights, acc);
        AddGroup<1, 2>(input, weights, acc);
        input += kWindows ? steps[(blocks - left) & 1] : 16 * kPairedPixels;
      }
      if ((inputs.run_bytes & 8) != 0) AddGroup<0, 1>(input, weights, acc);
    }
  }

  // Where the tile has the eight inputs `group` of `groups` of a pair.
  static constexpr int PairOffset(int pair, int group, int groups) {
    if (kWindows || groups == 1) return 16 * (groups * pair + group);
    return 64 * (pair / 2) + 32 * group + 16 * (pair % 2);
  }

  // Eight inputs of each pixel. Of pair p and channels 2 c, 2 c + 1, acc[p][c] holds both channels
  // of the first pixel, then of the second.
  template <int kGroup, int kGroups, int kPairs>
  [[gnu::always_inline]] static void AddGroup(const std::int8_t* input, const std::int8_t*& weights,
                                              int32x4_t (&acc)[kPairs][4]) {
    int8x16_t w[4];
    LoadFour(weights, w);
#pragma GCC unroll 4
    for (int p = 0; p < kPairs; ++p) {
      const int8x16_t x = vld1q_s8(input + PairOffset(p, kGroup, kGroups));
#pragma GCC unroll 4
      for (int c = 0; c < 4; ++c) acc[p][c] = vmmlaq_s32(acc[p][c], x, w[c]);
    }
  }

  template <int kRows, int kPairs>
  [[gnu::always_inline]] static void Store(const PanelStage& stage, const Narrower& narrow,
                                           const int32x4_t (&acc)[kPairs][4], std::int8_t*& output,
                                           std::ptrdiff_t stride) {
    constexpr HalfRows kOrder = kWindows ? HalfRows::kNeighbours : HalfRows::kEvenOdd;
    int8x16_t pairs[kPairs];
    RequantizeTile(stage, narrow, acc, pairs);
    int8x16_t bytes[4];
#pragma GCC unroll 2
    for (int p = 0; p < kPairs; p += 2) {
      // Two bytes of each pixel of a pair in turn.
      const int16x8_t first = vreinterpretq_s16_s8(pairs[p]);
      const int16x8_t second = vreinterpretq_s16_s8(pairs[p + 1 < kPairs ? p + 1 : p]);
      const int8x16_t firsts = vreinterpretq_s8_s16(vuzp1q_s16(first, second));
      const int8x16_t others = vreinterpretq_s8_s16(vuzp2q_s16(first, second));
      bytes[kWindows ? p / 2 : p] = firsts;
      bytes[kWindows ? 2 + p / 2 : p + 1] = others;
    }
    StoreBytes<kRows, 8, kOrder>(bytes, output, stride);
  }
};

}  // namespace

void Conv2DI8mm(const Conv2DParams& p, const Work& work) {
  const PairedGemmPlan plan = PlanPairedGemm(p);
  std::int8_t* scratch = p.scratch + static_cast<std::size_t>(work.worker) * plan.scratch_bytes;
  if (plan.pointwise) {
    PairedPixels inputs(p, scratch);
    Gemm<GemmTileI8mm<false>> gemm(p, plan, 0, p.output_c / p.groups);
    gemm.RunFlat(inputs, work);
  } else {
    PairedRows inputs(p, plan, scratch, work.begin);
    Gemm<GemmTileI8mm<true>> gemm(p, plan, 0, p.output_c / p.groups);
    gemm.SetChunkSteps(inputs.chunk_step(), inputs.odd_chunk_step());
    gemm.RunBlocks(inputs, work.begin, work.end);
  }
}

void Conv2DI8mmColumns(const Conv2DParams& p, const Work& work) {
  const PairedColumnsPlan plan = PlanPairedColumns(p);
  RunGathered<GemmTileI8mm<false>, PairedColumns>(p, work, plan, plan.columns);
}

}  // namespace quaver::kernels
