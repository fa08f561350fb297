#include "kernels/arm/gemm.h"

#include "kernels/arm/memory.h"
#include "kernels/arm/paired_inputs.h"
#include "kernels/i8mm/tile.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SMMLA: two pixels of eight inputs by two channels of eight weights each.
struct GemmTileI8mm {
  static constexpr WeightLayout kLayout = kGemm8x8;
  // 16 accumulators; with them eight registers of inputs and four of weights.
  template <int kChannels>
  static constexpr int kRows = 8;
  static constexpr bool kEvenTiles = true;
  static constexpr int kInputBytes = 2;

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
    constexpr int kPairs = (kRows + 1) / 2;
    ForEachTile<kRows>(
        tile, kHeader, tiles,
        [&](const TileInputs& inputs, std::ptrdiff_t offset, const TileOutput& output)
            __attribute__((always_inline)) {
              int32x4_t acc[kPairs][4];
              if constexpr (kPairs == 4) {
                MultiplyEight(inputs, offset, acc);
              } else {
                LoadBias(*tile.head, acc);
                AddRuns(inputs, offset, acc);
              }
              Store<kRows>(output.stage, narrow, acc, output.to, output.stride);
            });
  }

 private:
  static constexpr int kHeader = 3 * 4 * kLayout.nr;

  template <int kPairs>
  [[gnu::always_inline]] static void AddRuns(const TileInputs& inputs, std::ptrdiff_t offset,
                                             int32x4_t (&acc)[kPairs][4]) {
    const auto* weights = reinterpret_cast<const std::int8_t*>(inputs.weights);
    const std::int32_t blocks = inputs.run_bytes >> 5;
    for (const std::uint8_t* const* run = inputs.runs; run != inputs.runs_end; ++run) {
      const std::int8_t* input[kPairs];
#pragma GCC unroll 4
      for (int p = 0; p < kPairs; ++p) {
        input[p] = reinterpret_cast<const std::int8_t*>(*run) + offset + 2 * p * inputs.pixel_step;
      }
      for (std::int32_t block = blocks; block > 0; --block) {
        AddSixteen(input, weights, acc);
        AddSixteen(input, weights, acc);
      }
      if ((inputs.run_bytes & 16) != 0) AddSixteen(input, weights, acc);
      if ((inputs.run_bytes & 8) != 0) {
        int8x16_t x[kPairs];
#pragma GCC unroll 4
        for (int p = 0; p < kPairs; ++p) x[p] = vld1q_s8(input[p]);
        AddGroup(x, weights, acc);
      }
    }
  }

  template <int kPairs>
  [[gnu::always_inline]] static void AddSixteen(const std::int8_t* (&input)[kPairs],
                                                const std::int8_t*& weights,
                                                int32x4_t (&acc)[kPairs][4]) {
    int8x16_t first[kPairs];
    int8x16_t second[kPairs];
#pragma GCC unroll 4
    for (int p = 0; p < kPairs; ++p) LoadTwo<32>(input[p], first[p], second[p]);
    AddGroup(first, weights, acc);
    AddGroup(second, weights, acc);
  }

  // Eight inputs of each pixel. Of pair p and channels 2 c, 2 c + 1, acc[p][c] holds both channels
  // of the first pixel, then of the second.
  template <int kPairs>
  [[gnu::always_inline]] static void AddGroup(const int8x16_t (&x)[kPairs],
                                              const std::int8_t*& weights,
                                              int32x4_t (&acc)[kPairs][4]) {
    int8x16_t w[4];
    LoadFour(weights, w);
#pragma GCC unroll 4
    for (int p = 0; p < kPairs; ++p) {
#pragma GCC unroll 4
      for (int c = 0; c < 4; ++c) acc[p][c] = vmmlaq_s32(acc[p][c], x[p], w[c]);
    }
  }

  template <int kRows, int kPairs>
  [[gnu::always_inline]] static void Store(const PanelStage& stage, const Narrower& narrow,
                                           const int32x4_t (&acc)[kPairs][4], std::int8_t*& output,
                                           std::ptrdiff_t stride) {
    int8x16_t pairs[kPairs];
    RequantizeTile(stage, narrow, acc, pairs);
    int8x16_t bytes[(kPairs + 1) / 2 * 2];
#pragma GCC unroll 4
    for (int p = 0; p < kPairs; p += 2) {
      // Two bytes of each pixel of a pair in turn.
      const int16x8_t first = vreinterpretq_s16_s8(pairs[p]);
      const int16x8_t second = vreinterpretq_s16_s8(pairs[p + 1 < kPairs ? p + 1 : p]);
      bytes[p] = vreinterpretq_s8_s16(vuzp1q_s16(first, second));
      bytes[p + 1] = vreinterpretq_s8_s16(vuzp2q_s16(first, second));
    }
    StoreBytes<kRows, 8, HalfRows::kEvenOdd>(bytes, output, stride);
  }
};

}  // namespace

void Conv2DI8mm(const Conv2DParams& p, const Work& work) {
  const ArmGemmPlan plan = PlanPairedGemm(p);
  std::int8_t* scratch = p.scratch + static_cast<std::size_t>(work.worker) * plan.scratch_bytes;
  Gemm<GemmTileI8mm> gemm(p, plan, 0, p.output_c / p.groups);
  if (plan.pointwise) {
    PairedPixels inputs(p, scratch, work.begin);
    gemm.Run(inputs, work);
  } else {
    PairedRows inputs(p, plan, scratch, work.begin);
    gemm.RunRows(inputs, work.begin, work.end);
  }
}

}  // namespace quaver::kernels
