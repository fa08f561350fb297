// What kernels are called with: pointers, sizes and fixed-point parameters, resolved while
// preparing. Shapes are NHWC. Kernels allocate nothing, cannot fail, and trust these structs: the
// runtime has verified them. No two tensors overlap unless a struct says that they may be the same.
//
// Preconditions of all: sizes, strides, dilations and counts are >= 1 unless stated; each tensor
// has less than 2^31 bytes; zero points are in [-128, 127]; -128 <= clamp_min <= clamp_max <= 127;
// multipliers are in [0, 2^31) and shifts in [-31, 30] unless stated narrower.
// Of windows (convolution, pooling), in each direction: paddings are in [0, 2^30], and
// (output - 1) * stride + (kernel - 1) * dilation < 2^30.
#ifndef QUAVER_KERNELS_PARAMS_H_
#define QUAVER_KERNELS_PARAMS_H_

#include <cstddef>
#include <cstdint>

namespace quaver::kernels {

/// The part of an operator that one call computes: units [begin, end) of those that
/// Kernel::units counts (rows, channels, elements: the operator says). Results do not depend on
/// how the units are divided. `worker` selects the scratch.
struct Work {
  std::int32_t begin;
  std::int32_t end;
  std::int32_t worker;
};

/// How int32 accumulators become int8: docs/arithmetic.md. One entry an output channel. The bias
/// is added modulo 2^32. The narrow range of the multiplier is what lets vector units saturate
/// where a shift to the left overflows: such a value is beyond any clamp.
struct OutputStage {
  const std::int32_t* bias;        // any; input zero point folded in
  const std::int32_t* multiplier;  // 0 or in [2^30, 2^31)
  const std::int8_t* shift;        // in [-31, 30], positive is to the left
  std::int32_t zero_point;
  std::int32_t clamp_min;
  std::int32_t clamp_max;
};

/// What the convolutions share: a window that moves over an image. Unit of work: one output row
/// (of batch * output_h). input [batch, input_h, input_w, input_c], output [batch, output_h,
/// output_w, output_c]; weights as below, or packed as the kernel's layout says.
template <typename T, typename Stage>
struct ConvolutionParamsOf {
  const T* input;
  const std::int8_t* weights;
  T* output;
  std::int8_t* scratch;  // Kernel::scratch_bytes for each worker, aligned to 64
  Stage stage;
  std::int32_t batch, input_h, input_w, input_c;
  std::int32_t output_h, output_w, output_c;
  std::int32_t kernel_h, kernel_w;
  std::int32_t stride_h, stride_w;
  std::int32_t dilation_h, dilation_w;
  std::int32_t pad_top, pad_left;
  std::int32_t pad_value;  // the input's zero point
};
struct ConvolutionParams : ConvolutionParamsOf<std::int8_t, OutputStage> {};

/// weights [output_c, kernel_h, kernel_w, input_c / groups].
/// Preconditions: groups divides input_c and output_c; kernel_h * kernel_w * input_c / groups
/// < 2^17, so sums of products (each at most 2^14) fit int32.
struct Conv2DParams : ConvolutionParams {
  std::int32_t groups;
};

/// weights [1, kernel_h, kernel_w, output_c]; output channel c reads input channel
/// c / multiplier, multiplier = output_c / input_c.
/// Preconditions: input_c divides output_c; kernel_h * kernel_w < 2^17.
struct DepthwiseConv2DParams : ConvolutionParams {};

/// input [rows, depth], weights [output_c, depth] or packed, output [rows, output_c].
/// Unit of work: one output channel (of output_c), all rows. Precondition: depth < 2^17.
struct FullyConnectedParams {
  const std::int8_t* input;
  const std::int8_t* weights;
  std::int8_t* output;
  std::int8_t* scratch;
  OutputStage stage;
  std::int32_t rows, depth, output_c;
};

/// Unit of work: one output row (of batch * output_h).
/// Preconditions: every window holds at least one input element; filter_h * filter_w < 2^23, so
/// that sums fit int32.
template <typename T>
struct Pool2DParamsOf {
  const T* input;
  T* output;
  std::int32_t batch, input_h, input_w, channels;
  std::int32_t output_h, output_w;
  std::int32_t filter_h, filter_w;
  std::int32_t stride_h, stride_w;
  std::int32_t pad_top, pad_left;
  std::int32_t clamp_min, clamp_max;
};
using Pool2DParams = Pool2DParamsOf<std::int8_t>;
struct AveragePool2DParams : Pool2DParams {};
struct MaxPool2DParams : Pool2DParams {};

inline constexpr int kMaxDims = 6;

/// Iteration space of an element-wise operator of two inputs; strides in elements, 0 is broadcast.
/// Precondition: the product of dims is below 2^31.
template <typename T>
struct BroadcastParamsOf {
  const T* input1;
  const T* input2;
  T* output;  // contiguous; may be input1 or input2 where that one is contiguous too
  const std::int32_t* dims;
  const std::int32_t* strides1;
  const std::int32_t* strides2;
  std::int32_t rank;  // 1 to kMaxDims
};
using BroadcastParams = BroadcastParamsOf<std::int8_t>;

/// q = requant(requant((q1 - z1) << left_shift, m1) +- requant((q2 - z2) << left_shift, m2), m) +
/// z. Unit of work: one element of dims[0]. Preconditions: left_shift in [0, 22], shift1 and shift2
/// in [-31, 0]: then each term is below 2^30 and their sum fits int32.
template <typename T>
struct AddSubParamsOf : BroadcastParamsOf<T> {
  std::int32_t left_shift;
  std::int32_t zero_point1, zero_point2;
  std::int32_t multiplier1, multiplier2;
  std::int32_t shift1, shift2;
  std::int32_t output_multiplier, output_shift, output_zero_point;
  std::int32_t clamp_min, clamp_max;
};
using AddSubParams = AddSubParamsOf<std::int8_t>;
struct AddParams : AddSubParams {};
struct SubParams : AddSubParams {};

/// q = requant((q1 - z1) * (q2 - z2), m) + z. Unit of work: one element of dims[0].
template <typename T>
struct MulParamsOf : BroadcastParamsOf<T> {
  std::int32_t zero_point1, zero_point2;
  std::int32_t output_multiplier, output_shift, output_zero_point;
  std::int32_t clamp_min, clamp_max;
};
struct MulParams : MulParamsOf<std::int8_t> {};

/// Unit of work: one byte. output may be input.
struct Lut8Params {
  const std::uint8_t* input;
  std::uint8_t* output;
  const std::uint8_t* table;  // 256 entries
  std::int32_t count;
};

/// Unit of work: one row. output may be input.
/// Preconditions: exp_table[0] is 2^31 - 1 (it stands for 1), no entry is negative.
struct SoftmaxParams {
  const std::int8_t* input;
  std::int8_t* output;
  const std::int32_t* exp_table;  // Q0.31, by max - q
  std::int32_t table_size;        // 1 to 256; beyond it: 0
  std::int32_t rows, depth;
};

/// Unit of work: one output element (of output_count, the product of kept_dims).
/// Mean: with QuantizeMultiplier(s_in / s_out) = (m, s) and N = reduced_count, the host stores
///   k = min(floor(log2 N), 32, 31 + s), output_multiplier = (m << k) / N, truncated, in 64 bits,
///   output_shift = s - k
/// which is what TensorFlow Lite does (reference/reduce.h, QuantizedMeanOrSum). So the multiplier
/// is anything in [0, 2^31): above m / 2 in general, smaller where k was cut short.
/// Sum: (m, s) itself. Sums are modulo 2^32 (exact for N < 2^23).
/// Max, Min: the value itself; the fields from input_zero_point on are not used.
template <typename T>
struct ReduceParamsOf {
  const T* input;
  T* output;
  const std::int32_t* kept_dims;
  const std::int32_t* kept_strides;
  const std::int32_t* reduced_dims;
  const std::int32_t* reduced_strides;
  std::int32_t kept_rank, reduced_rank;  // 0 to kMaxDims
  std::int32_t output_count, reduced_count;
  std::int32_t input_zero_point;
  std::int32_t output_multiplier, output_shift, output_zero_point;
  std::int32_t clamp_min, clamp_max;
};
using ReduceParams = ReduceParamsOf<std::int8_t>;
struct ReduceMeanParams : ReduceParams {};  // also Sum: they differ in the multiplier only
struct ReduceMaxParams : ReduceParams {};
struct ReduceMinParams : ReduceParams {};

/// One N-d copy of runs of `run_bytes`. Strides in bytes. Unit of work: one element of dims[0],
/// or the whole (one unit) where rank is 0. Strides may be negative or 0; rank 0 to kMaxDims.
struct StridedCopyParams {
  const std::uint8_t* source;
  std::uint8_t* target;
  const std::int32_t* dims;
  const std::int32_t* source_strides;
  const std::int32_t* target_strides;
  std::int32_t rank;
  std::int32_t run_bytes;
};

/// Unit of work: one output row (of batch * output_h).
struct ResizeNearestParams {
  const std::int8_t* input;
  std::int8_t* output;
  const std::int32_t* source_y;  // output_h entries
  const std::int32_t* source_x;  // output_w entries
  std::int32_t batch, input_h, input_w, output_h, output_w, channels;
};

/// Weights of the second row and column in 1/1024, in [0, 1024]. Where a position is clamped to
/// the border the two rows are the same one and any weight in range gives the same.
/// Unit of work: one output row (of batch * output_h).
struct ResizeBilinearParams {
  const std::int8_t* input;
  std::int8_t* output;
  const std::int32_t* y0;
  const std::int32_t* y1;
  const std::int32_t* y_weight;
  const std::int32_t* x0;
  const std::int32_t* x1;
  const std::int32_t* x_weight;
  std::int32_t batch, input_h, input_w, output_h, output_w, channels;
};

/// input [outer, axis, inner] int8; output [outer, inner] int32 or int64.
/// Unit of work: one of `outer`. The first of equal values wins.
struct ArgMaxParams {
  const std::int8_t* input;
  void* output;
  std::int32_t outer, axis, inner;
  std::int32_t output_element_bytes;  // 4 or 8
  bool smallest;
};

// --- int16 activations, int8 weights (docs/arithmetic.md, "int16 activations"). Units of work and
// preconditions are those of the operators above, but for the types: zero points are 0, clamps in
// [-32768, 32767].

/// How sums of products become int16: acc = sum + bias, with |bias| < 2^46, is below 2^47. One
/// entry an output channel.
struct OutputStageInt16 {
  const std::int32_t* bias;        // the low 32 bits, unsigned
  const std::int32_t* bias_high;   // the rest
  const std::int32_t* multiplier;  // 0 or in [2^14, 2^15)
  const std::int8_t* shift;        // in [-31, 7]
  std::int32_t clamp_min;
  std::int32_t clamp_max;
};

using ConvolutionInt16Params = ConvolutionParamsOf<std::int16_t, OutputStageInt16>;
struct Conv2DInt16Params : ConvolutionInt16Params {
  std::int32_t groups;
};
struct DepthwiseConv2DInt16Params : ConvolutionInt16Params {};

struct FullyConnectedInt16Params {
  const std::int16_t* input;
  const std::int8_t* weights;  // plain
  std::int16_t* output;
  std::int8_t* scratch;
  OutputStageInt16 stage;
  std::int32_t rows, depth, output_c;
};

/// filter_h * filter_w < 2^15.
struct AveragePool2DInt16Params : Pool2DParamsOf<std::int16_t> {};
struct MaxPool2DInt16Params : Pool2DParamsOf<std::int16_t> {};

/// left_shift in [0, 15]: each term is at most 2^30.
struct AddInt16Params : AddSubParamsOf<std::int16_t> {};
struct SubInt16Params : AddSubParamsOf<std::int16_t> {};
struct MulInt16Params : MulParamsOf<std::int16_t> {};

/// Mean and Sum. Sums are modulo 2^32 (exact for fewer than 2^16 values).
struct ReduceMeanInt16Params : ReduceParamsOf<std::int16_t> {};

/// q = requant(q - input_zero_point, m) + output_zero_point, clamped; m is the second multiplier
/// and shift where q is below the zero point. Unit of work: one element.
/// Preconditions: inputs of 1 (int8), 2 (int16) or 4 (int32) bytes, outputs of 1 or 2; clamps of
/// the output's type; the zero point of an int32 input is 0.
struct RequantizeParams {
  const void* input;
  void* output;
  std::int32_t count;
  std::int32_t input_zero_point, output_zero_point;
  std::int32_t multiplier, shift;
  std::int32_t negative_multiplier, negative_shift;
  std::int32_t clamp_min, clamp_max;
  std::uint8_t input_bytes, output_bytes;
};

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_PARAMS_H_
