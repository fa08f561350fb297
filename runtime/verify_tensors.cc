#include "runtime/limits.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

/// Constants and arena tensors start at multiples of this, so that wider elements are aligned.
constexpr std::uint32_t kTensorAlignment = 16;

[[gnu::noinline]] Status ModelStatus(const char* what, std::int64_t expected, std::int64_t found) {
  Status status;
  status.code = StatusCode::kInvalidModel;
  status.what = what;
  return WithValues(status, expected, found);
}

Status VerifyCounts(const fb::Model& model) {
  if (Count(model.tensors()) > kMaxTensors) {
    return ModelStatus("number of tensors", kMaxTensors, Count(model.tensors()));
  }
  if (Count(model.operators()) > kMaxOperators) {
    return ModelStatus("number of operators", kMaxOperators, Count(model.operators()));
  }
  if (Count(model.banks()) < 1) return ModelStatus("number of memory banks", 1, 0);
  if (Count(model.inputs()) > kMaxOperands) {
    return ModelStatus("number of inputs", kMaxOperands, Count(model.inputs()));
  }
  if (Count(model.outputs()) > kMaxOperands) {
    return ModelStatus("number of outputs", kMaxOperands, Count(model.outputs()));
  }
  return {};
}

/// Every check returns true, or notes the failure and returns false.
class TensorVerifier {
 public:
  TensorVerifier(const fb::Model& model, std::int32_t index)
      : model_(model), tensor_(TensorAt(model, index)), index_(index) {}

  bool Verify() {
    if (tensor_.type() > fb::TensorType::MAX || tensor_.type() < fb::TensorType::MIN) {
      return Fail("type", static_cast<std::int64_t>(fb::TensorType::MAX),
                  static_cast<std::int64_t>(tensor_.type()));
    }
    if (!VerifyShape()) return false;
    if (tensor_.view_of() != -1) return VerifyView();
    switch (tensor_.storage()) {
      case fb::Storage::Activation:
      case fb::Storage::State:
        return VerifyArena();
      case fb::Storage::Constant:
        return VerifyConstant();
      case fb::Storage::Transient:
        return true;
    }
    return Fail("storage", static_cast<std::int64_t>(fb::Storage::MAX),
                static_cast<std::int64_t>(tensor_.storage()));
  }

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  // Out of line: where it is not called it takes no stack, which is what Load needs most of.
  [[gnu::noinline]] bool Fail(const char* what, std::int64_t expected, std::int64_t found,
                              StatusCode code = StatusCode::kInvalidModel) {
    status_ = WithValues(TensorStatus(model_, code, what, index_), expected, found);
    return false;
  }

  bool VerifyShape() {
    if (Rank(tensor_) > kMaxRank) return Fail("number of dimensions", kMaxRank, Rank(tensor_));
    bytes_ = static_cast<std::int64_t>(ElementBytes(tensor_));
    for (std::int32_t i = 0; i < Rank(tensor_); ++i) {
      const std::int32_t dim = Dim(tensor_, i);
      if (dim < 1) return Fail("dimension", 1, dim);
      bytes_ *= dim;
      if (bytes_ > kMaxTensorBytes) return Fail("bytes", kMaxTensorBytes, bytes_);
    }
    return true;
  }

  bool VerifyView() {
    if (tensor_.view_of() < 0 || tensor_.view_of() >= index_) {
      return Fail("view of an earlier tensor", index_ - 1, tensor_.view_of());
    }
    const fb::Tensor& base = TensorAt(model_, tensor_.view_of());
    if (base.view_of() != -1) return Fail("view of a view", -1, base.view_of());
    if (IsTransient(base)) return Fail("view of a transient tensor", -1, tensor_.view_of());
    // The earlier tensor has been verified, so that its bytes are known.
    const auto base_bytes = static_cast<std::int64_t>(TensorBytes(base));
    return bytes_ == base_bytes || Fail("bytes of a view", base_bytes, bytes_);
  }

  bool VerifyArena() {
    if (tensor_.bank() != 0) {
      return Fail("memory bank", 0, tensor_.bank(), StatusCode::kInvalidPlan);
    }
    if (tensor_.arena_offset() % kTensorAlignment != 0) {
      return Fail("arena offset modulo 16", 0, tensor_.arena_offset() % kTensorAlignment,
                  StatusCode::kInvalidPlan);
    }
    const std::int64_t bank_bytes = At(*model_.banks(), 0)->bytes();
    const std::int64_t end = tensor_.arena_offset() + bytes_;
    return end <= bank_bytes ||
           Fail("end in the memory bank", bank_bytes, end, StatusCode::kInvalidPlan);
  }

  bool VerifyConstant() {
    if (tensor_.buffer() >= static_cast<std::uint32_t>(Count(model_.buffers()))) {
      return Fail("index of the buffer", std::int64_t{Count(model_.buffers())} - 1,
                  tensor_.buffer());
    }
    const auto* data = model_.buffers()->Get(tensor_.buffer())->data();
    if (Count(data) != bytes_) return Fail("bytes of the buffer", bytes_, Count(data));
    const auto misalignment = reinterpret_cast<std::uintptr_t>(data->Data()) % kTensorAlignment;
    return misalignment == 0 ||
           Fail("address of the buffer modulo 16", 0, static_cast<std::int64_t>(misalignment));
  }

  const fb::Model& model_;
  const fb::Tensor& tensor_;
  std::int32_t index_;
  std::int64_t bytes_ = 0;
  Status status_;
};

[[gnu::noinline]] Status VerifyEachTensor(const fb::Model& model) {
  for (std::int32_t i = 0; i < Count(model.tensors()); ++i) {
    TensorVerifier verifier(model, i);
    if (!verifier.Verify()) return verifier.status();
  }
  return {};
}

Status VerifyIndices(const fb::Model& model, const char* what, const Int32Vector& indices) {
  for (std::int32_t i = 0; i < Count(&indices); ++i) {
    const std::int32_t index = At(indices, i);
    if (index < 0 || index >= Count(model.tensors())) {
      return ModelStatus(what, std::int64_t{Count(model.tensors())} - 1, index);
    }
    // The caller sees a pointer to the bytes: they must not be in the file, and must be somewhere.
    const fb::Tensor& place = PlaceOf(model, TensorAt(model, index));
    if (!InArena(place)) {
      return TensorStatus(model, StatusCode::kInvalidModel,
                          IsConstant(place) ? "input or output that is constant"
                                            : "input or output that is transient",
                          index);
    }
  }
  return {};
}

Status VerifyTestVector(const fb::Model& model, const fb::TestVector& vector) {
  if (Count(vector.digests()) != Count(model.operators())) {
    return ModelStatus("digests of the test vector", Count(model.operators()),
                       Count(vector.digests()));
  }
  if (Count(vector.inputs()) == 0) return {};
  if (Count(vector.inputs()) != Count(model.inputs())) {
    return ModelStatus("inputs of the test vector", Count(model.inputs()), Count(vector.inputs()));
  }
  for (std::int32_t i = 0; i < Count(model.inputs()); ++i) {
    const std::int32_t index = At(*model.inputs(), i);
    const auto bytes = static_cast<std::int64_t>(TensorBytes(TensorAt(model, index)));
    const std::int32_t found = Count(At(*vector.inputs(), i)->data());
    if (found != bytes) {
      return WithValues(
          TensorStatus(model, StatusCode::kInvalidModel, "bytes of the test vector's input", index),
          bytes, found);
    }
  }
  return {};
}

}  // namespace

Status NotLoaded() {
  Status status;
  status.code = StatusCode::kInvalidArgument;
  status.what = "model that has not been loaded";
  return status;
}

Status TensorStatus(const fb::Model& model, StatusCode code, const char* what,
                    std::int32_t tensor) {
  Status status;
  status.code = code;
  status.what = what;
  status.tensor_index = tensor;
  status.tensor_name = TextOr(TensorAt(model, tensor).name(), nullptr);
  return status;
}

Status WithValues(Status status, std::int64_t expected, std::int64_t found) {
  status.expected = expected;
  status.found = found;
  status.has_values = true;
  return status;
}

Status VerifyTensors(const fb::Model& model) {
  Status status = VerifyCounts(model);
  if (status.ok()) status = VerifyEachTensor(model);
  if (status.ok()) status = VerifyIndices(model, "index of an input", *model.inputs());
  if (status.ok()) status = VerifyIndices(model, "index of an output", *model.outputs());
  for (std::int32_t i = 0; status.ok() && i < Count(model.test_vectors()); ++i) {
    status = VerifyTestVector(model, *At(*model.test_vectors(), i));
  }
  return status;
}

}  // namespace quaver
