// Tensors that are never whole: what Load refuses of them, and that they change no byte.
#include <algorithm>
#include <set>

#include "kernels/isa.h"
#include "runtime/test_vector.h"
#include "runtime/tiled_call.h"
#include "tests/unit/refusal.h"
#include "tests/util/residual_model.h"

namespace quaver::testing {
namespace {

using R = ResidualModelBuilder;

// --- What runs ---------------------------------------------------------------------------------

/// A session in an arena of its exact size, followed by guard bytes.
class Runner {
 public:
  Runner(const ModelBuilder& builder, const char* isa) : bytes_(builder.Build()) {
    const Result<Model> model = Model::Load(bytes_.span());
    EXPECT_TRUE(model.ok()) << Text(model.status());
    SessionOptions options;
    options.isa = isa;
    const Result<std::size_t> needed = model->ArenaBytes(options);
    EXPECT_TRUE(needed.ok()) << Text(needed.status());
    arena_bytes_ = *needed;
    arena_ = AlignedBytes(arena_bytes_ + kGuardBytes);
    std::fill_n(arena_.data(), arena_.size(), kGuard);
    const Result<Session> session = Session::Create(*model, {arena_.data(), arena_bytes_}, options);
    EXPECT_TRUE(session.ok()) << Text(session.status());
    session_ = *session;
  }

  std::vector<std::uint8_t> Run() {
    TestInputGenerator(5).Fill(session_.Input(0));
    EXPECT_TRUE(session_.Run().ok());
    const auto* guard = arena_.data() + arena_bytes_;
    EXPECT_EQ(std::count(guard, guard + kGuardBytes, kGuard), kGuardBytes);
    const TensorView output = session_.Output(0);
    const auto* data = static_cast<const std::uint8_t*>(output.data);
    return {data, data + output.bytes};
  }

  [[nodiscard]] Session& session() { return session_; }
  [[nodiscard]] std::size_t arena_bytes() const { return arena_bytes_; }

 private:
  static constexpr std::uint8_t kGuard = 0xA5;
  static constexpr std::ptrdiff_t kGuardBytes = 256;

  AlignedBytes bytes_;
  AlignedBytes arena_;
  std::size_t arena_bytes_ = 0;
  Session session_;
};

bool HasIsa(const char* isa) {
  AlignedBytes bytes = SmallResidualModel().Build();
  SessionOptions options;
  options.isa = isa;
  return Model::Load(bytes.span())->ArenaBytes(options).ok();
}

TEST(Transient, GivesTheBytesOfAWholeTensorOnEveryIsa) {
  for (const std::int32_t batch : {1, 2}) {
    const std::int32_t rows = batch == 1 ? 14 : 60;
    const std::vector<std::uint8_t> expected =
        Runner(ResidualModel(batch, rows, false), "scalar").Run();
    // They are not all at an end of the range.
    EXPECT_GT(std::set<std::uint8_t>(expected.begin(), expected.end()).size(), 50U);
    int isas = 0;
#define QUAVER_X(name, text, fallback)                                                 \
  if (HasIsa(text)) {                                                                  \
    EXPECT_EQ(Runner(ResidualModel(batch, rows, true), text).Run(), expected) << text; \
    ++isas;                                                                            \
  }
    QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
    EXPECT_GE(isas, 1);
  }
}

TEST(Transient, NeedsLessArena) {
  const std::size_t image_bytes = std::size_t{2} * 60 * 6 * 24;
  Runner whole(ResidualModel(2, 60, false), "scalar");
  Runner transient(LargeResidualModel(), "scalar");
  // Eight tensors, of which one is a third, share the memory of two.
  EXPECT_LT(transient.arena_bytes(), whole.arena_bytes() - 5 * image_bytes);
}

TEST(Transient, HasNoBytesToShow) {
  Runner runner(SmallResidualModel(), "scalar");
  const TensorView view = runner.session().Tensor(R::kT);
  EXPECT_EQ(view.data, nullptr);
  EXPECT_GT(view.bytes, 0U);
  EXPECT_EQ(view.As<std::int8_t>().size(), 0U);
}

TEST(Transient, IsMadeByOneOperatorAndTakenInTheSameCall) {
  Runner runner(SmallResidualModel(), "scalar");
  std::vector<std::string> kernels;
  const auto observe = [](void* context, const Session& session, const OperatorEvent& event) {
    static_cast<std::vector<std::string>*>(context)->emplace_back(event.kernel);
    EXPECT_EQ(OutputDigest(session, event) == 0,
              event.index == R::kConvT || event.index == R::kDepthwiseU);
  };
  ASSERT_TRUE(runner.session().Run(observe, &kernels).ok());
  const std::vector<std::string> expected = {"Conv2DScalar", "Conv2DScalar",          "",
                                             "Conv2DScalar", "DepthwiseConv2DScalar", "",
                                             "Conv2DScalar"};
  EXPECT_EQ(kernels, expected);
}

TEST(PlanTiles, AreSmallOnMicrocontrollersAndPairsOfRows) {
  EXPECT_EQ(PlanTiles(Isa::kCortexM, 32, 512).tile_units, 2);
  EXPECT_EQ(PlanTiles(Isa::kMve, 32, 100).tile_units, 6);
  EXPECT_EQ(PlanTiles(Isa::kScalar, 5, 100).tile_units, 5);
  EXPECT_EQ(PlanTiles(Isa::kAvx2, 100, 512).tile_units, 32);
  EXPECT_EQ(PlanTiles(Isa::kNeon, 100, 1 << 20).tile_units, 2);
  EXPECT_EQ(PlanTiles(Isa::kCortexM, 32, 100).TileBytes(), 640U);
}

// --- What is refused ---------------------------------------------------------------------------

class RefusesTransient : public RefusalTest {};
TEST_P(RefusesTransient, WithCodeAndMessage) { Check(); }

fb::Storage& StorageOf(fb::ModelT* m, std::size_t tensor) { return T(m, tensor).storage; }

/// Puts tensors anywhere but where others are: what is wrong is then not the plan.
void Spread(fb::ModelT* m) {
  std::uint32_t offset = 0;
  for (const auto& tensor : m->tensors) {
    if (tensor->storage == fb::Storage::Constant) continue;
    tensor->arena_offset = offset;
    offset += 14 * 6 * 24;
  }
  m->banks[0]->bytes = offset;
}

/// Operator 6 reads `tensor`, which is where scratch of operator 3 has been.
void PutScratchOver(fb::ModelT* m, std::int32_t tensor) {
  Spread(m);
  T(m, static_cast<std::size_t>(tensor)).arena_offset = m->banks[0]->bytes;
  m->operators[R::kConvG]->scratch_offset = m->banks[0]->bytes;
  m->banks[0]->bytes += 14 * 6 * 24;
  m->operators[R::kConvOutput]->inputs[0] = tensor;
  m->operators[R::kConvOutput]->scratch_offset = m->banks[0]->bytes;
}

const std::vector<Refusal>& Operators() {
  static const std::vector<Refusal> refusals = {
      {"ModelInput",
       SmallResidualModel,
       [](fb::ModelT* m) { StorageOf(m, R::kX) = fb::Storage::Transient; },
       kModel,
       {"tensor 0 (x)", "input or output that is transient"}},
      {"ModelOutput",
       SmallResidualModel,
       [](fb::ModelT* m) { StorageOf(m, R::kOutput) = fb::Storage::Transient; },
       kModel,
       {"tensor 7 (output)", "input or output that is transient"}},
      {"View",
       SmallResidualModel,
       [](fb::ModelT* m) { T(m, R::kY).view_of = R::kT; },
       kModel,
       {"tensor 3 (y)", "view of a transient tensor"}},
      {"OutputOfAnOperatorThatMakesNoParts",
       SmallResidualModel,
       [](fb::ModelT* m) { StorageOf(m, R::kY) = fb::Storage::Transient; },
       kOperator,
       {"operator 2 (combine)", "tensor 3 (y)", "makes no parts"}},
      {"InputOfAnOperatorThatTakesNoParts",
       SmallResidualModel,
       [](fb::ModelT* m) { StorageOf(m, R::kH) = fb::Storage::Transient; },
       kOperator,
       {"operator 1 (conv)", "tensor 1 (h)", "takes no parts"}},
      {"ReadTwice",
       SmallResidualModel,
       [](fb::ModelT* m) {
         m->operators[R::kAdd]->inputs = {R::kT, R::kT};
       },
       kOperator,
       {"operator 1 (conv)", "tensor 2 (t)", "does not read, or not once"}},
      {"NotReadByTheNext",
       SmallResidualModel,
       [](fb::ModelT* m) {
         m->operators[R::kAdd]->inputs = {R::kX, R::kH};
       },
       kOperator,
       {"operator 1 (conv)", "tensor 2 (t)", "does not read, or not once"}},
      {"MadeByTheLast",
       SmallResidualModel,
       [](fb::ModelT* m) {
         m->operators.resize(R::kConvT + 1);
         m->outputs = {R::kH};
       },
       kOperator,
       {"operator 1 (conv)", "tensor 2 (t)", "does not read, or not once"}},
      {"ReadAgainLater",
       SmallResidualModel,
       [](fb::ModelT* m) { m->operators[R::kSub]->inputs[1] = R::kT; },
       kOperator,
       {"operator 5 (combine)", "tensor 2 (t)", "the operator before has not made"}},
      {"NeverMade",
       SmallResidualModel,
       [](fb::ModelT* m) { m->operators.erase(m->operators.begin(), m->operators.begin() + 2); },
       kOperator,
       {"operator 0 (combine)", "tensor 2 (t)", "the operator before has not made"}},
      {"InTwoDimensions",
       SmallResidualModel,
       [](fb::ModelT* m) {
         auto& broadcast = *m->operators[R::kAdd]->params.AsAdd()->broadcast;
         broadcast.dims = {14, 144};
         broadcast.strides1 = broadcast.strides2 = {144, 1};
       },
       kOperator,
       {"operator 2 (combine)", "tensor 2 (t)", "takes no parts"}},
      {"Broadcast",
       SmallResidualModel,
       [](fb::ModelT* m) { m->operators[R::kAdd]->params.AsAdd()->broadcast->strides2 = {0}; },
       kOperator,
       {"operator 2 (combine)", "tensor 2 (t)", "takes no parts"}},
      {"MoreThanIsTaken",
       SmallResidualModel,
       [](fb::ModelT* m) {
         T(m, R::kY).shape = {1, 1, 1, 24};
         m->operators[R::kAdd]->params.AsAdd()->broadcast->dims = {24};
       },
       kOperator,
       {"operator 2 (combine)", "tensor 2 (t)", "takes no parts"}},
  };
  return refusals;
}

INSTANTIATE_TEST_SUITE_P(Operators, RefusesTransient, ::testing::ValuesIn(Operators()), NameOf);

const std::vector<Refusal>& Plans() {
  static const std::vector<Refusal> refusals = {
      {"WrittenOverTheInputOfTheMaker",
       SmallResidualModel,
       [](fb::ModelT* m) {
         Spread(m);
         T(m, R::kY).arena_offset = T(m, R::kH).arena_offset;
       },
       kPlan,
       {"operator 2 (combine)", "tensor 3 (y)", "overlaps an input of the operator before"}},
      {"TheOtherInputIsTheMakers",
       SmallResidualModel,
       [](fb::ModelT* m) {
         m->operators[R::kAdd]->inputs[0] = R::kH;
         T(m, R::kY).arena_offset = T(m, R::kH).arena_offset;
       },
       kPlan,
       {"operator 2 (combine)", "tensor 3 (y)", "overlaps an input of the operator before"}},
      {"ScratchAtAnyByte",
       SmallResidualModel,
       [](fb::ModelT* m) { m->operators[R::kConvOutput]->scratch_offset += 8; },
       kPlan,
       {"operator 6 (conv)", "scratch offset modulo 16", "expected 0, found 8"}},
      {"ScratchOverTheInput",
       SmallResidualModel,
       [](fb::ModelT* m) { m->operators[R::kConvOutput]->scratch_offset = 0; },
       kPlan,
       {"operator 6 (conv)", "tensor 6 (z)", "the scratch overlaps", "expected 2016, found 0"}},
      {"ScratchOverTheOutput",
       SmallResidualModel,
       [](fb::ModelT* m) { m->operators[R::kConvOutput]->scratch_offset -= 16; },
       kPlan,
       {"operator 6 (conv)", "tensor 7 (output)", "the scratch overlaps"}},
      {"ScratchOverWhatTheTakerWrites",
       SmallResidualModel,
       [](fb::ModelT* m) {
         Spread(m);
         m->operators[R::kConvT]->scratch_offset = T(m, R::kT).arena_offset;
       },
       kPlan,
       {"operator 1 (conv)", "tensor 3 (y)", "the scratch overlaps"}},
      {"ScratchOverWhatIsReadLater",
       SmallResidualModel,
       [](fb::ModelT* m) { PutScratchOver(m, R::kH); },
       kPlan,
       {"operator 6 (conv)", "tensor 1 (h)", "another operator's scratch (found) has overwritten",
        "expected 6, found 3"}},
      {"ScratchOverAnInputThatIsReadLater",
       SmallResidualModel,
       [](fb::ModelT* m) { PutScratchOver(m, R::kX); },
       kPlan,
       {"operator 6 (conv)", "tensor 0 (x)", "another operator's scratch (found) has overwritten",
        "expected 6, found 3"}},
      {"ScratchOverState",
       SmallResidualModel,
       [](fb::ModelT* m) {
         auto state = std::make_unique<fb::TensorT>(T(m, R::kH));
         state->name = "memory";
         state->storage = fb::Storage::State;
         state->arena_offset = 2 * 2016;
         m->banks[0]->bytes += 2016;
         m->tensors.push_back(std::move(state));
       },
       kPlan,
       {"operator 6 (conv)", "(memory)", "the scratch overlaps"}},
  };
  return refusals;
}

INSTANTIATE_TEST_SUITE_P(Plans, RefusesTransient, ::testing::ValuesIn(Plans()), NameOf);

TEST(RefusesTransient, ScratchBehindTheBankIsBehindTheBank) {
  for (const std::uint32_t offset : {2U * 2016, 2U * 2016 + 3, 0xFFFFFFFFU}) {
    ModelBuilder builder = SmallResidualModel();
    builder.model().operators[R::kConvOutput]->scratch_offset = offset;
    EXPECT_EQ(Runner(builder, "scalar").Run(), Runner(SmallResidualModel(), "scalar").Run());
  }
}

}  // namespace
}  // namespace quaver::testing
