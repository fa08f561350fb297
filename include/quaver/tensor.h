// What the caller sees of a tensor.
#ifndef QUAVER_TENSOR_H_
#define QUAVER_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quaver/span.h"

namespace quaver {

/// Most dimensions that a tensor can have.
inline constexpr int kMaxRank = 6;

enum class DataType : std::uint8_t { kInt8, kUInt8, kInt16, kInt32, kInt64, kFloat32, kBool };

/// "int8", "uint8", ... Never null.
const char* DataTypeName(DataType type);
/// Bytes of one element.
std::size_t DataTypeBytes(DataType type);

/// Type, shape and quantization of a tensor; points into the model's bytes.
struct TensorInfo {
  const char* name = "";
  DataType type = DataType::kInt8;
  std::int32_t rank = 0;
  /// Row-major, NHWC for images; the first `rank` entries are valid, each >= 1.
  std::int32_t shape[kMaxRank] = {};
  std::size_t bytes = 0;
  /// real = scale * (q - zero_point). The scale is kept as the bits of an IEEE float, so that an
  /// integer-only device never touches one; 0 where the tensor is not quantized per tensor.
  std::uint32_t scale_bits = 0;
  std::int32_t zero_point = 0;

  [[nodiscard]] float Scale() const {
    float scale;
    std::memcpy(&scale, &scale_bits, sizeof(scale));
    return scale;
  }
};

/// A tensor of a session: its description and its bytes in the arena, or null.
struct TensorView : TensorInfo {
  void* data = nullptr;

  /// The bytes as elements of T; empty if T is not as wide as the tensor's type, or without data.
  template <typename T>
  [[nodiscard]] Span<T> As() const {
    if (data == nullptr || sizeof(T) != DataTypeBytes(type)) return {};
    return Span<T>(static_cast<T*>(data), bytes / sizeof(T));
  }
};

}  // namespace quaver

#endif  // QUAVER_TENSOR_H_
