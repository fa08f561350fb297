#include "kernels/scratch.h"

#include "kernels/arm/columns_plan.h"
#include "kernels/arm/depthwise_plan.h"
#include "kernels/arm/gemm_plan.h"
#include "kernels/arm/tap_plan.h"
#include "kernels/generic/row_plan.h"
#include "kernels/x86/depthwise_plan.h"
#include "kernels/x86/winograd_plan.h"

namespace quaver::kernels {
namespace {

constexpr std::size_t RoundUp(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

bool SupportsAddSub(const AddSubParams& p) {
  return p.left_shift <= 20 && p.shift1 >= -29 && p.shift2 >= -29 && p.output_shift <= -2;
}

bool SupportsAddSubMve(const AddSubParams& p) {
  return p.left_shift <= 21 && p.shift1 >= -30 && p.shift2 >= -30 && p.output_shift <= -1;
}

bool SupportsAddSubNeon(const AddSubParams& p) {
  const auto fits = [&p](std::int32_t shift) {
    return p.left_shift + shift >= 0 && p.left_shift + shift <= 20;
  };
  return fits(p.shift1) && fits(p.shift2) && p.output_shift <= -1;
}

}  // namespace

bool ReadsInputInPlace(const Conv2DParams& p) {
  return p.kernel_h == 1 && p.kernel_w == 1 && p.pad_top == 0 && p.pad_left == 0 &&
         (p.output_h - 1) * p.stride_h < p.input_h && (p.output_w - 1) * p.stride_w < p.input_w;
}

std::size_t WindowStride(const Conv2DParams& p) {
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  return RoundUp(static_cast<std::size_t>(depth), 16);
}

std::size_t Conv2DTiledScratch(const Conv2DParams& p) {
  return ReadsInputInPlace(p) ? 0 : RoundUp(kConvBlockPixels * WindowStride(p), 64);
}

std::size_t WidePixelsBytes(std::int32_t depth) {
  return RoundUp(static_cast<std::size_t>(depth), 4) * kWidePixels * 2;
}

std::size_t Conv2DCortexMScratch(const Conv2DParams& p) {
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  const std::size_t window = ReadsInputInPlace(p) ? 0 : RoundUp(static_cast<std::size_t>(depth), 4);
  return RoundUp(WidePixelsBytes(depth) + window, 64);
}

DepthwiseColumns PlanDepthwiseColumns(const DepthwiseConv2DParams& p) {
  DepthwiseColumns plan{};
  plan.pairs = (p.kernel_h + 1) / 2;
  plan.columns = (p.output_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
  plan.channel_weights = p.kernel_w * plan.pairs;
  plan.channel_columns = plan.columns * plan.pairs;
  return plan;
}

bool SupportsDepthwiseCortexM(const DepthwiseConv2DParams& p) {
  constexpr std::int32_t kMostPairs = (1 << 20) / kDepthwiseChannels / 4;
  const std::int32_t pairs = (p.kernel_h + 1) / 2;
  const std::int64_t columns = (std::int64_t{p.output_w} - 1) * p.stride_w +
                               (std::int64_t{p.kernel_w} - 1) * p.dilation_w + 1;
  return columns <= kMostPairs / pairs - p.kernel_w;
}

std::size_t DepthwiseConv2DCortexMScratch(const DepthwiseConv2DParams& p) {
  const DepthwiseColumns plan = PlanDepthwiseColumns(p);
  const std::size_t pairs = static_cast<std::size_t>(plan.channel_weights) +
                            static_cast<std::size_t>(plan.channel_columns);
  return RoundUp(pairs * kDepthwiseChannels * 4, 64);
}

bool SupportsAddCortexM(const AddParams& p) { return SupportsAddSub(p); }

bool SupportsSubCortexM(const SubParams& p) { return SupportsAddSub(p); }

std::size_t PaddingPixelBytes(const DepthwiseConv2DParams& p) {
  return RoundUp(static_cast<std::size_t>(p.input_c), 64);
}

std::size_t DepthwiseConv2DTiledScratch(const DepthwiseConv2DParams& p) {
  return PaddingPixelBytes(p) + RoundUp(static_cast<std::size_t>(p.kernel_h * p.kernel_w) * 8, 64);
}

bool FitsNarrowPanels(const Conv2DParams& p) {
  const std::int32_t channels = p.output_c / p.groups;
  return (channels <= 8 || (channels > 16 && channels <= 24)) && SupportsConv2DVnni(p);
}

bool SupportsConv2DVnni(const Conv2DParams& p) { return RowsFit(PlanRows(p, 4, 1), p.kernel_h); }

bool SupportsConv2DAvx2(const Conv2DParams& p) { return RowsFit(PlanRows(p, 2, 2), p.kernel_h); }

bool SupportsConv2DWinogradX86(const Conv2DParams& p) { return WinogradFits(p); }

std::size_t Conv2DWinogradScratch(const Conv2DParams& p) { return PlanWinograd(p).scratch_bytes; }

std::size_t Conv2DVnniScratch(const Conv2DParams& p) { return PlanRows(p, 4, 1).scratch_bytes; }

std::size_t Conv2DAvx2Scratch(const Conv2DParams& p) { return PlanRows(p, 2, 2).scratch_bytes; }

std::size_t FullyConnectedVnniScratch(const FullyConnectedParams& p) {
  return Conv2DVnniScratch(AsConv2D(p));
}

std::size_t FullyConnectedAvx2Scratch(const FullyConnectedParams& p) {
  return Conv2DAvx2Scratch(AsConv2D(p));
}

bool SupportsConv2DNeon(const Conv2DParams& p) { return RowsFit(PlanRows(p, 4, 1), p.kernel_h); }

bool SupportsConv2DI8mm(const Conv2DParams& p) {
  return p.input_c / p.groups % 8 == 0 && (IsPointwise(p) || p.stride_w <= kMostPairedStride) &&
         SupportsConv2DNeon(p);
}

std::size_t Conv2DNeonScratch(const Conv2DParams& p) { return PlanArmGemm(p).scratch_bytes; }

bool SupportsConv2DI8mmColumns(const Conv2DParams& p) { return ColumnsFit(p) && p.output_c >= 16; }

std::size_t Conv2DI8mmScratch(const Conv2DParams& p) { return PlanPairedGemm(p).scratch_bytes; }

std::size_t FullyConnectedNeonScratch(const FullyConnectedParams& p) {
  return Conv2DNeonScratch(AsConv2D(p));
}

bool SupportsConv2DColumns(const Conv2DParams& p) { return ColumnsFit(p); }

std::size_t Conv2DI8mmColumnsScratch(const Conv2DParams& p) {
  return PlanPairedColumns(p).scratch_bytes;
}

std::size_t Conv2DColumnsScratch(const Conv2DParams& p) { return PlanColumns(p).scratch_bytes; }

bool SupportsFullyConnectedRowArm(const FullyConnectedParams& p) { return p.rows == 1; }

bool SupportsDepthwise3x3Arm(const DepthwiseConv2DParams& p) { return ArmDepthwise3x3Fits(p); }

bool SupportsDepthwiseNeonDot(const DepthwiseConv2DParams& p) { return ArmDepthwiseFits(p); }

bool SupportsDepthwiseNeon(const DepthwiseConv2DParams& p) { return ArmTapsFit(p); }

std::size_t DepthwiseNeonScratch(const DepthwiseConv2DParams& p) {
  return PlanArmTaps(p).scratch_bytes;
}

std::size_t DepthwiseNeonDotScratch(const DepthwiseConv2DParams& p) {
  return PlanArmDepthwise(p, 4, 32).scratch_bytes;
}

bool SupportsAddNeon(const AddParams& p) { return SupportsAddSubNeon(p); }

bool SupportsSubNeon(const SubParams& p) { return SupportsAddSubNeon(p); }

bool SupportsMulNeon(const MulParams& p) { return p.output_shift <= -1; }

bool SupportsReduceMeanNeon(const ReduceMeanParams& p) { return p.output_shift <= -1; }

bool SupportsResizeBilinearNeon(const ResizeBilinearParams& p) { return p.channels >= 8; }

bool SupportsArgMaxNeon(const ArgMaxParams& p) { return p.inner == 1; }

bool SupportsAddX86(const AddParams& p) { return SupportsAddSub(p); }

bool SupportsSubX86(const SubParams& p) { return SupportsAddSub(p); }

bool SupportsMulX86(const MulParams& p) { return p.output_shift <= -2; }

bool SupportsReduceMeanX86(const ReduceMeanParams& p) { return p.output_shift <= -2; }

bool SupportsResizeBilinearX86(const ResizeBilinearParams& p) { return p.channels >= 8; }

bool SupportsArgMaxX86(const ArgMaxParams& p) { return p.inner == 1; }

bool SupportsDepthwiseX86(const DepthwiseConv2DParams& p) { return DepthwiseFits(p); }

bool SupportsDepthwise3x3In16(const DepthwiseConv2DParams& p) {
  return Depthwise3x3Fits(p, 16) || Depthwise3x3FlatFits(p, 8);
}

bool SupportsDepthwise3x3In8(const DepthwiseConv2DParams& p) { return Depthwise3x3Fits(p, 8); }

std::size_t DepthwiseVnni512Scratch(const DepthwiseConv2DParams& p) {
  return PlanDepthwise(p, 16, 4).scratch_bytes;
}

std::size_t DepthwiseVnni256Scratch(const DepthwiseConv2DParams& p) {
  return PlanDepthwise(p, 8, 4).scratch_bytes;
}

std::size_t DepthwiseAvx2Scratch(const DepthwiseConv2DParams& p) {
  return PlanDepthwise(p, 8, 2).scratch_bytes;
}

std::size_t Conv2DMveScratch(const Conv2DParams& p) {
  if (ReadsInputInPlace(p)) return 0;
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  return RoundUp(static_cast<std::size_t>(MvePixels(depth)) * WindowStride(p), 64);
}

std::int32_t MveWidePixels(const DepthwiseConv2DParams& p) {
  const bool fills_vector = p.output_c < 16 && 16 % p.output_c == 0;
  return fills_vector && p.input_c == p.output_c && p.stride_w == 1 ? 16 / p.output_c : 1;
}

std::size_t DepthwiseConv2DMveScratch(const DepthwiseConv2DParams& p) {
  const std::size_t lane_bytes =
      2 * sizeof(std::int32_t) + 1 +
      static_cast<std::size_t>(p.kernel_h) * static_cast<std::size_t>(p.kernel_w);
  return DepthwiseConv2DTiledScratch(p) + (MveWidePixels(p) > 1 ? RoundUp(16 * lane_bytes, 64) : 0);
}

bool SupportsAddMve(const AddParams& p) { return SupportsAddSubMve(p); }

bool SupportsSubMve(const SubParams& p) { return SupportsAddSubMve(p); }

bool SupportsMulMve(const MulParams& p) { return p.output_shift <= -1; }

Conv2DParams BytesOf(const Conv2DInt16Params& p) {
  Conv2DParams bytes{};
  bytes.input = reinterpret_cast<const std::int8_t*>(p.input);
  bytes.batch = p.batch;
  bytes.input_h = p.input_h;
  bytes.input_w = p.input_w;
  bytes.input_c = 2 * p.input_c;
  bytes.output_h = p.output_h;
  bytes.output_w = p.output_w;
  bytes.output_c = p.output_c;
  bytes.kernel_h = p.kernel_h;
  bytes.kernel_w = p.kernel_w;
  bytes.stride_h = p.stride_h;
  bytes.stride_w = p.stride_w;
  bytes.dilation_h = p.dilation_h;
  bytes.dilation_w = p.dilation_w;
  bytes.pad_top = p.pad_top;
  bytes.pad_left = p.pad_left;
  bytes.groups = p.groups;
  return bytes;
}

std::size_t Int16WindowBytes(const Conv2DInt16Params& p) {
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  return ReadsInputInPlace(BytesOf(p)) ? 0 : RoundUp(2 * static_cast<std::size_t>(depth), 64);
}

std::size_t Conv2DInt16Scratch(const Conv2DInt16Params& p) { return 2 * Int16WindowBytes(p); }

std::size_t Conv2DInt16OnePixelScratch(const Conv2DInt16Params& p) { return Int16WindowBytes(p); }

bool SupportsDepthwiseInt16(const DepthwiseConv2DInt16Params& p) {
  return p.output_c == p.input_c && p.output_c >= 16 && p.kernel_h <= kMostInt16Taps &&
         p.kernel_w <= kMostInt16Taps / p.kernel_h;
}

}  // namespace quaver::kernels
