// Conv2D, DepthwiseConv2D and FullyConnected by XNNPACK's convolution with a scale per output
// channel. A fully connected layer is the 1x1 convolution of an image of one pixel, which XNNPACK
// computes with the same GEMM as its fully connected operator; that one has only one scale for all
// channels in the older versions.
//
// Scales: input and output 1, kernel[c] = m * 2^(shift - 31): XNNPACK only uses their ratio. Bias:
// XNNPACK subtracts zero point * sum(weights) itself, so what the compiler folded in is taken out.
#include "kernels/xnnpack/operator.h"

namespace quaver::kernels::xnnpack {
namespace {

#if QUAVER_XNNPACK_QC8W
constexpr auto kCreate = &xnn_create_convolution2d_nhwc_qs8_qc8w;
constexpr auto kSetup = &xnn_setup_convolution2d_nhwc_qs8_qc8w;
#if QUAVER_XNNPACK_RESHAPE
constexpr auto kReshape = &xnn_reshape_convolution2d_nhwc_qs8_qc8w;
#endif
#else
constexpr auto kCreate = &xnn_create_convolution2d_nhwc_qc8;
constexpr auto kSetup = &xnn_setup_convolution2d_nhwc_qc8;
#if QUAVER_XNNPACK_RESHAPE
constexpr auto kReshape = &xnn_reshape_convolution2d_nhwc_qc8;
#endif
#endif

/// Where a channel's bias comes from: `depth` weights a channel.
struct Channels {
  const OutputStage* stage;
  const std::int8_t* weights;
  std::int32_t count, depth;
  std::int32_t channel_step, weight_step;
  std::int32_t input_zero_point;
};

/// XNNPACK's requantization takes ratios below 256.
bool TakesStage(const OutputStage& stage, std::int32_t channels) {
  for (std::int32_t c = 0; c < channels; ++c) {
    if (stage.shift[c] > 7) return false;
  }
  return TakesClamp(stage.clamp_min, stage.clamp_max);
}

/// XNNPACK takes no ratio of 0: one that makes less than a half of any accumulator does the same.
float ChannelScale(const OutputStage& stage, std::int32_t channel) {
  const std::int32_t multiplier = stage.multiplier[channel];
  return multiplier == 0 ? 0x1p-33F : ScaleOf(multiplier, stage.shift[channel]);
}

std::size_t ChannelBytes(std::int32_t channels) {
  return RoundToBlock(static_cast<std::size_t>(channels) * (sizeof(float) + sizeof(std::int32_t)));
}

/// bias = bias' + zero point * sum(weights), modulo 2^32 as all sums of accumulators are.
void UnfoldBias(const Channels& channels, std::int32_t* bias) {
  for (std::int32_t c = 0; c < channels.count; ++c) {
    const std::int8_t* weights = channels.weights + std::ptrdiff_t{c} * channels.channel_step;
    std::int32_t sum = 0;
    for (std::int32_t i = 0; i < channels.depth; ++i) {
      sum += weights[std::ptrdiff_t{i} * channels.weight_step];
    }
    bias[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(channels.stage->bias[c]) +
                                        static_cast<std::uint32_t>(channels.input_zero_point) *
                                            static_cast<std::uint32_t>(sum));
  }
}

/// How the channels are divided, in XNNPACK's terms.
struct Groups {
  std::uint32_t count;
  std::size_t input_channels, output_channels;
  std::uint32_t flags;
};

#if QUAVER_XNNPACK_RESHAPE
/// Newer versions tell the workspace's size, and for a time also its alignment.
template <typename Reshape, typename Setup>
bool SetUp(Reshape reshape, Setup setup, xnn_operator_t op, const ConvolutionParams& params) {
  const auto batch = static_cast<std::size_t>(params.batch);
  const auto height = static_cast<std::size_t>(params.input_h);
  const auto width = static_cast<std::size_t>(params.input_w);
  using Size = std::size_t;
  constexpr pthreadpool_t kNoThreads = nullptr;
  Size bytes = 0;
  [[maybe_unused]] Size alignment = 0;
  Size output_h = 0;
  Size output_w = 0;
  xnn_status status = xnn_status_success;
  if constexpr (std::is_invocable_v<Reshape, xnn_operator_t, Size, Size, Size, Size*, Size*, Size*,
                                    Size*, pthreadpool_t>) {
    status =
        reshape(op, batch, height, width, &bytes, &alignment, &output_h, &output_w, kNoThreads);
  } else if constexpr (std::is_invocable_v<Reshape, xnn_operator_t, Size, Size, Size, Size*, Size*,
                                           Size*, pthreadpool_t>) {
    status = reshape(op, batch, height, width, &bytes, &output_h, &output_w, kNoThreads);
  } else {
    status = reshape(op, batch, height, width, &output_h, &output_w, kNoThreads);
  }
  void* workspace = nullptr;
  if (status != xnn_status_success || !AllocateWorkspace(bytes, &workspace)) return false;
  if constexpr (std::is_invocable_v<Setup, xnn_operator_t, void*, const std::int8_t*,
                                    std::int8_t*>) {
    return setup(op, workspace, params.input, params.output) == xnn_status_success;
  } else {
    return setup(op, params.input, params.output) == xnn_status_success;
  }
}
bool SetUp(xnn_operator_t op, const ConvolutionParams& params) {
  return SetUp(kReshape, kSetup, op, params);
}
#else
bool SetUp(xnn_operator_t op, const ConvolutionParams& params) {
  return kSetup(op, static_cast<std::size_t>(params.batch),
                static_cast<std::size_t>(params.input_h), static_cast<std::size_t>(params.input_w),
                params.input, params.output, nullptr) == xnn_status_success;
}
#endif

xnn_operator_t BuildConvolution(const ConvolutionParams& params, const Groups& groups,
                                const Channels& channels, void* temporary) {
  auto* scales = static_cast<float*>(temporary);
  auto* bias = reinterpret_cast<std::int32_t*>(scales + params.output_c);
  for (std::int32_t c = 0; c < params.output_c; ++c) {
    scales[c] = ChannelScale(params.stage, c);
  }
  UnfoldBias(channels, bias);
  const std::int32_t extent_h = (params.kernel_h - 1) * params.dilation_h + 1;
  const std::int32_t extent_w = (params.kernel_w - 1) * params.dilation_w + 1;
  xnn_operator_t op = nullptr;
  const xnn_status status = Create(
      kCreate, &op, static_cast<std::uint32_t>(params.pad_top),
      PaddingAfter(params.output_w, params.stride_w, extent_w, params.input_w, params.pad_left),
      PaddingAfter(params.output_h, params.stride_h, extent_h, params.input_h, params.pad_top),
      static_cast<std::uint32_t>(params.pad_left), static_cast<std::uint32_t>(params.kernel_h),
      static_cast<std::uint32_t>(params.kernel_w), static_cast<std::uint32_t>(params.stride_h),
      static_cast<std::uint32_t>(params.stride_w), static_cast<std::uint32_t>(params.dilation_h),
      static_cast<std::uint32_t>(params.dilation_w), groups.count, groups.input_channels,
      groups.output_channels, static_cast<std::size_t>(params.input_c),
      static_cast<std::size_t>(params.output_c), static_cast<std::int8_t>(params.pad_value), 1.0F,
      static_cast<const float*>(scales), params.weights, static_cast<const std::int32_t*>(bias),
      static_cast<std::int8_t>(params.stage.zero_point), 1.0F,
      static_cast<std::int8_t>(params.stage.clamp_min),
      static_cast<std::int8_t>(params.stage.clamp_max), groups.flags);
  return status == xnn_status_success && SetUp(op, params) ? op : nullptr;
}

/// rows images of one pixel. Nothing is padded, so that any zero point will do: 0 leaves the bias.
Conv2DParams AsConvolution(const FullyConnectedParams& params) {
  Conv2DParams conv{};
  conv.input = params.input;
  conv.weights = params.weights;
  conv.output = params.output;
  conv.stage = params.stage;
  conv.batch = params.rows;
  conv.input_h = conv.input_w = conv.output_h = conv.output_w = 1;
  conv.kernel_h = conv.kernel_w = conv.stride_h = conv.stride_w = 1;
  conv.dilation_h = conv.dilation_w = conv.groups = 1;
  conv.input_c = params.depth;
  conv.output_c = params.output_c;
  return conv;
}

}  // namespace

template <>
bool TakesOperator(const Conv2DParams& params) {
  return TakesStage(params.stage, params.output_c);
}
template <>
std::size_t TemporaryBytes(const Conv2DParams& params) {
  return ChannelBytes(params.output_c);
}
template <>
xnn_operator_t Build(const Conv2DParams& params, void* temporary) {
  const std::int32_t depth = params.kernel_h * params.kernel_w * (params.input_c / params.groups);
  const Channels channels = {&params.stage,   params.weights, params.output_c, depth, depth, 1,
                             params.pad_value};
  const Groups groups = {static_cast<std::uint32_t>(params.groups),
                         static_cast<std::size_t>(params.input_c / params.groups),
                         static_cast<std::size_t>(params.output_c / params.groups), 0};
  return BuildConvolution(params, groups, channels, temporary);
}

template <>
bool TakesOperator(const DepthwiseConv2DParams& params) {
  return TakesStage(params.stage, params.output_c);
}
template <>
std::size_t TemporaryBytes(const DepthwiseConv2DParams& params) {
  return ChannelBytes(params.output_c);
}
template <>
xnn_operator_t Build(const DepthwiseConv2DParams& params, void* temporary) {
  const Channels channels = {
      &params.stage,   params.weights,  params.output_c, params.kernel_h * params.kernel_w, 1,
      params.output_c, params.pad_value};
  const Groups groups = {static_cast<std::uint32_t>(params.input_c), 1,
                         static_cast<std::size_t>(params.output_c / params.input_c),
                         XNN_FLAG_DEPTHWISE_CONVOLUTION};
  return BuildConvolution(params, groups, channels, temporary);
}

template <>
bool TakesOperator(const FullyConnectedParams& params) {
  return TakesStage(params.stage, params.output_c);
}
template <>
std::size_t TemporaryBytes(const FullyConnectedParams& params) {
  return ChannelBytes(params.output_c);
}
template <>
xnn_operator_t Build(const FullyConnectedParams& params, void* temporary) {
  return Build(AsConvolution(params), temporary);
}

}  // namespace quaver::kernels::xnnpack
