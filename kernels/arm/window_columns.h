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

/// `count` runs, `step` bytes from one to the next.
template <int kBytes>
[[gnu::noinline]] void CopyRuns(const std::int8_t* source, std::ptrdiff_t step, std::int32_t count,
                                std::int8_t* target, std::ptrdiff_t target_step) {
  for (; count >= 4; count -= 4) CopySomeRuns<kBytes, 4>(source, step, target, target_step);
  for (; count > 0; --count) CopySomeRuns<kBytes, 1>(source, step, target, target_step);
}
/// ... of up to 32 bytes each.
template <>
[[gnu::noinline]] void CopyRuns<32>(const std::int8_t* source, std::ptrdiff_t step,
                                    std::int32_t count, std::int8_t* target,
                                    std::ptrdiff_t target_step) {
  for (; count > 0; --count) {
    const int8x16_t low = LoadRun<16>(source, 16);
    const int8x16_t high = LoadRun<16>(source, step - 16);
    StoreRun<16>(target, 16, low);
    StoreRun<16>(target, target_step - 16, high);
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

class WindowColumns {
 public:
  WindowColumns(const Conv2DParams& p, const ColumnsPlan& plan, std::int8_t* scratch)
      : p_(p),
        plan_(plan),
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
              std::int32_t columns) {
    const std::int32_t pixel = p_.input_c;
    const std::int32_t left = x * p_.stride_w - p_.pad_left;
    const std::int32_t last = left + (columns - 1) * p_.stride_w;
    // Else a row is copied, and what of its pixels [first, stop) is inside the image.
    const bool in_place = left >= 0 && last * pixel + plan_.copy_bytes <= p_.input_w * pixel;
    const std::int32_t pixels = last - left + p_.kernel_w;
    const std::int32_t first = left < 0 ? Least(-left, pixels) : 0;
    const std::int32_t stop = Least(p_.input_w - left, pixels);
    if (!in_place) std::memset(row_, p_.pad_value, static_cast<std::size_t>(pixels * pixel));
    std::int8_t* target = block_;
    std::int32_t input_y = y * p_.stride_h - p_.pad_top;
    for (std::int32_t i = ColumnInputRows(p_, rows); i > 0; --i, ++input_y) {
      const std::int8_t* source = padding_;
      std::ptrdiff_t step = 0;
      if (static_cast<std::uint32_t>(input_y) < static_cast<std::uint32_t>(p_.input_h)) {
        source = image + (std::ptrdiff_t{input_y} * p_.input_w + left + first) * pixel;
        step = std::ptrdiff_t{p_.stride_w} * pixel;
        if (!in_place) {
          CopyExactly(source, (stop - first) * pixel, row_ + first * pixel);
          source = row_;
        }
      }
      CopyRow(source, step, columns, target);
      target += plan_.run_bytes;
    }
  }

 private:
  void CopyRow(const std::int8_t* source, std::ptrdiff_t step, std::int32_t columns,
               std::int8_t* target) const {
    const std::ptrdiff_t target_step = plan_.column_bytes;
    switch (plan_.copy_bytes) {
      case 4:
        return CopyRuns<4>(source, step, columns, target, target_step);
      case 8:
        return CopyRuns<8>(source, step, columns, target, target_step);
      case 16:
        return CopyRuns<16>(source, step, columns, target, target_step);
      default:
        return CopyRuns<32>(source, step, columns, target, target_step);
    }
  }

  const Conv2DParams& p_;
  const ColumnsPlan& plan_;
  const std::uint8_t* run_;
  std::int8_t* block_;
  std::int8_t* padding_;  // a run
  std::int8_t* row_;      // of the input, with padding
};

/// A convolution whose windows are gathered: its panels are of one run.
template <typename Tile>
void RunColumns(const Conv2DParams& p, const Work& work) {
  const ColumnsPlan columns_plan = PlanColumns(p);
  ArmGemmPlan plan{};
  plan.rows.runs = 1;
  plan.rows.padded_run = columns_plan.window_bytes;
  WindowColumns columns(
      p, columns_plan,
      p.scratch + static_cast<std::size_t>(work.worker) * columns_plan.scratch_bytes);
  Gemm<Tile> gemm(p, plan, 0, p.output_c);
  gemm.RunColumns(columns, columns_plan, work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_WINDOW_COLUMNS_H_
