// Models whose weights are compressed, and the same with the plain weights, expanded by a second
// reading of what schema/quaver.fbs says.
#ifndef QUAVER_TESTS_UTIL_COMPRESSED_MODEL_H_
#define QUAVER_TESTS_UTIL_COMPRESSED_MODEL_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/util/sample_models.h"

namespace quaver::testing {

/// Which parts a compression has.
struct WeightsForm {
  const char* name;
  std::uint8_t bits;
  std::uint8_t vector = 1;
  bool by_row = false;
  bool present = false;
  std::int32_t group = 0;
};

inline std::vector<WeightsForm> WeightsForms() {
  return {{"Bits1", 1},
          {"Bits2", 2},
          {"Bits4", 4},
          {"Bits8", 8},
          {"Vectors2", 8, 2},
          {"Vectors5OfBits4", 4, 5},
          {"ByRow", 2, 1, true},
          {"ByRowPresent", 1, 1, true, true},
          {"Present1", 1, 1, false, true},
          {"Present4", 4, 1, false, true},
          {"PresentInt8", 8, 1, false, true},
          {"Groups", 4, 1, false, false, 4},
          {"GroupsPresent", 2, 1, false, true, 3},
          {"GroupsOfVectors", 4, 2, false, false, 7}};
}

struct CompressedWeightsSample {
  fb::CompressionT table;
  std::vector<std::uint8_t> indexes;
  std::vector<std::int8_t> weights;  ///< Expanded.
};

/// Random indexes and values for `rows` rows of `row_weights` each.
inline CompressedWeightsSample MakeCompressed(const WeightsForm& form, std::size_t rows,
                                              std::size_t row_weights) {
  CompressedWeightsSample sample;
  const std::size_t count = rows * row_weights;
  std::uint32_t seed = form.bits * 100U + form.vector;
  const auto random = [&seed] {
    seed = seed * 1664525U + 1013904223U;
    return seed >> 24;
  };
  sample.table.bits = form.bits;
  sample.table.vector = form.vector;
  const std::size_t entries = std::size_t{1} << form.bits;
  const bool identity = form.bits == 8 && form.present;
  if (!identity) {
    sample.table.values.resize(entries * form.vector * (form.by_row ? rows : 1));
    for (std::int8_t& value : sample.table.values) {
      value = static_cast<std::int8_t>(form.group > 0 ? random() % 15 : random());
    }
  }
  std::vector<bool> present(count, true);
  if (form.present) {
    sample.table.present.resize((count + 7) / 8);
    for (std::uint8_t& byte : sample.table.present) byte = static_cast<std::uint8_t>(random());
    for (std::size_t i = 0; i < count; ++i) {
      present[i] = (sample.table.present[i / 8] >> i % 8 & 1) != 0;
    }
  }
  std::size_t used = 0;
  for (std::size_t i = 0; i < count; ++i) used += present[i] ? 1 : 0;
  const std::size_t stored = (used + form.vector - 1) / form.vector;
  sample.indexes.resize((stored * form.bits + 7) / 8);
  for (std::uint8_t& byte : sample.indexes) byte = static_cast<std::uint8_t>(random());
  const std::size_t group = static_cast<std::size_t>(form.group);
  const std::size_t groups = group == 0 ? 0 : (row_weights + group - 1) / group;
  sample.table.group_weights = form.group;
  for (std::size_t i = 0; i < rows * groups; ++i) {
    sample.table.multipliers.push_back(static_cast<std::uint8_t>(random() % 9 + 1));
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    int weight = 0;
    if (present[i]) {
      const std::size_t number = next / form.vector;
      const std::size_t bit = number * form.bits;
      const std::size_t index = sample.indexes[bit / 8] >> bit % 8 & (entries - 1);
      const std::size_t table = form.by_row ? i / row_weights * entries : 0;
      weight = identity ? static_cast<std::int8_t>(index)
                        : sample.table.values[(table + index) * form.vector + next % form.vector];
      ++next;
    }
    if (groups > 0) {
      weight *= sample.table.multipliers[i / row_weights * groups + i % row_weights / group];
    }
    sample.weights.push_back(static_cast<std::int8_t>(weight));
  }
  return sample;
}

/// Replaces the weights of tensor `index` of the model, whose buffer is its own.
inline void SetPlain(const CompressedWeightsSample& sample, std::size_t index, fb::ModelT* model) {
  model->buffers[model->tensors[index]->buffer]->data.assign(sample.weights.begin(),
                                                             sample.weights.end());
}
inline void SetCompressed(const CompressedWeightsSample& sample, fb::Expansion expansion,
                          std::size_t index, fb::ModelT* model) {
  fb::TensorT& tensor = *model->tensors[index];
  tensor.storage = fb::Storage::Compressed;
  tensor.compression = std::make_unique<fb::CompressionT>(sample.table);
  tensor.compression->expansion = expansion;
  model->buffers[tensor.buffer]->data = sample.indexes;
}

/// FullyConnectedModel with weights in groups, of which some are absent.
inline ModelBuilder CompressedModel() {
  ModelBuilder b = FullyConnectedModel();
  SetCompressed(MakeCompressed({"", 2, 1, false, true, 3}, 7, 10), fb::Expansion::Load, 1,
                &b.model());
  return b;
}

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_COMPRESSED_MODEL_H_
