// Layers on int16 activations in plain C++: each input is loaded once for four channels.
#include "kernels/generic/int16_layers.h"

#include "kernels/generic/int16_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

struct Plain {
  static constexpr std::int32_t kStep = 1;
  static constexpr std::int32_t kLaneInputs = 1;
  static constexpr std::int32_t kTapChannels = 4;
  static constexpr int kRows = 1;

  static std::int32_t Zero() { return 0; }
  static std::int32_t Load(const std::int16_t* inputs) { return *inputs; }
  static std::int32_t LoadWeights(const std::int8_t* weights) { return *weights; }
  static std::int32_t Add(std::int32_t sum, std::int32_t input, std::int32_t weight) {
    return sum + input * weight;
  }
  static void AddLanes(const std::int32_t (&lanes)[kInt16Channels], std::int64_t* sums) {
    for (int i = 0; i < kInt16Channels; ++i) sums[i] += lanes[i];
  }
  using Stage = PlainInt16Stage;

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t c, std::int32_t* sums) {
    for (std::int32_t i = 0; i < kTapChannels; ++i) sums[i] = 0;
    for (std::int32_t t = 0; t < taps; ++t) {
      for (std::int32_t i = 0; i < kTapChannels; ++i)
        sums[i] += inputs[t][c + i] * weights[t][c + i];
    }
  }
};

}  // namespace

void Conv2DInt16CortexM(const Conv2DInt16Params& params, const Work& work) {
  Conv2DInt16<Plain>(params, work);
}

void DepthwiseConv2DInt16CortexM(const DepthwiseConv2DInt16Params& params, const Work& work) {
  DepthwiseConv2DInt16<Plain>(params, work);
}

void FullyConnectedInt16CortexM(const FullyConnectedInt16Params& params, const Work& work) {
  FullyConnectedInt16<Plain>(params, work);
}

}  // namespace quaver::kernels
