// DepthwiseConv2D with any window, stride, dilation and channel multiplier: up to four neighbouring
// pixels of sixteen channels at a time, tap by tap, from the inputs where they lie. A list says
// where the taps of a tile begin, once for all of its channels. The last tile of a row overlaps the
// one before it.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/arm/compat.h"
#include "kernels/arm/memory.h"
#include "kernels/arm/tap_plan.h"
#include "kernels/arm/wide_panel.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr int kMostPixels = kVectorRegisters == 32 ? 4 : 2;
static_assert(kMostPixels <= kArmTilePixels, "slots of the plan");

// The inputs of a tap, in a tile inside the image: of pixel i at address + i * step. A row above or
// below the image is one pixel of padding.
struct Tap {
  Address address;
  std::ptrdiff_t step;
};
// In any tile, those of each pixel.
struct PixelTap {
  Address address[kArmTilePixels];
};
static_assert(sizeof(Tap) <= kArmTapBytes && sizeof(PixelTap) <= kArmPixelTapBytes, "as planned");

// Reads the inputs of two taps, pixel by pixel.
class TwoTaps {
 public:
  TwoTaps(const Tap* taps, std::ptrdiff_t offset)
      : address_{taps[0].address + static_cast<Address>(offset),
                 taps[1].address + static_cast<Address>(offset)},
        step_{taps[0].step, taps[1].step} {}
  [[gnu::always_inline]] int8x16_t Load(int tap, int /*pixel*/) {
    return LoadAndMove(address_[tap], step_[tap]);
  }

 private:
  Address address_[2];
  std::ptrdiff_t step_[2];
};

class TwoPixelTaps {
 public:
  TwoPixelTaps(const PixelTap* taps, std::ptrdiff_t offset) : taps_(taps), offset_(offset) {}
  [[gnu::always_inline]] int8x16_t Load(int tap, int pixel) const {
    return vld1q_s8(reinterpret_cast<const std::int8_t*>(taps_[tap].address[pixel]) + offset_);
  }

 private:
  const PixelTap* taps_;
  std::ptrdiff_t offset_;
};

inline TwoTaps Two(const Tap* taps, std::ptrdiff_t offset) { return {taps, offset}; }
inline TwoPixelTaps Two(const PixelTap* taps, std::ptrdiff_t offset) { return {taps, offset}; }

class Windows {
 public:
  Windows(const DepthwiseConv2DParams& p, std::int32_t worker)
      : p_(p),
        plan_(PlanArmTaps(p)),
        multiplier_(p.output_c / p.input_c),
        panel_bytes_(static_cast<std::ptrdiff_t>(PanelBytes(kDepthwise16x1, WeightShapeOf(p)))),
        stage_(p.stage) {
    std::int8_t* scratch = p.scratch + static_cast<std::size_t>(worker) * plan_.scratch_bytes;
    taps_ = reinterpret_cast<Tap*>(scratch);
    pixel_taps_ = reinterpret_cast<PixelTap*>(scratch + plan_.list_bytes);
    copied_taps_ = reinterpret_cast<PixelTap*>(scratch + plan_.list_bytes + plan_.pixel_list_bytes);
    copies_ = scratch + plan_.list_bytes + 2 * plan_.pixel_list_bytes;
    padding_ = copies_ + plan_.copies_bytes;
    lanes_ = reinterpret_cast<std::uint8_t*>(padding_ + plan_.padding_bytes);
    std::memset(padding_, p.pad_value, plan_.padding_bytes);
    Written();
    input_end_ = reinterpret_cast<Address>(p.input) +
                 static_cast<Address>(p.batch) * static_cast<Address>(p.input_h) *
                     static_cast<Address>(p.input_w) * static_cast<Address>(p.input_c);
    fast_ = TwoProductsFit();
    if (multiplier_ > 1 || !fast_) FillLanes();
    // Pixels [inner_begin_, inner_end_) of a row have all columns of their windows inside.
    const std::int32_t reach = (p.kernel_w - 1) * p.dilation_w;
    const std::int32_t room = p.input_w - 1 - reach + p.pad_left;
    inner_begin_ = Least((p.pad_left + p.stride_w - 1) / p.stride_w, p.output_w);
    inner_end_ = room < 0 ? 0 : Least(room / p.stride_w + 1, p.output_w);
  }

  void Run(std::int32_t begin, std::int32_t end) {
    for (std::int32_t row = begin; row < end; ++row) {
      if (p_.output_w >= kMostPixels) {
        RunRow<kMostPixels>(row);
      } else {
        RunRow<1>(row);
      }
    }
  }

 private:
  static constexpr std::int32_t Least(std::int32_t a, std::int32_t b) { return a < b ? a : b; }

  // Which of the sixteen inputs that a block reads each of its channels takes.
  void FillLanes() {
    for (std::int32_t c = 0; c < p_.output_c; ++c) {
      const std::int32_t first = c / kWidePanelChannels * kWidePanelChannels;
      lanes_[c] = static_cast<std::uint8_t>(c / multiplier_ - first / multiplier_);
    }
  }

  // Two products of int8 are added in 16 bits where no weight is -128.
  [[nodiscard]] bool TwoProductsFit() const {
    const std::int32_t panels = (p_.output_c + kWidePanelChannels - 1) / kWidePanelChannels;
    int8x16_t least = vdupq_n_s8(0);
    for (std::int32_t i = 0; i < panels; ++i) {
      const std::int8_t* weights = p_.weights + i * panel_bytes_ + kWideHeaderBytes;
      for (std::int32_t t = 0; t < plan_.taps; ++t) {
        least = vminq_s8(least, vld1q_s8(weights + t * kWidePanelChannels));
      }
    }
    return SmallestLane(least) > INT8_MIN;
  }

  template <int kPixels>
  void RunRow(std::int32_t row) {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.input_w} * p_.input_c;
    image_ = p_.input + row / p_.output_h * (p_.input_h * row_bytes);
    top_ = row % p_.output_h * p_.stride_h - p_.pad_top;
    const std::int32_t bottom = top_ + (p_.kernel_h - 1) * p_.dilation_h;
    const std::int32_t rows = bottom < 0 ? 0 : Least(bottom + 1, p_.input_h);
    near_end_ = AddressOf(0, rows) + kArmBlockBytes > input_end_;
    std::int8_t* output = p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c;
    std::int32_t listed = -1;  // the pixel that taps_ is for
    for (std::int32_t x = 0; x < p_.output_w;) {
      const std::int32_t first = Least(x, p_.output_w - kPixels);
      std::int8_t* const target = output + std::ptrdiff_t{first} * p_.output_c;
      const bool inner = first >= inner_begin_ && first + kPixels <= inner_end_;
      if (kPixels == 1 || !inner || !fast_) {
        ListPixelTaps<kPixels>(first);
        RunChannels<kPixels>(pixel_taps_, target);
      } else {
        if (listed < 0) {
          ListTaps(first);
        } else {
          MoveTaps(first - listed);
        }
        listed = first;
        RunChannels<kMostPixels>(taps_, target);
      }
      x = first + kPixels;
    }
  }

  // f(tap, column, row) in the order of the packed weights, column by column. Taps are taken by
  // two: an odd one is followed by itself, with weights of zero, which a panel ends with.
  template <typename F>
  void ForEachTap(F f) const {
    std::int32_t t = 0;
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
        f(t++, kx * p_.dilation_w - p_.pad_left, top_ + ky * p_.dilation_h);
      }
    }
    if (t % 2 != 0) {
      f(t, (p_.kernel_w - 1) * p_.dilation_w - p_.pad_left,
        top_ + (p_.kernel_h - 1) * p_.dilation_h);
    }
  }

  [[nodiscard]] Address AddressOf(std::int32_t column, std::int32_t row) const {
    return reinterpret_cast<Address>(image_ +
                                     (std::ptrdiff_t{row} * p_.input_w + column) * p_.input_c);
  }

  // Of a tile that sees no padding left and right.
  void ListTaps(std::int32_t x) {
    const std::ptrdiff_t step = std::ptrdiff_t{p_.stride_w} * p_.input_c;
    ForEachTap([&](std::int32_t t, std::int32_t column, std::int32_t row) {
      if (row >= 0 && row < p_.input_h) {
        taps_[t] = {AddressOf(column + x * p_.stride_w, row), step};
      } else {
        taps_[t] = {reinterpret_cast<Address>(padding_), 0};
      }
    });
  }
  void MoveTaps(std::int32_t pixels) {
    for (std::int32_t t = 0; t < plan_.taps + plan_.taps % 2; ++t) {
      taps_[t].address += static_cast<Address>(pixels * taps_[t].step);
    }
  }

  template <int kPixels>
  void ListPixelTaps(std::int32_t x) {
    ForEachTap([&](std::int32_t t, std::int32_t column, std::int32_t row) {
      const bool inside = row >= 0 && row < p_.input_h;
      std::int32_t at = column + x * p_.stride_w;
      for (int i = 0; i < kPixels; ++i, at += p_.stride_w) {
        pixel_taps_[t].address[i] = inside && at >= 0 && at < p_.input_w
                                        ? AddressOf(at, row)
                                        : reinterpret_cast<Address>(padding_);
      }
    });
  }

  template <int kPixels, typename List>
  void RunChannels(const List* taps, std::int8_t* output) {
    const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
    for (std::int32_t c = 0; c < p_.output_c; c += kWidePanelChannels, panel += panel_bytes_) {
      const std::int32_t input_c = multiplier_ == 1 ? c : c / multiplier_;
      const std::int32_t inputs = p_.input_c - input_c;
      int8x16_t bytes[kPixels];
      if (near_end_ && inputs < kWidePanelChannels) {
        CopyInputs<kPixels>(taps, input_c, inputs);
        SumTile(copied_taps_, 0, c, panel, bytes);
      } else {
        SumTile(taps, input_c, c, panel, bytes);
      }
      Store(bytes, Least(p_.output_c - c, kWidePanelChannels), output + c);
    }
  }

  // Sixteen bytes of some pixel might end beyond the tensor.
  template <int kPixels, typename List>
  void CopyInputs(const List* taps, std::int32_t input_c, std::int32_t inputs) {
    std::int8_t* target = copies_;
    const auto bytes = static_cast<std::size_t>(inputs);
    for (std::int32_t t = 0; t < plan_.taps + plan_.taps % 2; ++t) {
      for (int i = 0; i < kPixels; ++i, target += kArmBlockBytes) {
        copied_taps_[t].address[i] = reinterpret_cast<Address>(target);
        std::memcpy(target, PixelOf(taps[t], i) + input_c, bytes);
      }
    }
  }
  static const std::int8_t* PixelOf(const Tap& tap, int i) {
    return reinterpret_cast<const std::int8_t*>(tap.address + static_cast<Address>(i * tap.step));
  }
  static const std::int8_t* PixelOf(const PixelTap& tap, int i) {
    return reinterpret_cast<const std::int8_t*>(tap.address[i]);
  }

  template <int kPixels>
  void Store(const int8x16_t (&bytes)[kPixels], std::int32_t channels, std::int8_t* output) const {
    if (channels == kWidePanelChannels) {
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) StoreAndMove(output, p_.output_c, bytes[i]);
      return;
    }
#pragma GCC unroll 4
    for (int i = 0; i < kPixels; ++i) {
      StorePart(bytes[i], channels, output + i * std::ptrdiff_t{p_.output_c});
    }
  }
  static void StorePart(int8x16_t bytes, std::int32_t channels, std::int8_t* output) {
    if ((channels & 8) != 0) {
      vst1_s8(output, vget_low_s8(bytes));
      output += 8;
      bytes = vextq_s8(bytes, bytes, 8);
    }
    std::uint64_t rest = vget_lane_u64(vreinterpret_u64_s8(vget_low_s8(bytes)), 0);
    if ((channels & 4) != 0) {
      std::memcpy(output, &rest, 4);
      output += 4;
      rest >>= 32;
    }
    for (std::int32_t i = channels & 3; i > 0; --i, rest >>= 8) {
      *output++ = static_cast<std::int8_t>(rest);
    }
  }

  // Forms for what is frequent: look-ups of lanes also where each channel is its own input but two
  // products do not fit.
  template <typename List, int kPixels>
  void SumTile(const List* taps, std::int32_t offset, std::int32_t channel,
               const std::uint8_t* panel, int8x16_t (&bytes)[kPixels]) const {
    if (!fast_) {
      if constexpr (std::is_same_v<List, PixelTap>) {
        Sum<true, false>(taps, offset, channel, panel, bytes);
      }
    } else if (multiplier_ > 1) {
      Sum<true, true>(taps, offset, channel, panel, bytes);
    } else {
      Sum<false, true>(taps, offset, channel, panel, bytes);
    }
  }

  template <bool kLookUp, bool kFast, typename List, int kPixels>
  [[gnu::noinline]] void Sum(const List* taps, std::ptrdiff_t offset, std::int32_t channel,
                             const std::uint8_t* panel, int8x16_t (&bytes)[kPixels]) const {
    int32x4_t acc[kPixels][4];
    LoadWideBias(panel, acc);
    const auto* weights = reinterpret_cast<const std::int8_t*>(panel + kWideHeaderBytes);
    const uint8x16_t lanes = kLookUp ? vld1q_u8(lanes_ + channel) : vdupq_n_u8(0);
    for (const List* const end = taps + plan_.taps; taps < end; taps += 2) {
      int8x16_t w[2];
      LoadTwo<2 * kWidePanelChannels>(weights, w[0], w[1]);
      auto two = Two(taps, offset);
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) {
        int8x16_t x[2] = {two.Load(0, i), two.Load(1, i)};
        if constexpr (kLookUp) x[0] = LookUp(x[0], lanes), x[1] = LookUp(x[1], lanes);
        int16x8_t low = vmull_s8(vget_low_s8(x[0]), vget_low_s8(w[0]));
        int16x8_t high = MultiplyHigh(x[0], w[0]);
        if constexpr (kFast) {
          low = vmlal_s8(low, vget_low_s8(x[1]), vget_low_s8(w[1]));
          high = MultiplyAddHigh(high, x[1], w[1]);
        } else {
          AddWords(acc[i], low, high);
          low = vmull_s8(vget_low_s8(x[1]), vget_low_s8(w[1]));
          high = MultiplyHigh(x[1], w[1]);
        }
        AddWords(acc[i], low, high);
      }
    }
    stage_.Finish(panel, acc, bytes);
  }

  [[gnu::always_inline]] static void AddWords(int32x4_t (&acc)[4], int16x8_t low, int16x8_t high) {
    acc[0] = vaddw_s16(acc[0], vget_low_s16(low));
    acc[1] = AddHigh(acc[1], low);
    acc[2] = vaddw_s16(acc[2], vget_low_s16(high));
    acc[3] = AddHigh(acc[3], high);
  }

  const DepthwiseConv2DParams& p_;
  const ArmTapPlan plan_;
  const std::int32_t multiplier_;
  const std::ptrdiff_t panel_bytes_;
  const WideStage stage_;
  Tap* taps_;
  PixelTap* pixel_taps_;
  PixelTap* copied_taps_;
  std::int8_t* copies_;   // for each tap, of each pixel sixteen bytes
  std::int8_t* padding_;  // a pixel
  std::uint8_t* lanes_;
  Address input_end_;
  // Of the row that is computed.
  const std::int8_t* image_ = nullptr;
  std::int32_t top_ = 0;
  bool near_end_ = false;  // its windows reach the end of the input
  std::int32_t inner_begin_, inner_end_;
  bool fast_;
};

}  // namespace

void DepthwiseConv2DNeon(const DepthwiseConv2DParams& params, const Work& work) {
  Windows(params, work.worker).Run(work.begin, work.end);
}

}  // namespace quaver::kernels
