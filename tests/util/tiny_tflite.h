// Small int8 .tflite models, made here so that tests need no files.
#ifndef QUAVER_TESTS_UTIL_TINY_TFLITE_H_
#define QUAVER_TESTS_UTIL_TINY_TFLITE_H_

#include <cstdint>
#include <vector>

namespace quaver::testing {

/// 1x8x8x3 -> Conv2D 3x3x8 SAME stride 2, ReLU (3,456 MACs) -> DepthwiseConv2D 3x3 VALID (288)
/// -> Reshape -> FullyConnected 10 (320) -> Softmax -> 1x10.
std::vector<std::uint8_t> TinyConvNet();
inline constexpr std::uint64_t kTinyConvNetMacs = 3456 + 288 + 320;

/// 1x4x4x4 twice -> Add -> Pad -> MaxPool2D -> Concatenation with the second input -> Mean.
std::vector<std::uint8_t> TinyMovement();

/// 1x10x10x8 -> Conv2D -> Conv2D, both 3x3x8 SAME -> Add to the input -> Mean.
std::vector<std::uint8_t> TinyResidual();

/// One operator that no release will have (HASHTABLE_LOOKUP), to be refused.
std::vector<std::uint8_t> UnsupportedOperator();

/// Float: 1x4 -> FullyConnected 2. To be refused by everything that wants integers.
std::vector<std::uint8_t> TinyFloat();

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_TINY_TFLITE_H_
