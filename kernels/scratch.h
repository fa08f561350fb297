// The scratch of the tiled kernels: how many bytes one worker needs, and what for. Computed alike
// on the host that plans the arena and on the device, whatever its pointers' size.
#ifndef QUAVER_KERNELS_SCRATCH_H_
#define QUAVER_KERNELS_SCRATCH_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// Output pixels that a tiled convolution gathers the inputs of before it multiplies.
inline constexpr std::int32_t kConvBlockPixels = 8;

/// Whether each window is one run of bytes of the input, which the kernel then reads in place.
bool ReadsInputInPlace(const Conv2DParams& params);

/// Bytes from one gathered window to the next, a multiple of 16.
std::size_t WindowStride(const Conv2DParams& params);

/// kConvBlockPixels gathered windows of one group; 0 where the input is read in place.
std::size_t Conv2DTiledScratch(const Conv2DParams& params);

/// Bytes of a pixel of padding, which taps outside the input read. A multiple of 64.
std::size_t PaddingPixelBytes(const DepthwiseConv2DParams& params);

/// That pixel, then one address a tap, for which 8 bytes are set aside on every machine.
std::size_t DepthwiseConv2DTiledScratch(const DepthwiseConv2DParams& params);

/// Windows that a Cortex-M convolution widens to 16 bits and interleaves before it multiplies, and
/// their bytes.
inline constexpr std::int32_t kWidePixels = 4;
std::size_t WidePixelsBytes(std::int32_t depth);

/// The wide pixels, then one window of bytes where the input is not read in place.
std::size_t Conv2DCortexMScratch(const Conv2DParams& params);

/// Output channels that a Cortex-M depthwise convolution computes at a time, and how it keeps their
/// inputs, of all columns under one output row, and their weights: as pairs of 16 bits, of two
/// rows.
inline constexpr std::int32_t kDepthwiseChannels = 4;
struct DepthwiseColumns {
  std::int32_t pairs;            // of rows, in a column of the window
  std::int32_t columns;          // of the input, with padding
  std::int32_t channel_weights;  // pairs: kernel_w * pairs
  std::int32_t channel_columns;  // pairs: columns * pairs
};
DepthwiseColumns PlanDepthwiseColumns(const DepthwiseConv2DParams& params);
/// Whether the columns fit a megabyte.
bool SupportsDepthwiseCortexM(const DepthwiseConv2DParams& params);
std::size_t DepthwiseConv2DCortexMScratch(const DepthwiseConv2DParams& params);

/// Preconditions of kernels/generic/add_sub.h: an output shifted right by at least 2, and terms
/// that fit int32 with two bits more.
bool SupportsAddCortexM(const AddParams& params);
bool SupportsSubCortexM(const SubParams& params);

/// kernels/generic/row_plan.h, for inputs of one byte in groups of four (VPDPBUSD), and of two
/// bytes in groups of two (PMADDWD).
bool SupportsConv2DVnni(const Conv2DParams& params);
bool SupportsConv2DAvx2(const Conv2DParams& params);
/// kernels/x86/winograd_plan.h: windows three taps wide that move by one pixel.
bool SupportsConv2DWinogradX86(const Conv2DParams& params);
std::size_t Conv2DWinogradScratch(const Conv2DParams& params);
std::size_t Conv2DVnniScratch(const Conv2DParams& params);
std::size_t Conv2DAvx2Scratch(const Conv2DParams& params);
std::size_t FullyConnectedVnniScratch(const FullyConnectedParams& params);
std::size_t FullyConnectedAvx2Scratch(const FullyConnectedParams& params);

/// kernels/arm/gemm_plan.h, for SMULL and SDOT, and for SMMLA: rows that fit, and for SMMLA inputs
/// in groups of eight, and windows that move by few pixels.
bool SupportsConv2DNeon(const Conv2DParams& params);
bool SupportsConv2DI8mm(const Conv2DParams& params);
std::size_t Conv2DNeonScratch(const Conv2DParams& params);
std::size_t Conv2DI8mmScratch(const Conv2DParams& params);
std::size_t FullyConnectedNeonScratch(const FullyConnectedParams& params);

/// kernels/arm/columns_plan.h: few input channels; for SMMLA two panels of output channels that
/// share what it copies twice.
bool SupportsConv2DColumns(const Conv2DParams& params);
bool SupportsConv2DI8mmColumns(const Conv2DParams& params);
std::size_t Conv2DColumnsScratch(const Conv2DParams& params);
std::size_t Conv2DI8mmColumnsScratch(const Conv2DParams& params);

/// kernels/arm/fully_connected_row.h: one row.
bool SupportsFullyConnectedRowArm(const FullyConnectedParams& params);

/// kernels/arm/depthwise_plan.h: one input channel for each output channel; 3 x 3 at a time without
/// scratch, and large windows over wide rows. tap_plan.h: a window of not too many taps.
bool SupportsDepthwise3x3Arm(const DepthwiseConv2DParams& params);
bool SupportsDepthwiseNeonDot(const DepthwiseConv2DParams& params);
bool SupportsDepthwiseNeon(const DepthwiseConv2DParams& params);
std::size_t DepthwiseNeonScratch(const DepthwiseConv2DParams& params);
std::size_t DepthwiseNeonDotScratch(const DepthwiseConv2DParams& params);

/// Preconditions of kernels/neon/elementwise.cc and reduce.cc: requantization by a right shift of
/// at least 1, and terms whose shifts together are to the left, by at most 20.
bool SupportsAddNeon(const AddParams& params);
bool SupportsSubNeon(const SubParams& params);
bool SupportsMulNeon(const MulParams& params);
bool SupportsReduceMeanNeon(const ReduceMeanParams& params);

/// kernels/neon/resize.cc and arg_max.cc: at least eight channels; neighbours to compare.
bool SupportsResizeBilinearNeon(const ResizeBilinearParams& params);
bool SupportsArgMaxNeon(const ArgMaxParams& params);

/// SupportsConv2DVnni, and few output channels, of which panels of 16 would waste a quarter of
/// their lanes or more.
bool FitsNarrowPanels(const Conv2DParams& params);

/// Preconditions of kernels/x86/elementwise.h and pool.h: requantization by a right shift of at
/// least 2 without a shift to the left, and terms that fit int32 with two bits more.
bool SupportsAddX86(const AddParams& params);
bool SupportsSubX86(const SubParams& params);
bool SupportsMulX86(const MulParams& params);
bool SupportsReduceMeanX86(const ReduceMeanParams& params);

/// kernels/avx2/resize.cc and arg_max.cc: at least eight channels; neighbours to compare.
bool SupportsResizeBilinearX86(const ResizeBilinearParams& params);
bool SupportsArgMaxX86(const ArgMaxParams& params);

/// kernels/x86/depthwise_plan.h: a window of not too many rows.
bool SupportsDepthwiseX86(const DepthwiseConv2DParams& params);
/// kernels/x86/depthwise_3x3.h, in vectors of 16 or of 8 channels.
bool SupportsDepthwise3x3In16(const DepthwiseConv2DParams& params);
bool SupportsDepthwise3x3In8(const DepthwiseConv2DParams& params);
std::size_t DepthwiseVnni512Scratch(const DepthwiseConv2DParams& params);
std::size_t DepthwiseVnni256Scratch(const DepthwiseConv2DParams& params);
std::size_t DepthwiseAvx2Scratch(const DepthwiseConv2DParams& params);

/// Pixels that a convolution with Helium computes at a time: more where `depth` inputs of each fit
/// a vector.
inline constexpr std::int32_t kMveMostPixels = 4;
constexpr std::int32_t MvePixels(std::int32_t depth) { return depth <= 16 ? kMveMostPixels : 2; }

/// So many gathered windows of one group; 0 where the input is read in place.
std::size_t Conv2DMveScratch(const Conv2DParams& params);

/// Neighbouring output pixels that a depthwise convolution with Helium computes in one vector, with
/// a channel of one of them in each lane; 1: single pixels.
std::int32_t MveWidePixels(const DepthwiseConv2DParams& params);
/// DepthwiseConv2DTiledScratch, then for several pixels the weights and the output stage of each.
std::size_t DepthwiseConv2DMveScratch(const DepthwiseConv2DParams& params);

/// Preconditions of kernels/mve/elementwise.cc: requantization by a right shift of at least 1, and
/// terms that fit int32 with one bit more.
bool SupportsAddMve(const AddParams& params);
bool SupportsSubMve(const SubParams& params);
bool SupportsMulMve(const MulParams& params);

/// kernels/generic/int16_layers.h. The same convolution of the inputs' bytes.
Conv2DParams BytesOf(const Conv2DInt16Params& params);
/// Bytes of a gathered window; 0 where the input is read in place.
std::size_t Int16WindowBytes(const Conv2DInt16Params& params);
/// Two of them, or one.
std::size_t Conv2DInt16Scratch(const Conv2DInt16Params& params);
std::size_t Conv2DInt16OnePixelScratch(const Conv2DInt16Params& params);
/// One input channel for each output channel, at least 16, and a window of not too many taps.
inline constexpr std::int32_t kMostInt16Taps = 64;
bool SupportsDepthwiseInt16(const DepthwiseConv2DInt16Params& params);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_SCRATCH_H_
