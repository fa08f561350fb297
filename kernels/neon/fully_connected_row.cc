#include "kernels/arm/fully_connected_row.h"

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SMULL and SMLAL of pairs of inputs, each in all lanes, times those of four channels, and SADALP
// of the sums of two or four products: as many as the panel says that fit 16 bits
// (kernels/packing.h).
struct RowPairs {
  static constexpr WeightLayout kLayout = kGemm16x4Pairs;
  static constexpr int kBlock = 8;

  static void Add(const InputRow<kBlock>& row, const std::uint8_t* panel,
                  std::ptrdiff_t panel_bytes, int32x4_t (&acc)[4]) {
    const bool two_fit = panel[panel_bytes - 1] == 0;
    if (__builtin_expect(two_fit, 1)) {
      AddRow<true>(row, panel, acc);
    } else {
      AddRow<false>(row, panel, acc);
    }
  }

 private:
  template <bool kTwoFit>
  [[gnu::always_inline]] static void AddRow(const InputRow<kBlock>& row, const std::uint8_t* panel,
                                            int32x4_t (&acc)[4]) {
    const auto* weights = reinterpret_cast<const std::int8_t*>(panel + kWideHeaderBytes);
    const std::int8_t* input = row.input;
    const std::uint8_t* note =
        panel + kWideHeaderBytes + (2 * row.blocks + row.tail_groups) * kWideGroupBytes;
    for (const std::uint8_t* const end = note + row.blocks; note != end; ++note) {
      PairInAllLanes x[4];
      int8x16_t first[4];
      int8x16_t second[4];
      SpreadFourPairs(input, x);
      LoadGroup(weights, first);
      LoadGroup(weights, second);
      if (kTwoFit && __builtin_expect(*note == 0, 1)) {
        AddFourProducts(x, first, second, acc);
      } else {
        AddGroup<kTwoFit>(x[0], x[1], first, acc);
        AddGroup<kTwoFit>(x[2], x[3], second, acc);
      }
    }
    for (std::int32_t g = 0; g < row.tail_groups; ++g) {
      int8x16_t w[4];
      LoadGroup(weights, w);
      PairInAllLanes x[2];
      SpreadTwoPairs(row.tail + 4 * g, x);
      AddGroup<kTwoFit>(x[0], x[1], w, acc);
    }
  }

  // By LDP, which names no registers.
  [[gnu::always_inline]] static void LoadGroup(const std::int8_t*& weights, int8x16_t (&w)[4]) {
    LoadTwo<32>(weights, w[0], w[1]);
    LoadTwo<32>(weights, w[2], w[3]);
  }

  // Two groups of four inputs; two vectors at a time, as 16 registers have no room for more.
  [[gnu::always_inline]] static void AddFourProducts(const PairInAllLanes (&x)[4],
                                                     const int8x16_t (&first)[4],
                                                     const int8x16_t (&second)[4],
                                                     int32x4_t (&acc)[4]) {
#pragma GCC unroll 2
    for (int v = 0; v < 4; v += 2) {
      int16x8_t low = MultiplyLow(first[v], x[0]);
      int16x8_t high = MultiplyLow(first[v + 1], x[0]);
      low = MultiplyAddHigh(low, first[v], x[1]);
      high = MultiplyAddHigh(high, first[v + 1], x[1]);
      low = MultiplyAddLow(low, second[v], x[2]);
      high = MultiplyAddLow(high, second[v + 1], x[2]);
      low = MultiplyAddHigh(low, second[v], x[3]);
      high = MultiplyAddHigh(high, second[v + 1], x[3]);
      acc[v] = vpadalq_s16(acc[v], low);
      acc[v + 1] = vpadalq_s16(acc[v + 1], high);
    }
  }

  template <bool kTwoFit>
  [[gnu::always_inline]] static void AddGroup(PairInAllLanes x0, PairInAllLanes x1,
                                              const int8x16_t (&w)[4], int32x4_t (&acc)[4]) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      const int16x8_t low = MultiplyLow(w[v], x0);
      if constexpr (kTwoFit) {
        acc[v] = vpadalq_s16(acc[v], MultiplyAddHigh(low, w[v], x1));
      } else {
        acc[v] = vpadalq_s16(vpadalq_s16(acc[v], low), MultiplyHigh(w[v], x1));
      }
    }
  }
};

}  // namespace

void FullyConnectedRowNeon(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnectedRow<RowPairs>(params, work);
}

}  // namespace quaver::kernels
