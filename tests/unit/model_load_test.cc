// What Load refuses of a file as a whole: its bytes, tensors and plan.
#include "kernels/packing.h"
#include "tests/unit/refusal.h"
#include "tests/util/sample_models.h"

namespace quaver::testing {
namespace {

class RefusesModel : public RefusalTest {};
TEST_P(RefusesModel, WithCodeAndMessage) { Check(); }

// --- The file as bytes -------------------------------------------------------------------------

TEST(Load, AcceptsEverySample) {
  for (const SampleModel& sample : SampleModels()) {
    AlignedBytes bytes = sample.make().Build();
    const Result<Model> model = Model::Load(bytes.span());
    EXPECT_TRUE(model.ok()) << sample.name << ": " << Text(model.status());
  }
}

TEST(Load, APictureIsNotAModel) {
  AlignedBytes bytes(1000);
  const std::uint8_t jpeg[] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, 'J', 'F', 'I', 'F'};
  std::memcpy(bytes.data(), jpeg, sizeof(jpeg));
  const Result<Model> model = Model::Load(bytes.span());
  EXPECT_EQ(model.status().code, StatusCode::kNotAModel);
  EXPECT_NE(Text(model.status()).find("quaver convert"), std::string::npos);
}

TEST(Load, AFileOfAFewBytesIsTruncated) {
  AlignedBytes bytes = TwoLayerModel().Build();
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_EQ(Model::Load({bytes.data(), size}).status().code, StatusCode::kTruncated) << size;
  }
}

TEST(Load, NoBytesAreTruncated) {
  EXPECT_EQ(Model::Load({nullptr, 1000}).status().code, StatusCode::kTruncated);
}

TEST(Load, AnOperatorOfANewerFormatIsMissing) {
  AlignedBytes bytes = FullyConnectedModel().Build();
  const fb::Operator* op = fb::GetModel(bytes.data())->operators()->Get(0);
  auto* table = reinterpret_cast<flatbuffers::Table*>(const_cast<fb::Operator*>(op));
  *table->GetAddressOf(fb::Operator::VT_PARAMS_TYPE) = 200;
  const Status status = Model::Load(bytes.span()).status();
  EXPECT_EQ(status.code, StatusCode::kMissingOperator);
  EXPECT_NE(Text(status).find("operator 0 (dense): operator type of a newer format"),
            std::string::npos)
      << Text(status);
}

TEST(Load, ACutFileIsTruncated) {
  AlignedBytes bytes = TwoLayerModel().Build();
  // The last bytes are padding behind the first vector that was written; all before them is needed.
  for (std::size_t size = 8; size + 64 < bytes.size(); ++size) {
    // A copy of just that size, so that a sanitizer sees a byte read beyond it.
    const std::vector<std::uint8_t> cut(bytes.data(), bytes.data() + size);
    AlignedBytes copy(cut.data(), cut.size());
    const Status status = Model::Load(copy.span()).status();
    ASSERT_EQ(status.code, StatusCode::kTruncated) << size << ": " << Text(status);
  }
}

TEST(Load, RefusesMisalignedBytes) {
  AlignedBytes bytes = FullyConnectedModel().Build();
  for (std::size_t shift = 1; shift < kModelAlignment; ++shift) {
    AlignedBytes shifted(bytes.data(), bytes.size(), shift);
    const Status status = Model::Load(shifted.span()).status();
    EXPECT_EQ(status.code, StatusCode::kMisaligned);
    EXPECT_EQ(status.found, static_cast<std::int64_t>(shift));
  }
}

TEST(Load, NeedsNoMoreThanSixteenBytesOfAlignment) {
  AlignedBytes bytes = TwoLayerModel().Build();
  AlignedBytes shifted(bytes.data(), bytes.size(), kModelAlignment);
  EXPECT_TRUE(Model::Load(shifted.span()).ok());
}

TEST(Load, RefusesOtherVersions) {
  for (const std::uint32_t version : {0U, 2U, 1000U}) {
    ModelBuilder builder = FullyConnectedModel();
    builder.model().format_version = version;
    const Status status = LoadStatus(builder.model());
    EXPECT_EQ(status.code, StatusCode::kUnsupportedVersion);
    EXPECT_EQ(status.expected, 1);
    EXPECT_EQ(status.found, version);
  }
}

TEST(Load, BytesFlippedAnywhereAreRefusedOrHarmless) {
  // Every byte of the file, with every bit set or cleared: what loads is also run, in bounds of an
  // arena of the exact size. Sanitizers make this sharp.
  for (const SampleModel& sample : SampleModels()) {
    AlignedBytes bytes = sample.make().Build();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::uint8_t original = bytes.data()[i];
      for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
        bytes.data()[i] = static_cast<std::uint8_t>(value);
        const Result<Model> model = Model::Load(bytes.span());
        if (!model.ok()) continue;
        const Result<std::size_t> arena_bytes = model->ArenaBytes();
        // A bank of gigabytes is valid; there is no need to fill it here.
        if (!arena_bytes.ok() || *arena_bytes > (1U << 20)) continue;
        std::vector<std::uint8_t> storage(*arena_bytes + 64);
        auto address = reinterpret_cast<std::uintptr_t>(storage.data());
        const std::size_t skip = (64 - address % 64) % 64;
        Result<Session> session = Session::Create(*model, {storage.data() + skip, *arena_bytes});
        ASSERT_TRUE(session.ok());
        ASSERT_TRUE(session->Run().ok());
      }
      bytes.data()[i] = original;
    }
  }
}

// Tensors of FullyConnectedModel: 0 input [2,10], 1 weights [7,10], 2 output [2,7].
INSTANTIATE_TEST_SUITE_P(
    Tensor, RefusesModel,
    ::testing::ValuesIn(std::vector<Refusal>{Refusal{"UnknownType",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 0).type =
                                                           static_cast<fb::TensorType>(7);
                                                     },
                                                     kModel,
                                                     {"tensor 0 (input)", "type", "found 7"}},
                                             Refusal{"SevenDimensions",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 0).shape = {1, 1, 1, 1, 1, 2, 10};
                                                     },
                                                     kModel,
                                                     {"tensor 0", "number of dimensions",
                                                      "expected 6, found 7"}},
                                             Refusal{"DimensionOfZero",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 2).shape = {2, 0};
                                                     },
                                                     kModel,
                                                     {"tensor 2 (output)", "dimension",
                                                      "expected 1, found 0"}},
                                             Refusal{"NegativeDimension",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 2).shape = {-2, -7};
                                                     },
                                                     kModel,
                                                     {"dimension", "found -2"}},
                                             Refusal{"ProductBeyondInt32",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 0).shape = {65536, 65536, 65536, 65536};
                                                     },
                                                     kModel,
                                                     {"bytes",
                                                      "expected 2147483647, found 4294967296"}},
                                             Refusal{"UnknownStorage",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 0).storage =
                                                           static_cast<fb::Storage>(5);
                                                     },
                                                     kModel,
                                                     {"storage", "found 5"}},
                                             Refusal{"OtherBank",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { T(m, 0).bank = 1; },
                                                     kPlan,
                                                     {"tensor 0", "memory bank",
                                                      "expected 0, found 1"}},
                                             Refusal{
                                                 "OffsetNotAligned",
                                                 FullyConnectedModel,
                                                 [](fb::ModelT* m) { T(m, 2).arena_offset += 8; },
                                                 kPlan,
                                                 {"tensor 2", "arena offset modulo 16", "found 8"}},
                                             Refusal{"BeyondTheBank",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { m->banks[0]->bytes = 45; },
                                                     kPlan,
                                                     {"tensor 2", "end in the memory bank",
                                                      "expected 45, found 46"}},
                                             Refusal{"OffsetThatWraps",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 2).arena_offset = 0xFFFFFFF0U;
                                                     },
                                                     kPlan,
                                                     {"tensor 2", "end in the memory bank"}},
                                             Refusal{"NoBank",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { m->banks.clear(); },
                                                     kModel,
                                                     {"number of memory banks"}},
                                             Refusal{"BufferIndex",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { T(m, 1).buffer = 1; },
                                                     kModel,
                                                     {"tensor 1 (weights)", "index of the buffer",
                                                      "expected 0, found 1"}},
                                             Refusal{"BufferTooSmall",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       m->buffers[0]->data.pop_back();
                                                     },
                                                     kModel,
                                                     {"tensor 1", "bytes of the buffer",
                                                      "expected 70, found 69"}},
                                             Refusal{
                                                 "BufferEmpty",
                                                 FullyConnectedModel,
                                                 [](fb::ModelT* m) { m->buffers[0]->data.clear(); },
                                                 kModel,
                                                 {"bytes of the buffer", "found 0"}},
                                             Refusal{"InputIndex",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { m->inputs[0] = 3; },
                                                     kModel,
                                                     {"index of an input", "expected 2, found 3"}},
                                             Refusal{"OutputIndex",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { m->outputs[0] = -1; },
                                                     kModel,
                                                     {"index of an output", "found -1"}},
                                             Refusal{
                                                 "ConstantOutput",
                                                 FullyConnectedModel,
                                                 [](fb::ModelT* m) { m->outputs[0] = 1; },
                                                 kModel,
                                                 {"tensor 1", "input or output that is constant"}},
                                             Refusal{
                                                 "ViewOfItself",
                                                 TwoLayerModel,
                                                 [](fb::ModelT* m) { T(m, 3).view_of = 3; },
                                                 kModel,
                                                 {"tensor 3 (flat)", "view of an earlier tensor",
                                                  "found 3"}},
                                             Refusal{"ViewOfNothing",
                                                     TwoLayerModel,
                                                     [](fb::ModelT* m) { T(m, 3).view_of = -2; },
                                                     kModel,
                                                     {"tensor 3", "view of an earlier tensor",
                                                      "found -2"}},
                                             Refusal{"ViewOfAView",
                                                     TwoLayerModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 4).view_of = 3;
                                                       T(m, 4).shape = {2, 36};
                                                     },
                                                     kModel,
                                                     {"tensor 4", "view of a view"}},
                                             Refusal{"ViewOfOtherBytes",
                                                     TwoLayerModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 3).shape = {2, 35};
                                                     },
                                                     kModel,
                                                     {"tensor 3", "bytes of a view",
                                                      "expected 72, found 70"}}}),
    NameOf);

void AddTestVector(fb::ModelT* m, std::size_t digests, const std::vector<std::size_t>& inputs) {
  auto vector = std::make_unique<fb::TestVectorT>();
  vector->digests.resize(digests);
  for (const std::size_t bytes : inputs) {
    vector->inputs.push_back(std::make_unique<fb::BufferT>());
    vector->inputs.back()->data.resize(bytes);
  }
  m->test_vectors.push_back(std::move(vector));
}

INSTANTIATE_TEST_SUITE_P(TestVectors, RefusesModel,
                         ::testing::ValuesIn(std::vector<Refusal>{
                             Refusal{"DigestMissing",
                                     TwoLayerModel,
                                     [](fb::ModelT* m) { AddTestVector(m, 1, {}); },
                                     kModel,
                                     {"digests of the test vector", "expected 2, found 1"}},
                             Refusal{"InputMissing",
                                     AddModel,
                                     [](fb::ModelT* m) { AddTestVector(m, 1, {12}); },
                                     kModel,
                                     {"inputs of the test vector", "expected 2, found 1"}},
                             Refusal{"InputTooSmall",
                                     AddModel,
                                     [](fb::ModelT* m) {
                                       AddTestVector(m, 1, {12, 2});
                                     },
                                     kModel,
                                     {"tensor 1 (right)", "bytes of the test vector's input",
                                      "expected 3, found 2"}}}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(
    Plan, RefusesModel,
    ::testing::ValuesIn(std::vector<Refusal>{Refusal{
                                                 "OutputOverItsInput",
                                                 FullyConnectedModel,
                                                 [](fb::ModelT* m) { T(m, 2).arena_offset = 0; },
                                                 kPlan,
                                                 {"operator 0 (dense)", "tensor 2 (output)",
                                                  "output that overlaps an input"}},
                                             Refusal{"InPlaceWhereTheInputIsBroadcast",
                                                     AddModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 2).arena_offset = T(m, 1).arena_offset;
                                                     },
                                                     kPlan,
                                                     {"operator 0 (sum)",
                                                      "output that overlaps an input"}},
                                             Refusal{"InPlaceWithAShift",
                                                     AddModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 0).shape = {8, 3};
                                                       T(m, 0).arena_offset = 0;
                                                       T(m, 1).arena_offset = 64;
                                                       T(m, 2).arena_offset = 16;
                                                       m->banks[0]->bytes = 80;
                                                     },
                                                     kPlan,
                                                     {"output that overlaps an input"}},
                                             Refusal{
                                                 "InputsOverlap",
                                                 AddModel,
                                                 [](fb::ModelT* m) { T(m, 1).arena_offset = 0; },
                                                 kPlan,
                                                 {"tensor 1 (right)",
                                                  "input that overlaps another input"}},
                                             Refusal{"ReadBeforeWritten",
                                                     TwoLayerModel,
                                                     [](fb::ModelT* m) {
                                                       std::swap(m->operators[0], m->operators[1]);
                                                     },
                                                     kPlan,
                                                     {"operator 0 (dense)", "tensor 3 (flat)",
                                                      "nothing has written"}},
                                             Refusal{"OutputNeverWritten",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) { m->operators.clear(); },
                                                     kPlan,
                                                     {"tensor 2 (output)", "nothing has written"}},
                                             Refusal{
                                                 "OverwrittenBeforeRead",
                                                 TwoLayerModel,
                                                 [](fb::ModelT* m) {
                                                   // The image is read again after the
                                                   // convolution's output has replaced it.
                                                   auto second = std::make_unique<fb::OperatorT>(
                                                       *m->operators[0]);
                                                   second->outputs = {static_cast<std::int32_t>(
                                                       m->tensors.size())};
                                                   auto output =
                                                       std::make_unique<fb::TensorT>(T(m, 2));
                                                   output->arena_offset = 0;
                                                   m->tensors.push_back(std::move(output));
                                                   m->banks[0]->bytes = 512;
                                                   T(m, 2).arena_offset = 256;
                                                   T(m, 5).arena_offset = 80;
                                                   T(m, 0).arena_offset = 80;
                                                   m->operators.push_back(std::move(second));
                                                 },
                                                 kPlan,
                                                 {"operator 2 (conv)", "tensor 0 (input)",
                                                  "another operator has overwritten", "found 1"}},
                                             Refusal{"StateOverwritten",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       auto state =
                                                           std::make_unique<fb::TensorT>(T(m, 2));
                                                       state->name = "memory";
                                                       state->storage = fb::Storage::State;
                                                       m->tensors.push_back(std::move(state));
                                                     },
                                                     kPlan,
                                                     {"operator 0 (dense)", "tensor 3 (memory)",
                                                      "state that another tensor overwrites"}},
                                             Refusal{"InputIsState",
                                                     FullyConnectedModel,
                                                     [](fb::ModelT* m) {
                                                       T(m, 0).storage = fb::Storage::State;
                                                     },
                                                     kPlan,
                                                     {"tensor 0", "input that is state"}}}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(Operators, RefusesModel,
                         ::testing::ValuesIn(std::vector<Refusal>{
                             Refusal{"Custom",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) {
                                       Op(m).params.Reset();
                                       Op(m).params.type = fb::OperatorParams::Custom;
                                       auto* custom = new fb::CustomT();
                                       custom->name = "MyFilter";
                                       Op(m).params.value = custom;
                                     },
                                     StatusCode::kMissingOperator,
                                     {"operator 0 (dense)", "MyFilter", "QUAVER_OPERATORS"}},
                             Refusal{"InputIndex",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) { Op(m).inputs[1] = 30; },
                                     kOperator,
                                     {"operator 0", "index of an input", "expected 2, found 30"}},
                             Refusal{"OutputIndex",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) { Op(m).outputs[0] = -5; },
                                     kOperator,
                                     {"operator 0", "index of an output", "found -5"}},
                             Refusal{"ConstantOutput",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) { Op(m).outputs[0] = 1; },
                                     kOperator,
                                     {"operator 0", "tensor 1", "output that is constant"}},
                             Refusal{"TooFewInputs",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) { Op(m).inputs = {0}; },
                                     kOperator,
                                     {"operator 0", "number of inputs", "expected 2, found 1"}},
                             Refusal{"TwoOutputs",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) { Op(m).outputs = {2, 2}; },
                                     kOperator,
                                     {"number of outputs", "expected 1, found 2"}}}),
                         NameOf);

// --- Packed weights ----------------------------------------------------------------------------

constexpr kernels::WeightLayout kLayout{kernels::LayoutKind::kGemm, 4, 2, 0};

/// FullyConnectedModel with its weights packed as well, changed by `change`.
fb::ModelT Packed(
    const std::function<void(fb::PackedWeightsT*, std::vector<std::uint8_t>*)>& change) {
  ModelBuilder b = FullyConnectedModel();
  auto* p = static_cast<fb::FullyConnectedT*>(Op(&b.model()).params.value);
  const kernels::OutputStage stage = {
      p->bias.data(), p->output->multiplier.data(), p->output->shift.data(), 0, -128, 127};
  const kernels::WeightShape shape{7, 10, 1, 10};
  AlignedBytes bytes(static_cast<std::size_t>(kernels::PackedBytes(kLayout, shape)));
  kernels::PackWeights(kLayout, shape,
                       reinterpret_cast<const std::int8_t*>(b.model().buffers[0]->data.data()),
                       stage, bytes.data());
  auto packed = std::make_unique<fb::PackedWeightsT>();
  packed->layout = std::make_unique<fb::WeightLayout>(1, kLayout.nr, kLayout.kr, 0);
  packed->buffer = b.Buffer(bytes.data(), bytes.size());
  change(packed.get(), &b.model().buffers.back()->data);
  p->packed.push_back(std::move(packed));
  return std::move(b.model());
}

Status PackedStatus(
    const std::function<void(fb::PackedWeightsT*, std::vector<std::uint8_t>*)>& change) {
  return LoadStatus(Packed(change));
}

TEST(PackedWeights, AreAccepted) {
  const Status status = PackedStatus([](fb::PackedWeightsT*, std::vector<std::uint8_t>*) {});
  EXPECT_TRUE(status.ok()) << Text(status);
}

// Of a fully connected layer the dense panels are the same as the others.
TEST(PackedWeights, AreAcceptedDense) {
  const Status status = PackedStatus([](fb::PackedWeightsT* p, std::vector<std::uint8_t>*) {
    p->layout = std::make_unique<fb::WeightLayout>(4, kLayout.nr, kLayout.kr, 0);
  });
  EXPECT_TRUE(status.ok()) << Text(status);
}

TEST(PackedWeights, AreCheckedFieldByField) {
  using Change = std::function<void(fb::PackedWeightsT*, std::vector<std::uint8_t>*)>;
  const auto layout = [](std::uint8_t kind, std::uint8_t nr, std::uint8_t kr, std::uint8_t offset) {
    return [=](fb::PackedWeightsT* p, std::vector<std::uint8_t>*) {
      p->layout = std::make_unique<fb::WeightLayout>(kind, nr, kr, offset);
    };
  };
  const Change changes[] = {
      layout(2, 4, 2, 0),
      layout(0, 4, 2, 0),
      layout(1, 0, 2, 0),
      layout(1, 4, 0, 0),
      layout(1, 4, 2, 1),
      layout(1, 8, 2, 0),
      layout(3, 4, 2, 0),
      layout(4, 8, 2, 0),
      layout(5, 4, 2, 0),
      layout(6, 4, 2, 0),
      [](fb::PackedWeightsT* p, std::vector<std::uint8_t>*) { p->buffer = 2; },
      [](fb::PackedWeightsT*, std::vector<std::uint8_t>* bytes) { bytes->pop_back(); },
      // The multiplier and the shift of channel 0: after 4 biases, after 4 multipliers.
      [](fb::PackedWeightsT*, std::vector<std::uint8_t>* bytes) { (*bytes)[16 + 3] ^= 0x80; },
      [](fb::PackedWeightsT*, std::vector<std::uint8_t>* bytes) { (*bytes)[32] ^= 0x40; },
      // The shift of the eighth channel, which is not there: in the second panel.
      [](fb::PackedWeightsT*, std::vector<std::uint8_t>* bytes) {
        const std::size_t panel = kernels::PanelBytes(kLayout, {7, 10, 1, 10});
        (*bytes)[panel + 32 + 4 * 3] = 99;
      },
  };
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    const Status status = PackedStatus(changes[i]);
    EXPECT_EQ(status.code, StatusCode::kInvalidOperator) << i << ": " << Text(status);
  }
}

/// The bytes of buffer 1 once more behind the file, `shift` bytes from where they would be aligned.
AlignedBytes WithMovedBuffer(AlignedBytes file, std::size_t shift) {
  const fb::Buffer& buffer = *fb::GetModel(file.data())->buffers()->Get(1);
  const flatbuffers::uoffset_t size = buffer.data()->size();
  const std::size_t begin = (file.size() + 79) / 16 * 16 + shift;
  AlignedBytes moved(begin + size);
  std::memcpy(moved.data(), file.data(), file.size());
  std::memcpy(moved.data() + begin - sizeof(size), &size, sizeof(size));
  std::memcpy(moved.data() + begin, buffer.data()->data(), size);
  // The field that leads to the vector counts from itself to the vector's length.
  const auto field = static_cast<std::size_t>(
      reinterpret_cast<const flatbuffers::Table&>(buffer).GetAddressOf(fb::Buffer::VT_DATA) -
      file.data());
  const auto offset = static_cast<flatbuffers::uoffset_t>(begin - sizeof(size) - field);
  std::memcpy(moved.data() + field, &offset, sizeof(offset));
  return moved;
}

TEST(PackedWeights, AreAligned) {
  const fb::ModelT model = Packed([](fb::PackedWeightsT*, std::vector<std::uint8_t>*) {});
  AlignedBytes aligned = WithMovedBuffer(Serialize(model), 0);
  EXPECT_TRUE(Model::Load(aligned.span()).ok());
  for (const std::size_t shift : {4U, 8U, 12U}) {
    AlignedBytes bytes = WithMovedBuffer(Serialize(model), shift);
    const Status status = Model::Load(bytes.span()).status();
    EXPECT_EQ(status.code, StatusCode::kInvalidOperator);
    EXPECT_EQ(status.found, static_cast<std::int64_t>(shift)) << Text(status);
  }
}

// --- Limits ------------------------------------------------------------------------------------

TEST(Load, RefusesMoreOperandsThanItWouldCompare) {
  ModelBuilder b = StridedCopyModel();
  Op(&b.model()).inputs.resize(40000, 0);
  const Status status = LoadStatus(b.model());
  EXPECT_EQ(status.code, StatusCode::kInvalidModel);
  EXPECT_EQ(status.found, 40001);
}

TEST(Load, RefusesMoreTensorsThanTheLimit) {
  ModelBuilder b = FullyConnectedModel();
  for (int i = 0; i < 33000; ++i) {
    b.model().tensors.push_back(std::make_unique<fb::TensorT>());
  }
  const Status status = LoadStatus(b.model());
  EXPECT_EQ(status.code, StatusCode::kInvalidModel);
  EXPECT_EQ(status.expected, 32768);
}

}  // namespace
}  // namespace quaver::testing
