// A compiled model, used in place.
#ifndef QUAVER_MODEL_H_
#define QUAVER_MODEL_H_

#include <cstddef>
#include <cstdint>

#include "quaver/span.h"
#include "quaver/status.h"
#include "quaver/tensor.h"

namespace quaver {

namespace fb {
struct Model;
}  // namespace fb
struct SessionOptions;

/// Alignment that the bytes of a model need. 64 (a page, or alignas(64)) is fastest.
inline constexpr std::size_t kModelAlignment = 16;
/// Alignment that an arena needs.
inline constexpr std::size_t kArenaAlignment = 64;
/// The newest file format that this runtime reads.
inline constexpr std::uint32_t kFormatVersion = 1;

/// A verified view of a .qvr file. Copies nothing and allocates nothing: the bytes stay the
/// caller's and must outlive the Model, its sessions and their statuses. Cheap to copy; const
/// calls are thread-safe.
class Model {
 public:
  Model() = default;

  /// Verifies everything (structure, indices, shapes, sizes, the memory plan): what loads cannot
  /// read or write outside its bytes and its arena. `bytes` must be aligned to kModelAlignment.
  static Result<Model> Load(Span<const std::uint8_t> bytes);

  /// The exact bytes that Session::Create needs on this CPU: activations, state, prepared
  /// operators, packed weights and scratch; nothing else is used. Depends on the instruction set
  /// and the number of threads (not on a pool: options.pool may be null).
  [[nodiscard]] Result<std::size_t> ArenaBytes() const;
  [[nodiscard]] Result<std::size_t> ArenaBytes(const SessionOptions& options) const;

  /// Of ArenaBytes, those for weights that Session::Create packs, since the file does not hold them
  /// as this CPU's kernels want them. 0: all weights are used in place, in the file's bytes, and
  /// creating a session copies none; `quaver pack` makes such a file.
  [[nodiscard]] Result<std::size_t> PackedAtLoadBytes() const;
  [[nodiscard]] Result<std::size_t> PackedAtLoadBytes(const SessionOptions& options) const;

  [[nodiscard]] std::size_t InputCount() const;
  [[nodiscard]] std::size_t OutputCount() const;
  [[nodiscard]] std::size_t OperatorCount() const;
  [[nodiscard]] std::size_t TensorCount() const;

  /// Precondition: index < InputCount(), OutputCount(), TensorCount().
  [[nodiscard]] TensorInfo Input(std::size_t index) const;
  [[nodiscard]] TensorInfo Output(std::size_t index) const;
  [[nodiscard]] TensorInfo Tensor(std::size_t index) const;

  /// Name of the model, "" if it has none.
  [[nodiscard]] const char* Name() const;
  /// Label of class `index` of output 0, or null.
  [[nodiscard]] const char* Label(std::size_t index) const;

  /// The verified FlatBuffer, for tools within the project. Null only before Load.
  [[nodiscard]] const fb::Model* root() const { return root_; }

 private:
  const fb::Model* root_ = nullptr;
};

}  // namespace quaver

#endif  // QUAVER_MODEL_H_
