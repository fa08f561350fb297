// Short names for what the runtime asks of the file's tables. Nothing here checks: the structure
// has passed the FlatBuffers verifier, and where a comment says so the model has passed Load.
#ifndef QUAVER_RUNTIME_TENSOR_ACCESS_H_
#define QUAVER_RUNTIME_TENSOR_ACCESS_H_

#include <cstddef>
#include <cstdint>

#include "quaver/tensor.h"
#include "quaver_generated.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error \
    "Quaver's model files are little-endian and used in place: big-endian targets cannot run them"
#endif

namespace quaver {

using Int32Vector = flatbuffers::Vector<std::int32_t>;
using PackedWeightsVector = flatbuffers::Vector<flatbuffers::Offset<fb::PackedWeights>>;

/// Entries of a vector that the file may leave out.
template <typename Vector>
std::int32_t Count(const Vector* vector) {
  return vector == nullptr ? 0 : static_cast<std::int32_t>(vector->size());
}

/// Entries of one that it must have, and so has.
template <typename Entry>
std::int32_t Count(const flatbuffers::Vector<Entry>& vector) {
  return static_cast<std::int32_t>(vector.size());
}

/// Entry `index` of a vector. Precondition: in range.
template <typename Vector>
auto At(const Vector& vector, std::int32_t index) {
  return vector.Get(static_cast<flatbuffers::uoffset_t>(index));
}

/// A string of the file, or "".
inline const char* TextOr(const flatbuffers::String* text, const char* other) {
  return text == nullptr ? other : text->c_str();
}

inline const fb::Tensor& TensorAt(const fb::Model& model, std::int32_t index) {
  return *At(*model.tensors(), index);
}
inline const fb::Operator& OperatorAt(const fb::Model& model, std::int32_t index) {
  return *At(*model.operators(), index);
}

inline std::int32_t TensorCount(const fb::Model& model) { return Count(*model.tensors()); }
inline std::int32_t OperatorCount(const fb::Model& model) { return Count(*model.operators()); }

inline std::int32_t Rank(const fb::Tensor& tensor) { return Count(tensor.shape()); }
/// Precondition: dimension < Rank(tensor).
inline std::int32_t Dim(const fb::Tensor& tensor, std::int32_t dimension) {
  return At(*tensor.shape(), dimension);
}

/// Precondition: the tensor has passed Load, so the product fits an int32.
std::int32_t ElementCount(const fb::Tensor& tensor);

inline std::size_t ElementBytes(const fb::Tensor& tensor) {
  return DataTypeBytes(static_cast<DataType>(tensor.type()));
}

/// Precondition: as ElementCount.
std::size_t TensorBytes(const fb::Tensor& tensor);

/// The tensor whose bytes these are: the tensor itself, or the one that it is a view of.
inline const fb::Tensor& PlaceOf(const fb::Model& model, const fb::Tensor& tensor) {
  return tensor.view_of() < 0 ? tensor : TensorAt(model, tensor.view_of());
}

/// Precondition of the following: PlaceOf is the tensor itself.
inline bool IsCompressed(const fb::Tensor& place) {
  return place.storage() == fb::Storage::Compressed;
}
/// Compressed ones are.
inline bool IsConstant(const fb::Tensor& place) {
  return place.storage() == fb::Storage::Constant || IsCompressed(place);
}
/// Never whole anywhere.
inline bool IsTransient(const fb::Tensor& place) {
  return place.storage() == fb::Storage::Transient;
}
inline bool InArena(const fb::Tensor& place) { return !IsConstant(place) && !IsTransient(place); }

/// Bytes of Model.buffers[index], in place. Precondition: the index has passed Load.
const std::uint8_t* BufferData(const fb::Model& model, std::uint32_t index);

/// Bytes of the arena that the plan has given to activations and state: those of bank 0.
std::uint32_t BankBytes(const fb::Model& model);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_TENSOR_ACCESS_H_
