#include "kernels/expand.h"

namespace quaver::kernels {
namespace {

/// One index after the other.
class IndexReader {
 public:
  IndexReader(const std::uint8_t* bytes, std::uint32_t bits)
      : next_(bytes), bits_(bits), mask_((1U << bits) - 1) {}

  std::uint32_t Next() {
    if (left_ == 0) {
      byte_ = *next_++;
      left_ = 8;
    }
    const std::uint32_t index = byte_ & mask_;
    byte_ >>= bits_;
    left_ -= bits_;
    return index;
  }

  /// The values of the next `count` indexes; byte by byte where that is possible.
  void Look(const std::int8_t* values, std::int32_t count, std::int8_t* target) {
    for (; left_ > 0 && count > 0; --count) *target++ = values[Next()];
    const std::int32_t in_byte = static_cast<std::int32_t>(8 / bits_);
    for (; count >= in_byte; count -= in_byte) {
      std::uint32_t byte = *next_++;
      for (std::int32_t i = 0; i < in_byte; ++i, byte >>= bits_) *target++ = values[byte & mask_];
    }
    for (; count > 0; --count) *target++ = values[Next()];
  }

 private:
  const std::uint8_t* next_;
  const std::uint32_t bits_;
  const std::uint32_t mask_;
  std::uint32_t byte_ = 0;
  std::uint32_t left_ = 0;  ///< Bits of byte_ that have not been read.
};

void ExpandVectors(const CompressedWeights& w, std::int8_t* target) {
  IndexReader reader(w.indexes, w.bits);
  std::int8_t* const end = target + w.rows * w.row_weights;
  while (target < end) {
    const std::int8_t* values = w.values + reader.Next() * w.vector;
    for (std::int32_t i = 0; i < w.vector && target < end; ++i) *target++ = values[i];
  }
}

/// Those of weights of which some are absent; `first`: number of the row's first weight.
void ExpandPresent(const CompressedWeights& w, const std::int8_t* values, std::int32_t first,
                   IndexReader* reader, std::int8_t* target) {
  for (std::int32_t i = first; i < first + w.row_weights; ++i) {
    std::int8_t weight = 0;
    if ((w.present[i / 8] >> (i % 8) & 1) != 0) {
      const std::uint32_t index = reader->Next();
      weight = values == nullptr ? static_cast<std::int8_t>(index) : values[index];
    }
    *target++ = weight;
  }
}

void Multiply(const CompressedWeights& w, std::int8_t* target) {
  const std::uint8_t* multiplier = w.multipliers;
  for (std::int32_t row = 0; row < w.rows; ++row) {
    for (std::int32_t left = w.row_weights; left > 0; left -= w.group_weights, ++multiplier) {
      const std::int32_t count = left < w.group_weights ? left : w.group_weights;
      for (std::int32_t i = 0; i < count; ++i, ++target) {
        *target = static_cast<std::int8_t>(*target * *multiplier);
      }
    }
  }
}

}  // namespace

void ExpandWeights(const ExpandWeightsParams& params) {
  const CompressedWeights& w = params.weights;
  if (w.vector > 1) {
    ExpandVectors(w, params.target);
  } else {
    IndexReader reader(w.indexes, w.bits);
    for (std::int32_t row = 0; row < w.rows; ++row) {
      std::int8_t* target = params.target + row * w.row_weights;
      const std::int8_t* values = w.values == nullptr ? nullptr : w.values + row * w.value_stride;
      if (w.present != nullptr) {
        ExpandPresent(w, values, row * w.row_weights, &reader, target);
      } else {
        reader.Look(values, w.row_weights, target);
      }
    }
  }
  if (w.multipliers != nullptr) Multiply(w, params.target);
}

void ExpandWeightsScalar(const ExpandWeightsParams& params, const Work& /*work*/) {
  ExpandWeights(params);
}

}  // namespace quaver::kernels
