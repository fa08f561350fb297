// The dot product of a group of inputs with each lane's weights, by instruction set.
#ifndef QUAVER_KERNELS_X86_DOT_H_
#define QUAVER_KERNELS_X86_DOT_H_

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/packing.h"
#include "kernels/x86/vec256.h"
#ifdef __AVX512F__
#include "kernels/x86/vec512.h"
#endif

namespace quaver::kernels {
namespace {

/// Stores store(i, inputs i, i + 1, ...) for pieces of V::Vec's size, the last of them beyond the
/// end. Reads beyond the end too where that is allowed.
template <typename V, typename Store>
void ForEachPiece(const std::int8_t* source, std::ptrdiff_t count, bool overread, Store store) {
  constexpr std::ptrdiff_t kBytes = sizeof(typename V::Vec);
  std::ptrdiff_t i = 0;
  for (; i + kBytes <= count || (overread && i < count); i += kBytes) {
    store(i, V::Load(source + i));
  }
  if (i < count) {
    std::int8_t piece[kBytes] = {};
    for (std::ptrdiff_t j = 0; i + j < count; ++j) piece[j] = source[i + j];
    store(i, V::Load(piece));
  }
}

/// What VPDPBUSD wants of inputs: q xor 0x80 = q + 128, unsigned.
template <typename V>
struct UnsignedInputs {
  using Element = std::uint8_t;

  static void Convert(const std::int8_t* source, std::ptrdiff_t count, Element* target,
                      bool overread) {
    ForEachPiece<V>(source, count, overread,
                    [target, offset = V::Set8(INT8_MIN)](std::ptrdiff_t i, typename V::Vec bytes) {
                      V::Store(target + i, V::Xor(bytes, offset));
                    });
  }
  static void Fill(std::int32_t value, std::ptrdiff_t count, Element* target) {
    const typename V::Vec bytes = V::Set8(static_cast<std::int8_t>(value ^ INT8_MIN));
    for (std::ptrdiff_t i = 0; i < count; i += sizeof bytes) V::Store(target + i, bytes);
  }
};

/// Nothing, but that the compiler does not put off a sum: in unrolled loops of DotAvx2 it would
/// otherwise compute products first, and spill sums to make room for them.
template <typename Vec>
[[gnu::always_inline]] inline void KeepInOrder(Vec& sum) {
  __asm__ volatile("" : "+v"(sum));
}

/// The same value, of which the compiler does not know that it is constant: it would otherwise make
/// the constant anew, from a general register, at each use in a loop.
template <typename Vec>
[[gnu::always_inline]] inline Vec KeepInRegister(Vec value) {
  __asm__("" : "+v"(value));
  return value;
}

inline std::int32_t LoadGroup(const std::uint8_t* p) {
  std::int32_t group;
  std::memcpy(&group, p, sizeof(group));
  return group;
}

#ifdef __AVX512VNNI__
/// Four int8 at a time; the instruction wants one side unsigned: q xor 0x80 = q + 128, which the
/// packed bias takes back.
struct DotVnni512 : UnsignedInputs<Vec512> {
  using V = Vec512;
  static constexpr int kGroup = 4;
  static constexpr int kGroupBytes = 4;
  static constexpr int kWeightBytes = kGroup * V::kLanes;
  /// Panels of the widest tile; rows of tiles of 1, of 2 (0: there are none) and of that many.
  static constexpr int kTilePanels = 4;
  static constexpr int kTileRows[] = {8, 8, 5};
  static __m512i LoadWeights(const std::uint8_t* p) { return V::Load(p); }
  static __m512i LoadInput(const std::uint8_t* p) { return V::Set32(LoadGroup(p)); }
  /// Byte r of lane c is rows[r][c] + 128.
  class Interleaver {
   public:
    __m512i operator()(const std::int8_t* const (&rows)[kGroup]) const {
      const auto load = [&rows](int r) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[r]));
      };
      const __m256i first = _mm256_inserti128_si256(_mm256_castsi128_si256(load(0)), load(1), 1);
      const __m256i second = _mm256_inserti128_si256(_mm256_castsi128_si256(load(2)), load(3), 1);
      const __m512i quads = _mm512_permutex2var_epi32(_mm512_castsi256_si512(first), gather_,
                                                      _mm512_castsi256_si512(second));
      return V::Xor(_mm512_shuffle_epi8(quads, transpose_), sign_);
    }

   private:
    // Four channels of all rows into each 128 bits, then a 4 x 4 transposition of bytes.
    __m512i gather_ =
        KeepInRegister(_mm512_setr_epi32(0, 4, 16, 20, 1, 5, 17, 21, 2, 6, 18, 22, 3, 7, 19, 23));
    __m512i transpose_ = KeepInRegister(_mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
    __m512i sign_ = KeepInRegister(V::Set8(INT8_MIN));
  };
  /// Each lane's weights one row further down; `above` is the group before, or null.
  static void MoveDown(const std::uint8_t* above, const std::uint8_t* weights,
                       std::uint8_t* target) {
    const __m512i down = _mm512_slli_epi32(V::Load(weights), 8);
    V::Store(target, above == nullptr ? down : V::Or(down, _mm512_srli_epi32(V::Load(above), 24)));
  }
  static __m512i PadColumn(std::int32_t pad) {
    return V::Set8(static_cast<std::int8_t>(pad ^ INT8_MIN));
  }
  /// Where kernels make inputs unsigned that the packed bias takes for signed: padding, the weights
  /// at address(k) for the lanes of 128 bits k, and the bias for those weights.
  static __m512i UnsignedPadColumn(std::int32_t pad) { return PadColumn(pad); }
  template <typename Address>
  static __m512i JoinWeights(Address address) {
    return V::Join128(address);
  }
  static __m512i BiasOfUnsigned(__m512i bias, __m512i /*w*/) { return bias; }
  static __m512i Dot(__m512i sum, __m512i x, __m512i w) { return _mm512_dpbusd_epi32(sum, x, w); }
};
#endif

#if defined(__AVXVNNI__) || (defined(__AVX512VNNI__) && defined(__AVX512VL__))
struct DotVnni256 : UnsignedInputs<Vec256> {
  using V = Vec256;
  static constexpr int kGroup = 4;
  static constexpr int kGroupBytes = 4;
  static constexpr int kWeightBytes = kGroup * V::kLanes;
  static constexpr int kTilePanels = 2;
  static constexpr int kTileRows[] = {8, 6};
  static __m256i LoadWeights(const std::uint8_t* p) { return V::Load(p); }
  static __m256i LoadInput(const std::uint8_t* p) { return V::Set32(LoadGroup(p)); }
  class Interleaver {
   public:
    __m256i operator()(const std::int8_t* const (&rows)[kGroup]) const {
      const auto load = [&rows](int r) {
        return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rows[r]));
      };
      const __m128i first = _mm_unpacklo_epi8(load(0), load(1));
      const __m128i second = _mm_unpacklo_epi8(load(2), load(3));
      const __m256i all =
          _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi16(first, second)),
                                  _mm_unpackhi_epi16(first, second), 1);
      return V::Xor(all, sign_);
    }

   private:
    __m256i sign_ = KeepInRegister(V::Set8(INT8_MIN));
  };
  static void MoveDown(const std::uint8_t* above, const std::uint8_t* weights,
                       std::uint8_t* target) {
    const __m256i down = _mm256_slli_epi32(V::Load(weights), 8);
    V::Store(target, above == nullptr ? down : V::Or(down, _mm256_srli_epi32(V::Load(above), 24)));
  }
  static __m256i PadColumn(std::int32_t pad) {
    return V::Set8(static_cast<std::int8_t>(pad ^ INT8_MIN));
  }
  static __m256i UnsignedPadColumn(std::int32_t pad) { return PadColumn(pad); }
  template <typename Address>
  static __m256i JoinWeights(Address address) {
    return V::Join128(address);
  }
  static __m256i BiasOfUnsigned(__m256i bias, __m256i /*w*/) { return bias; }
  /// Encoded in VEX for AVX-VNNI, in EVEX for AVX-512-VNNI.
  static __m256i Dot(__m256i sum, __m256i x, __m256i w) { return _mm256_dpbusd_epi32(sum, x, w); }
};

/// The same with 32 registers: 8 or 24 channels (FitsNarrowPanels) in one tile.
struct DotVnni256Narrow : DotVnni256 {
  static constexpr int kTilePanels = 3;
  static constexpr int kTileRows[] = {8, 0, 5};
};
#endif

/// Two int16 at a time, exactly: inputs are widened while they are gathered, weights when loaded.
struct DotAvx2 {
  using V = Vec256;
  using Element = std::int16_t;
  static constexpr int kGroup = 2;
  static constexpr int kGroupBytes = 4;
  static constexpr int kWeightBytes = kGroup * V::kLanes;
  static constexpr int kTilePanels = 2;
  static constexpr int kTileRows[] = {8, 6};
  static void Convert(const std::int8_t* source, std::ptrdiff_t count, Element* target,
                      bool overread) {
    ForEachPiece<V>(source, count, overread, [target](std::ptrdiff_t i, __m256i bytes) {
      V::Store(target + i, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(bytes)));
      V::Store(target + i + 16, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(bytes, 1)));
    });
  }
  static void Fill(std::int32_t value, std::ptrdiff_t count, Element* target) {
    const __m256i words = V::Set16(static_cast<std::int16_t>(value));
    for (std::ptrdiff_t i = 0; i < count; i += 16) V::Store(target + i, words);
  }
  static __m256i LoadWeights(const std::uint8_t* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static __m256i LoadInput(const std::uint8_t* p) { return V::Set32(LoadGroup(p)); }
  struct Interleaver {
    __m256i operator()(const std::int8_t* const (&rows)[kGroup]) const {
      const auto load = [&rows](int r) {
        return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rows[r]));
      };
      return _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(load(0), load(1)));
    }
  };
  static void MoveDown(const std::uint8_t* above, const std::uint8_t* weights,
                       std::uint8_t* target) {
    const auto load = [](const std::uint8_t* p) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    };
    const __m128i down = _mm_slli_epi16(load(weights), 8);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target),
                     above == nullptr ? down : _mm_or_si128(down, _mm_srli_epi16(load(above), 8)));
  }
  static __m256i PadColumn(std::int32_t pad) { return V::Set16(static_cast<std::int16_t>(pad)); }
  static __m256i UnsignedPadColumn(std::int32_t pad) {
    return V::Set16(static_cast<std::int16_t>(pad + 128));
  }
  template <typename Address>
  static __m256i JoinWeights(Address address) {
    const auto load = [&address](int k) {
      return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(address(k)));
    };
    return _mm256_cvtepi8_epi16(_mm_unpacklo_epi64(load(0), load(1)));
  }
  static __m256i BiasOfUnsigned(__m256i bias, __m256i w) {
    return V::Sub32(bias, _mm256_madd_epi16(w, V::Set16(128)));
  }
  static __m256i Dot(__m256i sum, __m256i x, __m256i w) {
    return V::Add32(sum, _mm256_madd_epi16(x, w));
  }
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DOT_H_
