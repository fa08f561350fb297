#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/generic/resize_bilinear.h"
#include "kernels/inventory.h"
#include "kernels/x86/vec256.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBytes = 32;

/// `count` bytes; 32 at a time also beyond the end where both sides have `room` for that.
void CopyPixel(const std::int8_t* source, std::int8_t* target, std::int32_t count, bool room) {
  constexpr std::int32_t kLong = 128;
  std::int32_t i = 0;
  for (; count < kLong && i + kBytes <= count; i += kBytes) {
    Vec256::Store(target + i, Vec256::Load(source + i));
  }
  if (i == count) return;
  if (room) {
    Vec256::Store(target + i, Vec256::Load(source + i));
  } else {
    std::memcpy(target + i, source + i, static_cast<std::size_t>(count - i));
  }
}

/// One output pixel from its four neighbours.
class Blend {
 public:
  static constexpr std::int32_t kChannels = 8;

  Blend(std::int32_t wy, std::int32_t wx)
      : rows_(_mm256_set1_epi32((kOne - wy) | wy << 16)),
        left_(Vec256::Set32(kOne - wx)),
        right_(Vec256::Set32(wx)) {}

  /// The sums over two rows are below 2^18, those of all four below 2^28.
  void operator()(const std::int8_t* p00, const std::int8_t* p10, const std::int8_t* p01,
                  const std::int8_t* p11, std::int8_t* output) const {
    const __m256i left = _mm256_mullo_epi32(Column(p00, p10), left_);
    const __m256i right = _mm256_mullo_epi32(Column(p01, p11), right_);
    const __m256i sum = Vec256::Add32(Vec256::Add32(left, right), Vec256::Set32(1 << (kBits - 1)));
    const __m256i values = _mm256_srai_epi32(sum, kBits);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(output), _mm_packs_epi16(words, words));
  }

 private:
  static constexpr std::int32_t kOne = 1 << 10;
  static constexpr int kBits = 20;

  [[nodiscard]] __m256i Column(const std::int8_t* above, const std::int8_t* below) const {
    const auto load = [](const std::int8_t* p) {
      return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    };
    const __m256i pairs = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(load(above), load(below)));
    return _mm256_madd_epi16(pairs, rows_);
  }

  __m256i rows_, left_, right_;
};

}  // namespace

void ResizeNearestAvx2(const ResizeNearestParams& p, const Work& work) {
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{p.input_w} * p.channels;
  const std::int8_t* input_end = p.input + std::ptrdiff_t{p.batch} * p.input_h * row_bytes;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::ptrdiff_t source_row =
        std::ptrdiff_t{row / p.output_h} * p.input_h + p.source_y[row % p.output_h];
    const std::int8_t* source = p.input + source_row * row_bytes;
    std::int8_t* target = p.output + std::ptrdiff_t{row} * p.output_w * p.channels;
    const std::int8_t* target_end = target + std::ptrdiff_t{p.output_w} * p.channels;
    for (std::int32_t x = 0; x < p.output_w; ++x) {
      const std::int8_t* pixel = source + std::ptrdiff_t{p.source_x[x]} * p.channels;
      const std::ptrdiff_t reach = std::ptrdiff_t{p.channels} + kBytes;
      CopyPixel(pixel, target, p.channels,
                input_end - pixel >= reach && target_end - target >= reach);
      target += p.channels;
    }
  }
}

void ResizeBilinearAvx2(const ResizeBilinearParams& params, const Work& work) {
  RunResizeBilinear<Blend>(params, work);
}

}  // namespace quaver::kernels
