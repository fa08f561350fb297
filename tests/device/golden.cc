// A real model on a board: every sample's output equals TensorFlow Lite Micro's, byte for byte.
//
// The model and its samples are linked in (embed.S.in). Samples, little-endian: bytes of an input,
// bytes of an output, number of samples, uint32 each; then each input and its output.
#include <cstdint>
#include <cstring>

#include "tests/device/run_model.h"

extern "C" {
extern const std::uint8_t device_samples[], device_samples_end[];
}

namespace quaver::device {
namespace {

class Samples {
 public:
  Samples() : input_bytes_(Read(0)), output_bytes_(Read(1)), count_(Read(2)) {}

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool Fit(const TensorView& input, const TensorView& output) const {
    const std::size_t bytes = kHeader + count_ * (input_bytes_ + output_bytes_);
    return count_ > 0 && input.bytes == input_bytes_ && output.bytes == output_bytes_ &&
           static_cast<std::size_t>(device_samples_end - device_samples) == bytes;
  }
  void Write(std::size_t index, const TensorView& input) const {
    std::memcpy(input.data, Input(index), input.bytes);
  }
  [[nodiscard]] bool Verify(std::size_t index, const TensorView& output) const {
    return std::memcmp(output.data, Input(index) + input_bytes_, output.bytes) == 0;
  }

 private:
  [[nodiscard]] const std::uint8_t* Input(std::size_t index) const {
    return device_samples + kHeader + index * (input_bytes_ + output_bytes_);
  }
  static constexpr std::size_t kHeader = 12;

  static std::uint32_t Read(std::size_t index) {
    std::uint32_t value = 0;
    std::memcpy(&value, device_samples + index * sizeof(value), sizeof(value));
    return value;
  }

  std::size_t input_bytes_, output_bytes_, count_;
};

}  // namespace
}  // namespace quaver::device

int main() { return quaver::device::RunModel<quaver::device::Samples>(); }
