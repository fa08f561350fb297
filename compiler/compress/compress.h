// Weights in fewer bytes than one each, without loss: int8 weights that take few values, or many
// zeros, whoever has made them so (the quantizer, quantization-aware training, pruning).
#ifndef QUAVER_COMPILER_COMPRESS_COMPRESS_H_
#define QUAVER_COMPILER_COMPRESS_COMPRESS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quaver_generated.h"

namespace quaver::compiler {

/// A tensor's weights as the file holds them.
struct CompressedBytes {
  fb::CompressionT table;
  std::vector<std::uint8_t> indexes;  ///< For the tensor's buffer.

  /// Of the indexes and all that they refer to.
  [[nodiscard]] std::size_t bytes() const {
    return indexes.size() + table.values.size() + table.present.size() + table.multipliers.size();
  }
};

/// The smallest form that schema/quaver.fbs has for exactly these weights, rows of one index of
/// dimension 0 each; nothing where none is smaller than the weights themselves. Precondition:
/// `rows` divides the number of weights.
std::optional<CompressedBytes> CompressWeights(const std::vector<std::int8_t>& weights,
                                               std::size_t rows);

/// Compresses the weights of all operators of `model` where that makes it smaller.
void CompressModel(fb::ModelT* model, fb::Expansion expansion);

/// Which input of an operator is its weights; -1: it has none.
std::int32_t WeightsInput(fb::OperatorParams kind);

/// The weights of a constant tensor, compressed or not. Precondition: int8, of a model that has
/// loaded.
std::vector<std::int8_t> PlainWeights(const fb::Model& model, const fb::Tensor& tensor);

/// Bytes of the file that a constant tensor takes.
std::size_t StoredBytes(const fb::Model& model, const fb::Tensor& tensor);

/// "int8", "4-bit", "4-bit, groups of 32", "1-bit of the 40 % present", "8-bit for 4 each", for
/// tables.
std::string StorageText(const fb::Model& model, const fb::Tensor& tensor);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_COMPRESS_COMPRESS_H_
