// MaxPool2D; AveragePool2D and ReduceMean where they average over all pixels of an image, which is
// XNNPACK's global average pooling. Its other average pooling is for uint8, and counts padding.
#include "kernels/xnnpack/operator.h"

namespace quaver::kernels::xnnpack {
namespace {

bool IsWholeImage(const AveragePool2DParams& params) {
  return params.output_h == 1 && params.output_w == 1 && params.pad_top == 0 &&
         params.pad_left == 0 && params.filter_h == params.input_h &&
         params.filter_w == params.input_w;
}

/// An image [pixels, channels] without gaps, averaged over its pixels.
bool IsMeanOfPixels(const ReduceMeanParams& params) {
  if (params.kept_rank != 1 || params.kept_strides[0] != 1 || params.reduced_rank < 1) return false;
  std::int32_t contiguous = params.kept_dims[0];
  for (std::int32_t i = params.reduced_rank; i-- > 0;) {
    if (params.reduced_strides[i] != contiguous) return false;
    contiguous *= params.reduced_dims[i];
  }
  return true;
}

/// Of s_in / s_out: the operator's own multiplier has 1 / reduced_count in it.
float MeanScale(const ReduceMeanParams& params) {
  return ScaleOf(params.output_multiplier, params.output_shift) *
         static_cast<float>(params.reduced_count);
}

#if QUAVER_XNNPACK_GLOBAL_AVERAGE
constexpr bool kHasGlobalAverage = true;

struct GlobalAverage {
  std::int32_t batch, pixels, channels;
  std::int32_t input_zero_point, output_zero_point;
  float scale;
  std::int32_t clamp_min, clamp_max;
  const std::int8_t* input;
  std::int8_t* output;
};

xnn_operator_t BuildAverage(const GlobalAverage& average) {
  const auto channels = static_cast<std::size_t>(average.channels);
  xnn_operator_t op = nullptr;
  if (xnn_create_global_average_pooling_nwc_qs8(
          channels, channels, channels, static_cast<std::int8_t>(average.input_zero_point),
          average.scale, static_cast<std::int8_t>(average.output_zero_point), 1.0F,
          static_cast<std::int8_t>(average.clamp_min), static_cast<std::int8_t>(average.clamp_max),
          0, &op) != xnn_status_success ||
      xnn_setup_global_average_pooling_nwc_qs8(
          op, static_cast<std::size_t>(average.batch), static_cast<std::size_t>(average.pixels),
          average.input, average.output, nullptr) != xnn_status_success) {
    return nullptr;
  }
  return op;
}

xnn_operator_t BuildAverage(const AveragePool2DParams& params) {
  return BuildAverage({params.batch, params.input_h * params.input_w, params.channels, 0, 0, 1.0F,
                       params.clamp_min, params.clamp_max, params.input, params.output});
}

xnn_operator_t BuildAverage(const ReduceMeanParams& params) {
  return BuildAverage({1, params.reduced_count, params.output_count, params.input_zero_point,
                       params.output_zero_point, MeanScale(params), params.clamp_min,
                       params.clamp_max, params.input, params.output});
}
#else
constexpr bool kHasGlobalAverage = false;

template <typename Params>
xnn_operator_t BuildAverage(const Params& /*params*/) {
  return nullptr;
}
#endif

/// Older versions take the channels while creating, newer ones with the other sizes.
template <typename Function>
xnn_status CreateMax(Function create, const MaxPool2DParams& params, xnn_operator_t* op) {
  const auto channels = static_cast<std::size_t>(params.channels);
  const auto top = static_cast<std::uint32_t>(params.pad_top);
  const auto left = static_cast<std::uint32_t>(params.pad_left);
  const std::uint32_t right = PaddingAfter(params.output_w, params.stride_w, params.filter_w,
                                           params.input_w, params.pad_left);
  const std::uint32_t bottom = PaddingAfter(params.output_h, params.stride_h, params.filter_h,
                                            params.input_h, params.pad_top);
  const auto filter_h = static_cast<std::uint32_t>(params.filter_h);
  const auto filter_w = static_cast<std::uint32_t>(params.filter_w);
  const auto stride_h = static_cast<std::uint32_t>(params.stride_h);
  const auto stride_w = static_cast<std::uint32_t>(params.stride_w);
  const auto low = static_cast<std::int8_t>(params.clamp_min);
  const auto high = static_cast<std::int8_t>(params.clamp_max);
  constexpr std::uint32_t kDilation = 1;
  constexpr std::uint32_t kNoFlags = 0;
  using Word = std::uint32_t;
  if constexpr (std::is_invocable_v<Function, Word, Word, Word, Word, Word, Word, Word, Word, Word,
                                    Word, std::int8_t, std::int8_t, Word, xnn_operator_t*>) {
    return create(top, right, bottom, left, filter_h, filter_w, stride_h, stride_w, kDilation,
                  kDilation, low, high, kNoFlags, op);
  } else {
    return create(top, right, bottom, left, filter_h, filter_w, stride_h, stride_w, kDilation,
                  kDilation, channels, channels, channels, low, high, kNoFlags, op);
  }
}

#if QUAVER_XNNPACK_RESHAPE
template <typename Reshape>
xnn_status ReshapeMax(Reshape reshape, const MaxPool2DParams& params, xnn_operator_t op) {
  using Size = std::size_t;
  const auto batch = static_cast<Size>(params.batch);
  const auto height = static_cast<Size>(params.input_h);
  const auto width = static_cast<Size>(params.input_w);
  const auto channels = static_cast<Size>(params.channels);
  Size output_h = 0;
  Size output_w = 0;
  if constexpr (std::is_invocable_v<Reshape, xnn_operator_t, Size, Size, Size, Size, Size, Size,
                                    Size*, Size*, pthreadpool_t>) {
    return reshape(op, batch, height, width, channels, channels, channels, &output_h, &output_w,
                   nullptr);
  } else {
    return reshape(op, batch, height, width, &output_h, &output_w, nullptr);
  }
}

bool SetUpMax(xnn_operator_t op, const MaxPool2DParams& params) {
  return ReshapeMax(&xnn_reshape_max_pooling2d_nhwc_s8, params, op) == xnn_status_success &&
         xnn_setup_max_pooling2d_nhwc_s8(op, params.input, params.output) == xnn_status_success;
}
#else
bool SetUpMax(xnn_operator_t op, const MaxPool2DParams& params) {
  return xnn_setup_max_pooling2d_nhwc_s8(op, static_cast<std::size_t>(params.batch),
                                         static_cast<std::size_t>(params.input_h),
                                         static_cast<std::size_t>(params.input_w), params.input,
                                         params.output, nullptr) == xnn_status_success;
}
#endif

}  // namespace

template <>
bool TakesOperator(const MaxPool2DParams& params) {
  return params.filter_h * params.filter_w > 1 && TakesClamp(params.clamp_min, params.clamp_max);
}
template <>
std::size_t TemporaryBytes(const MaxPool2DParams& /*params*/) {
  return 0;
}
template <>
xnn_operator_t Build(const MaxPool2DParams& params, void* /*temporary*/) {
  xnn_operator_t op = nullptr;
  const xnn_status status = CreateMax(&xnn_create_max_pooling2d_nhwc_s8, params, &op);
  return status == xnn_status_success && SetUpMax(op, params) ? op : nullptr;
}

template <>
bool TakesOperator(const AveragePool2DParams& params) {
  return kHasGlobalAverage && IsWholeImage(params) &&
         TakesClamp(params.clamp_min, params.clamp_max);
}
template <>
std::size_t TemporaryBytes(const AveragePool2DParams& /*params*/) {
  return 0;
}
template <>
xnn_operator_t Build(const AveragePool2DParams& params, void* /*temporary*/) {
  return BuildAverage(params);
}

/// XNNPACK takes scales in [2^-8, 2^8).
template <>
bool TakesOperator(const ReduceMeanParams& params) {
  return kHasGlobalAverage && IsMeanOfPixels(params) && MeanScale(params) >= 0x1p-8F &&
         MeanScale(params) < 0x1p+8F && TakesClamp(params.clamp_min, params.clamp_max);
}
template <>
std::size_t TemporaryBytes(const ReduceMeanParams& /*params*/) {
  return 0;
}
template <>
xnn_operator_t Build(const ReduceMeanParams& params, void* /*temporary*/) {
  return BuildAverage(params);
}

}  // namespace quaver::kernels::xnnpack
