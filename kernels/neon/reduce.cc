// Mean, sum, maximum and minimum over dimensions: sixteen values at a time, kept or reduced ones,
// whichever are neighbours.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/channel_blocks.h"
#include "kernels/arm/compat.h"
#include "kernels/arm/output_stage.h"
#include "kernels/generic/nd_loop.h"
#include "kernels/inventory.h"
#include "kernels/requantize.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBytes = 16;

// The innermost dimensions that are reduced, as far as they make one run.
struct ReducedRun {
  std::int32_t outer_rank, count, stride;

  explicit ReducedRun(const ReduceParams& p) : outer_rank(p.reduced_rank), count(1), stride(0) {
    while (outer_rank > 0 && (count == 1 || p.reduced_strides[outer_rank - 1] == stride * count)) {
      --outer_rank;
      if (count == 1) stride = p.reduced_strides[outer_rank];
      count *= p.reduced_dims[outer_rank];
    }
  }
};

// An instruction of two vectors of bytes that folds values, a value that changes nothing, and the
// fold of all bytes of a vector.
struct Largest {
  static constexpr std::int8_t kStart = INT8_MIN;
  static int8x16_t Fold(int8x16_t a, int8x16_t b) { return vmaxq_s8(a, b); }
  static std::int8_t FoldBytes(int8x16_t v) { return LargestLane(v); }
};
struct Smallest {
  static constexpr std::int8_t kStart = INT8_MAX;
  static int8x16_t Fold(int8x16_t a, int8x16_t b) { return vminq_s8(a, b); }
  static std::int8_t FoldBytes(int8x16_t v) { return SmallestLane(v); }
};

// How outputs come of folded values.
template <typename Op>
class Folder {
 public:
  explicit Folder(const ReduceParams& /*p*/) : value_(vdupq_n_s8(Op::kStart)) {}

  void Clear() { value_ = vdupq_n_s8(Op::kStart); }
  // `count` pixels, `stride` bytes apart, each lane for itself.
  template <typename Block>
  void AddPixels(const Block& block, const std::int8_t* pixel, std::ptrdiff_t stride,
                 std::int32_t count) {
    for (; count > 0; --count, pixel += stride) value_ = Op::Fold(value_, block.Load(pixel));
  }
  [[nodiscard]] int8x16_t Lanes() const { return value_; }
  // `count` neighbours, all into one.
  void AddRun(const std::int8_t* run, std::int32_t count) {
    if (count < kBytes) {
      std::int8_t values[kBytes];
      std::memset(values, Op::kStart, sizeof values);
      std::memcpy(values, run, static_cast<std::size_t>(count));
      value_ = Op::Fold(value_, vld1q_s8(values));
      return;
    }
    // The last vector overlaps the one before it.
    value_ = Op::Fold(value_, vld1q_s8(run + count - kBytes));
    for (; count > kBytes; count -= kBytes, run += kBytes) {
      value_ = Op::Fold(value_, vld1q_s8(run));
    }
  }
  [[nodiscard]] std::int8_t One() const { return Op::FoldBytes(value_); }

 private:
  int8x16_t value_;
};

// The same for sums, of (q - zero point) modulo 2^32.
class Mean {
 public:
  explicit Mean(const ReduceParams& p)
      : p_(p),
        zero_points_(static_cast<std::int32_t>(static_cast<std::uint32_t>(p.input_zero_point) *
                                               static_cast<std::uint32_t>(p.reduced_count))),
        requantize_(vdupq_n_s32(p.output_multiplier), vdupq_n_s32(p.output_shift)),
        narrow_(p.output_zero_point, p.clamp_min, p.clamp_max) {}

  void Clear() {
    sums_ = Sums();
    run_ = vdupq_n_s32(0);
  }
  template <typename Block>
  void AddPixels(const Block& block, const std::int8_t* pixel, std::ptrdiff_t stride,
                 std::int32_t count) {
    sums_.Add(block, pixel, stride, count);
  }
  [[nodiscard]] int8x16_t Lanes() const {
    const int32x4_t zero_points = vdupq_n_s32(zero_points_);
    int32x4_t q[4];
    for (int v = 0; v < 4; ++v) q[v] = requantize_(vsubq_s32(sums_[v], zero_points));
    return narrow_(q[0], q[1], q[2], q[3]);
  }
  void AddRun(const std::int8_t* run, std::int32_t count) {
    for (; count >= kBytes; count -= kBytes, run += kBytes) {
      run_ = vpadalq_s16(run_, vpaddlq_s8(vld1q_s8(run)));
    }
    if (count > 0) run_ = vpadalq_s16(run_, vpaddlq_s8(BlockPart(count).Load(run)));
  }
  [[nodiscard]] std::int8_t One() const {
    const int32x4_t two = AddPairs(run_, run_);
    const std::int32_t sum = vgetq_lane_s32(AddPairs(two, two), 0);
    return Requantize(static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) -
                                                static_cast<std::uint32_t>(zero_points_)),
                      p_.output_multiplier, p_.output_shift, p_.output_zero_point, p_.clamp_min,
                      p_.clamp_max);
  }

 private:
  const ReduceParams& p_;
  const std::int32_t zero_points_;
  const Requantizer requantize_;
  const Narrower narrow_;
  Sums sums_;
  int32x4_t run_ = vdupq_n_s32(0);
};

// The kept last dimension has neighbours: each output of a block is made of one lane.
template <typename Kind>
void ReduceAcross(const ReduceParams& p, const Work& work, Kind kind) {
  const ReducedRun run(p);
  const std::int32_t length = p.kept_dims[p.kept_rank - 1];
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  NdLoop<1> reduced(p.reduced_dims, run.outer_rank, {p.reduced_strides});
  const auto block_of = [&](const auto& block, const std::int8_t* first, std::int8_t* output) {
    kind.Clear();
    reduced.Seek(0);
    for (std::int32_t r = p.reduced_count; r > 0; r -= run.count) {
      kind.AddPixels(block, first + reduced.offset(0), run.stride, run.count);
      reduced.Next();
    }
    block.Store(kind.Lanes(), output);
  };
  for (std::int32_t i = work.begin; i < work.end;) {
    kept.Seek(i);
    const std::int8_t* first = p.input + kept.offset(0);
    const std::int32_t row_left = length - i % length;
    std::int32_t left = work.end - i < row_left ? work.end - i : row_left;
    for (; left >= kBytes; left -= kBytes, i += kBytes, first += kBytes) {
      block_of(Block16{}, first, p.output + i);
    }
    if (left > 0) block_of(BlockPart(left), first, p.output + i);
    i += left;
  }
}

// Each output is made of runs of neighbours.
template <typename Kind>
void ReduceRuns(const ReduceParams& p, const Work& work, Kind kind) {
  const ReducedRun found(p);
  const bool neighbours = found.stride == 1;
  const std::int32_t outer_rank = neighbours ? found.outer_rank : p.reduced_rank;
  const std::int32_t run = neighbours ? found.count : 1;
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  NdLoop<1> reduced(p.reduced_dims, outer_rank, {p.reduced_strides});
  kept.Seek(work.begin);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    kind.Clear();
    reduced.Seek(0);
    for (std::int32_t r = p.reduced_count; r > 0; r -= run) {
      kind.AddRun(p.input + kept.offset(0) + reduced.offset(0), run);
      reduced.Next();
    }
    p.output[i] = kind.One();
    kept.Next();
  }
}

template <typename Kind>
void Reduce(const ReduceParams& p, const Work& work) {
  if (p.kept_rank > 0 && p.kept_strides[p.kept_rank - 1] == 1) {
    ReduceAcross(p, work, Kind(p));
  } else {
    ReduceRuns(p, work, Kind(p));
  }
}

}  // namespace

// Precondition: a shift to the right by at least 1.
void ReduceMeanNeon(const ReduceMeanParams& params, const Work& work) {
  Reduce<Mean>(params, work);
}

void ReduceMaxNeon(const ReduceMaxParams& params, const Work& work) {
  Reduce<Folder<Largest>>(params, work);
}

void ReduceMinNeon(const ReduceMinParams& params, const Work& work) {
  Reduce<Folder<Smallest>>(params, work);
}

}  // namespace quaver::kernels
