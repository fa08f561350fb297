// How far values are from those that they stand for.
#ifndef QUAVER_COMPILER_QUANTIZE_SIGNAL_TO_NOISE_H_
#define QUAVER_COMPILER_QUANTIZE_SIGNAL_TO_NOISE_H_

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace quaver::compiler {

/// The signal-to-quantization-noise ratio (SQNR) over all values added:
/// 10 * log10(sum of expected^2 / sum of (found - expected)^2).
class SignalToNoise {
 public:
  /// Precondition: of the same size.
  void Add(const std::vector<float>& expected, const std::vector<float>& found) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto value = static_cast<double>(expected[i]);
      const double difference = static_cast<double>(found[i]) - value;
      signal_ += value * value;
      noise_ += difference * difference;
    }
  }
  void Add(const SignalToNoise& other) {
    signal_ += other.signal_;
    noise_ += other.noise_;
  }
  /// Infinite where all values are equal.
  [[nodiscard]] double Decibels() const {
    if (noise_ == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal_ / noise_);
  }

 private:
  double signal_ = 0;
  double noise_ = 0;
};

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_SIGNAL_TO_NOISE_H_
