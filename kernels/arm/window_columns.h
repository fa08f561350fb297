// The inputs of a layer with few input channels: windows gathered column by column
// (kernels/arm/columns_plan.h).
#ifndef QUAVER_KERNELS_ARM_WINDOW_COLUMNS_H_
#define QUAVER_KERNELS_ARM_WINDOW_COLUMNS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/columns_plan.h"
#include "kernels/arm/gemm.h"
#include "kernels/arm/memory.h"

namespace quaver::kernels {
namespace {

/// Runs of up to kBytes, 4, 8 or 16, of which all are copied. Compilers do not move an address on
/// by a register within a load. Volatile, as nothing else says what is read and written.
template <int kBytes>
[[gnu::always_inline]] inline int8x16_t LoadRun(const std::int8_t*& source, std::ptrdiff_t step) {
  int8x16_t run;
#ifdef __aarch64__
  if constexpr (kBytes == 4) {
    asm volatile("ld1r {%0.2s}, [%1], %2" : "=w"(run), "+r"(source) : "r"(step) : "memory");
  } else if constexpr (kBytes == 8) {
    asm volatile("ld1 {%0.8b}, [%1], %2" : "=w"(run), "+r"(source) : "r"(step) : "memory");
  } else {
    asm volatile("ld1 {%0.16b}, [%1], %2" : "=w"(run), "+r"(source) : "r"(step) : "memory");
  }
#else
  std::memcpy(&run, source, kBytes);
  source += step;
#endif
  return run;
}
template <int kBytes>
[[gnu::always_inline]] inline void StoreRun(std::int8_t*& target, std::ptrdiff_t step,
                                            int8x16_t run) {
#ifdef __aarch64__
  if constexpr (kBytes == 4) {
    asm volatile("st1 {%1.s}[0], [%0], %2" : "+r"(target) : "w"(run), "r"(step) : "memory");
  } else if constexpr (kBytes == 8) {
    asm volatile("st1 {%1.8b}, [%0], %2" : "+r"(target) : "w"(run), "r"(step) : "memory");
  } else {
    asm volatile("st1 {%1.16b}, [%0], %2" : "+r"(target) : "w"(run), "r"(step) : "memory");
  }
#else
  std::memcpy(target, &run, kBytes);
  target += step;
#endif
}

/// kRuns runs of up to kBytes: every load is ahead of the stores.
template <int kBytes, int kRuns>
[[gnu::always_inline]] inline void CopySomeRuns(const std::int8_t*& source, std::ptrdiff_t step,
                                                std::int8_t*& target, std::ptrdiff_t target_step) {
  int8x16_t runs[kRuns];
#pragma GCC unroll 4
  for (int i = 0; i < kRuns; ++i) runs[i] = LoadRun<kBytes>(source, step);
#pragma GCC unroll 4
  for (int i = 0; i < kRuns; ++i) StoreRun<kBytes>(target, target_step, runs[i]);
}

/// One of up to kBytes, 32 too.
template <int kBytes>
[[gnu::always_inline]] inline void CopyRun(const std::int8_t* source, std::int8_t* target) {
  std::int8_t run[kBytes];
  std::memcpy(run, source, kBytes);
  std::memcpy(target, run, kBytes);
}

template <int kBytes>
[[gnu::always_inline]] inline void FillRun(int8x16_t padding, std::int8_t* target) {
  if constexpr (kBytes == 32) vst1q_s8(target + 16, padding);
  std::memcpy(target, &padding, kBytes < 16 ? kBytes : 16);
}

/// `count` runs, `step` bytes from one to the next.
template <int kBytes>
[[gnu::always_inline]] inline void CopyRuns(const std::int8_t* source, std::ptrdiff_t step,
                                            std::int32_t count, std::int8_t* target,
                                            std::ptrdiff_t target_step) {
  if constexpr (kBytes == 32) {
    for (; count > 0; --count, source += step, target += target_step) {
      CopyRun<kBytes>(source, target);
    }
  } else {
    for (std::int32_t i = count >> 3; i > 0; --i) {
      CopySomeRuns<kBytes, 4>(source, step, target, target_step);
      CopySomeRuns<kBytes, 4>(source, step, target, target_step);
    }
    if ((count & 4) != 0) CopySomeRuns<kBytes, 4>(source, step, target, target_step);
    if ((count & 2) != 0) CopySomeRuns<kBytes, 2>(source, step, target, target_step);
    if ((count & 1) != 0) CopySomeRuns<kBytes, 1>(source, step, target, target_step);
  }
}

/// Exactly `count` bytes.
inline void CopyExactly(const std::int8_t* source, std::int32_t count, std::int8_t* target) {
  const auto copy = [&](std::int32_t i, auto bytes) {
    std::memcpy(target + i, source + i, sizeof bytes);
  };
  if (count < 16) {
    if (count >= 8) {
      copy(0, std::int64_t{}), copy(count - 8, std::int64_t{});
    } else if (count >= 4) {
      copy(0, std::int32_t{}), copy(count - 4, std::int32_t{});
    } else {
      for (std::int32_t i = 0; i < count; ++i) target[i] = source[i];
    }
    return;
  }
  std::int32_t i = count / 64 * 64;
  Copy64Bytes(source, target, count / 64);
  for (; i + 16 <= count; i += 16) vst1q_s8(target + i, vld1q_s8(source + i));
  vst1q_s8(target + count - 16, vld1q_s8(source + count - 16));
}

/// Some columns of windows, and how a row of the image lies to them. Numbers are of columns, of
/// which some lie before others; offsets of bytes.
struct ColumnStrip {
  ColumnStrip(const Conv2DParams& p, const ColumnsPlan& plan, std::int32_t x, std::int32_t columns)
      : columns(columns) {
    const std::int32_t left = x * p.stride_w - p.pad_left;
    const std::ptrdiff_t pixel = p.input_c;
    const auto columns_before = [&](std::int32_t end) {
      return end <= left ? 0 : Least((end - left + p.stride_w - 1) / p.stride_w, columns);
    };
    begin = columns_before(0);
    count = columns_before(p.input_w) - begin;
    const std::int32_t whole = columns_before(p.input_w - p.kernel_w + 1);
    cut = columns - whole;
    cut_offset = whole * std::ptrdiff_t{plan.column_bytes};
    outside = -left * pixel;
    inside = (p.input_w - left - whole * p.stride_w) * pixel;
    first = left < 0 ? 0 : Least(left, p.input_w);
    row_bytes = (Least(left + (columns - 1) * p.stride_w + p.kernel_w, p.input_w) - first) * pixel;
    begin_offset = (left + begin * p.stride_w - first) * pixel;
    read_bytes = plan.copy_bytes;
    if (count > 0) read_bytes += begin_offset + (count - 1) * p.stride_w * pixel;
  }

  std::int32_t columns;
  std::int32_t begin;                    // that begin to the left of the image
  std::int32_t count;                    // that begin inside it
  std::int32_t cut;                      // that end to the right of it
  std::int32_t first;                    // pixel of the image that is read
  std::ptrdiff_t row_bytes, read_bytes;  // of the image from there on; what copies read there
  std::ptrdiff_t begin_offset;           // from there to the first run that begins inside
  std::ptrdiff_t cut_offset;             // of the block's first column that is cut
  std::ptrdiff_t outside;                // of the first column, before the image
  std::ptrdiff_t inside;                 // of the first one that is cut, before the image's end
};

class WindowColumns {
 public:
  WindowColumns(const Conv2DParams& p, const ColumnsPlan& plan, std::int8_t* scratch)
      : p_(p),
        plan_(plan),
        input_end_(p.input + std::ptrdiff_t{p.batch} * p.input_h * p.input_w * p.input_c),
        run_(reinterpret_cast<const std::uint8_t*>(scratch)),
        block_(scratch),
        padding_(scratch + plan.block_bytes),
        row_(padding_ + kLongestColumnRun) {
    std::memset(padding_, p.pad_value, kLongestColumnRun);
  }

  [[nodiscard]] const std::uint8_t* const* runs() const { return &run_; }
  /// From a pixel to the next one of its column.
  [[nodiscard]] std::ptrdiff_t pixel_step() const {
    return std::ptrdiff_t{p_.stride_h} * plan_.run_bytes;
  }
  [[nodiscard]] std::ptrdiff_t column_step() const { return plan_.column_bytes; }

  /// The windows of output pixels [y, y + rows) x [x, x + columns) of an image.
  void Gather(const std::int8_t* image, std::int32_t y, std::int32_t rows, std::int32_t x,
              std::int32_t columns) const {
    const ColumnStrip strip(p_, plan_, x, columns);
    switch (plan_.copy_bytes) {
      case 4:
        return GatherRows<4>(strip, image, y, rows);
      case 8:
        return GatherRows<8>(strip, image, y, rows);
      case 16:
        return GatherRows<16>(strip, image, y, rows);
      default:
        return GatherRows<32>(strip, image, y, rows);
    }
  }

 private:
  // Copies reach over the ends of their runs: what is there comes later.
  template <int kBytes>
  [[gnu::noinline]] void GatherRows(const ColumnStrip& strip, const std::int8_t* image,
                                    std::int32_t y, std::int32_t rows) const {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.input_w} * p_.input_c;
    const std::ptrdiff_t step = std::ptrdiff_t{p_.stride_w} * p_.input_c;
    const std::ptrdiff_t column_step = plan_.column_bytes;
    const std::ptrdiff_t run_bytes = plan_.run_bytes;
    const int8x16_t padding = vdupq_n_s8(static_cast<std::int8_t>(p_.pad_value));
    const auto height = static_cast<std::uint32_t>(p_.input_h);
    const ColumnStrip s = strip;
    std::int8_t* target = block_;
    std::int32_t input_y = y * p_.stride_h - p_.pad_top;
    std::ptrdiff_t offset = input_y * row_bytes + std::ptrdiff_t{s.first} * p_.input_c;
    for (std::int32_t i = ColumnInputRows(p_, rows); i > 0; --i, ++input_y) {
      if (static_cast<std::uint32_t>(input_y) >= height) {
        CopyRuns<kBytes>(padding_, 0, s.columns, target, column_step);
      } else {
        const std::int8_t* row = image + offset;
        if (input_end_ - row < s.read_bytes) {
          CopyExactly(row, static_cast<std::int32_t>(s.row_bytes), row_);
          row = row_;
        }
        // Columns that begin with padding, to the left of the row.
        std::int8_t* column = target;
        std::ptrdiff_t outside = s.outside;
        for (std::int32_t x = s.begin; x > 0; --x, outside -= step, column += column_step) {
          FillRun<kBytes>(padding, column);
          if (outside < run_bytes) CopyRun<kBytes>(row, column + outside);
        }
        CopyRuns<kBytes>(row + s.begin_offset, step, s.count, column, column_step);
        // Those that end with padding, to the right of it.
        column = target + s.cut_offset;
        std::ptrdiff_t inside = s.inside;
        for (std::int32_t x = s.cut; x > 0; --x, inside -= step, column += column_step) {
          FillRun<kBytes>(padding, inside > 0 ? column + inside : column);
        }
      }
      offset += row_bytes;
      target += run_bytes;
    }
  }

  const Conv2DParams& p_;
  const ColumnsPlan& plan_;
  const std::int8_t* const input_end_;
  const std::uint8_t* run_;
  std::int8_t* block_;
  std::int8_t* padding_;  // a run
  std::int8_t* row_;      // of the input, where it cannot be read beyond its end
};

/// A convolution whose windows Columns gathers, by a plan of its own, of blocks: its panels are of
/// one run.
template <typename Tile, typename Columns, typename Plan>
void RunGathered(const Conv2DParams& p, const Work& work, const Plan& columns_plan,
                 const ColumnsPlan& blocks) {
  ArmGemmPlan plan{};
  plan.rows.runs = 1;
  plan.rows.padded_run = columns_plan.window_bytes;
  Columns columns(p, columns_plan,
                  p.scratch + static_cast<std::size_t>(work.worker) * columns_plan.scratch_bytes);
  Gemm<Tile> gemm(p, plan, 0, p.output_c);
  gemm.RunColumns(columns, blocks, work.begin, work.end);
}

template <typename Tile>
void RunColumns(const Conv2DParams& p, const Work& work) {
  const ColumnsPlan plan = PlanColumns(p);
  RunGathered<Tile, WindowColumns>(p, work, plan, plan);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_WINDOW_COLUMNS_H_
