// The runtime's program while it is being lowered: tensors and operators of the .qvr file, and
// which graph tensor lies in which of them. Every lowering writes through this.
#ifndef QUAVER_COMPILER_LOWER_PROGRAM_H_
#define QUAVER_COMPILER_LOWER_PROGRAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/graph.h"
#include "quaver_generated.h"

namespace quaver::compiler {

class Program {
 public:
  explicit Program(const Graph& graph);

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }

  [[nodiscard]] const fb::TensorT& placed(std::int32_t index) const {
    return *model_.tensors[static_cast<std::size_t>(index)];
  }

  /// The program's tensor for a graph tensor, made on first use; constants go to buffers.
  std::int32_t Place(TensorId id);

  /// A tensor that the graph does not have: an intermediate of one lowering.
  std::int32_t AddTemporary(const Tensor& like);

  /// Lets graph tensor `id` be the bytes of program tensor `source` in `id`'s shape.
  void PlaceAsView(TensorId id, std::int32_t source);

  /// Appends an operator. `params` is a table of the schema, `kind` its name in OperatorParams.
  template <typename ParamsT>
  void Append(const Node& node, fb::OperatorParams kind, ParamsT params,
              std::vector<std::int32_t> inputs, std::vector<std::int32_t> outputs) {
    auto op = std::make_unique<fb::OperatorT>();
    op->name = node.name;
    op->params.type = kind;
    op->params.value = new ParamsT(std::move(params));  // owned by the union
    op->inputs = std::move(inputs);
    op->outputs = std::move(outputs);
    model_.operators.push_back(std::move(op));
  }

  /// The finished model: inputs, outputs (copied where they would share bytes), labels, metadata.
  fb::ModelT Finish();

 private:
  std::int32_t AddTensor(const Tensor& tensor);
  std::uint32_t AddBuffer(const std::vector<std::uint8_t>& bytes);
  std::int32_t PlaceOutput(TensorId id);
  std::int32_t CopyOf(const Tensor& tensor, std::int32_t source);

  const Graph& graph_;
  fb::ModelT model_;
  std::vector<std::int32_t> placed_;  // per graph tensor; -1: not yet
  std::map<std::vector<std::uint8_t>, std::uint32_t> buffers_;
};

/// Throws Error: "Conv2D 'name': what".
[[noreturn]] void Refuse(const Node& node, const std::string& what);
/// The same about one of its tensors: "Conv2D 'name', tensor 'name': what".
[[noreturn]] void Refuse(const Node& node, const Tensor& tensor, const std::string& what);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_PROGRAM_H_
