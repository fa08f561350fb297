// DepthwiseConv2D: channels in the lanes, over the list of a window's taps; weights as they lie in
// the file.
#include <cstddef>
#include <cstring>

#include "kernels/generic/tapped_pixels.h"
#include "kernels/inventory.h"
#include "kernels/mve/requantize.h"

namespace quaver::kernels {
namespace {

/// Channels whose sums are kept before they are requantized, a multiple of 16.
constexpr std::int32_t kBlock = 64;

/// sums[i] = bias[i] + taps . weights of channel `channel` + i, for `count` channels, a multiple of
/// 16 above 0, where each output channel has its own input channel. No weight is -128: the products
/// of two taps sum to at most 2 * 128 * 127 < 2^15 in magnitude and are added in int16.
///
/// VMULLB and VMOVLB take the even lanes, VMULLT and VMOVLT the odd ones: q0 to q3 are the sums of
/// channels {0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15}, as VLD4 and VST4 have
/// them. In assembly, since GCC 12 keeps such vectors in memory: eight registers are just enough
/// where the second tap's inputs are loaded twice.
[[gnu::noinline]] void SumTaps16(const Taps& taps, const std::int8_t* weights, std::ptrdiff_t step,
                                 std::int32_t channel, std::int32_t count, const std::int32_t* bias,
                                 std::int32_t* sums) {
  const std::int8_t *const *input, *x0, *x1, *w;
  const std::int32_t tail[2] = {taps.count / 2, taps.count % 2};
  std::ptrdiff_t offset = taps.offset + channel;
  weights += channel;
  const std::int32_t* const end = sums + count;
  asm volatile(
      "1:\n\t"
      "vld40.32 {q0, q1, q2, q3}, [%[bias]]\n\t"
      "vld41.32 {q0, q1, q2, q3}, [%[bias]]\n\t"
      "vld42.32 {q0, q1, q2, q3}, [%[bias]]\n\t"
      "vld43.32 {q0, q1, q2, q3}, [%[bias]]!\n\t"
      "mov %[w], %[weights]\n\t"
      "mov %[input], %[inputs]\n\t"
      "ldr lr, %[pairs]\n\t"
      "wls lr, lr, 3f\n"
      "2:\n\t"
      "ldrd %[x0], %[x1], [%[input]], #8\n\t"
      "add %[x0], %[x0], %[offset]\n\t"
      "add %[x1], %[x1], %[offset]\n\t"
      "vldrb.8 q4, [%[x0]]\n\t"
      "vldrb.8 q5, [%[w]]\n\t"
      "vmullb.s8 q6, q4, q5\n\t"
      "add %[w], %[w], %[step]\n\t"
      "vmullt.s8 q4, q4, q5\n\t"
      "vldrb.8 q5, [%[w]]\n\t"
      "add %[w], %[w], %[step]\n\t"
      "vldrb.8 q7, [%[x1]]\n\t"
      "vmullb.s8 q7, q7, q5\n\t"
      "vadd.i16 q6, q6, q7\n\t"
      "vldrb.8 q7, [%[x1]]\n\t"
      "vmullt.s8 q7, q7, q5\n\t"
      "vadd.i16 q4, q4, q7\n\t"
      "vmovlb.s16 q5, q6\n\t"
      "vadd.i32 q0, q0, q5\n\t"
      "vmovlt.s16 q6, q6\n\t"
      "vadd.i32 q2, q2, q6\n\t"
      "vmovlb.s16 q5, q4\n\t"
      "vadd.i32 q1, q1, q5\n\t"
      "vmovlt.s16 q4, q4\n\t"
      "vadd.i32 q3, q3, q4\n\t"
      "le lr, 2b\n"
      "3:\n\t"
      "ldr lr, %[single]\n\t"
      "cmp lr, #0\n\t"
      "beq 4f\n\t"
      "ldr %[x0], [%[input]]\n\t"
      "add %[x0], %[x0], %[offset]\n\t"
      "vldrb.8 q4, [%[x0]]\n\t"
      "vldrb.8 q5, [%[w]]\n\t"
      "vmullb.s8 q6, q4, q5\n\t"
      "vmullt.s8 q4, q4, q5\n\t"
      "vmovlb.s16 q5, q6\n\t"
      "vadd.i32 q0, q0, q5\n\t"
      "vmovlt.s16 q6, q6\n\t"
      "vadd.i32 q2, q2, q6\n\t"
      "vmovlb.s16 q5, q4\n\t"
      "vadd.i32 q1, q1, q5\n\t"
      "vmovlt.s16 q4, q4\n\t"
      "vadd.i32 q3, q3, q4\n"
      "4:\n\t"
      "vst40.32 {q0, q1, q2, q3}, [%[sums]]\n\t"
      "vst41.32 {q0, q1, q2, q3}, [%[sums]]\n\t"
      "vst42.32 {q0, q1, q2, q3}, [%[sums]]\n\t"
      "vst43.32 {q0, q1, q2, q3}, [%[sums]]!\n\t"
      "add %[offset], %[offset], #16\n\t"
      "add %[weights], %[weights], #16\n\t"
      "cmp %[sums], %[end]\n\t"
      "bne 1b\n"
      : [input] "=&r"(input), [x0] "=&r"(x0), [x1] "=&r"(x1), [w] "=&r"(w), [bias] "+r"(bias),
        [sums] "+r"(sums), [offset] "+r"(offset), [weights] "+r"(weights)
      : [inputs] "r"(taps.inputs), [step] "r"(step), [end] "r"(end), [pairs] "m"(tail[0]),
        [single] "m"(tail[1])
      : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "lr", "cc", "memory");
}

/// Weights and output stage once for each of the pixels that fill a vector.
class WidePixels {
 public:
  /// Copies to `scratch`, MveWideBytes of it, where there are several.
  WidePixels(const DepthwiseConv2DParams& p, std::int32_t pixels, std::int8_t* scratch)
      : bias_(reinterpret_cast<std::int32_t*>(scratch)),
        multiplier_(bias_ + 16),
        shift_(reinterpret_cast<std::int8_t*>(multiplier_ + 16)),
        weights_(shift_ + 16) {
    if (pixels == 1) return;
    const std::int32_t channels = p.output_c;
    for (std::int32_t i = 0; i < 16; ++i) {
      const std::int32_t c = i % channels;
      bias_[i] = p.stage.bias[c];
      multiplier_[i] = p.stage.multiplier[c];
      shift_[i] = p.stage.shift[c];
      for (std::int32_t tap = 0; tap < p.kernel_h * p.kernel_w; ++tap) {
        weights_[16 * tap + i] = p.weights[tap * channels + c];
      }
    }
    stage_ = p.stage;
    stage_.bias = bias_, stage_.multiplier = multiplier_, stage_.shift = shift_;
  }

  [[nodiscard]] const OutputStage& stage() const { return stage_; }
  [[nodiscard]] const std::int8_t* weights() const { return weights_; }

 private:
  std::int32_t *bias_, *multiplier_;
  std::int8_t *shift_, *weights_;  // weights [taps, 16]
  OutputStage stage_{};
};

class Depthwise {
 public:
  explicit Depthwise(const DepthwiseConv2DParams& p)
      : p_(p), output_row_(p.stage, 0, p.output_c), pairs_(!HasSmallest(p)) {}

  /// Whether RunWide may run.
  [[nodiscard]] bool pairs() const { return pairs_; }

  /// All channels of MveWidePixels neighbouring pixels; `taps` are the first one's.
  void RunWide(const Taps& taps, const WidePixels& wide, std::int8_t* output) const {
    std::int32_t sums[16];
    SumTaps16(taps, wide.weights(), 16, 0, 16, wide.stage().bias, sums);
    OutputRow(wide.stage(), output_row_.only_right()).Store(sums, 0, 16, output);
  }

  /// All channels of a pixel, where each output channel has its own input channel.
  void RunPixel(const Taps& taps, std::int8_t* output) const {
    std::int32_t c = 0;
    if (pairs_) {
      std::int32_t sums[kBlock];
      for (const std::int32_t whole = p_.output_c & ~15; c < whole;) {
        const std::int32_t count = whole - c < kBlock ? whole - c : kBlock;
        SumTaps16(taps, p_.weights, p_.output_c, c, count, p_.stage.bias + c, sums);
        output_row_.Store(sums, c, count, output + c);
        c += count;
      }
    }
    for (; c < p_.output_c; c += 4) Run4(taps, c, output + c);
  }

  /// All channels of a pixel, where several output channels read one input channel.
  void RunPixelWithMultiplier(const Taps& taps, std::int8_t* output) const {
    const std::int32_t multiplier = p_.output_c / p_.input_c;
    for (std::int32_t input = 0; input < p_.input_c; ++input) {
      const std::int32_t end = (input + 1) * multiplier;
      for (std::int32_t c = input * multiplier; c < end; c += 4) {
        RunFrom(taps, input, c, end - c, output + c);
      }
    }
  }

 private:
  /// Whether a weight is -128.
  static bool HasSmallest(const DepthwiseConv2DParams& p) {
    const std::int32_t count = p.kernel_h * p.kernel_w * p.output_c;
    for (std::int32_t i = 0; i < count; i += 16) {
      const mve_pred16_t lanes = vctp8q(static_cast<std::uint32_t>(count - i));
      if (vcmpeqq_m_n_s8(vldrbq_z_s8(p.weights + i, lanes), INT8_MIN, lanes) != 0) return true;
    }
    return false;
  }

  /// Up to four channels.
  void Run4(const Taps& taps, std::int32_t c, std::int8_t* output) const {
    const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(p_.output_c - c));
    const std::int8_t* weights = p_.weights + c;
    int32x4_t sum = vldrwq_z_s32(p_.stage.bias + c, lanes);
    for (std::int32_t t = 0; t < taps.count; ++t) {
      const int32x4_t x = vldrbq_z_s32(taps.inputs[t] + taps.offset + c, lanes);
      sum = vaddq_s32(sum, vmulq_s32(x, vldrbq_z_s32(weights, lanes)));
      weights += p_.output_c;
    }
    output_row_.StoreLanes(sum, c, lanes, output);
  }

  /// Up to four of `count` channels that read the same input channel.
  void RunFrom(const Taps& taps, std::int32_t input, std::int32_t c, std::int32_t count,
               std::int8_t* output) const {
    const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(count));
    const std::int8_t* weights = p_.weights + c;
    int32x4_t sum = vldrwq_z_s32(p_.stage.bias + c, lanes);
    for (std::int32_t t = 0; t < taps.count; ++t) {
      const std::int32_t x = taps.inputs[t][taps.offset + input];
      sum = vmlaq_n_s32(sum, vldrbq_z_s32(weights, lanes), x);
      weights += p_.output_c;
    }
    output_row_.StoreLanes(sum, c, lanes, output);
  }

  const DepthwiseConv2DParams& p_;
  OutputRow output_row_;
  bool pairs_;  // whether SumTaps16 may run
};

}  // namespace

void DepthwiseConv2DMve(const DepthwiseConv2DParams& p, const Work& work) {
  const Depthwise depthwise(p);
  std::int8_t* scratch =
      p.scratch + static_cast<std::size_t>(work.worker) * DepthwiseConv2DMveScratch(p);
  const std::int32_t wide_pixels = depthwise.pairs() ? MveWidePixels(p) : 1;
  const WidePixels wide(p, wide_pixels, scratch + DepthwiseConv2DTiledScratch(p));
  std::memset(scratch, p.pad_value, PaddingPixelBytes(p));
  const TapList list(p, reinterpret_cast<const std::int8_t**>(scratch + PaddingPixelBytes(p)),
                     scratch);
  ForEachTappedPixel(
      p, work, list,
      [&](const Taps& taps, std::int32_t pixels, std::int8_t* output) -> std::int32_t {
        if (wide_pixels > 1 && pixels >= wide_pixels) {
          depthwise.RunWide(taps, wide, output);
          return wide_pixels;
        }
        if (p.input_c == p.output_c) {
          depthwise.RunPixel(taps, output);
        } else {
          depthwise.RunPixelWithMultiplier(taps, output);
        }
        return 1;
      });
}

}  // namespace quaver::kernels
