// 256-bit integer vectors: what AVX2 and AVX-VNNI kernels share.
//
// All of kernels/x86 has internal linkage: each instruction set's file compiles its own copy with
// its own flags, and no copy can end up in code for a CPU that lacks the instructions.
#ifndef QUAVER_KERNELS_X86_VEC256_H_
#define QUAVER_KERNELS_X86_VEC256_H_

#include <immintrin.h>

#include <cstdint>

namespace quaver::kernels {
namespace {

/// Eight int32 lanes.
struct Vec256 {
  using Vec = __m256i;
  static constexpr int kLanes = 8;
  static constexpr bool kHasMasks = false;

  static Vec Load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void Store(void* p, Vec v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
  static Vec Set32(std::int32_t v) { return _mm256_set1_epi32(v); }
  static Vec Set16(std::int16_t v) { return _mm256_set1_epi16(v); }
  static Vec Set8(std::int8_t v) { return _mm256_set1_epi8(v); }
  static Vec Add32(Vec a, Vec b) { return _mm256_add_epi32(a, b); }
  static Vec Sub32(Vec a, Vec b) { return _mm256_sub_epi32(a, b); }
  static Vec Abs32(Vec a) { return _mm256_abs_epi32(a); }
  /// |a| or -|a|, as the sign of b; a >= 0.
  static Vec WithSignOf32(Vec a, Vec b) {
    const Vec negative = _mm256_srai_epi32(b, 31);
    return Sub32(Xor(a, negative), negative);
  }
  static Vec Min32(Vec a, Vec b) { return _mm256_min_epi32(a, b); }
  static Vec Max32(Vec a, Vec b) { return _mm256_max_epi32(a, b); }
  static Vec ShiftLeft32(Vec a, Vec counts) { return _mm256_sllv_epi32(a, counts); }
  static Vec ShiftRightArithmetic32(Vec a, Vec counts) { return _mm256_srav_epi32(a, counts); }
  static Vec ShiftRightLogical32(Vec a, Vec counts) { return _mm256_srlv_epi32(a, counts); }
  static Vec Mul32(Vec a, Vec b) { return _mm256_mullo_epi32(a, b); }
  static Vec Or(Vec a, Vec b) { return _mm256_or_si256(a, b); }
  static Vec Xor(Vec a, Vec b) { return _mm256_xor_si256(a, b); }
  /// 64-bit products of the lanes 0, 2, 4, ...
  static Vec MulEven(Vec a, Vec b) { return _mm256_mul_epi32(a, b); }
  static Vec MulEvenUnsigned(Vec a, Vec b) { return _mm256_mul_epu32(a, b); }
  /// Lanes 1, 3, ... moved into lanes 0, 2, ...; the others keep them.
  static Vec OddToEven(Vec a) { return _mm256_shuffle_epi32(a, 0xF5); }
  /// The high halves of the 64-bit lanes: of `even` into lanes 0, 2, ..., of `odd` into 1, 3, ...
  static Vec HighHalves(Vec even, Vec odd) {
    return _mm256_blend_epi32(_mm256_shuffle_epi32(even, 0xF5), odd, 0xAA);
  }
  static bool AnyGreater32(Vec a, Vec b) {
    return _mm256_movemask_epi8(_mm256_cmpgt_epi32(a, b)) != 0;
  }
  static bool AnyLessUnsigned32(Vec a, Vec b) {
    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(_mm256_max_epu32(a, b), a)) != -1;
  }
  static Vec MinUnsigned32(Vec a, Vec b) { return _mm256_min_epu32(a, b); }
  /// Products of 16-bit lanes, added in pairs.
  static Vec MultiplyAddPairs16(Vec a, Vec b) { return _mm256_madd_epi16(a, b); }
  static Vec AddSaturated16(Vec a, Vec b) { return _mm256_adds_epi16(a, b); }
  template <int kCount>
  static Vec ShiftRightArithmetic16(Vec a) {
    return _mm256_srai_epi16(a, kCount);
  }
  static Vec Min8(Vec a, Vec b) { return _mm256_min_epi8(a, b); }
  static Vec Max8(Vec a, Vec b) { return _mm256_max_epi8(a, b); }
  static Vec Pack32To16(Vec a, Vec b) { return _mm256_packs_epi32(a, b); }
  static Vec Pack16To8(Vec a, Vec b) { return _mm256_packs_epi16(a, b); }
  /// Elements of a and b in turn, of the low or the high half of each 128 bits.
  static Vec UnpackLow8(Vec a, Vec b) { return _mm256_unpacklo_epi8(a, b); }
  static Vec UnpackHigh8(Vec a, Vec b) { return _mm256_unpackhi_epi8(a, b); }
  static Vec UnpackLow16(Vec a, Vec b) { return _mm256_unpacklo_epi16(a, b); }
  static Vec UnpackHigh16(Vec a, Vec b) { return _mm256_unpackhi_epi16(a, b); }
  /// The 128 bits at address(0), at address(1), ...
  template <typename Address>
  static Vec Join128(Address address) {
    const auto load = [&address](int i) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(address(i)));
    };
    return _mm256_inserti128_si256(_mm256_castsi128_si256(load(0)), load(1), 1);
  }
  /// After Pack16To8(Pack32To16(a, b), Pack32To16(c, d)): the bytes of a, of b, of c, of d.
  static Vec UnzipPacked(Vec v) {
    return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  }
  /// kLanes int8 as int32.
  static Vec Widen8(const std::int8_t* p) {
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  /// Of the four quarters of a vector of bytes, each kLanes bytes: the i-th.
  static void StoreQuarter(void* p, Vec v, int i) {
    const __m128i half = i < 2 ? _mm256_castsi256_si128(v) : _mm256_extracti128_si256(v, 1);
    _mm_storel_epi64(static_cast<__m128i*>(p), i % 2 == 0 ? half : _mm_unpackhi_epi64(half, half));
  }
  static void StoreHalf(void* p, Vec v, int i) {
    _mm_storeu_si128(static_cast<__m128i*>(p),
                     i == 0 ? _mm256_castsi256_si128(v) : _mm256_extracti128_si256(v, 1));
  }
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_VEC256_H_
