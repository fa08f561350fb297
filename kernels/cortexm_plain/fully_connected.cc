// FullyConnected: four channels at a time, whose sums stay in registers; of a row of inputs, mostly
// the only one, each is loaded once for the four.
#include <cstddef>

#include "kernels/cortexm_plain/output_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// Four channels, whose weights lie one after the other.
[[gnu::noinline]] void Multiply(const std::int8_t* x, const std::int8_t* weights,
                                std::int32_t depth, std::int32_t* sums) {
  const std::int8_t* w0 = weights;
  const std::int8_t* w1 = w0 + depth;
  const std::int8_t* w2 = w1 + depth;
  const std::int8_t* w3 = w2 + depth;
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (; depth > 0; --depth) {
    const std::int32_t value = *x++;
    s0 += value * *w0++;
    s1 += value * *w1++;
    s2 += value * *w2++;
    s3 += value * *w3++;
  }
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

std::int32_t MultiplyOne(const std::int8_t* x, const std::int8_t* weights, std::int32_t depth) {
  std::int32_t sum = 0;
  for (; depth > 0; --depth) sum += *x++ * *weights++;
  return sum;
}

}  // namespace

void FullyConnectedCortexM(const FullyConnectedParams& p, const Work& work) {
  for (std::int32_t row = 0; row < p.rows; ++row) {
    const std::int8_t* x = p.input + std::ptrdiff_t{row} * p.depth;
    const std::int8_t* weights = p.weights + std::ptrdiff_t{work.begin} * p.depth;
    for (std::int32_t first = work.begin; first < work.end; first += kPlainBlock) {
      const std::int32_t left = work.end - first;
      const std::int32_t count = left < kPlainBlock ? left : kPlainBlock;
      std::int32_t sums[kPlainBlock];
      std::int32_t c = 0;
      for (; c + 4 <= count; c += 4) Multiply(x, weights + c * p.depth, p.depth, sums + c);
      for (; c < count; ++c) sums[c] = MultiplyOne(x, weights + c * p.depth, p.depth);
      weights += count * p.depth;
      StoreSums(p.stage, first, count, sums, p.output + std::ptrdiff_t{row} * p.output_c);
    }
  }
}

}  // namespace quaver::kernels
