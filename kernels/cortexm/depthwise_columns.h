// A depthwise convolution's inputs and weights as pairs of rows, channel by channel.
// Included only by files of kernels/cortexm; everything has internal linkage.
#ifndef QUAVER_KERNELS_CORTEXM_DEPTHWISE_COLUMNS_H_
#define QUAVER_KERNELS_CORTEXM_DEPTHWISE_COLUMNS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/cortexm/simd32.h"
#include "kernels/params.h"
#include "kernels/scratch.h"

namespace quaver::kernels {
namespace {

/// Four channels' pairs (a, b) of two rows' bytes; `stride` pairs from channel to channel.
inline void StorePairs(Bytes a, Bytes b, Pair* target, std::ptrdiff_t stride) {
  const Pair even_a = EvenBytes(a);
  const Pair even_b = EvenBytes(b);
  target[0] = PackLow(even_a, even_b);
  target[2 * stride] = PackHigh(even_a, even_b);
  target += stride;
  const Pair odd_a = OddBytes(a);
  const Pair odd_b = OddBytes(b);
  target[0] = PackLow(odd_a, odd_b);
  target[2 * stride] = PackHigh(odd_a, odd_b);
}

/// The weights of output channels [channel, channel + 4), zeros for what is beyond the last channel
/// or row.
inline void PairWeights(const DepthwiseConv2DParams& p, const DepthwiseColumns& plan,
                        std::int32_t channel, Pair* target) {
  const std::int32_t left = p.output_c - channel;
  const auto load = [&](std::int32_t ky, std::int32_t kx) {
    if (ky >= p.kernel_h) return Bytes{0};
    const std::int8_t* tap =
        p.weights + (std::ptrdiff_t{ky} * p.kernel_w + kx) * p.output_c + channel;
    return left >= kDepthwiseChannels ? LoadBytes(tap) : LoadFewBytes(tap, left);
  };
  for (std::int32_t kx = 0; kx < p.kernel_w; ++kx) {
    for (std::int32_t j = 0; j < plan.pairs; ++j) {
      StorePairs(load(2 * j, kx), load(2 * j + 1, kx), target++, plan.channel_weights);
    }
  }
}

/// The inputs of output channels [channel, channel + 4) under one output row's windows.
class PairInputs {
 public:
  PairInputs(const DepthwiseConv2DParams& p, const DepthwiseColumns& plan, std::int32_t channel)
      : p_(p),
        plan_(plan),
        channel_(channel),
        multiplier_(p.output_c / p.input_c),
        pad_(0x01010101U * static_cast<std::uint8_t>(p.pad_value)) {
    const std::int32_t left = p.output_c - channel;
    whole_ = multiplier_ == 1 && left >= kDepthwiseChannels;
    for (std::int32_t i = 0; i < kDepthwiseChannels; ++i) {
      // Beyond the last channel: some channel that exists; its results are not written.
      lanes_[i] = (channel + (i < left ? i : 0)) / multiplier_;
    }
  }

  /// Under output row `row`: `rows` input rows from the top of its windows on, kernel_h or, for the
  /// next output row too, one more. `target`: [channels, columns, pairs].
  void Row(std::int32_t row, std::int32_t rows, Pair* target) const {
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c);
    const std::int32_t top = row % p_.output_h * p_.stride_h - p_.pad_top;
    for (std::int32_t j = 0; j < plan_.pairs; ++j) {
      const std::int8_t* a = InputRow(image, top + 2 * j * p_.dilation_h);
      // The last pair may have one row only: the other one's weights are 0.
      const std::int8_t* b =
          2 * j + 1 < rows ? InputRow(image, top + (2 * j + 1) * p_.dilation_h) : a;
      PairRows(a, b, target + j);
    }
  }

 private:
  /// Null where it is padding.
  [[nodiscard]] const std::int8_t* InputRow(const std::int8_t* image, std::int32_t y) const {
    return y < 0 || y >= p_.input_h ? nullptr : image + std::ptrdiff_t{y} * p_.input_w * p_.input_c;
  }

  void PairRows(const std::int8_t* a, const std::int8_t* b, Pair* target) const {
    const std::int32_t before = p_.pad_left < plan_.columns ? p_.pad_left : plan_.columns;
    const std::int32_t room = plan_.columns - before;
    const std::int32_t inside = room < p_.input_w ? room : p_.input_w;
    target = Pad(before, target);
    if (whole_ && a != nullptr && b != nullptr) {
      a += channel_;
      b += channel_;
      for (std::int32_t x = 0; x < inside; ++x) {
        StorePairs(LoadBytes(a), LoadBytes(b), target, plan_.channel_columns);
        a += p_.input_c;
        b += p_.input_c;
        target += plan_.pairs;
      }
    } else {
      for (std::int32_t x = 0; x < inside; ++x) {
        StorePairs(Load(a, x), Load(b, x), target, plan_.channel_columns);
        target += plan_.pairs;
      }
    }
    Pad(room - inside, target);
  }

  Pair* Pad(std::int32_t columns, Pair* target) const {
    for (; columns > 0; --columns) {
      StorePairs(pad_, pad_, target, plan_.channel_columns);
      target += plan_.pairs;
    }
    return target;
  }

  [[nodiscard]] Bytes Load(const std::int8_t* row, std::int32_t x) const {
    if (row == nullptr) return pad_;
    const std::int8_t* pixel = row + std::ptrdiff_t{x} * p_.input_c;
    if (whole_) return LoadBytes(pixel + channel_);
    Bytes bytes = 0;
    for (std::int32_t i = 0; i < kDepthwiseChannels; ++i) {
      bytes |= Bytes{static_cast<std::uint8_t>(pixel[lanes_[i]])} << (8 * i);
    }
    return bytes;
  }

  const DepthwiseConv2DParams& p_;
  const DepthwiseColumns& plan_;
  const std::int32_t channel_, multiplier_;
  const Bytes pad_;
  bool whole_;  // four input channels that are neighbours
  std::int32_t lanes_[kDepthwiseChannels];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_DEPTHWISE_COLUMNS_H_
