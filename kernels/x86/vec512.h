// 512-bit integer vectors (AVX-512 F, BW): kernels/x86/vec256.h, twice as wide.
#ifndef QUAVER_KERNELS_X86_VEC512_H_
#define QUAVER_KERNELS_X86_VEC512_H_

#include <immintrin.h>

#include <cstdint>

namespace quaver::kernels {
namespace {

/// Sixteen int32 lanes.
struct Vec512 {
  using Vec = __m512i;
  static constexpr int kLanes = 16;
  static constexpr bool kHasMasks = true;

  static Vec Load(const void* p) { return _mm512_loadu_si512(p); }
  static void Store(void* p, Vec v) { _mm512_storeu_si512(p, v); }
  /// The first `count` bytes, 1 to 63 of them; the others are those of `rest`.
  static Vec LoadFirst(const void* p, std::int32_t count, Vec rest) {
    return _mm512_mask_loadu_epi8(rest, FirstBytes(count), p);
  }
  static void StoreFirst(void* p, Vec v, std::int32_t count) {
    _mm512_mask_storeu_epi8(p, FirstBytes(count), v);
  }
  /// 512 bits of `low`, then `high`, from bit 128 * kBlocks on.
  template <int kBlocks>
  static Vec Align128(Vec low, Vec high) {
    return _mm512_alignr_epi64(high, low, 2 * kBlocks);
  }
  static Vec Set32(std::int32_t v) { return _mm512_set1_epi32(v); }
  static Vec Set16(std::int16_t v) { return _mm512_set1_epi16(v); }
  static Vec Set8(std::int8_t v) { return _mm512_set1_epi8(v); }
  static Vec Add32(Vec a, Vec b) { return _mm512_add_epi32(a, b); }
  static Vec Sub32(Vec a, Vec b) { return _mm512_sub_epi32(a, b); }
  static Vec Abs32(Vec a) { return _mm512_abs_epi32(a); }
  static Vec WithSignOf32(Vec a, Vec b) {
    const Vec negative = _mm512_srai_epi32(b, 31);
    return Sub32(Xor(a, negative), negative);
  }
  static Vec Min32(Vec a, Vec b) { return _mm512_min_epi32(a, b); }
  static Vec Max32(Vec a, Vec b) { return _mm512_max_epi32(a, b); }
  static Vec ShiftLeft32(Vec a, Vec counts) { return _mm512_sllv_epi32(a, counts); }
  static Vec ShiftRightArithmetic32(Vec a, Vec counts) { return _mm512_srav_epi32(a, counts); }
  static Vec ShiftRightLogical32(Vec a, Vec counts) { return _mm512_srlv_epi32(a, counts); }
  static Vec Mul32(Vec a, Vec b) { return _mm512_mullo_epi32(a, b); }
  static Vec Or(Vec a, Vec b) { return _mm512_or_si512(a, b); }
  static Vec Xor(Vec a, Vec b) { return _mm512_xor_si512(a, b); }
  static Vec MulEven(Vec a, Vec b) { return _mm512_mul_epi32(a, b); }
  static Vec MulEvenUnsigned(Vec a, Vec b) { return _mm512_mul_epu32(a, b); }
  static Vec OddToEven(Vec a) { return _mm512_shuffle_epi32(a, static_cast<_MM_PERM_ENUM>(0xF5)); }
  static Vec HighHalves(Vec even, Vec odd) {
    return _mm512_mask_shuffle_epi32(odd, 0x5555, even, static_cast<_MM_PERM_ENUM>(0xF5));
  }
  static bool AnyGreater32(Vec a, Vec b) { return _mm512_cmpgt_epi32_mask(a, b) != 0; }
  static bool AnyLessUnsigned32(Vec a, Vec b) { return _mm512_cmplt_epu32_mask(a, b) != 0; }
  static Vec MinUnsigned32(Vec a, Vec b) { return _mm512_min_epu32(a, b); }
  static Vec MultiplyAddPairs16(Vec a, Vec b) { return _mm512_madd_epi16(a, b); }
  static Vec AddSaturated16(Vec a, Vec b) { return _mm512_adds_epi16(a, b); }
  template <int kCount>
  static Vec ShiftRightArithmetic16(Vec a) {
    return _mm512_srai_epi16(a, kCount);
  }
  static Vec Min8(Vec a, Vec b) { return _mm512_min_epi8(a, b); }
  static Vec Max8(Vec a, Vec b) { return _mm512_max_epi8(a, b); }
  static Vec Pack32To16(Vec a, Vec b) { return _mm512_packs_epi32(a, b); }
  static Vec Pack16To8(Vec a, Vec b) { return _mm512_packs_epi16(a, b); }
  static Vec UnpackLow8(Vec a, Vec b) { return _mm512_unpacklo_epi8(a, b); }
  static Vec UnpackHigh8(Vec a, Vec b) { return _mm512_unpackhi_epi8(a, b); }
  static Vec UnpackLow16(Vec a, Vec b) { return _mm512_unpacklo_epi16(a, b); }
  static Vec UnpackHigh16(Vec a, Vec b) { return _mm512_unpackhi_epi16(a, b); }
  template <typename Address>
  static Vec Join128(Address address) {
    const auto join = [&address](int k) {
      const auto load = [&address](int i) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(address(i)));
      };
      return _mm256_inserti128_si256(_mm256_castsi128_si256(load(k)), load(k + 1), 1);
    };
    return _mm512_inserti64x4(_mm512_castsi256_si512(join(0)), join(2), 1);
  }
  static Vec UnzipPacked(Vec v) {
    return _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), v);
  }
  static Vec Widen8(const std::int8_t* p) {
    return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static void StoreQuarter(void* p, Vec v, int i) {
    auto* target = static_cast<__m128i*>(p);
    if (i == 0) _mm_storeu_si128(target, _mm512_castsi512_si128(v));
    if (i == 1) _mm_storeu_si128(target, _mm512_extracti32x4_epi32(v, 1));
    if (i == 2) _mm_storeu_si128(target, _mm512_extracti32x4_epi32(v, 2));
    if (i == 3) _mm_storeu_si128(target, _mm512_extracti32x4_epi32(v, 3));
  }
  static void StoreHalf(void* p, Vec v, int i) {
    _mm256_storeu_si256(static_cast<__m256i*>(p),
                        i == 0 ? _mm512_castsi512_si256(v) : _mm512_extracti64x4_epi64(v, 1));
  }

 private:
  static __mmask64 FirstBytes(std::int32_t count) { return (__mmask64{1} << count) - 1; }
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_VEC512_H_
