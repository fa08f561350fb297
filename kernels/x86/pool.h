// Average and max pooling, and the mean over dimensions that keeps the last one: channels across
// lanes, kBlock of them at a time.
#ifndef QUAVER_KERNELS_X86_POOL_H_
#define QUAVER_KERNELS_X86_POOL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/generic/nd_loop.h"
#include "kernels/generic/pool2d.h"
#include "kernels/params.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// Up to 4 * V::kLanes channels of one pixel after the other.
template <typename V>
class ChannelBlock {
 public:
  using Vec = typename V::Vec;
  static constexpr std::int32_t kBytes = 4 * V::kLanes;

  /// `channels` of this block; `end` is behind the last pixel's last channel.
  ChannelBlock(std::int32_t channels, const std::int8_t* end)
      : channels_(channels < kBytes ? channels : kBytes), end_(end) {}

  [[nodiscard]] std::int32_t channels() const { return channels_; }

  /// kBytes at `pixel`, of which the first channels() count.
  const std::int8_t* At(const std::int8_t* pixel) {
    if (end_ - pixel >= kBytes) return pixel;
    std::memcpy(buffer_, pixel, static_cast<std::size_t>(channels_));
    return buffer_;
  }

  void Store(Vec bytes, std::int8_t* output) const {
    if (channels_ == kBytes) {
      V::Store(output, bytes);
    } else {
      std::int8_t all[kBytes];
      V::Store(all, bytes);
      std::memcpy(output, all, static_cast<std::size_t>(channels_));
    }
  }

 private:
  std::int32_t channels_;
  const std::int8_t* end_;
  std::int8_t buffer_[kBytes] = {};
};

/// Four vectors of int32 sums.
template <typename V>
struct Sums {
  typename V::Vec v[4] = {V::Set32(0), V::Set32(0), V::Set32(0), V::Set32(0)};

  void Add(const std::int8_t* q) {
    for (int i = 0; i < 4; ++i) v[i] = V::Add32(v[i], V::Widen8(q + i * V::kLanes));
  }
};

/// sum / count with halves away from zero, for |sum| <= 128 * count and 1 < count < 2^23.
///
/// With n = |sum| + floor(count / 2), k = 31 + ceil(log2 count), M = floor(2^k / count) + 1:
/// floor(n / count) = floor(n * M / 2^k). Proof: M * count = 2^k + e with 0 < e <= count, so
/// n * M / 2^k = n / count + n * e / (count * 2^k), and the last term is below 1 / count, as
/// n * e <= 129 * count^2 < 2^31 * count <= 2^k. 2^31 < M < 2^32, or M = 2^31 + 1.
template <typename V>
class RoundedDivider {
 public:
  using Vec = typename V::Vec;

  explicit RoundedDivider(std::int32_t count) {
    std::int32_t log = 1;
    while ((std::int64_t{1} << log) < count) ++log;
    const std::uint64_t factor =
        (std::uint64_t{1} << (31 + log)) / static_cast<std::uint32_t>(count) + 1;
    factor_ = V::Set32(static_cast<std::int32_t>(static_cast<std::uint32_t>(factor)));
    shift_ = V::Set32(log - 1);
    half_ = V::Set32(count / 2);
  }

  [[nodiscard]] Vec operator()(Vec sum) const {
    const Vec n = V::Add32(V::Abs32(sum), half_);
    const Vec high =
        V::HighHalves(V::MulEvenUnsigned(n, factor_), V::MulEvenUnsigned(V::OddToEven(n), factor_));
    return V::WithSignOf32(V::ShiftRightLogical32(high, shift_), sum);
  }

 private:
  Vec factor_, shift_, half_;
};

inline const std::int8_t* InputEnd(const Pool2DParams& p) {
  return p.input + std::ptrdiff_t{p.batch} * p.input_h * p.input_w * p.channels;
}

template <typename V>
void RunAveragePool2D(const AveragePool2DParams& p, const Work& work) {
  const Narrower<V> narrow(0, p.clamp_min, p.clamp_max);
  const auto pool = [&](const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
    const std::int32_t count = window.Count();
    const RoundedDivider<V> divide(count > 1 ? count : 2);
    for (std::int32_t c = 0; c < p.channels; c += ChannelBlock<V>::kBytes) {
      ChannelBlock<V> block(p.channels - c, InputEnd(p));
      Sums<V> sums;
      ForEachInput(p, window, image,
                   [&](const std::int8_t* pixel) { sums.Add(block.At(pixel + c)); });
      if (count > 1) {
        for (auto& v : sums.v) v = divide(v);
      }
      block.Store(narrow(sums.v[0], sums.v[1], sums.v[2], sums.v[3]), output + c);
    }
  };
  ForEachPooledPixel(p, work, pool);
}

template <typename V>
void RunMaxPool2D(const MaxPool2DParams& p, const Work& work) {
  const typename V::Vec low = V::Set8(static_cast<std::int8_t>(p.clamp_min));
  const typename V::Vec high = V::Set8(static_cast<std::int8_t>(p.clamp_max));
  const auto pool = [&](const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
    for (std::int32_t c = 0; c < p.channels; c += ChannelBlock<V>::kBytes) {
      ChannelBlock<V> block(p.channels - c, InputEnd(p));
      typename V::Vec largest = low;
      ForEachInput(p, window, image, [&](const std::int8_t* pixel) {
        largest = V::Max8(largest, V::Load(block.At(pixel + c)));
      });
      block.Store(V::Min8(largest, high), output + c);
    }
  };
  ForEachPooledPixel(p, work, pool);
}

/// Whether RunReduceMean takes these dimensions: the kept last one is contiguous.
inline bool KeepsLastDimension(const ReduceParams& p) {
  return p.kept_rank > 0 && p.kept_strides[p.kept_rank - 1] == 1;
}

/// Behind the last element that is read.
inline const std::int8_t* InputEnd(const ReduceParams& p) {
  std::ptrdiff_t last = 0;
  for (std::int32_t d = 0; d < p.kept_rank; ++d) {
    last += std::ptrdiff_t{p.kept_dims[d] - 1} * p.kept_strides[d];
  }
  for (std::int32_t d = 0; d < p.reduced_rank; ++d) {
    last += std::ptrdiff_t{p.reduced_dims[d] - 1} * p.reduced_strides[d];
  }
  return p.input + last + 1;
}

/// Preconditions: KeepsLastDimension, output_shift <= kLargestPlainShift.
template <typename V>
void RunReduceMean(const ReduceMeanParams& p, const Work& work) {
  const Requantizer<V> requantize(V::Set32(p.output_multiplier), V::Set32(p.output_shift));
  const Narrower<V> narrow(p.output_zero_point, p.clamp_min, p.clamp_max);
  const std::uint32_t zero_points =
      static_cast<std::uint32_t>(p.input_zero_point) * static_cast<std::uint32_t>(p.reduced_count);
  const typename V::Vec bias = V::Set32(static_cast<std::int32_t>(zero_points));
  const std::int32_t length = p.kept_dims[p.kept_rank - 1];
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  for (std::int32_t i = work.begin; i < work.end;) {
    kept.Seek(i);
    const std::int32_t row_left = length - i % length;
    const std::int32_t left = work.end - i < row_left ? work.end - i : row_left;
    ChannelBlock<V> block(left, InputEnd(p));
    Sums<V> sums;
    NdLoop<1> reduced(p.reduced_dims, p.reduced_rank, {p.reduced_strides});
    reduced.Seek(0);
    for (std::int32_t r = 0; r < p.reduced_count; ++r) {
      sums.Add(block.At(p.input + kept.offset(0) + reduced.offset(0)));
      reduced.Next();
    }
    for (auto& v : sums.v) v = requantize.Plain(V::Sub32(v, bias));
    block.Store(narrow(sums.v[0], sums.v[1], sums.v[2], sums.v[3]), p.output + i);
    i += block.channels();
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_POOL_H_
