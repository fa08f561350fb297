#include <cstddef>
#include <cstring>

#include "kernels/cortexm/dot.h"
#include "kernels/cortexm/output_stage.h"
#include "kernels/cortexm/pixels.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBlockChannels = 8;

/// Accumulators of some output channels of four pixels.
struct Block {
  PixelSums channels[kBlockChannels];
};

// Multiplying and storing are functions of their own, of which each needs few registers.

/// Rows of weights, of which `padded_depth`, a multiple of 4, are read: beyond `depth` they meet
/// zeros.
struct WeightRows {
  const std::int8_t* weights;
  const std::int32_t* bias;
  std::int32_t depth, padded_depth;
};

__attribute__((noinline)) void Multiply(WeightRows rows, const Pair* pixels, std::int32_t channels,
                                        PixelSums* sums) {
  const std::int32_t skip = rows.depth - rows.padded_depth;
  const std::int8_t* weights = rows.weights;
  for (; channels > 0; --channels) {
    weights = DotPixels(weights, pixels, rows.padded_depth, *rows.bias++, sums++) + skip;
  }
}

// Of a channel behind which there are too few weights to read.
__attribute__((noinline)) void MultiplyLast(const WeightRows& rows, const Pair* pixels,
                                            PixelSums* sums) {
  const std::int32_t whole = rows.depth & ~3;
  const std::int8_t* rest = DotPixels(rows.weights, pixels, whole, *rows.bias, sums);
  AddFewInputs(rest, pixels + std::ptrdiff_t{2} * whole, rows.depth - whole, sums);
}

/// Where the outputs of neighbouring pixels go: the first one's, and the way to the next.
struct Target {
  std::int8_t* output;
  std::int32_t stride;
};

// Output channel `channel` of `count` pixels; `target` is at the channel.
__attribute__((noinline)) void Store(const CommonStage& common, std::int32_t channel,
                                     const PixelSums& sums, std::int32_t count, Target target) {
  const ChannelScale scale(common, channel);
  for (std::int32_t i = 0; i < count; ++i) {
    *target.output = static_cast<std::int8_t>(
        scale.fast() ? scale.Fast(sums.sum[i]) : AnyScale(common, scale, channel, sums.sum[i]));
    target.output += target.stride;
  }
}

// Output channels from `channel` on of kWidePixels pixels. Returns how many of `channels` it has
// stored: it ends before one that is not even nearly fast.
__attribute__((noinline)) std::int32_t StoreFast(const CommonStage& common, std::int32_t channel,
                                                 std::int32_t channels, const PixelSums* sums,
                                                 Target target) {
  static_assert(kWidePixels == 4, "as many results as below");
  const std::int8_t* shift = common.stage.shift + channel;
  const std::int32_t* multiplier = common.stage.multiplier + channel;
  const std::int32_t base = common.base;
  const std::uint32_t fast_shifts = common.fast_shifts;
  std::int32_t left = channels;
  for (; left > 0; --left, ++sums, ++target.output) {
    const ChannelScale scale(base, fast_shifts, *multiplier++, *shift++);
    if (scale.fast()) {
      target.output[0] = static_cast<std::int8_t>(scale.Fast(sums->sum[0]));
      target.output[target.stride] = static_cast<std::int8_t>(scale.Fast(sums->sum[1]));
      target.output[2 * target.stride] = static_cast<std::int8_t>(scale.Fast(sums->sum[2]));
      target.output[3 * target.stride] = static_cast<std::int8_t>(scale.Fast(sums->sum[3]));
    } else if (scale.nearly_fast()) {
      std::int8_t* output = target.output;
      for (const std::int32_t sum : sums->sum) {
        *output = static_cast<std::int8_t>(scale.NearlyFast(sum));
        output += target.stride;
      }
    } else {
      break;
    }
  }
  return channels - left;
}

// Copies a row of a window: mostly so short that a call would cost more.
inline std::int8_t* CopyBytes(const std::int8_t* source, std::int32_t count, std::int8_t* target) {
  constexpr std::int32_t kShort = 32;
  if (count > kShort) {
    std::memcpy(target, source, static_cast<std::size_t>(count));
    return target + count;
  }
  for (; count >= 4; count -= 4) {
    const Bytes bytes = LoadBytes(source);
    std::memcpy(target, &bytes, sizeof bytes);
    source += 4;
    target += 4;
  }
  for (; count > 0; --count) *target++ = *source++;
  return target;
}

// Four output pixels at a time: their windows are widened to 16 bits once, into scratch, and then
// each output channel's weights, read where they lie, meet all four.
class Conv2DPixels {
 public:
  Conv2DPixels(const Conv2DParams& params, std::int32_t worker)
      : p_(params),
        stage_(params.stage),
        in_place_(ReadsInputInPlace(params)),
        flat_(in_place_ && params.output_h == params.input_h && params.output_w == params.input_w &&
              params.stride_h == 1 && params.stride_w == 1),
        row_runs_(params.dilation_h == 1 && params.dilation_w == 1 && params.groups == 1),
        group_inputs_(params.input_c / params.groups),
        group_outputs_(params.output_c / params.groups),
        depth_(params.kernel_h * params.kernel_w * group_inputs_),
        padded_depth_((depth_ + 3) & ~3),
        followed_channels_(params.output_c - (padded_depth_ - 1) / depth_) {
    std::int8_t* scratch =
        params.scratch + static_cast<std::size_t>(worker) * Conv2DCortexMScratch(params);
    pixels_ = reinterpret_cast<Pair*>(scratch);
    window_ = scratch + WidePixelsBytes(depth_);
    if (!in_place_) {
      for (std::int32_t i = depth_; i < padded_depth_; ++i) window_[i] = 0;
    }
  }

  /// Output rows [begin, end), which are one run of output pixels.
  void Run(std::int32_t begin, std::int32_t end) const {
    const std::int32_t last = end * p_.output_w;
    for (std::int32_t pixel = begin * p_.output_w; pixel < last; pixel += kWidePixels) {
      const std::int32_t left = last - pixel;
      for (std::int32_t group = 0; group < p_.groups; ++group) {
        if (left == 1) {
          RunPixel(pixel, group);
        } else {
          RunPixels(pixel, left < kWidePixels ? left : kWidePixels, group);
        }
      }
    }
  }

 private:
  void RunPixels(std::int32_t pixel, std::int32_t count, std::int32_t group) const {
    if (flat_ && count == kWidePixels && depth_ == padded_depth_) {
      WidenPixels(p_.input + std::ptrdiff_t{pixel} * p_.input_c + group * group_inputs_, p_.input_c,
                  depth_, pixels_);
    } else {
      for (std::int32_t i = 0; i < count; ++i) {
        // A copied window is filled up with zeros.
        WidenPixel(Window(pixel + i, group), in_place_ ? depth_ : padded_depth_, pixels_ + i);
      }
    }
    std::int8_t* output = p_.output + std::ptrdiff_t{pixel} * p_.output_c;
    const std::int32_t end = (group + 1) * group_outputs_;
    for (std::int32_t channel = group * group_outputs_; channel < end; channel += kBlockChannels) {
      const std::int32_t left = end - channel;
      const std::int32_t channels = left < kBlockChannels ? left : kBlockChannels;
      const WeightRows rows = Rows(channel);
      Block block;
      std::int32_t done = 0;
      if (channel < followed_channels_) {
        done = channel + channels < followed_channels_ ? channels : followed_channels_ - channel;
        Multiply(rows, pixels_, done, block.channels);
      }
      for (; done < channels; ++done) {
        MultiplyLast(Rows(channel + done), pixels_, block.channels + done);
      }
      StoreBlock(channel, channels, block, count, {output + channel, p_.output_c});
    }
  }

  void StoreBlock(std::int32_t channel, std::int32_t channels, const Block& block,
                  std::int32_t count, Target target) const {
    std::int32_t done = 0;
    while (done < channels) {
      if (count == kWidePixels) {
        done += StoreFast(stage_, channel + done, channels - done, block.channels + done,
                          {target.output + done, target.stride});
        if (done == channels) return;
      }
      Store(stage_, channel + done, block.channels[done], count,
            {target.output + done, target.stride});
      ++done;
    }
  }

  [[nodiscard]] WeightRows Rows(std::int32_t channel) const {
    return {p_.weights + std::ptrdiff_t{channel} * depth_, p_.stage.bias + channel, depth_,
            padded_depth_};
  }

  void RunPixel(std::int32_t pixel, std::int32_t group) const {
    DotChannels({Window(pixel, group), p_.weights, depth_}, stage_, group * group_outputs_,
                (group + 1) * group_outputs_, p_.output + std::ptrdiff_t{pixel} * p_.output_c);
  }

  // The inputs of one output pixel and group as one run of depth_ bytes: where they lie, or copied.
  [[nodiscard]] const std::int8_t* Window(std::int32_t pixel, std::int32_t group) const {
    const std::int32_t row = pixel / p_.output_w;
    const std::int32_t top = row % p_.output_h * p_.stride_h - p_.pad_top;
    const std::int32_t left = pixel % p_.output_w * p_.stride_w - p_.pad_left;
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c) +
        group * group_inputs_;
    if (in_place_) return image + (std::ptrdiff_t{top} * p_.input_w + left) * p_.input_c;
    std::int8_t* target = window_;
    if (row_runs_ && top >= 0 && top + p_.kernel_h <= p_.input_h && left >= 0 &&
        left + p_.kernel_w <= p_.input_w) {
      const std::int32_t row_bytes = p_.kernel_w * p_.input_c;
      const std::int32_t step = p_.input_w * p_.input_c;
      const std::int8_t* source = image + (std::ptrdiff_t{top} * p_.input_w + left) * p_.input_c;
      for (std::int32_t ky = p_.kernel_h; ky > 0; --ky) {
        target = CopyBytes(source, row_bytes, target);
        source += step;
      }
      return window_;
    }
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      target = CopyRow(image, top + ky * p_.dilation_h, left, target);
    }
    return window_;
  }

  // The taps of one row of the kernel; returns the end of what was written.
  std::int8_t* CopyRow(const std::int8_t* image, std::int32_t y, std::int32_t left,
                       std::int8_t* target) const {
    if (y < 0 || y >= p_.input_h) return Pad(p_.kernel_w, target);
    const std::int8_t* row = image + std::ptrdiff_t{y} * p_.input_w * p_.input_c;
    if (p_.dilation_w == 1 && p_.groups == 1 && left >= 0 && left + p_.kernel_w <= p_.input_w) {
      return CopyBytes(row + std::ptrdiff_t{left} * p_.input_c, p_.kernel_w * p_.input_c, target);
    }
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      const std::int32_t x = left + kx * p_.dilation_w;
      target = x < 0 || x >= p_.input_w
                   ? Pad(1, target)
                   : CopyBytes(row + std::ptrdiff_t{x} * p_.input_c, group_inputs_, target);
    }
    return target;
  }

  std::int8_t* Pad(std::int32_t taps, std::int8_t* target) const {
    const std::int32_t bytes = taps * group_inputs_;
    std::memset(target, p_.pad_value, static_cast<std::size_t>(bytes));
    return target + bytes;
  }

  const Conv2DParams& p_;
  const CommonStage stage_;
  const bool in_place_;
  const bool flat_;      // windows are single pixels, side by side over all rows
  const bool row_runs_;  // the rows of a window are runs of the input's rows
  const std::int32_t group_inputs_, group_outputs_;
  const std::int32_t depth_, padded_depth_;
  // Those behind which there are weights for the rest of padded_depth_; negative where too few are.
  const std::int32_t followed_channels_;
  Pair* pixels_;         // kWidePixels windows, kernels/cortexm/pixels.h
  std::int8_t* window_;  // one window; unused where they are read in place
};

}  // namespace

void Conv2DCortexM(const Conv2DParams& params, const Work& work) {
  Conv2DPixels(params, work.worker).Run(work.begin, work.end);
}

}  // namespace quaver::kernels
