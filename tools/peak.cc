#include "tools/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace quaver::tools {
namespace {

/// Independent sums, more than the latency of a multiply-add (4 cycles, two a cycle) needs, and few
/// enough for the registers.
constexpr int kSums = 12;
constexpr int kSteps = 2000;
constexpr int kBatches = 40;

/// Runs kSteps times kSums multiply-adds.
using Loop = void (*)();

// An empty instruction that the compiler must expect to change a register: so it can neither drop
// nor merge nor hoist what is computed from it.
#define QUAVER_TOUCH(constraint, value) asm volatile("" : "+" constraint(value))

// Unrolled, so that the sums are registers.
#define QUAVER_EACH_SUM _Pragma("GCC unroll 12") for (int i = 0; i < kSums; ++i)

/// `multiply_add` is an expression of `sum`, `a` and `b`.
#define QUAVER_PEAK_LOOP(name, attributes, Vector, zero, constraint, multiply_add) \
  attributes void name() {                                                         \
    Vector a = zero;                                                               \
    Vector b = zero;                                                               \
    QUAVER_TOUCH(constraint, b);                                                   \
    Vector sums[kSums];                                                            \
    QUAVER_EACH_SUM sums[i] = zero;                                                \
    for (int step = 0; step < kSteps; ++step) {                                    \
      QUAVER_EACH_SUM {                                                            \
        Vector& sum = sums[i];                                                     \
        QUAVER_TOUCH(constraint, a);                                               \
        sum = multiply_add;                                                        \
        QUAVER_TOUCH(constraint, sum);                                             \
      }                                                                            \
    }                                                                              \
  }

struct Peak {
  Loop loop;
  int macs;  // of one multiply-add
};

#if defined(__x86_64__)
#define QUAVER_TARGET(features) __attribute__((target(features)))
// 16 products of 16 bits, added in pairs; adding the pairs to sums is left to other ports.
QUAVER_PEAK_LOOP(Avx2Loop, QUAVER_TARGET("avx2"), __m256i, _mm256_setzero_si256(), "x",
                 _mm256_madd_epi16(sum, b))
#ifdef QUAVER_AVXVNNI_IN_EVEX
#define QUAVER_AVXVNNI_FEATURES "avx2,avx512f,avx512vl,avx512vnni"
#else
#define QUAVER_AVXVNNI_FEATURES "avx2,avxvnni"
#endif
QUAVER_PEAK_LOOP(AvxVnniLoop, QUAVER_TARGET(QUAVER_AVXVNNI_FEATURES), __m256i,
                 _mm256_setzero_si256(), "x", _mm256_dpbusd_epi32(sum, a, b))
QUAVER_PEAK_LOOP(Avx512VnniLoop, QUAVER_TARGET("avx512f,avx512bw,avx512vl,avx512vnni"), __m512i,
                 _mm512_setzero_si512(), "v", _mm512_dpbusd_epi32(sum, a, b))
Peak PeakOf(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return {&Avx2Loop, 16};
    case Isa::kAvxVnni:
      return {&AvxVnniLoop, 32};
    case Isa::kAvx512Vnni:
      return {&Avx512VnniLoop, 64};
    default:
      return {};
  }
}
#elif defined(__aarch64__)
#define QUAVER_TARGET(features) __attribute__((target(features)))
// 8 products of 8 bits, added to sums of 16 bits.
QUAVER_PEAK_LOOP(NeonLoop, , int16x8_t, vdupq_n_s16(0), "w",
                 vmlal_s8(sum, vget_low_s8(vreinterpretq_s8_s16(a)),
                          vget_low_s8(vreinterpretq_s8_s16(b))))
QUAVER_PEAK_LOOP(NeonDotLoop, QUAVER_TARGET("arch=armv8.2-a+dotprod"), int32x4_t, vdupq_n_s32(0),
                 "w", vdotq_s32(sum, vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b)))
QUAVER_PEAK_LOOP(I8mmLoop, QUAVER_TARGET("arch=armv8.2-a+i8mm"), int32x4_t, vdupq_n_s32(0), "w",
                 vmmlaq_s32(sum, vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b)))
Peak PeakOf(Isa isa) {
  switch (isa) {
    case Isa::kNeon:
      return {&NeonLoop, 8};
    case Isa::kNeonDot:
      return {&NeonDotLoop, 16};
    case Isa::kI8mm:
      return {&I8mmLoop, 32};
    default:
      return {};
  }
}
#else
Peak PeakOf(Isa /*isa*/) { return {}; }
#endif

double Seconds(Loop loop) {
  const auto begin = std::chrono::steady_clock::now();
  loop();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The best of many short batches: what disturbs the machine only ever makes them slower.
double Measure(const Peak& peak) {
  if (peak.loop == nullptr) return 0;
  double best = Seconds(peak.loop);
  for (int batch = 0; batch < kBatches; ++batch) best = std::min(best, Seconds(peak.loop));
  return static_cast<double>(peak.macs) * kSums * kSteps / best;
}

}  // namespace

double PeakMacsPerSecond(Isa isa) {
  static std::map<Isa, double> measured;
  const auto known = measured.find(isa);
  if (known != measured.end()) return known->second;
  return measured[isa] = Measure(PeakOf(isa));
}

}  // namespace quaver::tools
