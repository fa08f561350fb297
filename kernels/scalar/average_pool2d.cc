#include "kernels/generic/pool2d.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// sum / count, halves away from zero; count >= 1.
constexpr std::int32_t DivideRoundingHalfAway(std::int32_t sum, std::int32_t count) {
  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

// Input and output have the same scale and zero point, so the mean of the raw values is the
// quantized mean. Padding is not counted.
template <typename T>
void AverageRows(const Pool2DParamsOf<T>& p, const Work& work) {
  PoolRows(p, work, [&p](const PoolWindow& window, const T* image) {
    std::int32_t sum = 0;
    for (std::int32_t y = window.y_begin; y < window.y_end; ++y) {
      for (std::int32_t x = window.x_begin; x < window.x_end; ++x) {
        sum += image[(std::ptrdiff_t{y} * p.input_w + x) * p.channels];
      }
    }
    return DivideRoundingHalfAway(sum, window.Count());
  });
}

}  // namespace

void AveragePool2DScalar(const AveragePool2DParams& params, const Work& work) {
  AverageRows(params, work);
}

void AveragePool2DInt16Scalar(const AveragePool2DInt16Params& params, const Work& work) {
  AverageRows(params, work);
}

}  // namespace quaver::kernels
