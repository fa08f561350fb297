// The verifier of structure, by the schema as data, against flatc's, which is code from the schema.
#include "runtime/structure.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "runtime/limits.h"
#include "tests/util/compressed_model.h"
#include "tests/util/sample_models.h"

namespace quaver::testing {
namespace {

bool FlatcAccepts(Span<const std::uint8_t> bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxTableDepth, kMaxTables);
  // Without the identifier, which is not structure.
  return verifier.VerifyBuffer<fb::Model>(nullptr);
}

/// Every optional field and vector too, so that each form of field is met.
AlignedBytes FullModel(const SampleModel& sample) {
  ModelBuilder builder = sample.make();
  fb::ModelT& model = builder.model();
  model.producer = "test";
  model.license = "none";
  model.labels = {"cat", "dog"};
  auto size = std::make_unique<fb::ArenaSizeT>();
  size->isa = "scalar";
  model.arena_sizes.push_back(std::move(size));
  auto entry = std::make_unique<fb::KeyValueT>();
  entry->key = "key";
  entry->value = "value";
  model.metadata.push_back(std::move(entry));
  auto vector = std::make_unique<fb::TestVectorT>();
  vector->name = "first";
  vector->digests.resize(model.operators.size());
  vector->inputs.push_back(std::make_unique<fb::BufferT>());
  vector->inputs.back()->data = {1, 2, 3};
  model.test_vectors.push_back(std::move(vector));
  return Serialize(model);
}

class Structure : public ::testing::TestWithParam<SampleModel> {};

TEST_P(Structure, AcceptsTheUndamaged) {
  AlignedBytes bytes = FullModel(GetParam());
  EXPECT_TRUE(FlatcAccepts(bytes.span()));
  EXPECT_TRUE(VerifyStructure(bytes.span()));
}

/// Each aligned word of the file, overwritten by what sends offsets and lengths astray.
TEST_P(Structure, AgreesWithFlatcOnEachDamagedWord) {
  AlignedBytes bytes = FullModel(GetParam());
  const auto size = static_cast<std::uint32_t>(bytes.size());
  int refused = 0;
  for (std::uint32_t position = 0; position + 4 <= size; position += 2) {
    std::uint32_t original = 0;
    std::memcpy(&original, bytes.data() + position, 4);
    const std::uint32_t left = size - position;
    for (const std::uint32_t value : {0U,
                                      1U,
                                      2U,
                                      3U,
                                      4U,
                                      0x80000000U,
                                      0x7FFFFFFFU,
                                      0xFFFFFFFFU,
                                      0xFFFFU,
                                      0xFFFF0000U,
                                      left,
                                      left - 1,
                                      left - 4,
                                      left - 5,
                                      left / 4,
                                      left / 4 + 1,
                                      original + 1,
                                      original + 2,
                                      original + 4,
                                      original - 1,
                                      original - 2,
                                      original - 4,
                                      original ^ 0x100U}) {
      std::memcpy(bytes.data() + position, &value, 4);
      const bool accepted = VerifyStructure(bytes.span());
      const bool expected = FlatcAccepts(bytes.span());
      if (sizeof(void*) >= 8) {
        ASSERT_EQ(accepted, expected) << value << " at " << position;
      } else {
        // flatc's adds the distances in a vector of tables to pointers: those of 2^31 and more,
        // which it means to refuse, lead back into the file where pointers have 32 bits.
        ASSERT_LE(accepted, expected) << value << " at " << position;
      }
      refused += accepted ? 0 : 1;
    }
    std::memcpy(bytes.data() + position, &original, 4);
  }
  EXPECT_GT(refused, 1000);
}

TEST_P(Structure, AgreesWithFlatcOnEachLength) {
  AlignedBytes whole = FullModel(GetParam());
  for (std::size_t size = 8; size <= whole.size(); ++size) {
    // In a block of its own, so that a memory checker sees what lies behind.
    AlignedBytes cut(whole.data(), size);
    ASSERT_EQ(VerifyStructure(cut.span()), FlatcAccepts(cut.span())) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, Structure, ::testing::ValuesIn(SampleModels()),
                         [](const auto& info) { return std::string(info.param.name); });
INSTANTIATE_TEST_SUITE_P(Compressed, Structure,
                         ::testing::Values(SampleModel{"CompressedWeights", CompressedModel}),
                         [](const auto& info) { return std::string(info.param.name); });

/// A model whose vector of tensors names one tensor `count` times.
AlignedBytes RepeatedTensor(std::uint32_t count) {
  flatbuffers::FlatBufferBuilder builder;
  const auto tensor = fb::CreateTensor(builder);
  const std::vector<flatbuffers::Offset<fb::Tensor>> tensors(count, tensor);
  const auto operators = builder.CreateVector(std::vector<flatbuffers::Offset<fb::Operator>>());
  const auto banks = builder.CreateVector(std::vector<flatbuffers::Offset<fb::MemoryBank>>());
  const auto none = builder.CreateVector(std::vector<std::int32_t>());
  const auto all = builder.CreateVector(tensors);
  fb::FinishModelBuffer(builder, fb::CreateModel(builder, 1, all, operators, none, none, 0, banks));
  return {builder.GetBufferPointer(), builder.GetSize()};
}

TEST(StructureLimits, CountTablesOnceForEachReference) {
  // One is the model's own.
  AlignedBytes most = RepeatedTensor(kMaxTables - 1);
  EXPECT_TRUE(FlatcAccepts(most.span()));
  EXPECT_TRUE(VerifyStructure(most.span()));
  AlignedBytes more = RepeatedTensor(kMaxTables);
  EXPECT_FALSE(FlatcAccepts(more.span()));
  EXPECT_FALSE(VerifyStructure(more.span()));
}

}  // namespace
}  // namespace quaver::testing
