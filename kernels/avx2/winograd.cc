// Conv2D with rows of three taps by Winograd's minimal filtering F(4, 3), exactly: four neighbours
// of an output row take six products a channel and row of the window, in place of twelve.
//
// With d the six inputs under the four windows, g the three taps (S. Winograd, "Arithmetic
// Complexity of Computations", 1980; the matrices are those of A. Lavin, S. Gray, "Fast Algorithms
// for Convolutional Neural Networks", 2015, with G times 24 to hold integers only):
//
//   24 y = A (sum over channels and rows of (G g) * (B d))
//
//       |  6  0  0 |       | 4  0 -5  0  1  0 |
//       | -4 -4 -4 |       | 0 -4 -4  1  1  0 |       | 1  1  1  1  1  0 |
//   G = | -4  4 -4 |   B = | 0  4 -4 -1  1  0 |   A = | 0  1 -1  2 -2  0 |
//       |  1  2  4 |       | 0 -2 -1  2  1  0 |       | 0  1  1  4  4  0 |
//       |  1 -2  4 |       | 0  2 -1 -2  1  0 |       | 0  1 -1  8 -8  1 |
//       |  0  0 24 |       | 0  4  0 -5  0  1 |
//
// |B d| <= 10 * 128 and |G g| <= 24 * 128 fit 16 bits, for VPMADDWD. Sums are modulo 2^32, which 24
// y fits (WinogradFits); so 24 y is exact, and y is (24 y / 8) times the inverse of 3 modulo 2^32.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/inventory.h"
#include "kernels/layouts.h"
#include "kernels/x86/dot.h"
#include "kernels/x86/gemm_tile.h"
#include "kernels/x86/requantize.h"
#include "kernels/x86/vec256.h"
#include "kernels/x86/winograd_plan.h"

namespace quaver::kernels {
namespace {

using V = Vec256;
constexpr std::ptrdiff_t kVectorBytes = sizeof(__m256i);

/// Six inputs of eight channels, 16 bits each, to B d.
void TransformInputs(const __m128i (&d)[6], __m128i (&t)[6]) {
  const auto add = [](__m128i a, __m128i b) { return _mm_add_epi16(a, b); };
  const auto sub = [](__m128i a, __m128i b) { return _mm_sub_epi16(a, b); };
  const auto four = [](__m128i a) { return _mm_slli_epi16(a, 2); };
  const __m128i even = sub(d[4], four(d[2]));  // d4 - 4 d2
  const __m128i odd = sub(d[3], four(d[1]));   // d3 - 4 d1
  const __m128i even2 = sub(d[4], d[2]);
  const __m128i odd2 = _mm_slli_epi16(sub(d[3], d[1]), 1);
  t[0] = add(sub(four(d[0]), d[2]), even);
  t[1] = add(even, odd);
  t[2] = sub(even, odd);
  t[3] = add(even2, odd2);
  t[4] = sub(even2, odd2);
  t[5] = add(sub(d[5], d[3]), four(sub(d[1], d[3])));
}

/// Pair of channels after pair, the six terms of each.
void StoreTerms(const __m128i (&t)[6], std::uint8_t* target) {
  const auto store_pairs = [target](int pair, __m128i t01, __m128i t23, __m128i t45) {
    auto* first = reinterpret_cast<__m128i*>(target + pair * 24);
    auto* second = reinterpret_cast<__m128i*>(target + (pair + 1) * 24);
    _mm_storeu_si128(first, _mm_unpacklo_epi64(t01, t23));
    _mm_storel_epi64(first + 1, t45);
    _mm_storeu_si128(second, _mm_unpackhi_epi64(t01, t23));
    _mm_storel_epi64(second + 1, _mm_unpackhi_epi64(t45, t45));
  };
  store_pairs(0, _mm_unpacklo_epi32(t[0], t[1]), _mm_unpacklo_epi32(t[2], t[3]),
              _mm_unpacklo_epi32(t[4], t[5]));
  store_pairs(2, _mm_unpackhi_epi32(t[0], t[1]), _mm_unpackhi_epi32(t[2], t[3]),
              _mm_unpackhi_epi32(t[4], t[5]));
}

/// Six sums of eight output channels, A times them, and the exact 24th part.
void TransformSums(const __m256i (&m)[kFilterTerms], __m256i bias, __m256i* y) {
  const auto shift = [](__m256i a, int bits) { return _mm256_slli_epi32(a, bits); };
  const __m256i sum12 = V::Add32(m[1], m[2]);
  const __m256i difference12 = V::Sub32(m[1], m[2]);
  const __m256i sum34 = V::Add32(m[3], m[4]);
  const __m256i difference34 = V::Sub32(m[3], m[4]);
  y[0] = V::Add32(V::Add32(m[0], sum12), sum34);
  y[1] = V::Add32(difference12, shift(difference34, 1));
  y[2] = V::Add32(sum12, shift(sum34, 2));
  y[3] = V::Add32(V::Add32(difference12, shift(difference34, 3)), m[5]);
  constexpr std::uint32_t kInverseOf3 = 0xAAAAAAAB;
  const __m256i inverse = V::Set32(static_cast<std::int32_t>(kInverseOf3));
#pragma GCC unroll 4
  for (int i = 0; i < kQuadPixels; ++i) {
    y[i] = V::Add32(V::Mul32(_mm256_srai_epi32(y[i], 3), inverse), bias);
  }
}

class Winograd {
 public:
  Winograd(const Conv2DParams& p, std::int32_t worker)
      : p_(p),
        plan_(PlanWinograd(p)),
        narrow_(p.stage),
        rows_(reinterpret_cast<std::uint8_t*>(p.scratch) +
              static_cast<std::size_t>(worker) * plan_.scratch_bytes),
        pad_row_(rows_ + plan_.rows * plan_.row_bytes) {
    tile_.panel_bytes = static_cast<std::ptrdiff_t>(PanelBytes(kGemm8x3, WeightShapeOf(p)));
    tile_.output_stride = p.output_c;
    TransformRow(nullptr, pad_row_);
  }

  void Run(std::int32_t begin, std::int32_t end) {
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t y = row % p_.output_h;
      const std::int32_t rows = Least(Least(end - row, p_.output_h - y), kWinogradRows);
      if (y == 0 || row == begin) transformed_end_ = 0;
      const std::int32_t image = row / p_.output_h;
      PrepareRows(p_.input + std::ptrdiff_t{image} * p_.input_h * p_.input_w * p_.input_c,
                  y - p_.pad_top, rows + p_.kernel_h - 1);
      RunRows(y, rows, p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c);
      row += rows;
    }
  }

 private:
  /// Rows [top, top + count) of the image, as far as they are there and not yet transformed.
  void PrepareRows(const std::int8_t* image, std::int32_t top, std::int32_t count) {
    const std::int32_t end = Least(top + count, p_.input_h);
    const std::int32_t first = top > transformed_end_ ? top : transformed_end_;
    for (std::int32_t y = first; y < end; ++y) {
      TransformRow(image + std::ptrdiff_t{y} * p_.input_w * p_.input_c, Slot(y));
    }
    transformed_end_ = end > transformed_end_ ? end : transformed_end_;
  }

  [[nodiscard]] std::uint8_t* Slot(std::int32_t y) const {
    return rows_ + y % plan_.rows * plan_.row_bytes;
  }

  /// The first row of a window, and which of the kept rows it is.
  struct WindowRows {
    std::int32_t top, slot;
  };

  /// `row`: null for padding.
  void TransformRow(const std::int8_t* row, std::uint8_t* target) const {
    const __m128i pad = _mm_set1_epi16(static_cast<std::int16_t>(p_.pad_value));
    for (std::int32_t c = 0; c < p_.input_c; c += 8, target += 12 * 8) {
      const auto pixel = [&](std::int32_t x) {
        if (row == nullptr || x < 0 || x >= p_.input_w) return pad;
        const std::int8_t* at = row + std::ptrdiff_t{x} * p_.input_c + c;
        return _mm_cvtepi8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)));
      };
      std::int32_t x = -p_.pad_left;
      __m128i d[6] = {pad, pad, pad, pad, pixel(x), pixel(x + 1)};
      std::uint8_t* quad = target;
      for (std::int32_t i = 0; i < plan_.quads; ++i, x += kQuadPixels, quad += plan_.quad_bytes) {
        d[0] = d[4];
        d[1] = d[5];
#pragma GCC unroll 4
        for (int k = 2; k < 6; ++k) d[k] = pixel(x + k);
        __m128i terms[6];
        TransformInputs(d, terms);
        StoreTerms(terms, quad);
      }
    }
  }

  /// Output rows y, ... of an image, the first at `output`.
  void RunRows(std::int32_t y, std::int32_t rows, std::int8_t* output) {
    const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
    for (std::int32_t channel = 0; channel < p_.output_c; channel += V::kLanes) {
      tile_.panels = panel;
      tile_.channels = Least(p_.output_c - channel, V::kLanes);
      tile_.left_shift = NeedsLeftShift<V>(V::Load(panel + 8 * V::kLanes));
      for (std::int32_t r = 0; r < rows; ++r) {
        RunRow(y + r - p_.pad_top,
               output + std::ptrdiff_t{r} * p_.output_w * p_.output_c + channel);
      }
      panel += tile_.panel_bytes;
    }
  }

  /// `top`: the window's first row.
  void RunRow(std::int32_t top, std::int8_t* output) const {
    const std::int32_t remainder = top % plan_.rows;
    const WindowRows rows{top, remainder < 0 ? remainder + plan_.rows : remainder};
    std::int32_t quad = 0;
    for (; quad + 2 <= plan_.quads; quad += 2) RunTile<2>(rows, quad, output);
    if (quad < plan_.quads) RunTile<1>(rows, quad, output);
  }

  template <int kQuads>
  [[gnu::noinline]] void RunTile(WindowRows rows, std::int32_t quad, std::int8_t* output) const {
    __m256i sums[kQuads][kFilterTerms];
    Accumulate<kQuads>(rows, quad, sums);
    constexpr int kPixels = kQuads * kQuadPixels;
    __m256i acc[kPixels][1];
    const __m256i bias = V::Load(tile_.panels);
#pragma GCC unroll 2
    for (int q = 0; q < kQuads; ++q) {
      __m256i y[kQuadPixels];
      TransformSums(sums[q], bias, y);
#pragma GCC unroll 4
      for (int i = 0; i < kQuadPixels; ++i) acc[q * kQuadPixels + i][0] = y[i];
    }
    const std::int32_t x = quad * kQuadPixels;
    output += std::ptrdiff_t{x} * p_.output_c;
    const std::int32_t pixels = p_.output_w - x;
    if (pixels >= kPixels) {
      StoreTile<V>(tile_, narrow_, acc, output);
      return;
    }
    GemmTile whole = tile_;
    whole.output_stride = whole.channels = V::kLanes;
    std::int8_t buffer[kPixels * V::kLanes];
    StoreTile<V>(whole, narrow_, acc, buffer);
    CopyParts(output, tile_.output_stride, buffer, V::kLanes, pixels, 0, tile_.channels);
  }

  template <int kQuads>
  [[gnu::always_inline]] void Accumulate(WindowRows rows, std::int32_t quad,
                                         __m256i (&sums)[kQuads][kFilterTerms]) const {
#pragma GCC unroll 2
    for (int q = 0; q < kQuads; ++q) {
#pragma GCC unroll 6
      for (int i = 0; i < kFilterTerms; ++i) sums[q][i] = V::Set32(0);
    }
    const std::uint8_t* weights = tile_.panels + 3 * 4 * V::kLanes;
    const std::ptrdiff_t quad_bytes = plan_.quad_bytes;
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      const bool inside = rows.top + ky >= 0 && rows.top + ky < p_.input_h;
      const std::uint8_t* row = inside ? rows_ + rows.slot * plan_.row_bytes : pad_row_;
      const std::uint8_t* at = row + quad * quad_bytes;
      if (++rows.slot == plan_.rows) rows.slot = 0;
      for (std::int32_t pairs = p_.input_c / 2; pairs > 0; --pairs) {
#pragma GCC unroll 6
        for (int i = 0; i < kFilterTerms; ++i) {
          __m256i w = V::Load(weights + i * kVectorBytes);
          KeepInOrder(w);  // one load for both quads
#pragma GCC unroll 2
          for (int q = 0; q < kQuads; ++q) {
            const __m256i x = V::Set32(LoadPair(at + q * quad_bytes + i * 4));
            sums[q][i] = V::Add32(sums[q][i], _mm256_madd_epi16(x, w));
            KeepInOrder(sums[q][i]);
          }
        }
        at += kFilterTerms * 4;
        weights += kFilterTerms * kVectorBytes;
      }
    }
  }

  static std::int32_t LoadPair(const std::uint8_t* at) {
    std::int32_t pair;
    std::memcpy(&pair, at, sizeof pair);
    return pair;
  }

  const Conv2DParams& p_;
  const WinogradPlan plan_;
  const HalvingNarrower<V> narrow_;
  std::uint8_t* rows_;
  std::uint8_t* pad_row_;
  // Rows of the image below this one are transformed, as far as a window still reads them.
  std::int32_t transformed_end_ = 0;
  GemmTile tile_{};
};

}  // namespace

void Conv2DAvx2Winograd(const Conv2DParams& params, const Work& work) {
  Winograd(params, work.worker).Run(work.begin, work.end);
}

}  // namespace quaver::kernels
