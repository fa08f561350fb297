// ReduceMax and ReduceMin: 32 values at a time, kept or reduced ones, whichever are neighbours.
#include <immintrin.h>

#include <cstring>

#include "kernels/generic/nd_loop.h"
#include "kernels/inventory.h"
#include "kernels/x86/pool.h"
#include "kernels/x86/vec256.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBytes = 32;

struct Largest {
  static constexpr std::int8_t kStart = INT8_MIN;
  static __m256i Fold(__m256i a, __m256i b) { return _mm256_max_epi8(a, b); }
  static __m128i Fold(__m128i a, __m128i b) { return _mm_max_epi8(a, b); }
};

struct Smallest {
  static constexpr std::int8_t kStart = INT8_MAX;
  static __m256i Fold(__m256i a, __m256i b) { return _mm256_min_epi8(a, b); }
  static __m128i Fold(__m128i a, __m128i b) { return _mm_min_epi8(a, b); }
};

/// Each output of a block is folded of the same lane.
template <typename Op>
void FoldAcross(const ReduceParams& p, const Work& work) {
  const std::int32_t length = p.kept_dims[p.kept_rank - 1];
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  for (std::int32_t i = work.begin; i < work.end;) {
    kept.Seek(i);
    const std::int32_t row_left = length - i % length;
    ChannelBlock<Vec256> block(work.end - i < row_left ? work.end - i : row_left, InputEnd(p));
    __m256i value = Vec256::Set8(Op::kStart);
    NdLoop<1> reduced(p.reduced_dims, p.reduced_rank, {p.reduced_strides});
    reduced.Seek(0);
    for (std::int32_t r = 0; r < p.reduced_count; ++r) {
      value = Op::Fold(value, Vec256::Load(block.At(p.input + kept.offset(0) + reduced.offset(0))));
      reduced.Next();
    }
    block.Store(value, p.output + i);
    i += block.channels();
  }
}

/// `value` folded with `count` neighbours.
template <typename Op>
__m256i FoldRun(__m256i value, const std::int8_t* run, std::int32_t count) {
  std::int32_t i = 0;
  for (; i + kBytes <= count; i += kBytes) value = Op::Fold(value, Vec256::Load(run + i));
  if (i == count) return value;
  if (count >= kBytes) return Op::Fold(value, Vec256::Load(run + count - kBytes));
  std::int8_t tail[kBytes];
  std::memset(tail, Op::kStart, sizeof tail);
  std::memcpy(tail, run, static_cast<std::size_t>(count));
  return Op::Fold(value, Vec256::Load(tail));
}

/// All bytes of a vector folded to one.
template <typename Op>
std::int8_t FoldBytes(__m256i value) {
  __m128i all = Op::Fold(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
  all = Op::Fold(all, _mm_srli_si128(all, 8));
  all = Op::Fold(all, _mm_srli_si128(all, 4));
  all = Op::Fold(all, _mm_srli_si128(all, 2));
  all = Op::Fold(all, _mm_srli_si128(all, 1));
  return static_cast<std::int8_t>(_mm_cvtsi128_si32(all));
}

/// Each output is folded of runs of `run` neighbours.
template <typename Op>
void FoldRuns(const ReduceParams& p, const Work& work, std::int32_t run) {
  const std::int32_t outer_rank = run > 1 ? p.reduced_rank - 1 : p.reduced_rank;
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  kept.Seek(work.begin);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    NdLoop<1> reduced(p.reduced_dims, outer_rank, {p.reduced_strides});
    __m256i value = Vec256::Set8(Op::kStart);
    for (std::int32_t r = 0; r < p.reduced_count / run; ++r) {
      value = FoldRun<Op>(value, p.input + kept.offset(0) + reduced.offset(0), run);
      reduced.Next();
    }
    p.output[i] = FoldBytes<Op>(value);
    kept.Next();
  }
}

template <typename Op>
void RunFold(const ReduceParams& p, const Work& work) {
  if (KeepsLastDimension(p)) {
    FoldAcross<Op>(p, work);
    return;
  }
  const std::int32_t last = p.reduced_rank - 1;
  FoldRuns<Op>(p, work, last >= 0 && p.reduced_strides[last] == 1 ? p.reduced_dims[last] : 1);
}

}  // namespace

void ReduceMaxAvx2(const ReduceMaxParams& params, const Work& work) {
  RunFold<Largest>(params, work);
}

void ReduceMinAvx2(const ReduceMinParams& params, const Work& work) {
  RunFold<Smallest>(params, work);
}

}  // namespace quaver::kernels
