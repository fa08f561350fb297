// A network for handwritten digits on a board, quantized by us in one of the ways that make
// smaller or more exact models (scripts/update-mnist): it reads the example's digits.
#include "examples/mnist/digits.h"

#include <algorithm>
#include <cstdint>

#include "tests/device/run_model.h"

namespace quaver::device {
namespace {

class Digits {
 public:
  [[nodiscard]] static std::size_t count() {
    return sizeof(mnist::kSampleDigits) / sizeof(mnist::kSampleDigits[0]);
  }
  [[nodiscard]] static bool Fit(const TensorView& input, const TensorView& output) {
    return input.bytes == sizeof(mnist::SampleDigit::pixels) && output.bytes == 10;
  }
  /// The input has scale 1/255 and zero point -128: a pixel's quantized value is itself less 128.
  static void Write(std::size_t index, const TensorView& input) {
    auto* pixels = static_cast<std::int8_t*>(input.data);
    for (const std::uint8_t pixel : mnist::kSampleDigits[index].pixels) {
      *pixels++ = static_cast<std::int8_t>(pixel - 128);
    }
  }
  [[nodiscard]] static bool Verify(std::size_t index, const TensorView& output) {
    const auto* scores = static_cast<const std::int8_t*>(output.data);
    return std::max_element(scores, scores + output.bytes) - scores ==
           mnist::kSampleDigits[index].label;
  }
};

}  // namespace
}  // namespace quaver::device

int main() { return quaver::device::RunModel<quaver::device::Digits>(); }
