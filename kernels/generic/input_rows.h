// The input rows of a convolution as its kernel wants them, with padding, one output row after the
// other: each input row is converted once.
#ifndef QUAVER_KERNELS_GENERIC_INPUT_ROWS_H_
#define QUAVER_KERNELS_GENERIC_INPUT_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/row_plan.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// D::Element is what the kernel reads. D::Convert(source, count, target, overread) makes elements
/// of inputs, reading up to 63 too many if allowed; D::Fill(value, count, target) of one value.
/// Both may write up to kRowOverrun bytes too many.
/// kInPlace: Convert only copies, and rows that are whole where they lie are read there.
template <typename D, bool kInPlace = false>
class InputRows {
 public:
  using Element = typename D::Element;

  /// `row`: the first output row (of batch * output_h) that Next prepares.
  InputRows(const Conv2DParams& p, const RowPlan& plan, std::int8_t* scratch, std::int32_t row)
      : p_(p),
        plan_(plan),
        input_end_(p.input + std::ptrdiff_t{p.batch} * p.input_h * p.input_w * p.input_c),
        image_(p.input + row / p.output_h * ImageBytes()),
        runs_(reinterpret_cast<const std::uint8_t**>(scratch)),
        rows_(scratch + plan.pointers_bytes),
        rows_end_(rows_ + p.kernel_h * static_cast<std::ptrdiff_t>(plan.row_bytes)),
        pad_row_(reinterpret_cast<Element*>(rows_end_)),
        output_y_(row % p.output_h),
        slot_(rows_),
        in_place_rows_(InPlaceRows()) {
    const std::int32_t left = Lesser(p.pad_left, plan.row_pixels);
    const std::int32_t inside = Lesser(p.input_w, plan.row_pixels - left);
    left_ = Elements(left);
    inside_ = Elements(inside);
    right_ = Elements(plan.row_pixels - left - inside);
    input_row_bytes_ = Elements(p.input_w);
    slot_step_ = p.stride_h % p.kernel_h * static_cast<std::ptrdiff_t>(plan.row_bytes);
    if (plan.pad_row) D::Fill(p.pad_value, Elements(plan.row_pixels), pad_row_);
  }

  /// Run s of pixel x of the prepared row begins at runs()[s] + x * plan.pixel_step; of other
  /// groups of channels, so many elements later.
  [[nodiscard]] const std::uint8_t* const* runs() const { return runs_; }

  /// How many rows of the prepared window, the upper ones, were part of the one before it.
  [[nodiscard]] std::int32_t kept() const { return kept_; }

  /// The next output row.
  void Next() {
    if (output_y_ == p_.output_h) {
      output_y_ = 0;
      image_ += ImageBytes();
      in_place_rows_ = InPlaceRows();
      converted_end_ = INT32_MIN;
    }
    const std::int32_t top = output_y_ * p_.stride_h - p_.pad_top;
    kept_ = converted_end_ > top ? converted_end_ - top : 0;
    SetRows(top);
    if (plan_.keep_rows) {
      converted_end_ = top + p_.kernel_h;
      slot_ += slot_step_ < rows_end_ - slot_ ? slot_step_ : slot_step_ - (rows_end_ - rows_);
    }
    ++output_y_;
  }

  /// Flat plans: `count` pixels from `first` on, counted over all rows and images.
  void Pixels(std::int64_t first, std::int32_t count) {
    auto* row = reinterpret_cast<Element*>(rows_);
    Convert(p_.input + static_cast<std::ptrdiff_t>(first) * p_.input_c, Elements(count), row);
    SetRuns(0, row);
  }

 private:
  static constexpr std::int32_t Lesser(std::int32_t a, std::int32_t b) { return a < b ? a : b; }

  [[nodiscard]] std::ptrdiff_t ImageBytes() const {
    return std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c;
  }
  [[nodiscard]] std::ptrdiff_t Elements(std::int32_t pixels) const {
    return std::ptrdiff_t{pixels} * p_.input_c;
  }

  // Those without padding behind which the kernel may read as far as it does.
  [[nodiscard]] std::int32_t InPlaceRows() const {
    if (!kInPlace || p_.pad_left > 0 || plan_.row_pixels > p_.input_w) return 0;
    const std::ptrdiff_t room = input_end_ - image_ - static_cast<std::ptrdiff_t>(plan_.row_bytes);
    return room < 0 ? 0 : static_cast<std::int32_t>(room / Elements(p_.input_w)) + 1;
  }

  // The runs of the rows of a window, from row `top` of the image on. Kept rows lie in a ring: the
  // first row of the window in slot_, where they stay while the window moves over them. What the
  // loop reads is copied, because bytes that are written might be anything's.
  void SetRows(std::int32_t top) {
    const std::int32_t count = p_.kernel_h;
    const std::int32_t dilation = p_.dilation_h;
    const auto height = static_cast<std::uint32_t>(p_.input_h);
    const std::int32_t converted_end = converted_end_;
    const auto row_bytes = static_cast<std::ptrdiff_t>(plan_.row_bytes);
    const Element* const pad_row = pad_row_;
    const std::int32_t in_place_rows = in_place_rows_;
    const std::ptrdiff_t input_row_bytes = input_row_bytes_;
    const bool row_runs = plan_.row_runs;
    const std::uint8_t** const runs = runs_;
    std::int8_t* const rows = rows_;
    std::int8_t* const rows_end = rows_end_;
    std::int8_t* slot = slot_;
    std::int32_t y = top;
    for (std::int32_t ky = 0; ky < count; ++ky, y += dilation) {
      const Element* row = pad_row;
      if (static_cast<std::uint32_t>(y) < height) {
        if (kInPlace && y < in_place_rows) {
          row = reinterpret_cast<const Element*>(image_ + y * input_row_bytes);
        } else {
          auto* kept = reinterpret_cast<Element*>(slot);
          if (y >= converted_end) ConvertRow(image_ + y * input_row_bytes, kept);
          row = kept;
        }
      }
      if (row_runs) {
        runs[ky] = reinterpret_cast<const std::uint8_t*>(row);
      } else {
        SetRuns(ky, row);
      }
      slot += row_bytes;
      if (slot == rows_end) slot = rows;
    }
  }

  void ConvertRow(const std::int8_t* source, Element* target) const {
    if (left_ > 0) D::Fill(p_.pad_value, left_, target);
    target += left_;
    Convert(source, inside_, target);
    if (right_ > 0) D::Fill(p_.pad_value, right_, target + inside_);
  }

  void Convert(const std::int8_t* source, std::ptrdiff_t count, Element* target) const {
    D::Convert(source, count, target, input_end_ - source >= count + 63);
  }

  void SetRuns(std::int32_t ky, const Element* row) {
    if (plan_.row_runs) {
      runs_[ky] = reinterpret_cast<const std::uint8_t*>(row);
      return;
    }
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      runs_[ky * p_.kernel_w + kx] =
          reinterpret_cast<const std::uint8_t*>(row + Elements(kx * p_.dilation_w));
    }
  }

  const Conv2DParams& p_;
  const RowPlan& plan_;
  const std::int8_t* input_end_;
  const std::int8_t* image_;
  const std::uint8_t** runs_;
  std::int8_t* rows_;
  std::int8_t* rows_end_;
  Element* pad_row_;
  std::ptrdiff_t left_, inside_, right_;  // elements of a row: padding, inputs, padding
  std::ptrdiff_t input_row_bytes_;
  std::ptrdiff_t slot_step_;  // from one output row to the next
  std::int32_t output_y_;
  std::int8_t* slot_;           // of the window's first row
  std::int32_t in_place_rows_;  // of this image, the upper ones
  std::int32_t kept_ = 0;
  // Rows of the image below this one are converted, as far as a window still reads them.
  std::int32_t converted_end_ = INT32_MIN;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_INPUT_ROWS_H_
