// The compiler's own work, checked by its own runtime.
#ifndef QUAVER_COMPILER_EMIT_CHECKED_MODEL_H_
#define QUAVER_COMPILER_EMIT_CHECKED_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "quaver/model.h"
#include "quaver/span.h"

namespace quaver::compiler {

/// Memory at an alignment, for models and arenas.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t bytes);
  [[nodiscard]] Span<std::uint8_t> span() { return {storage_.data() + offset_, size_}; }

 private:
  std::vector<std::uint8_t> storage_;
  std::size_t size_;
  std::size_t offset_;
};

/// The bytes of a .qvr that the compiler has made, loaded from where they are aligned. Throws Error
/// where they do not load, which is a defect of the compiler.
class CheckedModel {
 public:
  explicit CheckedModel(const std::vector<std::uint8_t>& bytes);
  [[nodiscard]] const Model& model() const { return model_; }

 private:
  AlignedBytes bytes_;
  Model model_;
};

/// Throws Error: the compiler's work, refused by its own runtime, is nothing that the user did.
[[noreturn]] void FailInternally(const std::string& what, const Status& status);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EMIT_CHECKED_MODEL_H_
