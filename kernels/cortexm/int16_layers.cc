// Layers on int16 activations with SMLAD: SXTB16 splits four weights into the even and the odd
// ones, and PKHBT and PKHTB do the same to four inputs, once for four channels.
#include "kernels/generic/int16_layers.h"

#include "kernels/cortexm/simd32.h"
#include "kernels/generic/int16_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// The values 0 and 2 of four, then 1 and 3.
struct Four {
  Pair even, odd;
};

Pair LoadPair(const std::int16_t* source) {
  Pair pair;
  std::memcpy(&pair, source, sizeof pair);
  return pair;
}

struct Simd32 {
  static constexpr std::int32_t kStep = 4;
  static constexpr std::int32_t kLaneInputs = 4;
  static constexpr std::int32_t kTapChannels = 4;
  static constexpr int kRows = 1;

  static std::int32_t Zero() { return 0; }
  static Four Load(const std::int16_t* inputs) {
    const Pair first = LoadPair(inputs);
    const Pair second = LoadPair(inputs + 2);
    return {PackLow(first, second), PackHigh(first, second)};
  }
  static Four LoadWeights(const std::int8_t* weights) {
    const Bytes bytes = LoadBytes(weights);
    return {EvenBytes(bytes), OddBytes(bytes)};
  }
  static Four Last(Four weights, std::int32_t count) {
    constexpr auto kUpper = static_cast<Pair>(0xFFFF0000);
    return {weights.even & (count > 1 ? kUpper : 0), weights.odd & (count > 2 ? -1 : kUpper)};
  }
  static std::int32_t Add(std::int32_t sum, Four inputs, Four weights) {
    return MultiplyAdd(inputs.odd, weights.odd, MultiplyAdd(inputs.even, weights.even, sum));
  }
  static void AddLanes(const std::int32_t (&lanes)[kInt16Channels], std::int64_t* sums) {
    for (int i = 0; i < kInt16Channels; ++i) sums[i] += lanes[i];
  }
  using Stage = PlainInt16Stage;

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t c, std::int32_t* sums) {
    std::int32_t sum0 = 0;
    std::int32_t sum1 = 0;
    std::int32_t sum2 = 0;
    std::int32_t sum3 = 0;
    for (std::int32_t t = 0; t < taps; ++t) {
      const Pair first = LoadPair(inputs[t] + c);
      const Pair second = LoadPair(inputs[t] + c + 2);
      const Four w = LoadWeights(weights[t] + c);
      sum0 = __smlabb(first, w.even, sum0);
      sum1 = __smlatb(first, w.odd, sum1);
      sum2 = __smlabt(second, w.even, sum2);
      sum3 = __smlatt(second, w.odd, sum3);
    }
    sums[0] = sum0, sums[1] = sum1, sums[2] = sum2, sums[3] = sum3;
  }
};

}  // namespace

void Conv2DInt16CortexM(const Conv2DInt16Params& params, const Work& work) {
  Conv2DInt16<Simd32>(params, work);
}

void DepthwiseConv2DInt16CortexM(const DepthwiseConv2DInt16Params& params, const Work& work) {
  DepthwiseConv2DInt16<Simd32>(params, work);
}

void FullyConnectedInt16CortexM(const FullyConnectedInt16Params& params, const Work& work) {
  FullyConnectedInt16<Simd32>(params, work);
}

}  // namespace quaver::kernels
