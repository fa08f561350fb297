// A TensorFlow Lite flatbuffer to the graph.
#include <algorithm>
#include <cstring>

#include "compiler/import/import.h"
#include "compiler/import/tflite/importer.h"
#include "compiler/ir/error.h"

namespace quaver::compiler {
namespace tflite {
namespace {

using Code = fbs::BuiltinOperator;

constexpr std::uint32_t kSchemaVersion = 3;

constexpr char kReplaceIt[] =
    "replace it by operators that are (docs/operators.md lists them), or end the model before it";

/// Operators that call other subgraphs.
constexpr Code kControlFlow[] = {Code::CALL, Code::IF, Code::WHILE, Code::CALL_ONCE};
/// Operators that keep values from one run to the next.
constexpr Code kStateful[] = {Code::LSTM,
                              Code::RNN,
                              Code::SVDF,
                              Code::UNIDIRECTIONAL_SEQUENCE_RNN,
                              Code::UNIDIRECTIONAL_SEQUENCE_LSTM,
                              Code::BIDIRECTIONAL_SEQUENCE_RNN,
                              Code::BIDIRECTIONAL_SEQUENCE_LSTM,
                              Code::HASHTABLE,
                              Code::VAR_HANDLE,
                              Code::READ_VARIABLE,
                              Code::ASSIGN_VARIABLE};

template <std::size_t N>
bool Contains(const Code (&codes)[N], Code code) {
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

/// Files from before code 127 have one byte for it and no builtin_code; newer ones repeat it.
Code CodeOf(const fbs::OperatorCode& code) {
  return std::max(code.builtin_code(), static_cast<Code>(code.deprecated_builtin_code()));
}

/// "CONV_2D", "custom operator 'Name'".
std::string NameOf(const fbs::OperatorCode& code) {
  if (CodeOf(code) == Code::CUSTOM) {
    return "custom operator '" + (code.custom_code() == nullptr ? "" : code.custom_code()->str()) +
           "'";
  }
  const std::string name = fbs::EnumNameBuiltinOperator(CodeOf(code));
  return name.empty() ? "number " + std::to_string(static_cast<int>(CodeOf(code))) : name;
}

[[noreturn]] void RefuseOperator(const fbs::OperatorCode& code, std::size_t index) {
  const std::string what = "operator " + std::to_string(index) + " " + NameOf(code);
  if (Contains(kControlFlow, CodeOf(code))) {
    throw Error(what +
                " is not supported: control flow is not; convert the model with a fixed "
                "structure");
  }
  if (Contains(kStateful, CodeOf(code))) {
    throw Error(what +
                " is not supported: operators that keep state are not; unroll it, or pass "
                "the state as inputs and outputs of the model");
  }
  throw Error(what + " is not supported; " + kReplaceIt);
}

/// TensorFlow Lite's first quantization scheme, uint8 with zero points of weights, has kernels of
/// its own, which do not exist here.
void CheckTypes(const OperatorContext& op, OperatorRole role, const Tensor& tensor,
                const std::string& name) {
  if (tensor.constant()) return;
  if (role == OperatorRole::kCompute && tensor.type == DataType::kUInt8) {
    op.Fail(name +
            " is uint8: the old quantization scheme, uint8 activations and weights with "
            "zero points, is not supported (uint8 inputs and outputs of an int8 model are); "
            "convert the model again with full-integer int8 quantization");
  }
}

class ModelImporter {
 public:
  ModelImporter(const fbs::Model& model, Graph* graph)
      : model_(model),
        subgraph_(*model.subgraphs()->Get(0)),
        graph_(*graph),
        tensors_(model, graph) {}

  void Run() {
    if (subgraph_.name() != nullptr) graph_.name = subgraph_.name()->str();
    ImportIds(subgraph_.inputs(), &graph_.inputs);
    const std::size_t operators =
        subgraph_.operators() == nullptr ? 0 : subgraph_.operators()->size();
    // An operator that does not exist here is the first thing to say: no other change helps.
    for (std::size_t i = 0; i < operators; ++i) {
      if (FindOperator(CodeOf(CodeOfOperator(i))) == nullptr) RefuseOperator(CodeOfOperator(i), i);
    }
    for (std::size_t i = 0; i < operators; ++i) ImportOperator(i);
    ImportIds(subgraph_.outputs(), &graph_.outputs);
  }

 private:
  void ImportIds(const flatbuffers::Vector<std::int32_t>* indices, std::vector<TensorId>* ids) {
    if (indices == nullptr) return;
    for (std::int32_t index : *indices) ids->push_back(tensors_.Import(index));
  }

  const fbs::Operator& SourceOperator(std::size_t index) const {
    return *subgraph_.operators()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  const fbs::OperatorCode& CodeOfOperator(std::size_t index) const {
    const std::uint32_t code = SourceOperator(index).opcode_index();
    if (model_.operator_codes() == nullptr || code >= model_.operator_codes()->size()) {
      throw Error("operator " + std::to_string(index) + " names operator code " +
                  std::to_string(code) + ", which the model does not have; the file is damaged");
    }
    return *model_.operator_codes()->Get(code);
  }

  void ImportOperator(std::size_t index) {
    const fbs::Operator& source = SourceOperator(index);
    const fbs::OperatorCode& code = CodeOfOperator(index);
    const OperatorEntry& entry = *FindOperator(CodeOf(code));
    OperatorContext op(source, NameOf(code), index, &tensors_, &graph_);
    CheckTensors(op, entry, source.inputs());
    CheckTensors(op, entry, source.outputs());
    entry.import(op);
  }

  void CheckTensors(const OperatorContext& op, const OperatorEntry& entry,
                    const flatbuffers::Vector<std::int32_t>* indices) {
    if (indices == nullptr) return;
    for (std::int32_t index : *indices) {
      if (index == -1) continue;
      // A parameter need not be a tensor that the graph can have: [0] is an empty list of axes.
      if (!tensors_.ConstantData(index).empty()) continue;
      const auto* shape = tensors_.Source(index).shape();
      if (shape != nullptr && shape->size() == 1 && shape->Get(0) == 0) continue;
      CheckTypes(op, entry.role, graph_.tensor(tensors_.Import(index)), tensors_.Named(index));
    }
  }

  const fbs::Model& model_;
  const fbs::SubGraph& subgraph_;
  Graph& graph_;
  TensorImporter tensors_;
};

/// Before anything is read: the structure of the flatbuffer is sound.
const fbs::Model& VerifiedModel(Span<const std::uint8_t> bytes) {
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    throw Error("the file has " + std::to_string(bytes.size()) +
                " bytes: expected a model below 2 GB");
  }
  constexpr std::size_t kHeaderBytes = 8;
  if (bytes.size() < kHeaderBytes || !fbs::ModelBufferHasIdentifier(bytes.data())) {
    throw Error("is " + DescribeBytes(bytes) +
                ", not a TensorFlow Lite model (TFL3 is missing at byte 4)");
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!fbs::VerifyModelBuffer(verifier)) {
    throw Error("the TensorFlow Lite model is damaged or cut off (" + std::to_string(bytes.size()) +
                " bytes; its structure points outside of the file); copy or convert it again");
  }
  return *fbs::GetModel(bytes.data());
}

/// The first operator that calls another subgraph, for the message; "" if there is none.
std::string ControlFlowOperator(const fbs::Model& model) {
  const auto* operators = model.subgraphs()->Get(0)->operators();
  if (operators == nullptr || model.operator_codes() == nullptr) return "";
  for (std::size_t i = 0; i < operators->size(); ++i) {
    const auto index = operators->Get(static_cast<flatbuffers::uoffset_t>(i))->opcode_index();
    if (index >= model.operator_codes()->size()) continue;
    const fbs::OperatorCode& code = *model.operator_codes()->Get(index);
    if (Contains(kControlFlow, CodeOf(code))) {
      return " (operator " + std::to_string(i) + " " + NameOf(code) + ")";
    }
  }
  return "";
}

void CheckModel(const fbs::Model& model) {
  if (model.version() != kSchemaVersion) {
    throw Error("schema version " + std::to_string(model.version()) + ": expected " +
                std::to_string(kSchemaVersion) + "; convert the model again");
  }
  const std::size_t subgraphs = model.subgraphs() == nullptr ? 0 : model.subgraphs()->size();
  if (subgraphs == 0) throw Error("the model has no subgraph; the file is damaged");
  if (subgraphs > 1) {
    throw Error("the model has " + std::to_string(subgraphs) + " subgraphs" +
                ControlFlowOperator(model) +
                ": control flow is not supported; convert the model with a fixed structure");
  }
}

Graph ImportAligned(Span<const std::uint8_t> bytes) {
  const fbs::Model& model = VerifiedModel(bytes);
  CheckModel(model);
  Graph graph;
  ModelImporter(model, &graph).Run();
  graph.RemoveDead();
  Validate(graph);
  return graph;
}

}  // namespace
}  // namespace tflite

Graph ImportTflite(Span<const std::uint8_t> bytes, const std::string& source) {
  // Flatbuffers are read in place, which needs the alignment of their largest members.
  constexpr std::uintptr_t kAlignment = 16;
  std::vector<std::uint8_t> aligned;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment != 0) {
    aligned.assign(bytes.begin(), bytes.end());
    bytes = aligned;
  }
  try {
    return tflite::ImportAligned(bytes);
  } catch (const Error& error) {
    throw Error(source + ": " + error.what());
  }
}

}  // namespace quaver::compiler
