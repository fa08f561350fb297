// Inputs as SMMLA takes them: groups of eight of a pixel, each followed by the same eight of
// another pixel of the tile. They are copied in the order in which a tile of eight pixels reads
// them, 64 bytes by an instruction.
//
// The copies are stored by ST4 and ST2 of 64-bit elements, which take some cycles more than other
// stores, but save the instructions that would put the halves of registers together; all panels of
// channels use what has been copied once.
#ifndef QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_
#define QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm.h"
#include "kernels/arm/window_columns.h"

namespace quaver::kernels {
namespace {

/// Half `kHalf` of a tile as quads, of four pixels of `inputs` each, a multiple of 8. Pixels 2 i
/// and 2 i + 1 of a tile are pair i. Of each sixteen inputs the tile has two quads of 64 bytes, one
/// of each half: the first eight inputs of two pairs, then the others; last, where there are eight
/// inputs more, those of all pairs.
template <int kHalf>
[[gnu::always_inline]] inline void CopyQuads(const std::int8_t* a, const std::int8_t* b,
                                             const std::int8_t* c, const std::int8_t* d,
                                             std::int32_t inputs, std::int8_t* tile) {
  constexpr std::ptrdiff_t kQuadBytes = 64;
  constexpr std::ptrdiff_t kStep = 2 * kQuadBytes;
  std::int8_t* target = tile + kHalf * kQuadBytes;
  for (std::int32_t blocks = inputs >> 5; blocks > 0; --blocks) {
    asm volatile(
        "ldp q0, q4, [%0], #32\n"
        "ldp q1, q5, [%1], #32\n"
        "ldp q2, q6, [%2], #32\n"
        "ldp q3, q7, [%3], #32\n"
        "st4 {v0.2d-v3.2d}, [%4], %5\n"
        "st4 {v4.2d-v7.2d}, [%4], %5\n"
        : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(target)
        : "r"(kStep)
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "memory");
  }
  if ((inputs & 16) != 0) {
    asm volatile(
        "ldr q0, [%0], #16\n"
        "ldr q1, [%1], #16\n"
        "ldr q2, [%2], #16\n"
        "ldr q3, [%3], #16\n"
        "st4 {v0.2d-v3.2d}, [%4], %5\n"
        : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(target)
        : "r"(kStep)
        : "v0", "v1", "v2", "v3", "memory");
  }
  if ((inputs & 8) == 0) return;
  target -= kHalf * kQuadBytes / 2;
  vst1q_s8(target, vcombine_s8(vld1_s8(a), vld1_s8(b)));
  vst1q_s8(target + 16, vcombine_s8(vld1_s8(c), vld1_s8(d)));
}

// What does not exist is not used either.
template <int kHalf>
[[gnu::always_inline]] inline void CopyFour(const std::int8_t* a, std::ptrdiff_t step,
                                            std::int32_t inputs, std::int32_t count,
                                            std::int8_t* tile) {
  const std::int8_t* b = count > 1 ? a + step : a;
  const std::int8_t* c = count > 2 ? b + step : b;
  const std::int8_t* d = count > 3 ? c + step : c;
  CopyQuads<kHalf>(a, b, c, d, inputs, tile);
}

// 32 inputs of each of four pixels, in v0 to v3 and v4 to v7.
// clang-format off
#define QUAVER_LOAD_FOUR_PIXELS \
  "ldp q0, q4, [%0]\n"          \
  "add %0, %0, %2\n"            \
  "ldp q1, q5, [%0]\n"          \
  "add %0, %0, %2\n"            \
  "ldp q2, q6, [%0]\n"          \
  "add %0, %0, %2\n"            \
  "ldp q3, q7, [%0]\n"          \
  "add %0, %0, %2\n"
// clang-format on

// Whole tiles of 32 inputs a pixel, which are moved on behind.
[[gnu::always_inline]] inline void CopyTilesOf32(const std::int8_t*& pixel, std::ptrdiff_t step,
                                                 std::int32_t& count, std::int8_t*& tile) {
  constexpr std::ptrdiff_t kSecond = 128;
  constexpr std::ptrdiff_t kOtherHalf = -64;
  for (; count >= kPairedPixels; count -= kPairedPixels) {
    asm volatile(QUAVER_LOAD_FOUR_PIXELS
                 "st4 {v0.2d-v3.2d}, [%1], %3\n"
                 "st4 {v4.2d-v7.2d}, [%1], %4\n" QUAVER_LOAD_FOUR_PIXELS
                 "st4 {v0.2d-v3.2d}, [%1], %3\n"
                 "st4 {v4.2d-v7.2d}, [%1], #64\n"
                 : "+r"(pixel), "+r"(tile)
                 : "r"(step), "r"(kSecond), "r"(kOtherHalf)
                 : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "memory");
  }
}

#undef QUAVER_LOAD_FOUR_PIXELS

/// Tiles of `count` pixels, which are `step` apart.
[[gnu::noinline]] inline void CopyTiles(const std::int8_t* pixel, std::ptrdiff_t step,
                                        std::int32_t inputs, std::int32_t count,
                                        std::int8_t* tile) {
  if (inputs == 32) CopyTilesOf32(pixel, step, count, tile);
  for (; count >= kPairedPixels; count -= kPairedPixels) {
    CopyFour<0>(pixel, step, inputs, 4, tile);
    pixel += 4 * step;
    CopyFour<1>(pixel, step, inputs, 4, tile);
    pixel += 4 * step;
    tile += kPairedPixels * std::ptrdiff_t{inputs};
  }
  if (count > 0) CopyFour<0>(pixel, step, inputs, count, tile);
  if (count > 4) CopyFour<1>(pixel + 4 * step, step, inputs, count - 4, tile);
}

/// Windows of one pixel each, without padding, as quads.
class PairedPixels {
 public:
  PairedPixels(const Conv2DParams& p, std::int8_t* scratch)
      : p_(p),
        group_inputs_(p.input_c / p.groups),
        is_flat_(PlanRows(p, 8, 1).flat),
        step_(std::ptrdiff_t{p.stride_w} * p.input_c),
        tile_bytes_(std::ptrdiff_t{kPairedPixels} * p.input_c),
        quads_(scratch),
        run_(reinterpret_cast<const std::uint8_t*>(scratch)) {}

  [[nodiscard]] const std::uint8_t* const* runs() const { return &run_; }
  /// From a pixel to the next: an eighth of a tile.
  [[nodiscard]] std::ptrdiff_t pixel_step() const { return p_.input_c; }

  /// Output pixels from `first` on.
  void Pixels(std::int64_t first, std::int32_t count) {
    Seek(first, count);
    if (is_flat_ && p_.input_c == 8 && count % 2 == 0) {
      run_ = reinterpret_cast<const std::uint8_t*>(pixel_);
      return;
    }
    run_ = reinterpret_cast<const std::uint8_t*>(quads_);
    std::int8_t* target = quads_;
    if (is_flat_ && p_.input_c == 16 && p_.groups == 1) {
      CopySixteens(count / 4, target);
      count %= 4;
    }
    if (is_flat_ && p_.groups == 1) {
      CopyTiles(pixel_, step_, p_.input_c, count, target);
      return;
    }
    for (; count > 4; count -= kPairedPixels, target += tile_bytes_) {
      if (left_ >= kPairedPixels && count >= kPairedPixels && p_.groups == 1) {
        const std::int32_t tiles = Least(left_, count) / kPairedPixels;
        CopyTiles(pixel_, step_, p_.input_c, tiles * kPairedPixels, target);
        pixel_ += tiles * kPairedPixels * step_;
        left_ -= tiles * kPairedPixels;
        count -= (tiles - 1) * kPairedPixels;
        target += (tiles - 1) * tile_bytes_;
        continue;
      }
      TakeFour<0>(4, target);
      TakeFour<1>(count - 4, target);
    }
    if (count > 0) TakeFour<0>(count, target);
  }

 private:
  void Seek(std::int64_t first, std::int32_t count) {
    if (is_flat_) {
      pixel_ = p_.input + static_cast<std::ptrdiff_t>(first) * p_.input_c;
      left_ = count;
      return;
    }
    row_ = static_cast<std::int32_t>(first / p_.output_w);
    const auto x = static_cast<std::int32_t>(first % p_.output_w);
    pixel_ = Row() + x * step_;
    left_ = p_.output_w - x;
  }

  [[nodiscard]] const std::int8_t* Row() const {
    const std::int64_t input_row =
        std::int64_t{row_ / p_.output_h} * p_.input_h + row_ % p_.output_h * p_.stride_h;
    return p_.input + static_cast<std::ptrdiff_t>(input_row * p_.input_w) * p_.input_c;
  }

  const std::int8_t* TakePixel() {
    if (left_ == 0) {
      ++row_;
      left_ = p_.output_w;
      pixel_ = Row();
    }
    --left_;
    const std::int8_t* pixel = pixel_;
    pixel_ += step_;
    return pixel;
  }

  // Half of a tile: the next four pixels, or fewer of them. What does not exist is not used either.
  template <int kHalf>
  void TakeFour(std::int32_t count, std::int8_t* tile) {
    const std::int8_t* a = TakePixel();
    const std::int8_t* b = count > 1 ? TakePixel() : a;
    const std::int8_t* c = count > 2 ? TakePixel() : b;
    const std::int8_t* d = count > 3 ? TakePixel() : c;
    CopyGroups<kHalf>(a, b, c, d, tile);
  }

  template <int kHalf>
  void CopyGroups(const std::int8_t* a, const std::int8_t* b, const std::int8_t* c,
                  const std::int8_t* d, std::int8_t* tile) const {
    for (std::int32_t group = p_.groups;;) {
      CopyQuads<kHalf>(a, b, c, d, group_inputs_, tile);
      if (--group == 0) break;
      a += group_inputs_, b += group_inputs_, c += group_inputs_, d += group_inputs_;
      tile += kPairedPixels * std::ptrdiff_t{group_inputs_};
    }
  }

  // Fours of neighbours of 16 bytes each.
  void CopySixteens(std::int32_t fours, std::int8_t*& target) {
    const std::int8_t* pixel = pixel_;
    for (std::int32_t i = fours; i > 0; --i) {
      asm volatile(
          "ld1 {v0.2d-v3.2d}, [%0], #64\n"
          "st4 {v0.2d-v3.2d}, [%1], #64\n"
          : "+r"(pixel), "+r"(target)
          :
          : "v0", "v1", "v2", "v3", "memory");
    }
    pixel_ = pixel;
    left_ -= 4 * fours;
  }

  const Conv2DParams& p_;
  std::int32_t group_inputs_;
  bool is_flat_;
  std::ptrdiff_t step_, tile_bytes_;
  std::int8_t* quads_;
  const std::uint8_t* run_;  // they, or the pixels in place
  const std::int8_t* pixel_ = nullptr;
  std::int32_t row_ = 0;   // of the output; not where it is flat
  std::int32_t left_ = 0;  // pixels of the row from there on
};

/// Windows of layers with few input channels, gathered column by column, as quads.
class PairedColumns {
 public:
  PairedColumns(const Conv2DParams& p, const PairedColumnsPlan& plan, std::int8_t* scratch)
      : plan_(plan),
        windows_(p, plan.columns, scratch),
        quads_(scratch + plan.columns.scratch_bytes),
        run_(reinterpret_cast<const std::uint8_t*>(quads_)) {}

  [[nodiscard]] const std::uint8_t* const* runs() const { return &run_; }
  [[nodiscard]] std::ptrdiff_t pixel_step() const { return plan_.window_bytes; }
  [[nodiscard]] std::ptrdiff_t column_step() const { return plan_.column_bytes; }

  /// As of WindowColumns.
  void Gather(const std::int8_t* image, std::int32_t y, std::int32_t rows, std::int32_t x,
              std::int32_t columns) const {
    windows_.Gather(image, y, rows, x, columns);
    const auto* column = reinterpret_cast<const std::int8_t*>(*windows_.runs());
    std::int8_t* target = quads_;
    for (; columns > 0; --columns) {
      CopyTiles(column, windows_.pixel_step(), plan_.window_bytes, rows, target);
      column += windows_.column_step();
      target += plan_.column_bytes;
    }
  }

 private:
  const PairedColumnsPlan& plan_;
  WindowColumns windows_;
  std::int8_t* quads_;
  const std::uint8_t* run_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_
