// Conv2D and FullyConnected over packed panels, written once for all instruction sets.
//
// An instruction set gives a tile, a type in its source file's unnamed namespace (so that no code
// compiled for it can be linked into another instruction set's functions):
//
//   struct Tile {
//     static constexpr WeightLayout kLayout;   // of kernels.inc's line
//     static constexpr int kRows;              // rows that one call computes
//     // output[row][channel] for channels [begin, end) of one panel: dot products of
//     // rows[0 .. count-1] (depth bytes each, not one more is read) with the panel, then the
//     // output stage.
//     template <int count>
//     static void Run(const std::int8_t* const* rows, std::int32_t depth,
//                     const std::uint8_t* panel, const TileOutput& output);
//   };
#ifndef QUAVER_KERNELS_GENERIC_GEMM_H_
#define QUAVER_KERNELS_GENERIC_GEMM_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/packing.h"
#include "kernels/params.h"
#include "kernels/scratch.h"

namespace quaver::kernels {

/// Where a tile's results go.
struct TileOutput {
  std::int8_t* target;        // first row, first channel of the panel
  std::ptrdiff_t row_stride;  // bytes
  std::int32_t begin, end;    // channels of the panel to write
  std::int32_t zero_point, clamp_min, clamp_max;
};

/// All of `count` rows by one panel: full tiles, then row by row.
template <typename Tile>
void RunPanel(const std::int8_t* const* rows, std::int32_t count, std::int32_t depth,
              const std::uint8_t* panel, TileOutput output) {
  std::int32_t r = 0;
  for (; r + Tile::kRows <= count; r += Tile::kRows) {
    Tile::template Run<Tile::kRows>(rows + r, depth, panel, output);
    output.target += Tile::kRows * output.row_stride;
  }
  for (; r < count; ++r) {
    Tile::template Run<1>(rows + r, depth, panel, output);
    output.target += output.row_stride;
  }
}

template <typename Tile>
TileOutput OutputOf(const OutputStage& stage, std::int8_t* target, std::int32_t row_stride) {
  return {target,          row_stride,     0, Tile::kLayout.nr, stage.zero_point,
          stage.clamp_min, stage.clamp_max};
}

template <typename Tile>
class Conv2DTiled {
  static_assert(Tile::kLayout.kr == 1, "windows are gathered without gaps between the runs");

 public:
  Conv2DTiled(const Conv2DParams& params, std::int32_t worker)
      : p_(params),
        in_place_(ReadsInputInPlace(params)),
        group_inputs_(params.input_c / params.groups),
        group_outputs_(params.output_c / params.groups),
        depth_(params.kernel_h * params.kernel_w * group_inputs_),
        window_stride_(WindowStride(params)),
        panel_bytes_(PanelBytes(Tile::kLayout, WeightShapeOf(params))) {
    const std::size_t scratch = Conv2DTiledScratch(params);
    windows_ = scratch == 0 ? nullptr : params.scratch + static_cast<std::size_t>(worker) * scratch;
  }

  /// Output rows [begin, end), which are one run of output pixels.
  void Run(std::int32_t begin, std::int32_t end) {
    const std::int64_t last = std::int64_t{end} * p_.output_w;
    for (std::int64_t pixel = std::int64_t{begin} * p_.output_w; pixel < last;
         pixel += kConvBlockPixels) {
      const std::int64_t left = last - pixel;
      RunBlock(pixel, left < kConvBlockPixels ? static_cast<std::int32_t>(left) : kConvBlockPixels);
    }
  }

 private:
  void RunBlock(std::int64_t pixel, std::int32_t count) {
    const std::int8_t* rows[kConvBlockPixels];
    const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
    for (std::int32_t group = 0; group < p_.groups; ++group) {
      for (std::int32_t i = 0; i < count; ++i) rows[i] = Window(pixel + i, group, i);
      TileOutput output = OutputOf<Tile>(
          p_.stage, p_.output + pixel * p_.output_c + group * group_outputs_, p_.output_c);
      for (std::int32_t channel = 0; channel < group_outputs_; channel += Tile::kLayout.nr) {
        const std::int32_t left = group_outputs_ - channel;
        output.end = left < Tile::kLayout.nr ? left : Tile::kLayout.nr;
        RunPanel<Tile>(rows, count, depth_, panel, output);
        output.target += Tile::kLayout.nr;
        panel += panel_bytes_;
      }
    }
  }

  // The inputs of one output pixel and group as one run of depth_ bytes.
  const std::int8_t* Window(std::int64_t pixel, std::int32_t group, std::int32_t slot) {
    const auto row = static_cast<std::int32_t>(pixel / p_.output_w);
    const auto ox = static_cast<std::int32_t>(pixel % p_.output_w);
    const std::int32_t top = row % p_.output_h * p_.stride_h - p_.pad_top;
    const std::int32_t left = ox * p_.stride_w - p_.pad_left;
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c) +
        group * group_inputs_;
    if (in_place_) return image + (std::ptrdiff_t{top} * p_.input_w + left) * p_.input_c;
    std::int8_t* window = windows_ + static_cast<std::size_t>(slot) * window_stride_;
    std::int8_t* target = window;
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      target = GatherRow(image, top + ky * p_.dilation_h, left, target);
    }
    return window;
  }

  // The taps of one row of the kernel; returns the end of what was written.
  std::int8_t* GatherRow(const std::int8_t* image, std::int32_t y, std::int32_t left,
                         std::int8_t* target) {
    if (y < 0 || y >= p_.input_h) return Pad(p_.kernel_w, target);
    const std::int8_t* row = image + std::ptrdiff_t{y} * p_.input_w * p_.input_c;
    const bool one_run = p_.dilation_w == 1 && p_.groups == 1;
    if (one_run && left >= 0 && left + p_.kernel_w <= p_.input_w) {
      return Copy(row + std::ptrdiff_t{left} * p_.input_c, p_.kernel_w, target);
    }
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      const std::int32_t x = left + kx * p_.dilation_w;
      target = x < 0 || x >= p_.input_w ? Pad(1, target)
                                        : Copy(row + std::ptrdiff_t{x} * p_.input_c, 1, target);
    }
    return target;
  }

  std::int8_t* Copy(const std::int8_t* source, std::int32_t taps, std::int8_t* target) const {
    const auto bytes = static_cast<std::size_t>(taps * group_inputs_);
    std::memcpy(target, source, bytes);
    return target + bytes;
  }

  std::int8_t* Pad(std::int32_t taps, std::int8_t* target) const {
    const auto bytes = static_cast<std::size_t>(taps * group_inputs_);
    std::memset(target, p_.pad_value, bytes);
    return target + bytes;
  }

  const Conv2DParams& p_;
  bool in_place_;
  std::int32_t group_inputs_, group_outputs_;
  std::int32_t depth_;
  std::size_t window_stride_;
  std::size_t panel_bytes_;
  std::int8_t* windows_;  // gathered windows, kConvBlockPixels of them; null where in place
};

template <typename Tile>
void RunConv2D(const Conv2DParams& params, const Work& work) {
  Conv2DTiled<Tile>(params, work.worker).Run(work.begin, work.end);
}

/// The range of channels need not begin or end with a panel, but is fastest where it does.
template <typename Tile>
void RunFullyConnected(const FullyConnectedParams& p, const Work& work) {
  constexpr std::int32_t kChannels = Tile::kLayout.nr;
  const std::size_t panel_bytes = PanelBytes(Tile::kLayout, WeightShapeOf(p));
  for (std::int32_t first_row = 0; first_row < p.rows; first_row += kConvBlockPixels) {
    const std::int8_t* rows[kConvBlockPixels];
    const std::int32_t left = p.rows - first_row;
    const std::int32_t count = left < kConvBlockPixels ? left : kConvBlockPixels;
    for (std::int32_t i = 0; i < count; ++i) {
      rows[i] = p.input + std::ptrdiff_t{first_row + i} * p.depth;
    }
    for (std::int32_t panel = work.begin / kChannels; panel * kChannels < work.end; ++panel) {
      const std::int32_t channel = panel * kChannels;
      TileOutput output = OutputOf<Tile>(
          p.stage, p.output + std::ptrdiff_t{first_row} * p.output_c + channel, p.output_c);
      if (work.begin > channel) output.begin = work.begin - channel;
      if (work.end < channel + kChannels) output.end = work.end - channel;
      RunPanel<Tile>(rows, count, p.depth,
                     reinterpret_cast<const std::uint8_t*>(p.weights) +
                         static_cast<std::size_t>(panel) * panel_bytes,
                     output);
    }
  }
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_GEMM_H_
