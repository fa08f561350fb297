#include "kernels/arm/fully_connected_row.h"

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SDOT by element: a register of inputs holds four groups.
struct RowDot {
  static constexpr WeightLayout kLayout = kGemm16x4Signed;
  static constexpr int kBlock = 16;

  static void Add(const InputRow<kBlock>& row, const std::uint8_t* panel,
                  std::ptrdiff_t /*panel_bytes*/, int32x4_t (&acc)[4]) {
    const auto* weights = reinterpret_cast<const std::int8_t*>(panel + kWideHeaderBytes);
    const std::int8_t* input = row.input;
    for (std::int32_t blocks = row.blocks; blocks >= 2; blocks -= 2) {
      int8x16_t low;
      int8x16_t high;
      LoadTwo<2 * kBlock>(input, low, high);
      AddBlock(low, weights, acc);
      AddBlock(high, weights, acc);
    }
    if (row.blocks % 2 != 0) AddBlock(vld1q_s8(input), weights, acc);
    for (std::int32_t g = 0; g < row.tail_groups; ++g) {
      std::int32_t four;
      std::memcpy(&four, row.tail + 4 * g, 4);
      int8x16_t w[4];
      LoadFour(weights, w, acc);
      AddGroup<0>(vreinterpretq_s8_s32(vdupq_n_s32(four)), w, acc);
    }
  }

 private:
  // Each group is loaded while the one before it is multiplied.
  [[gnu::always_inline]] static void AddBlock(int8x16_t x, const std::int8_t*& weights,
                                              int32x4_t (&acc)[4]) {
    int8x16_t even[4];
    int8x16_t odd[4];
    LoadFour(weights, even, acc);
    LoadFourMore(weights, odd, acc);
    AddGroup<0>(x, even, acc);
    LoadFour(weights, even, acc);
    AddGroup<1>(x, odd, acc);
    LoadFourMore(weights, odd, acc);
    AddGroup<2>(x, even, acc);
    AddGroup<3>(x, odd, acc);
  }

  template <int kLane>
  [[gnu::always_inline]] static void AddGroup(int8x16_t x, const int8x16_t (&w)[4],
                                              int32x4_t (&acc)[4]) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) acc[v] = vdotq_laneq_s32(acc[v], w[v], x, kLane);
  }
};

}  // namespace

void FullyConnectedRowNeonDot(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnectedRow<RowDot>(params, work);
}

}  // namespace quaver::kernels
