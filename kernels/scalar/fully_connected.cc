#include <cstddef>

#include "kernels/inventory.h"
#include "kernels/scalar/output_stage.h"

namespace quaver::kernels {
namespace {

/// Sum holds the sums of products exactly.
template <typename Sum, typename Params>
void MultiplyRows(const Params& p, const Work& work) {
  for (std::int32_t row = 0; row < p.rows; ++row) {
    const auto* input = p.input + std::ptrdiff_t{row} * p.depth;
    auto* output = p.output + std::ptrdiff_t{row} * p.output_c;
    for (std::int32_t oc = work.begin; oc < work.end; ++oc) {
      const std::int8_t* weights = p.weights + std::ptrdiff_t{oc} * p.depth;
      Sum sum = 0;
      for (std::int32_t c = 0; c < p.depth; ++c) sum += input[c] * weights[c];
      output[oc] = ApplyOutputStage(p.stage, oc, sum);
    }
  }
}

}  // namespace

void FullyConnectedScalar(const FullyConnectedParams& p, const Work& work) {
  MultiplyRows<std::int32_t>(p, work);
}

void FullyConnectedInt16Scalar(const FullyConnectedInt16Params& p, const Work& work) {
  MultiplyRows<std::int64_t>(p, work);
}

}  // namespace quaver::kernels
