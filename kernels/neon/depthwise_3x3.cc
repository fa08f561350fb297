#include "kernels/arm/depthwise_3x3.h"

#include <type_traits>

#include "kernels/inventory.h"
#include "kernels/neon/depthwise_rows.h"

namespace quaver::kernels {
namespace {

inline int8x8_t Low(int8x8_t v) { return v; }
inline int8x8_t Low(int8x16_t v) { return vget_low_s8(v); }

// SMULL and SMLAL of bytes: two products are added in 16 bits before they are added to the sums,
// which is exact where no weight is -128 (docs/arithmetic.md).
struct Taps3x3 {
  static constexpr int kTaps = kTaps3x3 * kTaps3x3;
  static constexpr int kGranules = kTaps;
  static constexpr int kGranuleBytes = 1;
#ifdef __aarch64__
  static constexpr bool kHasRows = true;

  template <int kStride>
  static void Run(StageKind stage, RowsOfBlocks* rows) {
    constexpr auto kShort = kStride == 1 ? RunDepthwisePairs<true> : RunDepthwiseWide<true>;
    constexpr auto kAny = kStride == 1 ? RunDepthwisePairs<false> : RunDepthwiseWide<false>;
    stage == StageKind::kShortRelu ? kShort(rows) : kAny(rows);
  }
#else
  static constexpr bool kHasRows = false;
#endif

  static bool AllowsFast(const std::uint8_t* panel, std::ptrdiff_t panel_bytes, int panels) {
    int8x16_t least = vdupq_n_s8(0);
    for (int i = 0; i < panels; ++i, panel += panel_bytes) {
      const auto* weights = reinterpret_cast<const std::int8_t*>(panel + kWeightsOffset);
      // The last sixteen overlap those before.
      constexpr int kLast = kTaps * kPanelChannels - 16;
      for (int at = 0; at < kLast; at += 16) least = vminq_s8(least, vld1q_s8(weights + at));
      least = vminq_s8(least, vld1q_s8(weights + kLast));
    }
    return SmallestLane(least) > INT8_MIN;
  }

  // The bytes of kVectors * 4 channels.
  template <int kVectors>
  using Bytes = std::conditional_t<kVectors == 2, int8x8_t, int8x16_t>;

  template <int kVectors, int kInputRows>
  struct Column {
    Bytes<kVectors> row[kInputRows];

    static Column Of(std::int8_t value) {
      Column column;
      for (Bytes<kVectors>& row : column.row) {
        if constexpr (kVectors == 2) {
          row = vdup_n_s8(value);
        } else {
          row = vdupq_n_s8(value);
        }
      }
      return column;
    }
    [[gnu::always_inline]] static Column Load(Address (&rows)[kInputRows],
                                              const std::ptrdiff_t (&steps)[kInputRows]) {
      Column column;
#pragma GCC unroll 4
      for (int i = 0; i < kInputRows; ++i) {
        if constexpr (kVectors == 2) {
          column.row[i] = LoadEightAndMove(rows[i], steps[i]);
        } else {
          column.row[i] = LoadAndMove(rows[i], steps[i]);
        }
      }
      return column;
    }
  };

  template <int kVectors, int kRows>
  struct Weights {
    Bytes<kVectors> tap[kTaps];

    Weights(const std::uint8_t* panels, std::ptrdiff_t panel_bytes) {
#pragma GCC unroll 9
      for (int t = 0; t < kTaps; ++t) {
        if constexpr (kVectors == 2) {
          tap[t] = LoadTap(panels, t);
        } else {
          tap[t] = vcombine_s8(LoadTap(panels, t), LoadTap(panels + panel_bytes, t));
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
    for (int r = 0; r < kRows; ++r) {
      biases.Load(0, acc[r]);
      const auto input = [&](int t) __attribute__((always_inline)) {
        const Column<kVectors, kInputRows>& column = t < 3 ? a : t < 6 ? b : c;
        return column.row[r + t % 3];
      };
      constexpr int kStep = kFast ? 2 : 1;
#pragma GCC unroll 9
      for (int t = 0; t < kTaps; t += kStep) {
        int16x8_t low = vmull_s8(Low(input(t)), Low(weights.tap[t]));
        const bool pair = kFast && t + 1 < kTaps;
        if (pair) low = vmlal_s8(low, Low(input(t + 1)), Low(weights.tap[t + 1]));
        acc[r][0] = vaddw_s16(acc[r][0], vget_low_s16(low));
        acc[r][1] = AddHigh(acc[r][1], low);
        if constexpr (kVectors == 4) {
          int16x8_t high = MultiplyHigh(input(t), weights.tap[t]);
          if (pair) high = MultiplyAddHigh(high, input(t + 1), weights.tap[t + 1]);
          acc[r][2] = vaddw_s16(acc[r][2], vget_low_s16(high));
          acc[r][3] = AddHigh(acc[r][3], high);
        }
      }
    }
  }

 private:
  static int8x8_t LoadTap(const std::uint8_t* panel, int t) {
    return vreinterpret_s8_u8(vld1_u8(panel + kWeightsOffset + kPanelChannels * t));
  }
};

}  // namespace

void Depthwise3x3Neon(const DepthwiseConv2DParams& params, const Work& work) {
  Depthwise3x3<Taps3x3>(params).Run(work.begin, work.end);
}

}  // namespace quaver::kernels
