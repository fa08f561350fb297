#include "compiler/import/transposed_convolution.h"

#include <algorithm>

namespace quaver::compiler {

TransposedAxis::TransposedAxis(std::int64_t in, std::int64_t filter_size, std::int64_t step,
                               std::int64_t cut, std::int64_t out)
    : filter(filter_size), stride(step), taps((filter_size + step - 1) / step) {
  // Positions that are cut as a whole are not computed; at most the padding can be left out.
  const std::int64_t skipped = std::min(cut / stride, taps - 1);
  pad_before = taps - 1 - skipped;
  crop = cut - skipped * stride;
  const std::int64_t needed = (crop + out + stride - 1) / stride;
  pad_after = std::max<std::int64_t>(needed + taps - 1 - in - pad_before, 0);
  positions = in + pad_before + pad_after - taps + 1;
}

}  // namespace quaver::compiler
