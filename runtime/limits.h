// The largest models that load. Far above real networks; they bound the time that verifying a
// hostile file takes (some checks compare every tensor with every operator's) without any memory.
#ifndef QUAVER_RUNTIME_LIMITS_H_
#define QUAVER_RUNTIME_LIMITS_H_

#include <cstdint>

namespace quaver {

inline constexpr std::int32_t kMaxTensors = 32768;
inline constexpr std::int32_t kMaxOperators = 8192;
/// Inputs and outputs of all operators together.
inline constexpr std::int32_t kMaxOperands = 32768;
/// Tables of the file, counted once for each reference to them.
inline constexpr std::uint32_t kMaxTables = 1U << 19;
/// Deepest nesting: Model, Operator, Conv2D, PackedWeights, and room to grow.
inline constexpr std::uint32_t kMaxTableDepth = 16;
/// Bytes of one tensor: element counts and byte offsets fit an int32 everywhere.
inline constexpr std::int32_t kMaxTensorBytes = INT32_MAX;
/// Largest stride, dilation and padding.
inline constexpr std::int32_t kMaxWindowStep = 32767;
/// Sums of products of two int8 values fit an int32 up to this many (exclusive): 2^17 * 2^14.
inline constexpr std::int32_t kMaxAccumulationDepth = 1 << 17;
/// Elements of a pooling window (exclusive): sums of int8 values fit an int32.
inline constexpr std::int32_t kMaxWindowElements = 1 << 23;
/// The same of int16 values.
inline constexpr std::int32_t kMaxWindowElementsInt16 = 1 << 15;

}  // namespace quaver

#endif  // QUAVER_RUNTIME_LIMITS_H_
