#include "kernels/generic/pool2d.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

template <typename T>
void MaxRows(const Pool2DParamsOf<T>& p, const Work& work) {
  PoolRows(p, work, [&p](const PoolWindow& window, const T* image) {
    std::int32_t largest = INT16_MIN;
    for (std::int32_t y = window.y_begin; y < window.y_end; ++y) {
      for (std::int32_t x = window.x_begin; x < window.x_end; ++x) {
        const std::int32_t value = image[(std::ptrdiff_t{y} * p.input_w + x) * p.channels];
        if (value > largest) largest = value;
      }
    }
    return largest;
  });
}

}  // namespace

void MaxPool2DScalar(const MaxPool2DParams& params, const Work& work) { MaxRows(params, work); }

void MaxPool2DInt16Scalar(const MaxPool2DInt16Params& params, const Work& work) {
  MaxRows(params, work);
}

}  // namespace quaver::kernels
