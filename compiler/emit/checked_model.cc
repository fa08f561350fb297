#include "compiler/emit/checked_model.h"

#include <algorithm>

#include "compiler/ir/error.h"

namespace quaver::compiler {
namespace {

std::string Text(const Status& status) {
  std::string text(status.Format(nullptr, 0) + 1, '\0');
  static_cast<void>(status.Format(text.data(), text.size()));
  text.pop_back();
  return text;
}

}  // namespace

AlignedBytes::AlignedBytes(std::size_t bytes) : storage_(bytes + kArenaAlignment), size_(bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
  offset_ = (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
}

CheckedModel::CheckedModel(const std::vector<std::uint8_t>& bytes) : bytes_(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), bytes_.span().begin());
  const Result<Model> result = Model::Load(bytes_.span());
  if (!result) FailInternally("does not load", result.status());
  model_ = *result;
}

void FailInternally(const std::string& what, const Status& status) {
  const std::string text = "the compiled model " + what + ": " + Text(status);
  // Of this program's build, not of the compiler.
  if (status.code == StatusCode::kMissingOperator) throw Error(text);
  throw Error(text + ". This is a defect of the compiler: please report it with the model");
}

}  // namespace quaver::compiler
