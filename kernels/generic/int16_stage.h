// The output stage of int16 layers where nothing computes several channels at a time.
#ifndef QUAVER_KERNELS_GENERIC_INT16_STAGE_H_
#define QUAVER_KERNELS_GENERIC_INT16_STAGE_H_

#include <cstdint>

#include "kernels/generic/int16_layers.h"

namespace quaver::kernels {
namespace {

/// Four channels, one after the other: for kernels/generic/int16_layers.h.
class PlainInt16Stage {
 public:
  PlainInt16Stage(const OutputStageInt16& stage, std::int32_t c) : stage_(stage), c_(c) {}

  template <typename Sum>
  void Apply(const Sum* sums, std::int16_t* output) const {
    for (std::int32_t i = 0; i < kInt16Channels; ++i) {
      output[i] = ApplyOutputStage(stage_, c_ + i, sums[i]);
    }
  }

 private:
  const OutputStageInt16& stage_;
  const std::int32_t c_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_INT16_STAGE_H_
