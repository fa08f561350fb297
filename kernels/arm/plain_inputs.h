// The inputs of a matrix kernel as they are: where they lie, or with padding in copied rows.
#ifndef QUAVER_KERNELS_ARM_PLAIN_INPUTS_H_
#define QUAVER_KERNELS_ARM_PLAIN_INPUTS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm.h"
#include "kernels/generic/input_rows.h"

namespace quaver::kernels {
namespace {

/// How InputRows copies.
struct CopyBytes {
  using Element = std::int8_t;

  static void Convert(const std::int8_t* source, std::ptrdiff_t count, Element* target,
                      bool overread) {
    const std::ptrdiff_t blocks = (overread ? count + 63 : count) / 64;
    Copy64Bytes(source, target, blocks);
    std::ptrdiff_t i = 64 * blocks;
    for (; i + 8 <= count; i += 8) vst1_s8(target + i, vld1_s8(source + i));
    for (; i < count; ++i) target[i] = source[i];
  }
  static void Fill(std::int32_t value, std::ptrdiff_t count, Element* target) {
    const int8x16_t bytes = vdupq_n_s8(static_cast<std::int8_t>(value));
    for (std::ptrdiff_t i = 0; i < count; i += 16) vst1q_s8(target + i, bytes);
  }
};

/// kInPlace: as of InputRows.
template <bool kInPlace>
class CopiedRows : public InputRows<CopyBytes, kInPlace> {
 public:
  CopiedRows(const Conv2DParams& p, const ArmGemmPlan& plan, std::int8_t* scratch, std::int32_t row)
      : InputRows<CopyBytes, kInPlace>(p, plan.rows, scratch, row),
        pixel_step_(plan.rows.pixel_step) {}

  [[nodiscard]] std::ptrdiff_t pixel_step() const { return pixel_step_; }

 private:
  std::ptrdiff_t pixel_step_;
};

/// Windows of one pixel each, without padding.
class InPlaceInputs {
 public:
  /// `row`: the first output row that Next points to.
  InPlaceInputs(const Conv2DParams& p, std::int32_t row)
      : p_(p),
        row_(row),
        block_rows_(FlatPixels(std::int64_t{p.output_h} * p.output_w, p.input_c) / p.output_w) {}

  [[nodiscard]] const std::uint8_t* const* runs() const { return &run_; }
  [[nodiscard]] std::ptrdiff_t pixel_step() const {
    return std::ptrdiff_t{p_.stride_w} * p_.input_c;
  }
  /// From one output row to the next.
  [[nodiscard]] std::ptrdiff_t row_step() const {
    return std::ptrdiff_t{p_.stride_h} * p_.input_w * p_.input_c;
  }

  /// The next output rows of an image, at most so many. Returns their number.
  std::int32_t Next(std::int32_t most) {
    const std::int32_t y = row_ % p_.output_h;
    const std::int32_t block = block_rows_ > 0 ? block_rows_ : 1;
    const std::int32_t rows = Least(Least(most, p_.output_h - y), block);
    const std::int64_t input_row = std::int64_t{row_ / p_.output_h} * p_.input_h + y * p_.stride_h;
    Pixels(input_row * p_.input_w, 0);
    row_ += rows;
    return rows;
  }

  /// From pixel `first` of the input on.
  void Pixels(std::int64_t first, std::int32_t /*count*/) {
    run_ = reinterpret_cast<const std::uint8_t*>(p_.input +
                                                 static_cast<std::ptrdiff_t>(first) * p_.input_c);
  }

 private:
  const Conv2DParams& p_;
  std::int32_t row_;
  std::int32_t block_rows_;
  const std::uint8_t* run_ = nullptr;
};

template <typename Tile>
void RunPlain(const Conv2DParams& p, const Work& work, std::int32_t channel_begin,
              std::int32_t channel_end) {
  const ArmGemmPlan plan = PlanArmGemm(p);
  Gemm<Tile> gemm(p, plan, channel_begin, channel_end);
  if (plan.in_place) {
    InPlaceInputs inputs(p, work.begin);
    if (plan.rows.flat) return gemm.RunFlat(inputs, work);
    return gemm.RunBlocks(inputs, work.begin, work.end);
  }
  std::int8_t* scratch = p.scratch + static_cast<std::size_t>(work.worker) * plan.scratch_bytes;
  CopiedRows<true> inputs(p, plan, scratch, work.begin);
  if (plan.rows.flat) return gemm.RunFlat(inputs, work);
  gemm.RunRows(inputs, work.begin, work.end);
}

template <typename Tile>
void RunConv2D(const Conv2DParams& p, const Work& work) {
  RunPlain<Tile>(p, work, 0, p.output_c / p.groups);
}

/// The range of channels need not begin or end with a panel, but is fastest where it does. All rows
/// are one row of pixels.
template <typename Tile>
void RunFullyConnected(const FullyConnectedParams& p, const Work& work) {
  RunPlain<Tile>(AsConv2D(p), Work{0, 1, work.worker}, work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_PLAIN_INPUTS_H_
