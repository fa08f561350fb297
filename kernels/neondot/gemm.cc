#include "kernels/arm/memory.h"
#include "kernels/arm/plain_inputs.h"
#include "kernels/arm/window_columns.h"
#include "kernels/inventory.h"
#include "kernels/neondot/narrow_columns.h"
#include "kernels/neondot/tile.h"
#include "kernels/neondot/wide_columns.h"

namespace quaver::kernels {
namespace {

// SDOT by element: each of four lanes of a register of inputs, four inputs each, times the weights
// of four channels.
struct GemmTileDot {
  static constexpr WeightLayout kLayout = kGemm16x4Signed;
  // 16 accumulators; with them eight registers of inputs, and four or two of weights.
  template <int kChannels>
  static constexpr int kRows = 64 / kChannels;

  template <int kChannels>
  static void Prepare(const std::uint8_t* panel, const Narrower& narrow, PanelHead& head) {
    PreparePanel<kLayout.nr, kChannels / 4>(panel, narrow, head);
  }

  template <int kRows, int kChannels>
  [[gnu::noinline]] static void Run(const GemmTile& tile, const Narrower& narrow,
                                    std::int32_t tiles) {
    if constexpr (kRows == 4 && kChannels == 16) {
      RunFours(tile, narrow, tiles, nullptr);
    } else {
      ForEachTile<kRows, kChannels>(
          tile, kHeader, tiles,
          [&](const TileInputs& inputs, std::ptrdiff_t offset, const TileOutput& output)
              __attribute__((always_inline)) {
                int32x4_t acc[kRows][kChannels / 4];
                LoadBias(inputs.bias, acc);
                switch (inputs.run_bytes) {
                  case 4:
                    AddShortRuns<1>(inputs, offset, acc);
                    break;
                  case 8:
                    AddShortRuns<2>(inputs, offset, acc);
                    break;
                  case 12:
                    AddShortRuns<3>(inputs, offset, acc);
                    break;
                  default:
                    AddRuns(inputs, offset, acc);
                }
                StoreTile(output.stage, narrow, acc, output.to, output.stride);
              });
    }
  }

 private:
  static constexpr int kHeader = 3 * 4 * kLayout.nr;
  static constexpr int kGroupBytes = 4 * kLayout.nr;  // four inputs of all channels

  // `sums`: null, or where to write those of one tile.
  [[gnu::noinline]] static void RunFours(const GemmTile& tile, const Narrower& narrow,
                                         std::int32_t tiles, std::int32_t* sums) {
    const Form form = FormOf(tile);
    for (std::int32_t panel = 0; panel < tile.panel_count; ++panel) {
      const PanelHead& head = tile.heads[panel];
      const TileStage stage = sums != nullptr ? TileStage::kSums : TileStageOf(head.stage, narrow);
      if (__builtin_expect(stage == TileStage::kSums && sums == nullptr, 0)) {
        RunSums(tile, panel, narrow, tiles);
        continue;
      }
      std::int8_t* const output =
          sums != nullptr ? reinterpret_cast<std::int8_t*>(sums) : tile.output + panel * kLayout.nr;
      FourRows rows{{tile.runs, tile.runs + tile.run_count, tile.pixel_step, tile.run_bytes,
                     head.bias, tile.panels + panel * tile.panel_bytes + kHeader},
                    tile.input_offset,
                    output,
                    tile.output_stride,
                    head.stage.multipliers,
                    TileShifts(head.stage, stage),
                    narrow.zero_point(),
                    stage,
                    tiles};
      for (std::int32_t column = tile.columns; column > 0; --column) {
        RunForm(form, rows);
        rows.offset += tile.column_step;
        rows.output += tile.column_stride;
      }
    }
  }

  // Tiles of a panel whose stage is not in assembly.
  [[gnu::noinline, gnu::cold]] static void RunSums(const GemmTile& tile, std::int32_t panel,
                                                   const Narrower& narrow, std::int32_t tiles) {
    std::int32_t sums[4][16];
    GemmTile one = tile;
    one.heads += panel;
    one.panels += panel * tile.panel_bytes;
    one.panel_count = 1;
    one.columns = 1;
    for (std::int32_t column = 0; column < tile.columns; ++column) {
      std::int8_t* output = tile.output + panel * kLayout.nr + column * tile.column_stride;
      one.input_offset = tile.input_offset + column * tile.column_step;
      for (std::int32_t i = 0; i < tiles; ++i, one.input_offset += 4 * tile.pixel_step) {
        RunFours(one, narrow, 1, &sums[0][0]);
        int32x4_t acc[4][4];
#pragma GCC unroll 4
        for (int r = 0; r < 4; ++r) {
#pragma GCC unroll 4
          for (int v = 0; v < 4; ++v) acc[r][v] = vld1q_s32(sums[r] + 4 * v);
        }
        StoreTile(one.heads->stage, narrow, acc, output, tile.output_stride);
      }
    }
  }

  // Those of kernels/neondot/tile.h.
  enum class Form {
    kNeighbours8,
    kNeighbours16,
    kNeighbours24,
    k16,
    k32,
    k32s,
    kRunsOf32s,
    kThreeRunsOf48,
    kShort,
    kAny
  };

  static Form FormOf(const GemmTile& tile) {
    if (tile.run_count > 1) {
      if (tile.run_bytes == 48 && tile.run_count == 3) return Form::kThreeRunsOf48;
      if (tile.run_bytes % 32 == 0) return Form::kRunsOf32s;
      return tile.run_bytes < 16 ? Form::kShort : Form::kAny;
    }
    if (tile.run_bytes == 32) return Form::k32;
    if (tile.run_bytes % 32 == 0) return Form::k32s;
    const bool neighbours = tile.pixel_step == tile.run_bytes;
    switch (tile.run_bytes) {
      case 8:
        return neighbours ? Form::kNeighbours8 : Form::kAny;
      case 16:
        return neighbours ? Form::kNeighbours16 : Form::k16;
      case 24:
        return neighbours ? Form::kNeighbours24 : Form::kAny;
      default:
        return Form::kAny;
    }
  }

  [[gnu::always_inline]] static void RunForm(Form form, const FourRows& rows) {
    switch (form) {
      case Form::kNeighbours8:
        return RunNeighboursOf8(rows);
      case Form::kNeighbours16:
        return RunNeighboursOf16(rows);
      case Form::kNeighbours24:
        return RunNeighboursOf24(rows);
      case Form::k16:
        return RunFoursOf16(rows);
      case Form::k32:
        return RunFoursOf32(rows);
      case Form::k32s:
        return RunFoursOf32s(rows);
      case Form::kRunsOf32s:
        return RunRunsOf32s(rows);
      case Form::kThreeRunsOf48:
        return RunThreeRunsOf48(rows);
      case Form::kShort:
        return RunShortFours(rows);
      case Form::kAny:
        return RunAnyFours(rows);
    }
  }

  // Runs of kGroups groups.
  template <int kGroups, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddShortRuns(const TileInputs& inputs, std::ptrdiff_t offset,
                                                  int32x4_t (&acc)[kRows][kVectors]) {
    const auto* weights = reinterpret_cast<const std::int8_t*>(inputs.weights);
    for (const std::uint8_t* const* run = inputs.runs; run != inputs.runs_end; ++run) {
      const auto* first = reinterpret_cast<const std::int8_t*>(*run) + offset;
      int8x16_t x[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) x[r] = LoadGroups<kGroups>(first + r * inputs.pixel_step);
      AddGroups<kGroups>(x, weights, acc);
    }
  }

  template <int kRows, int kVectors>
  [[gnu::always_inline]] static void AddRuns(const TileInputs& inputs, std::ptrdiff_t offset,
                                             int32x4_t (&acc)[kRows][kVectors]) {
    // In blocks of 32 inputs where there are registers for them, else of 16.
    constexpr bool kLong = kRows <= 4;
    const auto* weights = reinterpret_cast<const std::int8_t*>(inputs.weights);
    const std::int32_t blocks = inputs.run_bytes / (kLong ? 32 : 16);
    for (const std::uint8_t* const* run = inputs.runs; run != inputs.runs_end; ++run) {
      const std::int8_t* input[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        input[r] = reinterpret_cast<const std::int8_t*>(*run) + offset + r * inputs.pixel_step;
      }
      for (std::int32_t block = blocks; block > 0; --block) {
        if constexpr (kLong) {
          int8x16_t low[kRows];
          int8x16_t high[kRows];
#pragma GCC unroll 8
          for (int r = 0; r < kRows; ++r) LoadTwo<32>(input[r], low[r], high[r]);
          AddGroups<4>(low, weights, acc);
          AddGroups<4>(high, weights, acc);
        } else {
          AddBlock<4>(input, weights, acc);
        }
      }
      if (kLong && (inputs.run_bytes & 16) != 0) AddBlock<4>(input, weights, acc);
      if ((inputs.run_bytes & 12) == 12) {
        AddBlock<3>(input, weights, acc);
      } else {
        if ((inputs.run_bytes & 8) != 0) AddBlock<2>(input, weights, acc);
        if ((inputs.run_bytes & 4) != 0) AddBlock<1>(input, weights, acc);
      }
    }
  }

  template <int kGroups, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddBlock(const std::int8_t* (&input)[kRows],
                                              const std::int8_t*& weights,
                                              int32x4_t (&acc)[kRows][kVectors]) {
    int8x16_t x[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      x[r] = LoadGroups<kGroups>(input[r]);
      input[r] += 4 * kGroups;
    }
    AddGroups<kGroups>(x, weights, acc);
  }

  // Groups of four inputs: three are read with one more.
  template <int kGroups>
  [[gnu::always_inline]] static int8x16_t LoadGroups(const std::int8_t* p) {
    if constexpr (kGroups >= 3) return vld1q_s8(p);
    const int8x8_t none = vdup_n_s8(0);
    if constexpr (kGroups == 2) return vcombine_s8(vld1_s8(p), none);
    std::int32_t four;
    std::memcpy(&four, p, 4);
    return vreinterpretq_s8_s32(vsetq_lane_s32(four, vdupq_n_s32(0), 0));
  }

  template <int kGroups, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddGroups(const int8x16_t (&x)[kRows],
                                               const std::int8_t*& weights,
                                               int32x4_t (&acc)[kRows][kVectors]) {
    AddGroup<0>(x, weights, acc);
    if constexpr (kGroups > 1) AddGroup<1>(x, weights, acc);
    if constexpr (kGroups > 2) AddGroup<2>(x, weights, acc);
    if constexpr (kGroups > 3) AddGroup<3>(x, weights, acc);
  }

  // Four inputs of each row: lane `lane` of x.
  template <int lane, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddGroup(const int8x16_t (&x)[kRows],
                                              const std::int8_t*& weights,
                                              int32x4_t (&acc)[kRows][kVectors]) {
    int8x16_t w[kVectors];
    if constexpr (kVectors == 4) {
      LoadFour(weights, w);
    } else {
      LoadTwo<kGroupBytes>(weights, w[0], w[1]);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) acc[r][v] = vdotq_laneq_s32(acc[r][v], w[v], x[r], lane);
    }
  }
};

/// For windows that are gathered in columns.
struct ColumnsTileDot : GemmTileDot {
  template <int kChannels>
  static constexpr int kRows = 4;

  template <int kRows, int kChannels>
  static void Run(const GemmTile& tile, const Narrower& narrow, std::int32_t tiles) {
    GemmTile panel = tile;
    panel.panel_count = 1;
    for (std::int32_t i = 0; i < tile.panel_count; ++i) {
      panel.heads = tile.heads + i;
      panel.panels = tile.panels + i * tile.panel_bytes;
      panel.output = tile.output + i * kChannels;
      RunPanel<kRows, kChannels>(panel, narrow, tiles);
    }
  }

 private:
  template <int kRows, int kChannels>
  static void RunPanel(const GemmTile& tile, const Narrower& narrow, std::int32_t tiles) {
    if constexpr (kRows == 4) {
      const TileStage stage = TileStageOf(tile.heads->stage, narrow);
      if (__builtin_expect(stage != TileStage::kSums, 1)) {
        constexpr auto kRun = kChannels == 8 ? &RunNarrowColumns : &RunWideColumns;
        return kRun(tile, narrow.zero_point(), stage, tiles);
      }
    }
    GemmTile rest = tile;
    if constexpr (kRows < 4) {
      if (tiles == 1) RunAcross<kRows, kChannels>(narrow, rest);
      if (rest.columns == 0) return;
    }
    GemmTileDot::Run<kRows, kChannels>(rest, narrow, tiles);
  }

  // The few pixels with which columns end: tiles across four columns each, which are left out then.
  template <int kRows, int kChannels>
  static void RunAcross(const Narrower& narrow, GemmTile& tile) {
    const std::int32_t tiles = tile.columns / 4;
    if (tiles == 0) return;
    GemmTile across = tile;
    across.pixel_step = tile.column_step;
    across.output_stride = tile.column_stride;
    across.columns = kRows;
    across.column_step = tile.pixel_step;
    across.column_stride = tile.output_stride;
    RunPanel<4, kChannels>(across, narrow, tiles);
    tile.columns -= 4 * tiles;
    tile.input_offset += 4 * tiles * tile.column_step;
    tile.output += 4 * tiles * tile.column_stride;
  }
};

}  // namespace

void Conv2DNeonDot(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileDot>(params, work);
}

void Conv2DNeonDotColumns(const Conv2DParams& params, const Work& work) {
  RunColumns<ColumnsTileDot>(params, work);
}

void FullyConnectedNeonDot(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<GemmTileDot>(params, work);
}

}  // namespace quaver::kernels
