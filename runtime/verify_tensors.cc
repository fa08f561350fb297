#include "runtime/checker.h"
#include "runtime/limits.h"
#include "runtime/ops/compressed_weights.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

/// Constants and arena tensors start at multiples of this, so that wider elements are aligned.
constexpr std::uint32_t kTensorAlignment = 16;

bool VerifyCounts(const Checker& c) {
  const fb::Model& model = c.model();
  return c.InRange("number of tensors", 0, kMaxTensors, TensorCount(model)) &&
         c.InRange("number of operators", 0, kMaxOperators, OperatorCount(model)) &&
         c.InRange("number of memory banks", 1, INT32_MAX, Count(*model.banks())) &&
         c.InRange("number of inputs", 0, kMaxOperands, Count(*model.inputs())) &&
         c.InRange("number of outputs", 0, kMaxOperands, Count(*model.outputs()));
}

class TensorVerifier : public Checker {
 public:
  TensorVerifier(const fb::Model& model, std::int32_t index, Status* status)
      : Checker(model, status), tensor_(TensorAt(model, index)), index_(index) {
    SetSubject(StatusCode::kInvalidModel, -1, index);
  }

  bool Verify() {
    if (!(InRange("type", static_cast<std::int32_t>(fb::TensorType::MIN),
                  static_cast<std::int32_t>(fb::TensorType::MAX),
                  static_cast<std::int32_t>(tensor_.type())) &&
          VerifyShape())) {
      return false;
    }
    if (tensor_.view_of() != -1) return VerifyView();
    if (!InRange("storage", static_cast<std::int32_t>(fb::Storage::MIN),
                 static_cast<std::int32_t>(fb::Storage::MAX),
                 static_cast<std::int32_t>(tensor_.storage()))) {
      return false;
    }
    if (IsCompressed(tensor_)) return VerifyCompressed();
    return IsTransient(tensor_) || (IsConstant(tensor_) ? VerifyConstant() : VerifyArena());
  }

 private:
  bool VerifyShape() {
    if (!InRange("number of dimensions", 0, kMaxRank, Rank(tensor_))) return false;
    bytes_ = static_cast<std::int32_t>(ElementBytes(tensor_));
    for (std::int32_t i = 0; i < Rank(tensor_); ++i) {
      const std::int32_t dim = Dim(tensor_, i);
      const std::int64_t bytes = std::int64_t{bytes_} * dim;
      if (!(InRange("dimension", 1, INT32_MAX, dim) &&
            InRange("bytes", 0, kMaxTensorBytes, bytes))) {
        return false;
      }
      bytes_ = static_cast<std::int32_t>(bytes);
    }
    return true;
  }

  bool VerifyView() {
    const std::int32_t of = tensor_.view_of();
    if (!InRange("view of an earlier tensor", 0, index_ - 1, of)) return false;
    const fb::Tensor& base = TensorAt(model(), of);
    const char* const refused = IsTransient(base)    ? "view of a transient tensor"
                                : IsCompressed(base) ? "view of a compressed tensor"
                                                     : nullptr;
    // The earlier tensor has been verified, so that its bytes are known.
    return Equal("view of a view", -1, base.view_of()) &&
           (refused == nullptr || FailWith(refused, -1, of)) &&
           Equal("bytes of a view", static_cast<std::int32_t>(TensorBytes(base)), bytes_);
  }

  bool VerifyArena() {
    SetSubject(StatusCode::kInvalidPlan, -1, index_);
    const std::int64_t bank_bytes = BankBytes(model());
    const std::int64_t end = std::int64_t{tensor_.arena_offset()} + bytes_;
    return Equal("memory bank", 0, tensor_.bank()) &&
           Equal("arena offset modulo 16", 0, tensor_.arena_offset() % kTensorAlignment) &&
           (end <= bank_bytes || FailWith("end in the memory bank", bank_bytes, end));
  }

  bool VerifyConstant() {
    if (!InRange("index of the buffer", 0, Count(model().buffers()) - 1, tensor_.buffer())) {
      return false;
    }
    const auto* data = model().buffers()->Get(tensor_.buffer())->data();
    return Equal("bytes of the buffer", bytes_, Count(data)) &&
           Equal("address of the buffer modulo 16", 0,
                 static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(data->Data()) %
                                           kTensorAlignment));
  }

  bool VerifyCompressed() {
    const CompressedWeightsDefinition* definition = FindCompressedWeights();
    if (definition != nullptr) return definition->verify(*this, tensor_);
    SetSubject(StatusCode::kMissingOperator, -1, index_);
    return Fail("CompressedWeights");
  }

  const fb::Tensor& tensor_;
  std::int32_t index_;
  std::int32_t bytes_ = 0;
};

bool VerifyIndices(Checker* c, const char* what, const Int32Vector& indices) {
  for (std::int32_t i = 0; i < Count(indices); ++i) {
    const std::int32_t index = At(indices, i);
    c->SetSubject(StatusCode::kInvalidModel, -1, -1);
    if (!c->TensorIndex(what, index)) return false;
    // The caller sees a pointer to the bytes: they must not be in the file, and must be somewhere.
    const fb::Tensor& place = PlaceOf(c->model(), TensorAt(c->model(), index));
    c->SetSubject(StatusCode::kInvalidModel, -1, index);
    if (IsConstant(place)) return c->Fail("input or output that is constant");
    if (IsTransient(place)) return c->Fail("input or output that is transient");
  }
  return true;
}

bool VerifyTestVector(Checker* c, const fb::TestVector& vector) {
  const fb::Model& model = c->model();
  c->SetSubject(StatusCode::kInvalidModel, -1, -1);
  if (!c->Equal("digests of the test vector", OperatorCount(model), Count(*vector.digests()))) {
    return false;
  }
  if (Count(vector.inputs()) == 0) return true;
  if (!c->Equal("inputs of the test vector", Count(*model.inputs()), Count(vector.inputs()))) {
    return false;
  }
  for (std::int32_t i = 0; i < Count(*model.inputs()); ++i) {
    const std::int32_t index = At(*model.inputs(), i);
    c->SetSubject(StatusCode::kInvalidModel, -1, index);
    if (!c->Equal("bytes of the test vector's input",
                  static_cast<std::int32_t>(TensorBytes(TensorAt(model, index))),
                  Count(At(*vector.inputs(), i)->data()))) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool VerifyTensors(const fb::Model& model, Status* status) {
  Checker c(model, status);
  if (!VerifyCounts(c)) return false;
  for (std::int32_t i = 0; i < TensorCount(model); ++i) {
    if (!TensorVerifier(model, i, status).Verify()) return false;
  }
  if (!(VerifyIndices(&c, "index of an input", *model.inputs()) &&
        VerifyIndices(&c, "index of an output", *model.outputs()))) {
    return false;
  }
  for (std::int32_t i = 0; i < Count(model.test_vectors()); ++i) {
    if (!VerifyTestVector(&c, *At(*model.test_vectors(), i))) return false;
  }
  return true;
}

}  // namespace quaver
