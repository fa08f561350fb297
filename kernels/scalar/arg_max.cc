#include <cstring>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// Index of the first largest (or smallest) of `count` values, `stride` apart.
std::int32_t IndexOfBest(const std::int8_t* values, std::int32_t count, std::ptrdiff_t stride,
                         bool smallest) {
  std::int32_t best = 0;
  for (std::int32_t i = 1; i < count; ++i) {
    const std::int8_t value = values[i * stride];
    const std::int8_t best_value = values[best * stride];
    if (smallest ? value < best_value : value > best_value) best = i;
  }
  return best;
}

}  // namespace

void ArgMaxScalar(const ArgMaxParams& p, const Work& work) {
  const auto element_bytes = static_cast<std::size_t>(p.output_element_bytes);
  for (std::int32_t outer = work.begin; outer < work.end; ++outer) {
    for (std::int32_t inner = 0; inner < p.inner; ++inner) {
      const std::int8_t* values = p.input + std::ptrdiff_t{outer} * p.axis * p.inner + inner;
      // Little-endian: the first four bytes of an int64 are its int32.
      const std::int64_t index = IndexOfBest(values, p.axis, p.inner, p.smallest);
      const std::ptrdiff_t element = std::ptrdiff_t{outer} * p.inner + inner;
      std::memcpy(static_cast<std::uint8_t*>(p.output) + element * p.output_element_bytes, &index,
                  element_bytes);
    }
  }
}

}  // namespace quaver::kernels
