// Weights in fewer bytes than one each: the same bytes as with plain ones, and what Load refuses.
#include <algorithm>
#include <string>

#include "kernels/isa.h"
#include "runtime/test_vector.h"
#include "tests/unit/refusal.h"
#include "tests/util/compressed_model.h"
#include "tests/util/residual_model.h"

namespace quaver::testing {
namespace {

/// The outputs of a session in an arena of its exact size, followed by guard bytes; twice.
std::vector<std::uint8_t> RunOn(const ModelBuilder& builder, const char* isa,
                                std::size_t* arena_bytes = nullptr) {
  AlignedBytes bytes = builder.Build();
  const Result<Model> model = Model::Load(bytes.span());
  EXPECT_TRUE(model.ok()) << Text(model.status());
  SessionOptions options;
  options.isa = isa;
  const std::size_t needed = *model->ArenaBytes(options);
  if (arena_bytes != nullptr) *arena_bytes = needed;
  constexpr std::ptrdiff_t kGuardBytes = 128;
  AlignedBytes arena(needed + kGuardBytes);
  std::fill_n(arena.data(), arena.size(), std::uint8_t{0xA5});
  Result<Session> session = Session::Create(*model, {arena.data(), needed}, options);
  EXPECT_TRUE(session.ok()) << Text(session.status());
  std::vector<std::uint8_t> outputs;
  for (std::uint32_t run = 0; run < 2; ++run) {
    TestInputGenerator generator(run + 5);
    for (std::size_t i = 0; i < model->InputCount(); ++i) generator.Fill(session->Input(i));
    EXPECT_TRUE(session->Run().ok());
    const TensorView output = session->Output(0);
    const auto* data = static_cast<const std::uint8_t*>(output.data);
    outputs.insert(outputs.end(), data, data + output.bytes);
  }
  const std::uint8_t* guard = arena.data() + needed;
  EXPECT_EQ(std::count(guard, guard + kGuardBytes, std::uint8_t{0xA5}), kGuardBytes);
  return outputs;
}

bool HasIsa(const char* isa) {
  AlignedBytes bytes = FullyConnectedModel().Build();
  SessionOptions options;
  options.isa = isa;
  return Model::Load(bytes.span())->ArenaBytes(options).ok();
}

std::vector<const char*> IsasHere() {
  std::vector<const char*> isas;
#define QUAVER_X(name, text, fallback) \
  if (HasIsa(text)) isas.push_back(text);
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  return isas;
}

/// A model, and which tensor holds the weights.
struct Place {
  const char* name;
  ModelBuilder (*make)();
  std::size_t tensor;
};

class CompressedWeights : public ::testing::TestWithParam<WeightsForm> {};

TEST_P(CompressedWeights, GiveTheBytesOfPlainOnes) {
  for (const Place& place :
       {Place{"conv", Conv2DModel, 1}, Place{"depthwise", DepthwiseConv2DModel, 1},
        Place{"dense", FullyConnectedModel, 1}, Place{"maker of parts", LargeResidualModel, 0}}) {
    ModelBuilder plain = place.make();
    const fb::ModelT& model = plain.model();
    std::size_t tensor = place.tensor;
    if (tensor == 0) {
      // The weights of the convolution whose output is transient.
      for (const auto& op : model.operators) {
        const auto output = static_cast<std::size_t>(op->outputs[0]);
        if (tensor == 0 && model.tensors[output]->storage == fb::Storage::Transient) {
          tensor = static_cast<std::size_t>(op->inputs[1]);
        }
      }
    }
    const auto rows = static_cast<std::size_t>(model.tensors[tensor]->shape[0]);
    const std::size_t count = model.buffers[model.tensors[tensor]->buffer]->data.size();
    const CompressedWeightsSample sample = MakeCompressed(GetParam(), rows, count / rows);
    SetPlain(sample, tensor, &plain.model());
    const std::vector<std::uint8_t> expected = RunOn(plain, "scalar");
    for (const fb::Expansion expansion : {fb::Expansion::Load, fb::Expansion::Run}) {
      ModelBuilder compressed = place.make();
      SetCompressed(sample, expansion, tensor, &compressed.model());
      for (const char* isa : IsasHere()) {
        EXPECT_EQ(RunOn(compressed, isa), expected)
            << place.name << " " << isa << " " << fb::EnumNameExpansion(expansion);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, CompressedWeights, ::testing::ValuesIn(WeightsForms()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(CompressedWeights, TakeArenaWhileTheyAreNeeded) {
  const CompressedWeightsSample sample = MakeCompressed({"", 4}, 7, 10);
  const auto arena = [&](fb::Expansion expansion, bool compressed) {
    ModelBuilder b = FullyConnectedModel();
    if (compressed) SetCompressed(sample, expansion, 1, &b.model());
    std::size_t bytes = 0;
    RunOn(b, "scalar", &bytes);
    return bytes;
  };
  const std::size_t plain = arena(fb::Expansion::Load, false);
  // 70 weights: 128 bytes behind the records, which then begin at a multiple of 64, or in scratch.
  EXPECT_GE(arena(fb::Expansion::Load, true), plain + 128);
  EXPECT_LT(arena(fb::Expansion::Load, true), plain + 128 + 64);
  EXPECT_GE(arena(fb::Expansion::Run, true), plain + 128);
}

TEST(CompressedWeights, HaveNoBytesToShow) {
  AlignedBytes bytes = CompressedModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << Text(model.status());
  AlignedBytes arena(*model->ArenaBytes());
  Result<Session> session = Session::Create(*model, arena.span());
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->Tensor(1).data, nullptr);
  EXPECT_EQ(session->Tensor(1).bytes, 70U);
}

// --- What Load refuses --------------------------------------------------------------------------

fb::CompressionT& C(fb::ModelT* m) { return *m->tensors[1]->compression; }

class RefusesCompression : public RefusalTest {};
TEST_P(RefusesCompression, WithCodeAndMessage) { Check(); }

ModelBuilder Bits4() {
  ModelBuilder b = FullyConnectedModel();
  SetCompressed(MakeCompressed({"", 4}, 7, 10), fb::Expansion::Load, 1, &b.model());
  return b;
}
ModelBuilder PresentInt8() {
  ModelBuilder b = FullyConnectedModel();
  SetCompressed(MakeCompressed({"", 8, 1, false, true}, 7, 10), fb::Expansion::Load, 1, &b.model());
  return b;
}

const std::vector<Refusal> kRefusals = {
    {"NoTable",
     CompressedModel,
     [](fb::ModelT* m) { T(m, 1).compression = nullptr; },
     kModel,
     {"tensor 1 (weights)", "compressed weights that do not say how"}},
    {"Bits",
     Bits4,
     [](fb::ModelT* m) { C(m).bits = 3; },
     kModel,
     {"bits of compressed weights", "expected 8, found 3"}},
    {"VectorOfNone",
     Bits4,
     [](fb::ModelT* m) { C(m).vector = 0; },
     kModel,
     {"vector of compressed weights", "expected 1, found 0"}},
    {"LongVector",
     Bits4,
     [](fb::ModelT* m) { C(m).vector = 17; },
     kModel,
     {"vector of compressed weights", "expected 16, found 17"}},
    {"Expansion",
     Bits4,
     [](fb::ModelT* m) { C(m).expansion = static_cast<fb::Expansion>(2); },
     kModel,
     {"expansion of compressed weights", "expected 1, found 2"}},
    {"FewValues",
     Bits4,
     [](fb::ModelT* m) { C(m).values.pop_back(); },
     kModel,
     {"values of compressed weights", "expected 16, found 15"}},
    {"NoValues",
     Bits4,
     [](fb::ModelT* m) { C(m).values.clear(); },
     kModel,
     {"bits of compressed weights without values", "expected 8, found 4"}},
    {"ValuesOfTooFewRows",
     Bits4,
     [](fb::ModelT* m) { C(m).values.resize(std::size_t{16} * 6); },
     kModel,
     {"values of compressed weights", "expected 16, found 96"}},
    {"VectorsByRow",
     Bits4,
     [](fb::ModelT* m) {
       C(m).vector = 2;
       C(m).values.resize(std::size_t{32} * 7);
     },
     kModel,
     {"values of compressed weights", "expected 32, found 224"}},
    {"NeitherValuesNorPresent",
     PresentInt8,
     [](fb::ModelT* m) { C(m).present.clear(); },
     kModel,
     {"neither values nor a bit for each weight"}},
    {"MultipliersWithoutValues",
     PresentInt8,
     [](fb::ModelT* m) {
       C(m).multipliers.assign(7, 1);
       C(m).group_weights = 10;
     },
     kModel,
     {"multipliers of compressed weights without values", "expected 0, found 7"}},
    {"FewPresent",
     CompressedModel,
     [](fb::ModelT* m) { C(m).present.pop_back(); },
     kModel,
     {"bytes of the bits that say which weights are present", "expected 9, found 8"}},
    {"PresentVectors",
     CompressedModel,
     [](fb::ModelT* m) {
       C(m).vector = 2;
       C(m).values.resize(8);
     },
     kModel,
     {"vector of compressed weights with a bit for each", "expected 1, found 2"}},
    {"MorePresentThanIndexes",
     PresentInt8,
     [](fb::ModelT* m) { C(m).present.assign(9, 0xFF); },
     kModel,
     {"bytes of compressed weights", "expected 70"}},
    {"FewIndexes",
     Bits4,
     [](fb::ModelT* m) { m->buffers[0]->data.pop_back(); },
     kModel,
     {"bytes of compressed weights", "expected 35, found 34"}},
    {"ManyIndexes",
     Bits4,
     [](fb::ModelT* m) { m->buffers[0]->data.push_back(0); },
     kModel,
     {"bytes of compressed weights", "expected 35, found 36"}},
    {"BufferIndex",
     Bits4,
     [](fb::ModelT* m) { T(m, 1).buffer = 5; },
     kModel,
     {"index of the buffer", "expected 0, found 5"}},
    {"GroupOfNone",
     CompressedModel,
     [](fb::ModelT* m) { C(m).group_weights = 0; },
     kModel,
     {"compressed weights that share a multiplier", "expected 1, found 0"}},
    {"GroupLongerThanARow",
     CompressedModel,
     [](fb::ModelT* m) { C(m).group_weights = 11; },
     kModel,
     {"compressed weights that share a multiplier", "expected 10, found 11"}},
    {"FewMultipliers",
     CompressedModel,
     [](fb::ModelT* m) { C(m).multipliers.pop_back(); },
     kModel,
     {"multipliers of compressed weights", "expected 28, found 27"}},
    {"LargeMultiplier",
     CompressedModel,
     [](fb::ModelT* m) {
       C(m).values = {-8, 1, 2, 3};
       C(m).multipliers[3] = 17;
     },
     kModel,
     {"value times the largest multiplier", "expected -128, found -136"}},
    {"Type",
     Bits4,
     [](fb::ModelT* m) { T(m, 1).type = fb::TensorType::UInt8; },
     kModel,
     {"tensor type of compressed weights", "expected 0, found 1"}},
    {"Scalar",
     Bits4,
     [](fb::ModelT* m) { T(m, 1).shape.clear(); },
     kModel,
     {"dimensions of compressed weights", "expected 1, found 0"}},
    {"ModelInput",
     Bits4,
     [](fb::ModelT* m) { m->inputs.push_back(1); },
     kModel,
     {"tensor 1 (weights)", "input or output that is constant"}},
    {"OperatorOutput",
     Bits4,
     [](fb::ModelT* m) { Op(m).outputs[0] = 1; },
     kOperator,
     {"tensor 1 (weights)", "output that is constant"}},
};
INSTANTIATE_TEST_SUITE_P(Cases, RefusesCompression, ::testing::ValuesIn(kRefusals), NameOf);

TEST(RefusesCompression, AViewOfIt) {
  ModelBuilder b = Bits4();
  b.View(1, {70}, "flat weights");
  AlignedBytes bytes = b.Build();
  const Status status = Model::Load(bytes.span()).status();
  EXPECT_EQ(status.code, kModel);
  EXPECT_NE(Text(status).find("view of a compressed tensor"), std::string::npos) << Text(status);
}

/// An addition of a constant, which has no place for what is expanded.
TEST(RefusesCompression, WhereItIsNotWeights) {
  ModelBuilder b;
  const auto input = b.Input({4, 3}, "left");
  const auto constant = b.Constant({4, 3}, SomeValues(12), "right");
  SetCompressed(MakeCompressed({"", 1}, 4, 3), fb::Expansion::Load, 1, &b.model());
  const auto output = b.Activation({4, 3}, "output");
  ModelBuilder sum = AddModel();
  fb::AddSubT p = *sum.model().operators[0]->params.AsAdd();
  p.broadcast->strides2 = {3, 1};
  b.Operator(fb::OperatorParams::Add, {input, constant}, {output}, std::move(p), "sum");
  b.Output(output);
  AlignedBytes bytes = b.Build();
  const Status status = Model::Load(bytes.span()).status();
  EXPECT_EQ(status.code, kOperator);
  EXPECT_NE(Text(status).find("compressed input that is not an operator's weights"),
            std::string::npos)
      << Text(status);
}

}  // namespace
}  // namespace quaver::testing
