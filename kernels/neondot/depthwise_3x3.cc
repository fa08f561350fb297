#include "kernels/arm/depthwise_3x3.h"

#include "kernels/inventory.h"
#include "kernels/neondot/depthwise_rows.h"

namespace quaver::kernels {
namespace {

// SDOT of a column of four rows: byte r of channel c is row r. The second of two output rows takes
// the same columns with its weights one row further down.
struct Dot3x3 {
  static constexpr int kGranules = 3;
  static constexpr int kGranuleBytes = 4;
  static constexpr bool kHasRows = true;

  static bool AllowsFast(const std::uint8_t* /*panel*/, std::ptrdiff_t /*panel_bytes*/,
                         int /*panels*/) {
    return true;
  }

  template <int kVectors, int kInputRows>
  struct Column {
    int8x16_t v[kVectors];

    static Column Of(std::int8_t value) {
      Column column;
      for (int8x16_t& v : column.v) v = vdupq_n_s8(value);
      return column;
    }

    // Of three rows the fourth has no weights.
    [[gnu::always_inline]] static Column Load(Address (&rows)[kInputRows],
                                              const std::ptrdiff_t (&steps)[kInputRows]) {
      int8x16_t r[4];
#pragma GCC unroll 4
      for (int i = 0; i < kInputRows; ++i) {
        r[i] = kVectors == 4 ? LoadAndMove(rows[i], steps[i]) : LoadHalfAndMove(rows[i], steps[i]);
      }
      if constexpr (kInputRows == 3) r[3] = r[2];
      Column column;
      Zip(vzip1q_s8(r[0], r[2]), vzip1q_s8(r[1], r[3]), column.v[0], column.v[1]);
      if constexpr (kVectors == 4) {
        Zip(vzip2q_s8(r[0], r[2]), vzip2q_s8(r[1], r[3]), column.v[2], column.v[3]);
      }
      return column;
    }

   private:
    [[gnu::always_inline]] static void Zip(int8x16_t even, int8x16_t odd, int8x16_t& low,
                                           int8x16_t& high) {
      low = vzip1q_s8(even, odd);
      high = vzip2q_s8(even, odd);
    }
  };

  template <int kVectors, int kRows>
  struct Weights {
    int8x16_t v[kRows][kTaps3x3][kVectors];

    Weights(const std::uint8_t* panels, std::ptrdiff_t panel_bytes) {
#pragma GCC unroll 3
      for (int kx = 0; kx < kTaps3x3; ++kx) {
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) {
          const std::uint8_t* source =
              panels + i / 2 * panel_bytes + kWeightsOffset + 32 * kx + i % 2 * 16;
          const uint32x4_t w = vreinterpretq_u32_u8(vld1q_u8(source));
          v[0][kx][i] = vreinterpretq_s8_u32(w);
          if constexpr (kRows == 2) v[1][kx][i] = vreinterpretq_s8_u32(vshlq_n_u32(w, 8));
        }
      }
    }
  };

  template <bool kFast, int kVectors, int kRows, int kInputRows>
  [[gnu::always_inline]] static void Sum(const Biases& biases,
                                         const Weights<kVectors, kRows>& weights,
                                         const Column<kVectors, kInputRows>& a,
                                         const Column<kVectors, kInputRows>& b,
                                         const Column<kVectors, kInputRows>& c,
                                         int32x4_t (&acc)[kRows][kVectors]) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; ++r) biases.Load(r, acc[r]);
    const auto add = [&](int kx, const Column<kVectors, kInputRows>& column)
        __attribute__((always_inline)) {
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          acc[r][v] = vdotq_s32(acc[r][v], column.v[v], weights.v[r][kx][v]);
        }
      }
    };
    add(0, a);
    add(1, b);
    add(2, c);
  }

  template <int kStride>
  static void Run(StageKind stage, RowsOfBlocks* rows) {
    constexpr auto kShort = kStride == 1 ? RunDepthwisePairs<true> : RunDepthwiseWide<true>;
    constexpr auto kAny = kStride == 1 ? RunDepthwisePairs<false> : RunDepthwiseWide<false>;
    stage == StageKind::kShortRelu ? kShort(rows) : kAny(rows);
  }
};

}  // namespace

void Depthwise3x3NeonDot(const DepthwiseConv2DParams& params, const Work& work) {
  Depthwise3x3<Dot3x3>(params).Run(work.begin, work.end);
}

}  // namespace quaver::kernels
