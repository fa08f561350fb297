// DepthwiseConv2D over packed panels, written once for all instruction sets.
//
// An instruction set gives a tile, a type in its source file's unnamed namespace (generic/gemm.h
// says why):
//
//   struct Tile {
//     static constexpr WeightLayout kLayout;  // nr is 8
//     // output[channel] = output stage of the sum over taps of input(tap)[lane] * weight.
//     // Load(pointer) gives the 8 inputs of a tap as one 64-bit value.
//     template <typename Load>
//     static void Run(const std::int8_t* const* taps, std::int32_t count, Load load,
//                     const std::uint8_t* panel, const TileOutput& output);
//   };
#ifndef QUAVER_KERNELS_GENERIC_DEPTHWISE_H_
#define QUAVER_KERNELS_GENERIC_DEPTHWISE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/generic/gemm.h"

namespace quaver::kernels {

template <typename Tile>
class DepthwiseConv2DTiled {
 public:
  DepthwiseConv2DTiled(const DepthwiseConv2DParams& params, std::int32_t worker)
      : p_(params),
        channel_multiplier_(params.output_c / params.input_c),
        panel_bytes_(PanelBytes(Tile::kLayout, WeightShapeOf(params))) {
    std::int8_t* scratch =
        params.scratch + static_cast<std::size_t>(worker) * DepthwiseConv2DTiledScratch(params);
    const std::size_t pixel_bytes = PaddingPixelBytes(params);
    std::memset(scratch, params.pad_value, pixel_bytes);
    padding_ = scratch;
    taps_ = reinterpret_cast<const std::int8_t**>(scratch + pixel_bytes);
  }

  void RunRow(std::int32_t row) {
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c);
    const std::int32_t top = row % p_.output_h * p_.stride_h - p_.pad_top;
    std::int8_t* output = p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c;
    for (std::int32_t ox = 0; ox < p_.output_w; ++ox) {
      PointTaps(image, top, ox * p_.stride_w - p_.pad_left);
      RunPixel(output);
      output += p_.output_c;
    }
  }

 private:
  static constexpr std::int32_t kChannels = 8;
  static_assert(Tile::kLayout.nr == kChannels, "");
  static_assert(Tile::kLayout.kr == 1, "taps are listed without gaps between the columns");

  void PointTaps(const std::int8_t* image, std::int32_t top, std::int32_t left) {
    const std::int8_t** tap = taps_;
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      const std::int32_t x = left + kx * p_.dilation_w;
      for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
        const std::int32_t y = top + ky * p_.dilation_h;
        const bool inside = y >= 0 && y < p_.input_h && x >= 0 && x < p_.input_w;
        *tap++ = inside ? image + (std::ptrdiff_t{y} * p_.input_w + x) * p_.input_c : padding_;
      }
    }
  }

  void RunPixel(std::int8_t* target) {
    const std::int32_t taps = p_.kernel_h * p_.kernel_w;
    const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
    TileOutput output = OutputOf<Tile>(p_.stage, target, p_.output_c);
    for (std::int32_t channel = 0; channel < p_.output_c; channel += kChannels) {
      const std::int32_t left = p_.output_c - channel;
      if (channel_multiplier_ == 1 && left >= kChannels) {
        const auto load = [channel](const std::int8_t* pixel) {
          std::uint64_t inputs;
          std::memcpy(&inputs, pixel + channel, sizeof inputs);
          return inputs;
        };
        Tile::Run(taps_, taps, load, panel, output);
      } else {
        output.end = left < kChannels ? left : kChannels;
        RunGathered(taps, channel, panel, output);
      }
      output.target += kChannels;
      panel += panel_bytes_;
    }
  }

  // A panel whose inputs are not eight neighbours: the last one, or with a channel multiplier.
  void RunGathered(std::int32_t taps, std::int32_t channel, const std::uint8_t* panel,
                   const TileOutput& output) {
    std::int32_t lanes[kChannels];
    for (std::int32_t i = 0; i < kChannels; ++i) {
      // Lanes beyond the last channel are not written; they read some channel that exists.
      lanes[i] = (channel + (i < output.end ? i : 0)) / channel_multiplier_;
    }
    const auto load = [&lanes](const std::int8_t* pixel) {
      std::int8_t bytes[kChannels];
      for (std::int32_t i = 0; i < kChannels; ++i) bytes[i] = pixel[lanes[i]];
      std::uint64_t inputs;
      std::memcpy(&inputs, bytes, sizeof inputs);
      return inputs;
    };
    Tile::Run(taps_, taps, load, panel, output);
  }

  const DepthwiseConv2DParams& p_;
  std::int32_t channel_multiplier_;
  std::size_t panel_bytes_;
  const std::int8_t* padding_;  // input_c times pad_value
  const std::int8_t** taps_;    // the pixel under each tap
};

template <typename Tile>
void RunDepthwiseConv2D(const DepthwiseConv2DParams& params, const Work& work) {
  DepthwiseConv2DTiled<Tile> kernel(params, work.worker);
  for (std::int32_t row = work.begin; row < work.end; ++row) kernel.RunRow(row);
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_DEPTHWISE_H_
