// From the bytes of a model to the bytes of its outputs.
#include "quaver/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "platform/platform.h"
#include "runtime/arena_size.h"
#include "runtime/test_vector.h"
#include "tests/util/model_builder.h"
#include "tests/util/residual_model.h"

namespace quaver::testing {
namespace {

std::string Text(const Status& status) {
  char text[400];
  status.Format(text, sizeof(text));
  return text;
}

/// Sets and restores QUAVER_ISA.
class IsaEnvironment {
 public:
  explicit IsaEnvironment(const char* value) {
    if (const char* old = std::getenv("QUAVER_ISA")) {
      old_ = old;
      had_ = true;
    }
    setenv("QUAVER_ISA", value, 1);
  }
  ~IsaEnvironment() {
    if (had_) {
      setenv("QUAVER_ISA", old_.c_str(), 1);
    } else {
      unsetenv("QUAVER_ISA");
    }
  }

 private:
  std::string old_;
  bool had_ = false;
};

/// A model with its bytes, an arena of the exact size, and a session.
struct Ready {
  explicit Ready(const ModelBuilder& builder, const SessionOptions& options = {})
      : bytes(builder.Build()) {
    Result<Model> loaded = Model::Load(bytes.span());
    EXPECT_TRUE(loaded.ok()) << Text(loaded.status());
    if (!loaded.ok()) return;
    model = *loaded;
    Result<std::size_t> arena_bytes = model.ArenaBytes(options);
    EXPECT_TRUE(arena_bytes.ok()) << Text(arena_bytes.status());
    if (!arena_bytes.ok()) return;
    arena = AlignedBytes(*arena_bytes);
    Result<Session> created = Session::Create(model, arena.span(), options);
    EXPECT_TRUE(created.ok()) << Text(created.status());
    if (created.ok()) session = *created;
  }

  void FillInputs(std::uint32_t seed) {
    TestInputGenerator generator(seed);
    for (std::size_t i = 0; i < model.InputCount(); ++i) generator.Fill(session.Input(i));
  }
  std::vector<std::uint8_t> OutputBytes() const {
    const TensorView output = session.Output(0);
    const auto* data = static_cast<const std::uint8_t*>(output.data);
    return {data, data + output.bytes};
  }

  AlignedBytes bytes;
  Model model;
  AlignedBytes arena;
  Session session;
};

class EverySampleModel : public ::testing::TestWithParam<SampleModel> {};

TEST_P(EverySampleModel, RunsTwiceToTheSameBytes) {
  Ready ready(GetParam().make());
  ready.FillInputs(1);
  ASSERT_TRUE(ready.session.Run().ok());
  const std::vector<std::uint8_t> first = ready.OutputBytes();
  ready.FillInputs(2);
  ASSERT_TRUE(ready.session.Run().ok());
  const std::vector<std::uint8_t> other = ready.OutputBytes();
  ready.FillInputs(1);
  ASSERT_TRUE(ready.session.Run().ok());
  EXPECT_EQ(ready.OutputBytes(), first);
  EXPECT_NE(other, first);
}

TEST_P(EverySampleModel, NeedsExactlyArenaBytes) {
  Ready ready(GetParam().make());
  const std::size_t needed = *ready.model.ArenaBytes();
  for (std::size_t size = 0; size < needed; ++size) {
    AlignedBytes small(size);
    const Result<Session> created = Session::Create(ready.model, small.span());
    ASSERT_EQ(created.status().code, StatusCode::kArenaTooSmall) << size;
    ASSERT_EQ(created.status().expected, static_cast<std::int64_t>(needed));
    ASSERT_EQ(created.status().found, static_cast<std::int64_t>(size));
  }
}

TEST_P(EverySampleModel, WritesOnlyInItsArena) {
  Ready ready(GetParam().make());
  const std::size_t needed = *ready.model.ArenaBytes();
  constexpr std::uint8_t kGuard = 0xA5;
  AlignedBytes guarded(needed + 256);
  std::fill_n(guarded.data(), guarded.size(), kGuard);
  Result<Session> session = Session::Create(ready.model, {guarded.data(), needed});
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(session->Run().ok());
  EXPECT_EQ(std::count(guarded.data() + needed, guarded.data() + guarded.size(), kGuard), 256);
}

TEST_P(EverySampleModel, ScalarGivesTheSameBytes) {
  Ready best(GetParam().make());
  SessionOptions options;
  options.isa = "scalar";
  Ready scalar(GetParam().make(), options);
  EXPECT_STREQ(scalar.session.IsaName(), "scalar");
  for (std::uint32_t seed = 1; seed < 20; ++seed) {
    best.FillInputs(seed);
    scalar.FillInputs(seed);
    ASSERT_TRUE(best.session.Run().ok());
    ASSERT_TRUE(scalar.session.Run().ok());
    ASSERT_EQ(best.OutputBytes(), scalar.OutputBytes()) << "seed " << seed;
  }
}

TEST_P(EverySampleModel, ObserverSeesEveryOperatorOnce) {
  Ready ready(GetParam().make());
  struct Seen {
    std::vector<std::size_t> indices;
    std::string last_kernel;
    std::int32_t last_output = -1;
  } seen;
  const Status status = ready.session.Run(
      [](void* context, const Session&, const OperatorEvent& event) {
        auto* s = static_cast<Seen*>(context);
        s->indices.push_back(event.index);
        s->last_kernel = event.kernel;
        s->last_output = event.output_indices[event.output_indices.size() - 1];
      },
      &seen);
  ASSERT_TRUE(status.ok());
  ASSERT_EQ(seen.indices.size(), ready.model.OperatorCount());
  for (std::size_t i = 0; i < seen.indices.size(); ++i) EXPECT_EQ(seen.indices[i], i);
  EXPECT_NE(seen.last_kernel, "");
  const auto& outputs = *ready.model.root()->operators()->rbegin()->outputs();
  EXPECT_EQ(seen.last_output, *outputs.rbegin());
}

INSTANTIATE_TEST_SUITE_P(Transient, EverySampleModel,
                         ::testing::Values(SampleModel{"Residual", SmallResidualModel}),
                         [](const auto& info) { return std::string(info.param.name); });
INSTANTIATE_TEST_SUITE_P(Session, EverySampleModel, ::testing::ValuesIn(SampleModels()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Session, RefusesAMisalignedArena) {
  Ready ready(FullyConnectedModel());
  for (std::size_t shift = 1; shift < kArenaAlignment; ++shift) {
    AlignedBytes arena(*ready.model.ArenaBytes(), shift);
    const Result<Session> created = Session::Create(ready.model, arena.span());
    ASSERT_EQ(created.status().code, StatusCode::kMisaligned);
    EXPECT_EQ(created.status().found, static_cast<std::int64_t>(shift));
  }
}

TEST(Session, RefusesAModelThatIsNotLoaded) {
  AlignedBytes arena(1000);
  EXPECT_EQ(Session::Create(Model(), arena.span()).status().code, StatusCode::kInvalidArgument);
  EXPECT_EQ(Model().ArenaBytes().status().code, StatusCode::kInvalidArgument);
}

TEST(Session, RefusesANullArena) {
  Ready ready(FullyConnectedModel());
  const Status status = Session::Create(ready.model, {nullptr, 100000}).status();
  EXPECT_EQ(status.code, StatusCode::kArenaTooSmall);
  EXPECT_EQ(status.found, 0);
}

TEST(Session, SessionsOfOneModelAreIndependent) {
  Ready a(TwoLayerModel());
  AlignedBytes arena(*a.model.ArenaBytes());
  Result<Session> b = Session::Create(a.model, arena.span());
  ASSERT_TRUE(b.ok());
  a.FillInputs(1);
  ASSERT_TRUE(a.session.Run().ok());
  const std::vector<std::uint8_t> before = a.OutputBytes();
  TestInputGenerator(77).Fill(b->Input(0));
  ASSERT_TRUE(b->Run().ok());
  EXPECT_EQ(a.OutputBytes(), before);
  EXPECT_NE(std::memcmp(b->Output(0).data, before.data(), before.size()), 0);
}

TEST(Session, DescribesItsTensors) {
  ModelBuilder builder = FullyConnectedModel();
  builder.model().tensors[0]->quantization = std::make_unique<fb::QuantizationT>();
  builder.model().tensors[0]->quantization->scale = {0.125F};
  builder.model().tensors[0]->quantization->zero_point = {-9};
  Ready ready(builder);
  const TensorView input = ready.session.Input(0);
  EXPECT_STREQ(input.name, "input");
  EXPECT_EQ(input.type, DataType::kInt8);
  ASSERT_EQ(input.rank, 2);
  EXPECT_EQ(input.shape[0], 2);
  EXPECT_EQ(input.shape[1], 10);
  EXPECT_EQ(input.bytes, 20U);
  EXPECT_EQ(input.Scale(), 0.125F);
  EXPECT_EQ(input.zero_point, -9);
  EXPECT_EQ(input.As<std::int8_t>().size(), 20U);
  EXPECT_TRUE(input.As<std::int32_t>().empty());
  EXPECT_STREQ(ready.model.Name(), "test model");
  EXPECT_EQ(ready.model.Label(0), nullptr);
}

// A running sum: state += input, in place.
ModelBuilder StateModel() {
  ModelBuilder b;
  const auto input = b.Input({4});
  const auto state = b.State({4}, "memory");
  fb::AddSubT p;
  p.broadcast = std::make_unique<fb::BroadcastT>();
  p.broadcast->dims = {4};
  p.broadcast->strides1 = {1};
  p.broadcast->strides2 = {1};
  p.multiplier1 = p.multiplier2 = p.output_multiplier = 1 << 30;
  p.output_shift = -18;
  b.Operator(fb::OperatorParams::Add, {state, input}, {state}, std::move(p), "accumulate");
  b.Output(state);
  return b;
}

TEST(Session, KeepsStateBetweenRunsUntilReset) {
  Ready ready(StateModel());
  const Span<std::int8_t> input = ready.session.Input(0).As<std::int8_t>();
  const Span<std::int8_t> sum = ready.session.Output(0).As<std::int8_t>();
  for (int run = 1; run <= 3; ++run) {
    std::fill(input.begin(), input.end(), std::int8_t{5});
    ASSERT_TRUE(ready.session.Run().ok());
    EXPECT_EQ(sum[2], 5 * run);
  }
  ready.session.ResetState();
  EXPECT_EQ(sum[2], 0);
}

// --- Self test ---------------------------------------------------------------------------------

/// Adds a test vector made by running the model; then `spoil` of its digests is changed.
ModelBuilder WithTestVector(ModelBuilder (*make)(), bool generated, int spoil) {
  Ready ready(make());
  ready.FillInputs(5);
  auto vector = std::make_unique<fb::TestVectorT>();
  vector->seed = 5;
  if (!generated) {
    vector->seed = 0;
    for (std::size_t i = 0; i < ready.model.InputCount(); ++i) {
      const TensorView input = ready.session.Input(i);
      const auto* data = static_cast<const std::uint8_t*>(input.data);
      vector->inputs.push_back(std::make_unique<fb::BufferT>());
      vector->inputs.back()->data.assign(data, data + input.bytes);
    }
  }
  const Status status = ready.session.Run(
      [](void* context, const Session& session, const OperatorEvent& event) {
        static_cast<fb::TestVectorT*>(context)->digests.push_back(OutputDigest(session, event));
      },
      vector.get());
  EXPECT_TRUE(status.ok());
  if (spoil >= 0) vector->digests[static_cast<std::size_t>(spoil)] ^= 1;
  ModelBuilder builder = make();
  builder.model().test_vectors.push_back(std::move(vector));
  return builder;
}

TEST_P(EverySampleModel, PassesItsSelfTest) {
  for (const bool generated : {true, false}) {
    Ready ready(WithTestVector(GetParam().make, generated, -1));
    const Status status = ready.session.SelfTest();
    EXPECT_TRUE(status.ok()) << Text(status);
  }
}

TEST(SelfTest, NamesTheFirstOperatorThatDiffers) {
  Ready ready(WithTestVector(TwoLayerModel, true, 1));
  const Status status = ready.session.SelfTest();
  EXPECT_EQ(status.code, StatusCode::kSelfTestFailed);
  EXPECT_EQ(status.operator_index, 1);
  EXPECT_STREQ(status.operator_name, "dense");
  EXPECT_NE(status.expected, status.found);
  EXPECT_NE(Text(status).find("operator 1 (dense)"), std::string::npos) << Text(status);
}

TEST(SelfTest, SaysThatThereIsNoTestVector) {
  Ready ready(TwoLayerModel());
  EXPECT_EQ(ready.session.SelfTest().code, StatusCode::kNoTestVector);
}

TEST(SelfTest, ResetsTheState) {
  Ready ready(WithTestVector(StateModel, true, -1));
  ready.FillInputs(3);
  ASSERT_TRUE(ready.session.Run().ok());
  EXPECT_TRUE(ready.session.SelfTest().ok());
  EXPECT_EQ(ready.session.Output(0).As<std::int8_t>()[0], 0);
}

// The vectors that docs/format.md gives.
TEST(TestVector, GeneratorIsTheDocumentedOne) {
  std::uint8_t bytes[8] = {};
  TensorView view;
  view.type = DataType::kUInt8;
  view.data = bytes;
  view.bytes = sizeof(bytes);
  TestInputGenerator(1).Fill(view);
  std::uint32_t state = 1;
  for (const std::uint8_t byte : bytes) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    EXPECT_EQ(byte, state >> 24);
  }
  EXPECT_EQ(bytes[1], 0x04);
}

TEST(TestVector, Float32InputsAreBetweenOneAndTwo) {
  float values[64] = {};
  TensorView view;
  view.type = DataType::kFloat32;
  view.data = values;
  view.bytes = sizeof(values);
  TestInputGenerator(0).Fill(view);
  int negative = 0;
  for (const float value : values) {
    EXPECT_GE(std::abs(value), 1.0F);
    EXPECT_LT(std::abs(value), 2.0F);
    negative += value < 0 ? 1 : 0;
  }
  EXPECT_GT(negative, 0);
  EXPECT_LT(negative, 64);
}

TEST(TestVector, Crc32IsZlibs) {
  const std::uint8_t digits[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(Crc32(0, digits), 0xCBF43926U);
  EXPECT_EQ(Crc32(Crc32(0, {digits, 4}), {digits + 4, 5}), 0xCBF43926U);
  EXPECT_EQ(Crc32(0, {}), 0U);
}

// --- Instruction sets ---------------------------------------------------------------------------

TEST(IsaChoice, TheEnvironmentForcesOne) {
  const IsaEnvironment environment("scalar");
  Ready ready(FullyConnectedModel());
  EXPECT_STREQ(ready.session.IsaName(), "scalar");
}

TEST(IsaChoice, TheOptionIsStrongerThanTheEnvironment) {
  const IsaEnvironment environment("no such");
  SessionOptions options;
  options.isa = "scalar";
  Ready ready(FullyConnectedModel(), options);
  EXPECT_STREQ(ready.session.IsaName(), "scalar");
}

TEST(IsaChoice, AnEmptyEnvironmentIsNone) {
  const IsaEnvironment environment("");
  Ready ready(FullyConnectedModel());
  EXPECT_TRUE(ready.session.Run().ok());
}

TEST(IsaChoice, RefusesUnknownAndUnavailableNames) {
  Ready ready(FullyConnectedModel());
  // No machine has both of these.
  int refused = 0;
  for (const char* name : {"avx512vnni", "i8mm", "mve", "AVX2", "x"}) {
    SessionOptions options;
    options.isa = name;
    const Result<Session> created = Session::Create(ready.model, ready.arena.span(), options);
    if (created.ok()) continue;
    ++refused;
    EXPECT_EQ(created.status().code, StatusCode::kUnknownIsa);
    EXPECT_EQ(ready.model.ArenaBytes(options).status().code, StatusCode::kUnknownIsa);
    EXPECT_NE(Text(created.status()).find("this build has scalar"), std::string::npos)
        << Text(created.status());
  }
  EXPECT_GE(refused, 4);
  const IsaEnvironment environment("sse9");
  EXPECT_EQ(ready.model.ArenaBytes().status().code, StatusCode::kUnknownIsa);
}

// --- Packed weights ----------------------------------------------------------------------------

TEST(PackedModel, NeedsNoArenaForWeights) {
  int packed_at_load = 0;
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    SessionOptions options;
    options.isa = IsaName(static_cast<Isa>(i));
    AlignedBytes plain_bytes = FullyConnectedModel().Build();
    AlignedBytes packed_bytes = PackedFullyConnectedModel().Build();
    const Model plain = *Model::Load(plain_bytes.span());
    const Model packed = *Model::Load(packed_bytes.span());
    const Result<std::size_t> weights = plain.PackedAtLoadBytes(options);
    if (!weights.ok()) continue;  // another machine's
    EXPECT_EQ(*packed.PackedAtLoadBytes(options), 0U) << options.isa;
    // Scalar takes plain weights; the lines of the others' scratch are there either way.
    EXPECT_LE(*packed.ArenaBytes(options), *plain.ArenaBytes(options) - *weights) << options.isa;
    if (*weights > 0) ++packed_at_load;
  }
  EXPECT_EQ(Model().PackedAtLoadBytes().status().code, StatusCode::kInvalidArgument);
  const bool scalar_only = BestIsa(platform::CpuIsas()) == Isa::kScalar;
  EXPECT_EQ(packed_at_load > 0, !scalar_only);
}

// --- Arenas of other machines
// ---------------------------------------------------------------------

#if QUAVER_FOREIGN_TARGETS
TEST_P(EverySampleModel, ForeignSizeOfThisMachineIsItsOwn) {
  Ready ready(GetParam().make());
  SessionOptions options;
  options.isa = "scalar";
  EXPECT_EQ(MeasureForeignArena(*ready.model.root(), Isa::kScalar, sizeof(void*)).total_bytes(),
            *ready.model.ArenaBytes(options));
}

TEST(ArenaSize, PointersOfFourBytesNeedLess) {
  Ready ready(FullyConnectedModel());
  const ArenaLayout small = MeasureForeignArena(*ready.model.root(), Isa::kScalar, 4);
  const ArenaLayout large = MeasureForeignArena(*ready.model.root(), Isa::kScalar, 8);
  EXPECT_EQ(small.activation_bytes, large.activation_bytes);
  EXPECT_EQ(small.record_bytes, 20U + 72U);
  EXPECT_EQ(large.record_bytes, 40U + 120U);
  EXPECT_EQ(small.packed_bytes + small.scratch_bytes(), 0U);
}
#endif

}  // namespace
}  // namespace quaver::testing
