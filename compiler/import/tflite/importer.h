// How one operator of a TensorFlow Lite model becomes nodes of the graph. Internal to the importer.
#ifndef QUAVER_COMPILER_IMPORT_TFLITE_IMPORTER_H_
#define QUAVER_COMPILER_IMPORT_TFLITE_IMPORTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"
#include "tflite_generated.h"

namespace quaver::compiler::tflite {

namespace fbs = ::quaver::tflite;

/// The tensors of the subgraph, imported when an operator first names them.
class TensorImporter {
 public:
  /// `model` is verified and has one subgraph; both must outlive this.
  TensorImporter(const fbs::Model& model, Graph* graph);

  /// The graph's tensor for the model's tensor `index`. Throws Error: no such tensor, or one that
  /// is not supported.
  TensorId Import(std::int64_t index);
  /// The model's own description of it. Throws Error if there is no such tensor.
  const fbs::Tensor& Source(std::int64_t index) const;
  /// The data of a constant; empty for others. Throws Error if its size is not that of the tensor.
  Span<const std::uint8_t> ConstantData(std::int64_t index) const;
  /// "tensor 7 'name'".
  std::string Named(std::int64_t index) const;

 private:
  Bytes SharedConstant(std::int64_t index);

  const fbs::Model& model_;
  const fbs::SubGraph& subgraph_;
  Graph* graph_;
  std::vector<TensorId> imported_;  ///< By index in the model; kNoTensor: not yet.
  std::vector<Bytes> buffers_;      ///< By buffer; tensors may share one.
};

/// One operator while it is imported.
class OperatorContext {
 public:
  /// `kind` is "CONV_2D"; operator `index` of the model.
  OperatorContext(const fbs::Operator& source, std::string kind, std::size_t index,
                  TensorImporter* tensors, Graph* graph)
      : source_(source),
        kind_(std::move(kind)),
        index_(std::to_string(index)),
        tensors_(*tensors),
        graph_(*graph) {}

  /// Throws Error: "operator 3 CONV_2D: " + what.
  [[noreturn]] void Fail(const std::string& what) const;

  [[nodiscard]] std::size_t InputCount() const;
  [[nodiscard]] std::size_t OutputCount() const;
  /// Fails unless there are as many inputs (optional ones, of index -1, count) and one output.
  void Expect(std::size_t least, std::size_t most) const;
  void Expect(std::size_t inputs) const { Expect(inputs, inputs); }

  [[nodiscard]] bool HasInput(std::size_t i) const;
  [[nodiscard]] TensorId Input(std::size_t i) const;
  [[nodiscard]] TensorId Output(std::size_t i = 0) const;
  /// kNoTensor where the model has none.
  [[nodiscard]] TensorId OptionalInput(std::size_t i) const;
  /// As Input, but a quantized constant becomes one of float32.
  [[nodiscard]] TensorId FloatConstant(std::size_t input);
  /// Copies: importing another tensor may move the graph's.
  [[nodiscard]] Tensor Of(TensorId id) const { return graph_.tensor(id); }
  [[nodiscard]] Shape InputShape(std::size_t i) const { return Of(Input(i)).shape; }
  [[nodiscard]] Shape OutputShape(std::size_t i = 0) const { return Of(Output(i)).shape; }
  [[nodiscard]] std::string Named(std::size_t input) const;

  /// A constant int32 or int64 input that is a parameter (axes, paddings, sizes, ...).
  [[nodiscard]] std::vector<std::int64_t> Ints(std::size_t input) const;
  /// As above, with exactly `count` values.
  [[nodiscard]] std::vector<std::int64_t> Ints(std::size_t input, std::size_t count) const;
  [[nodiscard]] std::int64_t Int(std::size_t input) const { return Ints(input, 1)[0]; }
  /// -rank <= axis < rank, as 0 <= axis < rank.
  [[nodiscard]] std::int32_t Axis(std::int64_t axis, std::size_t rank) const;

  template <typename Options>
  [[nodiscard]] const Options& OptionsAs() const {
    const Options* options = source_.builtin_options_as<Options>();
    if (options == nullptr) Fail("has no options, or those of another operator");
    return *options;
  }
  /// Null where the model has none: all defaults.
  template <typename Options>
  [[nodiscard]] const Options* OptionsOrNull() const {
    return source_.builtin_options_as<Options>();
  }
  [[nodiscard]] Activation Fused(fbs::ActivationFunctionType function) const;

  void Emit(Attributes attributes, std::vector<TensorId> inputs, std::vector<TensorId> outputs);
  void Emit(Attributes attributes) { Emit(std::move(attributes), {Input(0)}, {Output()}); }
  /// A new tensor of the type and quantization of `like`.
  TensorId Temporary(TensorId like, Shape shape, const std::string& suffix);
  /// `id` itself if it has the shape, else the output of a new Reshape.
  TensorId Reshaped(TensorId id, const Shape& shape);
  TensorId AddConstant(Tensor tensor) { return graph_.AddTensor(std::move(tensor)); }
  /// Instead of nodes: the output is known now.
  void SetConstantOutput(Bytes data);

 private:
  const fbs::Operator& source_;
  std::string kind_, index_;
  TensorImporter& tensors_;
  Graph& graph_;
};

using OperatorImporter = void (*)(OperatorContext& op);

/// What the tensors of an operator may be.
enum class OperatorRole : std::uint8_t {
  kCompute,  ///< Arithmetic: activations are int8 or float32.
  kMove,     ///< Copies values of any type.
  kBorder,   ///< Converts between types.
};

struct OperatorEntry {
  fbs::BuiltinOperator code;
  OperatorRole role;
  OperatorImporter import;
};
/// Null: not supported.
const OperatorEntry* FindOperator(fbs::BuiltinOperator code);

// --- layers.cc
void ImportConv2D(OperatorContext& op);
void ImportDepthwiseConv2D(OperatorContext& op);
void ImportFullyConnected(OperatorContext& op);
/// A layer's weights: constant, and of a type that goes with its activations; beside float ones,
/// quantized weights (dynamic-range quantization) become float. Its bias, if any, is constant too.
TensorId ConstantWeights(OperatorContext& op, std::size_t input, std::size_t weights,
                         std::size_t bias);
void ImportAveragePool2D(OperatorContext& op);
void ImportMaxPool2D(OperatorContext& op);

// --- arithmetic.cc
void ImportAdd(OperatorContext& op);
void ImportSub(OperatorContext& op);
void ImportMul(OperatorContext& op);
void ImportDiv(OperatorContext& op);
void ImportMaximum(OperatorContext& op);
void ImportMinimum(OperatorContext& op);
void ImportLeakyRelu(OperatorContext& op);
void ImportPRelu(OperatorContext& op);
void ImportElu(OperatorContext& op);
void ImportGelu(OperatorContext& op);
void ImportRelu0To1(OperatorContext& op);
void ImportSoftmax(OperatorContext& op);
void ImportMean(OperatorContext& op);
void ImportSum(OperatorContext& op);
void ImportReduceMax(OperatorContext& op);
void ImportReduceMin(OperatorContext& op);
void ImportArgMax(OperatorContext& op);
void ImportArgMin(OperatorContext& op);
void ImportQuantize(OperatorContext& op);
template <UnaryKind kKind>
void ImportUnary(OperatorContext& op) {
  op.Expect(1);
  op.Emit(UnaryOp{kKind});
}

// --- transpose_conv.cc
void ImportTransposeConv(OperatorContext& op);

// --- dequantize.cc
void ImportDequantize(OperatorContext& op);

// --- movement.cc
void ImportReshape(OperatorContext& op);
void ImportShape(OperatorContext& op);
void ImportTranspose(OperatorContext& op);
void ImportPad(OperatorContext& op);
void ImportPadV2(OperatorContext& op);
void ImportMirrorPad(OperatorContext& op);
void ImportConcatenation(OperatorContext& op);
void ImportPack(OperatorContext& op);
void ImportUnpack(OperatorContext& op);
void ImportSplit(OperatorContext& op);
void ImportSplitV(OperatorContext& op);
void ImportSpaceToDepth(OperatorContext& op);
void ImportDepthToSpace(OperatorContext& op);
void ImportResizeNearest(OperatorContext& op);
void ImportResizeBilinear(OperatorContext& op);

// --- slice.cc
void ImportSlice(OperatorContext& op);
void ImportStridedSlice(OperatorContext& op);

}  // namespace quaver::compiler::tflite

#endif  // QUAVER_COMPILER_IMPORT_TFLITE_IMPORTER_H_
