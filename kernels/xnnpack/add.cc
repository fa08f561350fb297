// Add of two tensors of one shape. XNNPACK's other shapes need more than 1 dimension, which ours
// have only where an input is broadcast.
//
// Scales: output 1, input i = 2^left_shift * m_i 2^(shift_i - 31) * m 2^(shift - 31).
#include "kernels/xnnpack/operator.h"

namespace quaver::kernels::xnnpack {
namespace {

float InputScale(const AddParams& params, std::int32_t multiplier, std::int32_t shift) {
  return std::ldexp(
      ScaleOf(multiplier, shift) * ScaleOf(params.output_multiplier, params.output_shift),
      params.left_shift);
}

/// XNNPACK's range is [2^-10, 2^8).
bool TakesScale(float scale) { return scale >= 0x1p-10F && scale < 0x1p+8F; }

#if QUAVER_XNNPACK_BINARY
bool TakesRange(const AddParams& params) {
  return params.clamp_min == -128 && params.clamp_max == 127;
}

xnn_operator_t BuildAdd(const AddParams& params, float scale1, float scale2) {
  const xnn_quantization_params input1 = {params.zero_point1, scale1};
  const xnn_quantization_params input2 = {params.zero_point2, scale2};
  const xnn_quantization_params output = {params.output_zero_point, 1.0F};
  const auto count = static_cast<std::size_t>(params.dims[0]);
  xnn_operator_t op = nullptr;
  if (xnn_create_binary_elementwise_nd(xnn_binary_add, xnn_datatype_qint8, &input1, &input2,
                                       &output, 0, &op) != xnn_status_success ||
      xnn_reshape_binary_elementwise_nd(op, 1, &count, 1, &count, nullptr) != xnn_status_success ||
      xnn_setup_binary_elementwise_nd(op, params.input1, params.input2, params.output) !=
          xnn_status_success) {
    return nullptr;
  }
  return op;
}
#else
bool TakesRange(const AddParams& params) { return TakesClamp(params.clamp_min, params.clamp_max); }

bool SetUp(xnn_operator_t op, const AddParams& params) {
  const auto count = static_cast<std::size_t>(params.dims[0]);
#if QUAVER_XNNPACK_RESHAPE
  return xnn_reshape_add_nd_qs8(op, 1, &count, 1, &count, nullptr) == xnn_status_success &&
         xnn_setup_add_nd_qs8(op, params.input1, params.input2, params.output) ==
             xnn_status_success;
#else
  return xnn_setup_add_nd_qs8(op, 1, &count, 1, &count, params.input1, params.input2, params.output,
                              nullptr) == xnn_status_success;
#endif
}

xnn_operator_t BuildAdd(const AddParams& params, float scale1, float scale2) {
  xnn_operator_t op = nullptr;
  const xnn_status status =
      xnn_create_add_nd_qs8(static_cast<std::int8_t>(params.zero_point1), scale1,
                            static_cast<std::int8_t>(params.zero_point2), scale2,
                            static_cast<std::int8_t>(params.output_zero_point), 1.0F,
                            static_cast<std::int8_t>(params.clamp_min),
                            static_cast<std::int8_t>(params.clamp_max), 0, &op);
  return status == xnn_status_success && SetUp(op, params) ? op : nullptr;
}
#endif

}  // namespace

/// The operator rounds each scaled input to an integer, of which the output stage makes this many
/// steps of the output. XNNPACK does not round there: for coarser integers than a 64th of a step,
/// which no framework chooses, the two would not compute the same.
template <>
bool TakesOperator(const AddParams& params) {
  return ScaleOf(params.output_multiplier, params.output_shift) <= 0x1p-6F && params.rank == 1 &&
         params.strides1[0] == 1 && params.strides2[0] == 1 && TakesRange(params) &&
         TakesScale(InputScale(params, params.multiplier1, params.shift1)) &&
         TakesScale(InputScale(params, params.multiplier2, params.shift2));
}

template <>
std::size_t TemporaryBytes(const AddParams& /*params*/) {
  return 0;
}

template <>
xnn_operator_t Build(const AddParams& params, void* /*temporary*/) {
  return BuildAdd(params, InputScale(params, params.multiplier1, params.shift1),
                  InputScale(params, params.multiplier2, params.shift2));
}

}  // namespace quaver::kernels::xnnpack
