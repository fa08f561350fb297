// The compiler's graph: what importers make, passes change, the quantizer turns from float to
// integer, and lower/ turns into the runtime's operators.
//
// Always NHWC: images [N,H,W,C], convolution weights [O,KH,KW,I/groups], depthwise weights
// [1,KH,KW,C*m], fully connected weights [N,K]. Padding is explicit, shapes are known. A tensor is
// float, or quantized: an integer type with a Quantization.
#ifndef QUAVER_COMPILER_IR_GRAPH_H_
#define QUAVER_COMPILER_IR_GRAPH_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "quaver/tensor.h"

namespace quaver::compiler {

using TensorId = std::int32_t;
inline constexpr TensorId kNoTensor = -1;

/// real = scale * (q - zero_point). Empty: not quantized. One entry, or one per index of `axis`.
struct Quantization {
  std::vector<float> scale;
  std::vector<std::int32_t> zero_point;
  int axis = 0;

  [[nodiscard]] bool empty() const { return scale.empty(); }
  [[nodiscard]] bool per_channel() const { return scale.size() > 1; }
};

/// Little-endian bytes of a constant, shared between copies of a graph.
using Bytes = std::shared_ptr<const std::vector<std::uint8_t>>;

struct Tensor {
  std::string name;
  DataType type = DataType::kFloat32;
  std::vector<std::int32_t> shape;
  Quantization quantization;
  Bytes data;                      ///< Of a constant; null otherwise.
  std::int32_t source_index = -1;  ///< In the source model; -1 where the compiler made it.

  [[nodiscard]] bool constant() const { return data != nullptr; }
  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] std::int64_t bytes() const;

  /// The constant's elements. Precondition: constant() and sizeof(T) is the element's width.
  /// T is a fixed-width integer or float.
  template <typename T>
  [[nodiscard]] std::vector<T> As() const;
};

/// T is a fixed-width integer or float.
template <typename T>
Bytes MakeBytes(const std::vector<T>& values);

enum class Activation : std::uint8_t { kNone, kRelu, kRelu6, kReluN1To1 };

struct Padding2D {
  std::int32_t top = 0, left = 0, bottom = 0, right = 0;
};
struct Window2D {
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t dilation_h = 1, dilation_w = 1;
  Padding2D padding;
};

// --- Operators: inputs => outputs ------------------------------------------------------------
struct Conv2DOp {  // activation, weights, bias (may be kNoTensor) => activation
  Window2D window;
  std::int32_t groups = 1;
  Activation activation = Activation::kNone;
};
struct DepthwiseConv2DOp {  // activation, weights, bias or kNoTensor => activation
  Window2D window;
  Activation activation = Activation::kNone;
};
struct FullyConnectedOp {  // activation [.., K], weights [N, K], bias or kNoTensor => [.., N]
  Activation activation = Activation::kNone;
};
enum class PoolKind : std::uint8_t { kAverage, kMax };
struct Pool2DOp {
  PoolKind kind = PoolKind::kAverage;
  std::int32_t filter_h = 1, filter_w = 1;
  Window2D window;
  Activation activation = Activation::kNone;
};
enum class BinaryKind : std::uint8_t { kAdd, kSub, kMul, kDiv, kMaximum, kMinimum };
struct BinaryOp {  // a, b (broadcast as NumPy does) => c
  BinaryKind kind = BinaryKind::kAdd;
  Activation activation = Activation::kNone;
};
enum class UnaryKind : std::uint8_t {
  kRelu,
  kRelu6,
  kReluN1To1,
  kLeakyRelu,
  kElu,
  kGelu,
  kGeluTanh,
  kSigmoid,
  kTanh,
  kHardSigmoid,
  kHardSwish,
  kAbs,
  kNegate,
  kExp,
  kLog,
  kSqrt,
  kRsqrt,
  kSquare,
  kSin,
  kCos,
  kFloor,
  kCeil,
  kRound,
  kErf,
  kSoftplus,
  kSilu,
  kClip,
};
struct UnaryOp {
  UnaryKind kind = UnaryKind::kRelu;
  float alpha = 0;  ///< Leaky ReLU, ELU: slope. Hard sigmoid: alpha. Clip: low.
  float beta = 0;   ///< Hard sigmoid: beta. Clip: high.
};
/// Between quantized types: int8 <-> uint8, other scale or zero point; float -> quantized and back
/// at the borders.
struct QuantizeOp {};
struct DequantizeOp {};
/// Over the last dimension.
struct SoftmaxOp {
  float beta = 1;
};
enum class ReduceKind : std::uint8_t { kMean, kSum, kMax, kMin };
struct ReduceOp {
  ReduceKind kind = ReduceKind::kMean;
  std::vector<std::int32_t> axes;  ///< Not negative, ascending.
  bool keep_dims = false;
};
struct ReshapeOp {};  // also squeeze, expand dims, flatten: the output's shape says it
struct TransposeOp {
  std::vector<std::int32_t> permutation;
};
enum class PadMode : std::uint8_t { kConstant, kReflect, kSymmetric };
struct PadOp {
  PadMode mode = PadMode::kConstant;
  std::vector<std::int32_t> before, after;  ///< Per dimension.
  double value = 0;                         ///< Real value of constant padding.
};
struct ConcatOp {
  std::int32_t axis = 0;
};
struct SplitOp {  // one input => several outputs along axis, in order
  std::int32_t axis = 0;
};
struct StridedSliceOp {  // start, stride per input dimension; the count is the output's; a
                         // dimension may be dropped by a following Reshape only
  std::vector<std::int32_t> begin, stride;
};
struct SpaceToDepthOp {
  std::int32_t block = 1;
};
struct DepthToSpaceOp {
  std::int32_t block = 1;
};
enum class ResizeKind : std::uint8_t { kNearest, kBilinear };
struct ResizeOp {
  ResizeKind kind = ResizeKind::kNearest;
  bool align_corners = false;
  bool half_pixel_centers = false;
};
struct ArgMaxOp {
  std::int32_t axis = 0;
  bool smallest = false;
};
/// Float only; folded into the convolution before it, or into a Mul and an Add.
struct BatchNormOp {  // x, scale, bias, mean, variance => y
  float epsilon = 1e-5F;
};

using Attributes = std::variant<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp, Pool2DOp, BinaryOp,
                                UnaryOp, QuantizeOp, DequantizeOp, SoftmaxOp, ReduceOp, ReshapeOp,
                                TransposeOp, PadOp, ConcatOp, SplitOp, StridedSliceOp,
                                SpaceToDepthOp, DepthToSpaceOp, ResizeOp, ArgMaxOp, BatchNormOp>;

/// How the elements of each channel (of the last dimension) are distributed: as a normal of this
/// mean and standard deviation. Batch norm makes them so: its beta and |gamma|.
struct ChannelNormals {
  std::vector<float> mean, deviation;

  [[nodiscard]] bool empty() const { return mean.empty(); }
};

struct Node {
  std::string name;  ///< For messages: the source model's, or kind and index.
  Attributes attributes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  /// Of the output before the fused activation, where a batch norm was folded into the node.
  ChannelNormals normals = {};

  template <typename Op>
  [[nodiscard]] const Op* As() const {
    return std::get_if<Op>(&attributes);
  }
  template <typename Op>
  [[nodiscard]] Op* As() {
    return std::get_if<Op>(&attributes);
  }
};

/// "Conv2D", "Add", ... for messages and tables.
std::string KindName(const Node& node);
const char* ActivationName(Activation activation);

/// Nodes are in execution order; every tensor has one producer (a node, an input, or constant).
struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  std::vector<std::string> labels;
  std::map<std::string, std::string> metadata;

  TensorId AddTensor(Tensor tensor);
  [[nodiscard]] Tensor& tensor(TensorId id) { return tensors[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Tensor& tensor(TensorId id) const {
    return tensors[static_cast<std::size_t>(id)];
  }
  /// Index of the node that writes `id`, or -1.
  [[nodiscard]] std::int32_t Producer(TensorId id) const;
  /// Indices of the nodes that read `id`.
  [[nodiscard]] std::vector<std::int32_t> Consumers(TensorId id) const;
  [[nodiscard]] bool IsOutput(TensorId id) const;
  /// Lets every reader of `from` (nodes and graph outputs) read `to`.
  void ReplaceUses(TensorId from, TensorId to);
  /// Drops nodes whose outputs nobody reads, then tensors that no one names; renumbers.
  void RemoveDead();
};

/// Throws Error unless the graph is whole: ids in range, producers before readers, shapes of every
/// operator consistent, quantization where needed.
void Validate(const Graph& graph);

/// One line a tensor and a node, for people and tests.
std::string Dump(const Graph& graph);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IR_GRAPH_H_
