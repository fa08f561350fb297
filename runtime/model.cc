#include "quaver/model.h"

#include <cstring>

#include "quaver/session.h"
#include "runtime/arena_size.h"
#include "runtime/failure.h"
#include "runtime/structure.h"
#include "runtime/target.h"
#include "runtime/tensor_info.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

/// Bytes of the offset of the root table and of the file identifier.
constexpr std::size_t kHeaderBytes = 8;

bool VerifyBytes(Span<const std::uint8_t> bytes, Status* status) {
  const auto misalignment =
      static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(bytes.data()) % kModelAlignment);
  if (misalignment != 0) {
    return Fail(status, StatusCode::kMisaligned, "address of the model modulo 16", 0, misalignment);
  }
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (bytes.data() == nullptr || bytes.size() < kHeaderBytes) {
    return Fail(status, StatusCode::kTruncated, "bytes of the file", kHeaderBytes, size);
  }
  std::uint32_t expected = 0;
  std::uint32_t found = 0;
  std::memcpy(&expected, fb::ModelIdentifier(), sizeof(expected));
  std::memcpy(&found, bytes.data() + 4, sizeof(found));
  if (found != expected) {
    return Fail(status, StatusCode::kNotAModel, "bytes 4 to 7 are not QVR1");
  }
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return Fail(status, StatusCode::kInvalidModel, "bytes of the file",
                std::int64_t{FLATBUFFERS_MAX_BUFFER_SIZE} - 1, size);
  }
  return VerifyStructure(bytes) ||
         Fail(status, StatusCode::kTruncated, "an offset or a length in the file leads outside it");
}

/// The arena for this CPU and `options`, which fits the address space.
bool Measure(const fb::Model* root, const SessionOptions& options, ArenaLayout* layout,
             Status* status) {
  if (root == nullptr) return FailNotLoaded(status);
  PrepareTarget target;
  if (!ChooseTarget(options, &target, status)) return false;
  *layout = MeasureArena(*root, target);
  return VerifyPrepared(*root, *layout, status) &&
         (layout->total_bytes() <= SIZE_MAX ||
          Fail(status, StatusCode::kArenaTooSmall, "arena beyond the address space",
               static_cast<std::int64_t>(layout->total_bytes()),
               static_cast<std::int64_t>(SIZE_MAX)));
}

bool Verify(Span<const std::uint8_t> bytes, Status* status) {
  if (!VerifyBytes(bytes, status)) return false;
  const fb::Model& root = *fb::GetModel(bytes.data());
  if (root.format_version() != kFormatVersion) {
    return Fail(status, StatusCode::kUnsupportedVersion, "format version", kFormatVersion,
                root.format_version());
  }
  return VerifyTensors(root, status) && VerifyOperators(root, status) && VerifyPlan(root, status);
}

}  // namespace

Result<Model> Model::Load(Span<const std::uint8_t> bytes) {
  Status status;
  Model model;
  if (Verify(bytes, &status)) model.root_ = fb::GetModel(bytes.data());
  return {status, model};
}

Result<std::size_t> Model::ArenaBytes() const { return ArenaBytes(SessionOptions{}); }

Result<std::size_t> Model::ArenaBytes(const SessionOptions& options) const {
  ArenaLayout layout;
  Status status;
  if (!Measure(root_, options, &layout, &status)) return status;
  return static_cast<std::size_t>(layout.total_bytes());
}

Result<std::size_t> Model::PackedAtLoadBytes() const { return PackedAtLoadBytes(SessionOptions{}); }

Result<std::size_t> Model::PackedAtLoadBytes(const SessionOptions& options) const {
  ArenaLayout layout;
  Status status;
  if (!Measure(root_, options, &layout, &status)) return status;
  return static_cast<std::size_t>(layout.packed_bytes);
}

std::size_t Model::InputCount() const { return root_->inputs()->size(); }
std::size_t Model::OutputCount() const { return root_->outputs()->size(); }
std::size_t Model::OperatorCount() const { return root_->operators()->size(); }
std::size_t Model::TensorCount() const { return root_->tensors()->size(); }

TensorInfo Model::Input(std::size_t index) const {
  return DescribeTensor(*root_, At(*root_->inputs(), static_cast<std::int32_t>(index)));
}
TensorInfo Model::Output(std::size_t index) const {
  return DescribeTensor(*root_, At(*root_->outputs(), static_cast<std::int32_t>(index)));
}
TensorInfo Model::Tensor(std::size_t index) const {
  return DescribeTensor(*root_, static_cast<std::int32_t>(index));
}

const char* Model::Name() const { return TextOr(root_->name(), ""); }

const char* Model::Label(std::size_t index) const {
  if (index >= static_cast<std::size_t>(Count(root_->labels()))) return nullptr;
  return At(*root_->labels(), static_cast<std::int32_t>(index))->c_str();
}

}  // namespace quaver
