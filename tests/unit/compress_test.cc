// The compiler's forms of compressed weights: each gives back the weights that it was made of.
#include "compiler/compress/compress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/emit/emit.h"
#include "compiler/import/import.h"
#include "compiler/pack/pack.h"
#include "compiler/pack/weights.h"
#include "kernels/expand.h"
#include "platform/platform.h"
#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::compiler {
namespace {

using Weights = std::vector<std::int8_t>;
using FileBytes = std::vector<std::uint8_t>;

/// Random weights of some structure.
struct Kind {
  const char* name;
  std::function<std::int8_t(std::mt19937*, std::size_t row, std::size_t i)> weight;
  const char* form;  ///< Part of what is chosen for 16 rows of 300.
};

std::vector<Kind> Kinds() {
  const auto below = [](std::mt19937* random, unsigned n) {
    return static_cast<int>((*random)() % n);
  };
  return {
      {"Binary", [=](auto* r, auto, auto) { return below(r, 2) == 0 ? -1 : 1; }, "1-bit"},
      {"Ternary", [=](auto* r, auto, auto) { return below(r, 3) - 1; }, "1-bit, 3"},
      {"DenseTernary",
       [=](auto* r, auto, auto) { return below(r, 100) == 0 ? 0 : 2 * below(r, 2) - 1; }, "1-bit"},
      {"Bits4", [=](auto* r, auto, auto) { return below(r, 16) - 8; }, "4-bit"},
      {"Groups",
       [=](auto* r, auto row, auto i) {
         return (below(r, 15) - 7) * static_cast<int>(1 + (row * 7 + i / 32 * 5) % 18);
       },
       "4-bit, groups of 32"},
      {"ByRow",
       [=](auto* r, auto row, auto) { return static_cast<int>(row) * 4 + below(r, 4) * 3 - 60; },
       "2-bit, values by channel"},
      {"Pruned", [=](auto* r, auto, auto) { return below(r, 2) == 0 ? 0 : below(r, 255) - 127; },
       "8-bit, 5"},
      {"AllZero", [](auto*, auto, auto) { return 0; }, "1-bit for 8 each"},
  };
}

Weights MakeWeights(const Kind& kind, std::size_t rows, std::size_t row_weights) {
  std::mt19937 random(7);
  Weights weights;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < row_weights; ++i) {
      weights.push_back(static_cast<std::int8_t>(kind.weight(&random, row, i)));
    }
  }
  return weights;
}

Weights Expand(const CompressedBytes& bytes, std::size_t rows, std::size_t count) {
  const fb::CompressionT& table = bytes.table;
  const auto data = [](const auto& vector) { return vector.empty() ? nullptr : vector.data(); };
  const std::size_t shared = std::size_t{table.vector} << table.bits;
  Weights weights(count);
  kernels::ExpandWeights(
      {{data(bytes.indexes), data(table.values), data(table.present), data(table.multipliers),
        static_cast<std::int32_t>(rows), static_cast<std::int32_t>(count / rows),
        table.group_weights, static_cast<std::int32_t>(table.values.size() > shared ? shared : 0),
        table.bits, table.vector},
       weights.data()});
  return weights;
}

TEST(CompressWeights, GivesBackExactlyTheWeightsWhateverTheirNumber) {
  int compressed = 0;
  for (const Kind& kind : Kinds()) {
    for (const std::size_t rows : {1U, 3U, 16U}) {
      for (const std::size_t row_weights : {1U, 7U, 9U, 31U, 64U, 300U, 515U}) {
        const Weights weights = MakeWeights(kind, rows, row_weights);
        const auto bytes = CompressWeights(weights, rows);
        if (!bytes) continue;
        ++compressed;
        EXPECT_LT(bytes->bytes(), weights.size());
        EXPECT_EQ(Expand(*bytes, rows, weights.size()), weights)
            << kind.name << " " << rows << " x " << row_weights;
      }
    }
  }
  EXPECT_GT(compressed, 70);
}

TEST(CompressWeights, FindsVectorsThatRepeat) {
  std::mt19937 random(3);
  std::vector<Weights> codebook(200);
  for (Weights& entry : codebook) {
    for (int i = 0; i < 4; ++i) entry.push_back(static_cast<std::int8_t>(random()));
  }
  for (const std::size_t count : {4000U, 4001U, 4003U}) {
    Weights weights;
    while (weights.size() < count) {
      const Weights& entry = codebook[random() % codebook.size()];
      weights.insert(weights.end(), entry.begin(), entry.end());
    }
    weights.resize(count);
    const auto bytes = CompressWeights(weights, 1);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->table.vector, 4);
    EXPECT_EQ(bytes->indexes.size(), (count + 3) / 4);
    EXPECT_EQ(Expand(*bytes, 1, count), weights);
  }
}

TEST(CompressWeights, LeavesWhatWouldNotShrink) {
  Weights weights(10000);
  std::mt19937 random(3);
  for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(random() % 255 - 127);
  EXPECT_FALSE(CompressWeights(weights, 10));
  EXPECT_FALSE(CompressWeights(Weights(40, 1), 4));
}

// --- In a model ---------------------------------------------------------------------------------

/// TinyConvNet with other weights in its layers.
Graph NetworkOf(const Kind& kind) {
  Graph graph = ImportTflite(testing::TinyConvNet(), "tiny.tflite");
  for (const Node& node : graph.nodes) {
    if (node.As<Conv2DOp>() == nullptr && node.As<FullyConnectedOp>() == nullptr) continue;
    Tensor& tensor = graph.tensor(node.inputs[1]);
    const auto rows = static_cast<std::size_t>(tensor.shape[0]);
    const auto count = static_cast<std::size_t>(tensor.elements());
    tensor.data = MakeBytes(MakeWeights(kind, rows, count / rows));
  }
  return graph;
}

FileBytes CompileAs(const Graph& graph, WeightStorage storage) {
  CompileOptions options;
  options.weights = storage;
  return Compile(graph, options);
}

std::vector<Isa> IsasHere() {
  std::vector<Isa> isas;
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    if (platform::CpuIsas().Has(static_cast<Isa>(i))) isas.push_back(static_cast<Isa>(i));
  }
  return isas;
}

FileBytes Outputs(const FileBytes& file, Isa isa) {
  const CheckedModel checked(file);
  SessionOptions options;
  options.isa = IsaName(isa);
  AlignedBytes arena(*checked.model().ArenaBytes(options));
  Result<Session> session = Session::Create(checked.model(), arena.span(), options);
  EXPECT_TRUE(session.ok());
  TestInputGenerator(11).Fill(session->Input(0));
  EXPECT_TRUE(session->Run().ok());
  const TensorView output = session->Output(0);
  const auto* data = static_cast<const std::uint8_t*>(output.data);
  FileBytes bytes(data, data + output.bytes);
  EXPECT_TRUE(session->SelfTest().ok()) << IsaName(isa);
  return bytes;
}

TEST(CompressModel, ComputesTheSameBytesOnEveryIsa) {
  for (const Kind& kind : Kinds()) {
    const Graph graph = NetworkOf(kind);
    const FileBytes plain = CompileAs(graph, WeightStorage::kPlain);
    const FileBytes expected = Outputs(plain, Isa::kScalar);
    for (WeightStorage storage : {WeightStorage::kExpandAtLoad, WeightStorage::kExpandAtRun}) {
      const FileBytes compressed = CompileAs(graph, storage);
      for (Isa isa : IsasHere()) {
        EXPECT_EQ(Outputs(compressed, isa), expected) << kind.name << " " << IsaName(isa);
      }
    }
  }
}

TEST(CompressModel, MakesTheFormThatFits) {
  for (const Kind& kind : Kinds()) {
    const Weights weights = MakeWeights(kind, 16, 300);
    fb::ModelT model;
    auto tensor = std::make_unique<fb::TensorT>();
    auto compressed = CompressWeights(weights, 16);
    ASSERT_TRUE(compressed) << kind.name;
    tensor->shape = {16, 300};
    tensor->storage = fb::Storage::Compressed;
    tensor->compression = std::make_unique<fb::CompressionT>(compressed->table);
    model.tensors.push_back(std::move(tensor));
    model.buffers.push_back(std::make_unique<fb::BufferT>());
    model.buffers[0]->data = compressed->indexes;
    model.banks.push_back(std::make_unique<fb::MemoryBankT>());
    model.format_version = kFormatVersion;
    const CheckedModel checked(Emit(model));
    const fb::Model& root = *checked.model().root();
    EXPECT_EQ(PlainWeights(root, *root.tensors()->Get(0)), weights) << kind.name;
    EXPECT_EQ(StoredBytes(root, *root.tensors()->Get(0)), compressed->bytes());
    const std::string text = StorageText(root, *root.tensors()->Get(0));
    EXPECT_NE(text.find(kind.form), std::string::npos) << kind.name << ": " << text;
  }
}

TEST(CompressModel, PacksAndChecksAsPlainOnes) {
  const Graph graph = NetworkOf(Kinds()[1]);
  const CheckedModel compressed(CompileAs(graph, WeightStorage::kExpandAtLoad));
  const PackedModel packed = Pack(compressed.model(), {Isa::kAvx2});
  const CheckedModel plain(CompileAs(graph, WeightStorage::kPlain));
  EXPECT_EQ(packed.packed_bytes, Pack(plain.model(), {Isa::kAvx2}).packed_bytes);
  const CheckedModel checked(packed.bytes);
  EXPECT_GT(CheckPackedWeights(checked.model()), 0U);
  for (Isa isa : IsasHere()) {
    EXPECT_EQ(Outputs(packed.bytes, isa), Outputs(CompileAs(graph, WeightStorage::kPlain), isa));
  }
}

TEST(CompressModel, NeedsTheRuntimesPartByName) {
  const Graph graph = NetworkOf(Kinds()[1]);
  const auto operators = [&](WeightStorage storage) {
    const FileBytes file = CompileAs(graph, storage);
    return Embed(Span<const std::uint8_t>(file), "tiny").operators;
  };
  EXPECT_NE(operators(WeightStorage::kExpandAtLoad).find("CompressedWeights"), std::string::npos);
  EXPECT_EQ(operators(WeightStorage::kPlain).find("CompressedWeights"), std::string::npos);
}

}  // namespace
}  // namespace quaver::compiler
