#include "kernels/arm/memory.h"
#include "kernels/arm/plain_inputs.h"
#include "kernels/arm/window_columns.h"
#include "kernels/inventory.h"
#include "kernels/neon/tile.h"

namespace quaver::kernels {
namespace {

/// How many products are added in 16 bits: one of SMULL, two with SMLAL, or four.
enum class Products { kOne, kTwo, kFour };

// SMULL and SMLAL of pairs of inputs, the same pair in all lanes, times those of four channels:
// eight int16 that SADALP adds to four sums. A panel says how many products fit 16 bits
// (kernels/packing.h).
struct GemmTileNeon {
  static constexpr WeightLayout kLayout = kGemm16x4Pairs;
  // 16 accumulators of 32 registers; with them eight of weights and four of inputs. Of 16, four.
  template <int kChannels>
  static constexpr int kRows = (kVectorRegisters == 32 ? 64 : 16) / kChannels;

  template <int kChannels>
  static void Prepare(const std::uint8_t* panel, const Narrower& narrow, PanelHead& head) {
    PreparePanel<kLayout.nr, kChannels / 4>(panel, narrow, head);
  }

  template <int kRows, int kChannels>
  static void Run(const GemmTile& tile, const Narrower& narrow, std::int32_t tiles) {
    GemmTile one = tile;
    one.panel_count = 1;
    for (std::int32_t panels = tile.panel_count; panels > 0; --panels) {
      RunPanel<kRows, kChannels>(one, narrow, tiles);
      one.panels += tile.panel_bytes;
      one.output += kChannels;
      ++one.heads;
    }
  }

 private:
  static constexpr int kHeader = 3 * 4 * kLayout.nr;
  static constexpr int kGroupBytes = 4 * kLayout.nr;  // four inputs of all channels

  template <int kRows, int kChannels>
  static void RunPanel(const GemmTile& tile, const Narrower& narrow, std::int32_t tiles) {
    if (__builtin_expect(tile.panels[tile.panel_bytes - 1] != 0, 0)) {
      return RunTiles<1, kChannels, Products::kOne>(tile, narrow, tiles * kRows);
    }
#ifdef __aarch64__
    if constexpr (kRows == 4 && kChannels == 16) {
      if (tile.heads->stage.kind != GemmStage::kAny) return RunFours(tile, narrow, tiles);
    }
#endif
    RunTiles<kRows, kChannels, Products::kFour>(tile, narrow, tiles);
  }

  // At most kProducts at a time, and four only where the notes allow it.
  template <int kRows, int kChannels, Products kProducts>
  [[gnu::noinline]] static void RunTiles(const GemmTile& tile, const Narrower& narrow,
                                         std::int32_t tiles) {
    const std::uint8_t* const notes = NotesOf(tile);
    ForEachTile<kRows, kChannels>(
        tile, kHeader, tiles,
        [&](const TileInputs& inputs, std::ptrdiff_t offset, const TileOutput& output)
            __attribute__((always_inline)) {
              int32x4_t acc[kRows][kChannels / 4];
              LoadBias(inputs.bias, acc);
              AddRuns<kProducts>(inputs, offset, notes, acc);
              StoreTile(output.stage, narrow, acc, output.to, output.stride);
            });
  }

  // The bytes behind the weights of a panel.
  static const std::uint8_t* NotesOf(const GemmTile& tile) {
    return tile.panels + kHeader + std::ptrdiff_t{tile.run_count} * tile.run_bytes * kLayout.nr;
  }

#ifdef __aarch64__
  // Precondition: the stage is not kAny, whose call would keep what the loop needs out of
  // registers.
  [[gnu::noinline]] static void RunFours(const GemmTile& tile, const Narrower& narrow,
                                         std::int32_t tiles) {
    const std::int32_t* const bias = tile.heads->bias;
    const std::uint8_t* const weights = tile.panels + kHeader;
    const std::ptrdiff_t first_code = *NotesOf(tile) * kCodeBytes;
    const std::uint8_t* const notes = NotesOf(tile) + 1;
    const std::ptrdiff_t pixel_step = tile.pixel_step;
    const RunsOfPixels of_pixel = {tile.run_bytes, std::ptrdiff_t{tile.run_count - 1} * 8};
    const PanelStage stage = tile.heads->stage;
    if (stage.kind < GemmStage::kShortRelu || stage.kind > GemmStage::kRight) {
      __builtin_unreachable();
    }
    const std::ptrdiff_t stride = tile.output_stride;
    const std::uint8_t* const* runs = tile.runs;
    const Address first_run = reinterpret_cast<Address>(runs[0]);
    const Address last_run = reinterpret_cast<Address>(runs[tile.run_count - 1]);
    // From where a tile's last run ends to where the next tile's first one begins.
    const Address next_tile =
        first_run - last_run + static_cast<Address>(4 * tile.pixel_step - tile.run_bytes);
    Address column_input = first_run + static_cast<Address>(tile.input_offset);
    std::int8_t* column_output = tile.output;
    std::int32_t columns = tile.columns;
    do {
      Address input = column_input;
      std::int8_t* output = column_output;
      for (std::int32_t i = tiles; i > 0; --i, input += next_tile) {
        int32x4_t acc[4][4];
        MultiplyFour({bias, weights, first_code, notes, pixel_step}, of_pixel, input, runs, acc);
        StoreTile(stage, narrow, acc, output, stride);
      }
      column_input += static_cast<Address>(tile.column_step);
      column_output += tile.column_stride;
    } while (--columns > 0);
  }
#endif

  template <Products kProducts, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddRuns(const TileInputs& inputs, std::ptrdiff_t offset,
                                             const std::uint8_t* notes,
                                             int32x4_t (&acc)[kRows][kVectors]) {
    constexpr Products kLess = kProducts == Products::kOne ? Products::kOne : Products::kTwo;
    const auto* weights = reinterpret_cast<const std::int8_t*>(inputs.weights);
    const std::int32_t blocks = inputs.run_bytes >> 3;
    for (const std::uint8_t* const* run = inputs.runs; run != inputs.runs_end; ++run) {
      const std::int8_t* input[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        input[r] = reinterpret_cast<const std::int8_t*>(*run) + offset + r * inputs.pixel_step;
      }
      const std::uint8_t* const blocks_end = notes + blocks;
      while (notes != blocks_end) {
        const bool four_fit = FourFit<kVectors>(*notes++);
        if (kProducts == Products::kFour && __builtin_expect(four_fit, 1)) {
          AddEight<Products::kFour>(input, weights, acc);
        } else {
          AddEight<kLess>(input, weights, acc);
        }
      }
      if ((inputs.run_bytes & 4) != 0) {
        AddFour<kLess>(input, weights, acc);
        ++notes;
      }
      ++notes;  // of the run's end
    }
  }

  // Whether the notes of a block allow four products for each of the tile's vectors.
  template <int kVectors>
  static bool FourFit(std::uint8_t note) {
    return kVectors == 4 ? note == 0 : note % (1U << kVectors) == 0;
  }

  // The weights of a group: of kVectors blocks of four channels.
  template <int kVectors>
  [[gnu::always_inline]] static void LoadGroup(const std::int8_t*& p, int8x16_t (&w)[kVectors]) {
    if constexpr (kVectors == 4) {
      LoadFour(p, w);
    } else {
      LoadTwo<kGroupBytes>(p, w[0], w[1]);
    }
  }

  template <Products kProducts, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddEight(const std::int8_t* (&input)[kRows],
                                              const std::int8_t*& weights,
                                              int32x4_t (&acc)[kRows][kVectors]) {
    int8x16_t first[kVectors];
    int8x16_t second[kVectors];
    LoadGroup(weights, first);
    if constexpr (kVectors == 4) {
      LoadFourMore(weights, second);
    } else {
      LoadGroup(weights, second);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      PairInAllLanes x[4];
      SpreadFourPairs(input[r], x);
      // Two vectors at a time, of which one need not wait for the other.
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v += 2) {
        if constexpr (kProducts == Products::kFour) {
          int16x8_t low = MultiplyLow(first[v], x[0]);
          int16x8_t high = MultiplyLow(first[v + 1], x[0]);
          low = MultiplyAddHigh(low, first[v], x[1]);
          high = MultiplyAddHigh(high, first[v + 1], x[1]);
          low = MultiplyAddLow(low, second[v], x[2]);
          high = MultiplyAddLow(high, second[v + 1], x[2]);
          low = MultiplyAddHigh(low, second[v], x[3]);
          high = MultiplyAddHigh(high, second[v + 1], x[3]);
          acc[r][v] = vpadalq_s16(acc[r][v], low);
          acc[r][v + 1] = vpadalq_s16(acc[r][v + 1], high);
        } else {
          acc[r][v] = AddGroup<kProducts>(acc[r][v], first[v], x[0], x[1]);
          acc[r][v + 1] = AddGroup<kProducts>(acc[r][v + 1], first[v + 1], x[0], x[1]);
          acc[r][v] = AddGroup<kProducts>(acc[r][v], second[v], x[2], x[3]);
          acc[r][v + 1] = AddGroup<kProducts>(acc[r][v + 1], second[v + 1], x[2], x[3]);
        }
      }
    }
  }

  template <Products kProducts, int kRows, int kVectors>
  [[gnu::always_inline]] static void AddFour(const std::int8_t* (&input)[kRows],
                                             const std::int8_t*& weights,
                                             int32x4_t (&acc)[kRows][kVectors]) {
    int8x16_t w[kVectors];
    LoadGroup(weights, w);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      PairInAllLanes x[2];
      SpreadTwoPairs(input[r], x);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        acc[r][v] = AddGroup<kProducts>(acc[r][v], w[v], x[0], x[1]);
      }
    }
  }

  template <Products kProducts>
  [[gnu::always_inline]] static int32x4_t AddGroup(int32x4_t sum, int8x16_t w, PairInAllLanes x0,
                                                   PairInAllLanes x1) {
    const int16x8_t low = MultiplyLow(w, x0);
    if constexpr (kProducts == Products::kTwo) {
      return vpadalq_s16(sum, MultiplyAddHigh(low, w, x1));
    } else {
      return vpadalq_s16(vpadalq_s16(sum, low), MultiplyHigh(w, x1));
    }
  }
};

}  // namespace

void Conv2DNeon(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileNeon>(params, work);
}

void Conv2DNeonColumns(const Conv2DParams& params, const Work& work) {
  RunColumns<GemmTileNeon>(params, work);
}

void FullyConnectedNeon(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<GemmTileNeon>(params, work);
}

}  // namespace quaver::kernels
