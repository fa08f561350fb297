#include "runtime/ops/window.h"

#include "runtime/limits.h"

namespace quaver {
namespace {

struct WindowNames {
  const char *filter, *stride, *dilation, *pad_before, *pad_after, *output;
};
constexpr WindowNames kNames[2] = {
    {"filter height", "stride_h", "dilation_h", "pad_top", "pad_bottom", "output height"},
    {"filter width", "stride_w", "dilation_w", "pad_left", "pad_right", "output width"},
};

}  // namespace

bool VerifyWindow(OpVerifier* verifier, std::int32_t dimension, const WindowDimension& window) {
  const WindowNames& names = kNames[dimension - 1];
  if (!(verifier->InRange(names.stride, 1, kMaxWindowStep, window.stride) &&
        verifier->InRange(names.dilation, 1, kMaxWindowStep, window.dilation) &&
        verifier->InRange(names.pad_before, 0, kMaxWindowStep, window.pad_before) &&
        verifier->InRange(names.pad_after, 0, kMaxWindowStep, window.pad_after))) {
    return false;
  }
  // Twice the padded input still fits an int32: positions are sums of two numbers below it.
  constexpr std::int32_t kMaxPadded = INT32_MAX / 2;
  const std::int64_t padded = std::int64_t{window.input} + window.pad_before + window.pad_after;
  const std::int64_t extent = (std::int64_t{window.filter} - 1) * window.dilation + 1;
  if (!(verifier->InRange("padded input", 1, kMaxPadded, padded) &&
        verifier->InRange(names.filter, 1, kMaxPadded, window.filter) &&
        verifier->InRange(names.filter, 1, static_cast<std::int32_t>(padded), extent))) {
    return false;
  }
  // Both fit now. (A division of 64 bits is a library's on a 32-bit machine.)
  const std::int32_t steps = static_cast<std::int32_t>(padded - extent) / window.stride;
  return verifier->OutputDim(0, dimension, names.output, steps + 1);
}

bool VerifyWindowsNotEmpty(OpVerifier* verifier, std::int32_t dimension,
                           const WindowDimension& window) {
  const WindowNames& names = kNames[dimension - 1];
  const std::int64_t last_start =
      (std::int64_t{Dim(verifier->output(0), dimension)} - 1) * window.stride - window.pad_before;
  return verifier->InRange(names.pad_before, 0, window.filter - 1, window.pad_before) &&
         verifier->InRange("start of the last window", -window.pad_before, window.input - 1,
                           last_start);
}

}  // namespace quaver
