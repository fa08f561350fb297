// A transposed convolution is a plain one of stride 1 and a rearrangement. With stride s, the
// outputs t = s * u + r of one phase r < s read only the taps k = r, r + s, r + 2s, ... of the
// filter: y[s * u + r] = sum over j of x[u - j] * w[r + s * j]. So each phase is a convolution with
// ceil(K / s) taps, all phases are the output channels of one, and its pixels spread over blocks of
// s x s. No zero is inserted between pixels, and the sums are the same integers. (W. Shi et al., Is
// the deconvolution layer the same as a convolutional layer?, arXiv:1609.07009.)
#ifndef QUAVER_COMPILER_IMPORT_TRANSPOSED_CONVOLUTION_H_
#define QUAVER_COMPILER_IMPORT_TRANSPOSED_CONVOLUTION_H_

#include <cstdint>

namespace quaver::compiler {

/// One dimension of it.
struct TransposedAxis {
  /// All at least 1, but `cut` >= 0; `step` is the stride s. Output t is t + cut of the full one,
  /// which is s * (in - 1) + filter_size pixels long. Output pixels beyond that are bias alone.
  TransposedAxis(std::int64_t in, std::int64_t filter_size, std::int64_t step, std::int64_t cut,
                 std::int64_t out);

  /// The filter's tap at position m of the plain convolution's filter for phase r; -1: none, a 0.
  [[nodiscard]] std::int64_t Tap(std::int64_t phase, std::int64_t m) const {
    const std::int64_t tap = phase + stride * (taps - 1 - m);
    return tap < filter ? tap : -1;
  }

  std::int64_t filter, stride;
  std::int64_t taps;                   ///< Of the plain convolution's filter.
  std::int64_t pad_before, pad_after;  ///< Its padding.
  std::int64_t positions;              ///< Its outputs; each spreads over `stride` pixels.
  std::int64_t crop;                   ///< The first of these pixels that is an output.
};

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IMPORT_TRANSPOSED_CONVOLUTION_H_
