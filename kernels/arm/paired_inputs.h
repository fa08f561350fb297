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

// Whole tiles of 32 inputs a pixel, which are moved on behind.
[[gnu::always_inline]] inline void CopyTilesOf32(const std::int8_t*& pixel, std::ptrdiff_t step,
                                                 std::int32_t& count, std::int8_t*& tile) {
  constexpr std::ptrdiff_t kSecond = 128;
  constexpr std::ptrdiff_t kOtherHalf = -64;
  for (; count >= kPairedPixels; count -= kPairedPixels) {
    asm volatile(
        "ldp q0, q4, [%0]\n"
        "add %0, %0, %2\n"
        "ldp q1, q5, [%0]\n"
        "add %0, %0, %2\n"
        "ldp q2, q6, [%0]\n"
        "add %0, %0, %2\n"
        "ldp q3, q7, [%0]\n"
        "add %0, %0, %2\n"
        "st4 {v0.2d-v3.2d}, [%1], %3\n"
        "st4 {v4.2d-v7.2d}, [%1], %4\n"
        "ldp q0, q4, [%0]\n"
        "add %0, %0, %2\n"
        "ldp q1, q5, [%0]\n"
        "add %0, %0, %2\n"
        "ldp q2, q6, [%0]\n"
        "add %0, %0, %2\n"
        "ldp q3, q7, [%0]\n"
        "add %0, %0, %2\n"
        "st4 {v0.2d-v3.2d}, [%1], %3\n"
        "st4 {v4.2d-v7.2d}, [%1], #64\n"
        : "+r"(pixel), "+r"(tile)
        : "r"(step), "r"(kSecond), "r"(kOtherHalf)
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "memory");
  }
}

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

/// Larger windows. Pixels i and i + 4 of a tile are pair i, so that a tap's inputs of all pairs of
/// a tile are neighbours where every pixel of the input, with padding, is stored before the one
/// that is 4 * stride_w further on. Pixels that windows begin with are apart from the others, kind
/// by kind ("phases"). Chunk by chunk of 16 inputs a pair has eight of both pixels, then the
/// others.
///
/// The rows of some output rows' windows are there at a time; those that the next windows share are
/// moved to the front.
class PairedRows {
 public:
  /// `row`: the first output row that Next prepares.
  PairedRows(const Conv2DParams& p, const PairedGemmPlan& plan, std::int8_t* scratch,
             std::int32_t row)
      : p_(p),
        plan_(plan),
        runs_(reinterpret_cast<const std::uint8_t**>(scratch)),
        row_(scratch + plan.pointers_bytes),
        planes_(row_ + plan.copied_bytes),
        pixel_bytes_(p.input_c),
        image_(p.input + row / p.output_h * ImageBytes()),
        output_y_(row % p.output_h) {
    FillBytes(row_, static_cast<std::ptrdiff_t>(plan.copied_bytes));
    SetRuns();
    for (std::int32_t phase = 0; phase < plan.phases; ++phase) {
      phase_pairs_[phase] = (p.output_w - 1) / kPairedPixels * kPairedPixels + kPairedPixels / 2 +
                            PairedShift(p, phase);
    }
    const std::int32_t room = plan.rows.row_pixels - p.pad_left;
    inside_bytes_ = (p.input_w < room ? p.input_w : room) * pixel_bytes_;
  }

  /// Run s of output pixel x begins at runs()[s] + x * pixel_step() where x is a multiple of 8; its
  /// next chunk is chunk_step() later, the one after that another odd_chunk_step(), and so on in
  /// turn, and the chunk of the next output row row_step(). Behind the last
  /// one is a null pointer.
  [[nodiscard]] const std::uint8_t* const* runs() const { return runs_; }
  [[nodiscard]] std::ptrdiff_t pixel_step() const { return 2 * std::ptrdiff_t{plan_.chunk}; }
  [[nodiscard]] std::ptrdiff_t chunk_step() const { return plan_.chunk_step; }
  [[nodiscard]] std::ptrdiff_t odd_chunk_step() const { return plan_.odd_chunk_step; }
  [[nodiscard]] std::ptrdiff_t row_step() const { return p_.stride_h * plan_.row_bytes; }

  /// The next output rows, at most so many. Returns how many they are.
  std::int32_t Next(std::int32_t most) {
    if (output_y_ == p_.output_h) {
      output_y_ = 0;
      image_ += ImageBytes();
      kept_ = 0;
    }
    const std::int32_t count = Least(Least(most, plan_.block_rows), p_.output_h - output_y_);
    const std::int32_t input_rows = p_.kernel_h + (count - 1) * p_.stride_h;
    const std::int32_t top = output_y_ * p_.stride_h - p_.pad_top;
    if (kept_ > 0) {
      CopyBlocks(planes_ + kept_from_ * plan_.row_bytes, planes_, kept_ * plan_.row_bytes / 64);
    }
    for (std::int32_t i = kept_; i < input_rows; ++i) {
      SetRow(top + i * p_.dilation_h, planes_ + i * plan_.row_bytes);
    }
    kept_from_ = count * p_.stride_h;
    if (p_.dilation_h == 1 && kept_from_ < input_rows) kept_ = input_rows - kept_from_;
    output_y_ += count;
    return count;
  }

 private:
  [[nodiscard]] std::ptrdiff_t ImageBytes() const {
    return std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c;
  }

  // Of 64 bytes each.
  static void CopyBlocks(const std::int8_t* source, std::int8_t* target, std::ptrdiff_t blocks) {
    for (; blocks > 0; --blocks) {
      asm volatile(
          "ld1 {v0.16b-v3.16b}, [%0], #64\n"
          "st1 {v0.16b-v3.16b}, [%1], #64\n"
          : "+r"(source), "+r"(target)
          :
          : "v0", "v1", "v2", "v3", "memory");
    }
  }

  // A multiple of 64 bytes.
  void FillBytes(std::int8_t* target, std::ptrdiff_t bytes) const {
    const int8x16_t value = vdupq_n_s8(static_cast<std::int8_t>(p_.pad_value));
    for (std::ptrdiff_t i = 0; i < bytes; i += 64) {
      for (int v = 0; v < 4; ++v) vst1q_s8(target + i + 16 * v, value);
    }
  }

  void SetRuns() {
    const std::uint8_t** run = runs_;
    std::int32_t next = 0;  // chunks from here to the next run
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      const auto* planes = reinterpret_cast<const std::uint8_t*>(planes_ + ky * plan_.row_bytes);
      for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
        const std::int32_t x = kx * p_.dilation_w;
        const std::uint8_t* tap = planes + x % p_.stride_w * p_.groups * plan_.group_bytes +
                                  x / p_.stride_w * pixel_step();
        for (std::int32_t chunk = 0; chunk < plan_.chunks; ++chunk, tap += plan_.plane_bytes) {
          if (next == 0) *run++ = tap, next = plan_.run_chunks;
          --next;
        }
      }
    }
    *run = nullptr;
  }

  // Row y of the image, or padding.
  [[gnu::noinline]] void SetRow(std::int32_t y, std::int8_t* planes) const {
    if (static_cast<std::uint32_t>(y) >= static_cast<std::uint32_t>(p_.input_h)) {
      FillBytes(planes, plan_.row_bytes);
      return;
    }
    const std::ptrdiff_t inside = inside_bytes_;
    const std::int8_t* source = image_ + y * p_.input_w * pixel_bytes_;
    std::int8_t* target = row_ + p_.pad_left * pixel_bytes_;
    const std::ptrdiff_t blocks = inside >> 6;
    CopyBlocks(source, target, blocks);
    for (std::ptrdiff_t i = 64 * blocks; i < inside; i += 8) {
      vst1_s8(target + i, vld1_s8(source + i));
    }
    const std::int8_t* pixel = row_;
    if (pixel_bytes_ == 16 && p_.stride_w == 2 && plan_.phases == 2 && plan_.chunk == 16) {
      // Of both phases together.
      PairNext(pixel, pixel + 16 * kPairedPixels, phase_pairs_[0], planes,
               planes + plan_.group_bytes, 32);
      return;
    }
    for (std::int32_t phase = 0; phase < plan_.phases; ++phase, pixel += pixel_bytes_) {
      PairPixels(pixel, phase_pairs_[phase], planes);
      planes += p_.groups * plan_.group_bytes;
    }
  }

  void PairPixels(const std::int8_t* pixel, std::int32_t count, std::int8_t* target) const {
    const std::ptrdiff_t step = p_.stride_w * pixel_bytes_;
    const std::int8_t* partner = pixel + kPairedPixels / 2 * step;
    if (step == 16 && plan_.chunk == 16) {
      // Two pixels at a time, of an even number: another one than needed does no harm.
      PairNext(pixel, partner, (count + 1) / 2, target, target + 32, 64);
      return;
    }
    std::ptrdiff_t left = plan_.chunk == 16 ? pixel_bytes_ : 0;
    for (; left >= 32; left -= 32, target += 2 * plan_.plane_bytes) {
      PairTwo(pixel, partner, step, count, target, target + plan_.plane_bytes);
      pixel += 32;
      partner += 32;
    }
    if (left > 0) PairOne(pixel, partner, step, count, target);
    if (plan_.chunk == 16) return;
    for (std::ptrdiff_t i = 0; i < pixel_bytes_; i += 8, target += plan_.plane_bytes) {
      PairEights(pixel + i, partner + i, step, count, target);
    }
  }

  // Of `count` pixels eight inputs, to be followed by the same of their partners.
  static void PairEights(const std::int8_t* pixel, const std::int8_t* partner, std::ptrdiff_t step,
                         std::int32_t count, std::int8_t* target) {
    for (; count > 0; --count, pixel += step, partner += step, target += 16) {
      vst1q_s8(target, vcombine_s8(vld1_s8(pixel), vld1_s8(partner)));
    }
  }

  // ... sixteen.
  static void PairOne(const std::int8_t* pixel, const std::int8_t* partner, std::ptrdiff_t step,
                      std::int32_t count, std::int8_t* target) {
    for (; count > 0; --count) {
      asm volatile(
          "ld1 {v0.2d}, [%0], %3\n"
          "ld1 {v1.2d}, [%1], %3\n"
          "st2 {v0.2d, v1.2d}, [%2], #32\n"
          : "+r"(pixel), "+r"(partner), "+r"(target)
          : "r"(step)
          : "v0", "v1", "memory");
    }
  }

  // ... twice sixteen, to different places.
  static void PairTwo(const std::int8_t* pixel, const std::int8_t* partner, std::ptrdiff_t step,
                      std::int32_t count, std::int8_t* target, std::int8_t* target2) {
    if (step == 32) return PairNext(pixel, partner, count, target, target2, 32);
    for (; count > 0; --count) {
      asm volatile(
          "ldp q0, q2, [%0]\n"
          "ldp q1, q3, [%1]\n"
          "add %0, %0, %4\n"
          "add %1, %1, %4\n"
          "st2 {v0.2d, v1.2d}, [%2], #32\n"
          "st2 {v2.2d, v3.2d}, [%3], #32\n"
          : "+r"(pixel), "+r"(partner), "+r"(target), "+r"(target2)
          : "r"(step)
          : "v0", "v1", "v2", "v3", "memory");
    }
  }

  // The same of `count` times 32 bytes that lie together.
  static void PairNext(const std::int8_t* pixel, const std::int8_t* partner, std::int32_t count,
                       std::int8_t* target, std::int8_t* target2, std::ptrdiff_t target_step) {
    if ((count & 1) != 0) PairNextOne(pixel, partner, target, target2, target_step);
    for (count >>= 1; count > 0; --count) {
      PairNextOne(pixel, partner, target, target2, target_step);
      PairNextOne(pixel, partner, target, target2, target_step);
    }
  }
  [[gnu::always_inline]] static void PairNextOne(const std::int8_t*& pixel,
                                                 const std::int8_t*& partner, std::int8_t*& target,
                                                 std::int8_t*& target2,
                                                 std::ptrdiff_t target_step) {
    asm volatile(
        "ldp q0, q2, [%0], #32\n"
        "ldp q1, q3, [%1], #32\n"
        "st2 {v0.2d, v1.2d}, [%2], %4\n"
        "st2 {v2.2d, v3.2d}, [%3], %4\n"
        : "+r"(pixel), "+r"(partner), "+r"(target), "+r"(target2)
        : "r"(target_step)
        : "v0", "v1", "v2", "v3", "memory");
  }

  const Conv2DParams& p_;
  const PairedGemmPlan& plan_;
  const std::uint8_t** runs_;
  std::int8_t* row_;  // of inputs with padding
  std::int8_t* planes_;
  std::ptrdiff_t pixel_bytes_;
  std::ptrdiff_t inside_bytes_;  // of a row without padding
  std::int32_t phase_pairs_[kMostPairedStride];
  const std::int8_t* image_;
  std::int32_t output_y_;
  std::int32_t kept_ = 0;  // rows of the next windows that are here
  std::int32_t kept_from_ = 0;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_
