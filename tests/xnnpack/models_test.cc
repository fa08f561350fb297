// Real models on XNNPACK, operator by operator: each is given the inputs that scalar had, and its
// outputs are compared with scalar's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"
#include "tests/golden/manifest.h"
#include "tests/util/model_builder.h"
#include "tests/util/residual_model.h"
#include "tests/xnnpack/tolerance.h"

namespace quaver {
namespace {

using golden::Requirement;
using testing::AlignedBytes;

SessionOptions Options(const char* backend) {
  SessionOptions options;
  options.backend = backend;
  return options;
}

/// A session and the arena that it is in.
struct OwnedSession {
  std::unique_ptr<AlignedBytes> arena;
  Session session;
};

void Create(const Model& model, const SessionOptions& options, OwnedSession* result) {
  const Result<std::size_t> bytes = model.ArenaBytes(options);
  ASSERT_TRUE(bytes.ok()) << bytes.status().what;
  result->arena = std::make_unique<AlignedBytes>(*bytes);
  Result<Session> session = Session::Create(model, result->arena->span(), options);
  ASSERT_TRUE(session.ok()) << session.status().what;
  result->session = *session;
}

void FillInputs(const Model& model, Session* session) {
  TestInputGenerator generator(1);
  for (std::size_t i = 0; i < model.InputCount(); ++i) generator.Fill(session->Input(i));
}

/// Output bytes by tensor, as scalar computes them.
using Outputs = std::map<std::int32_t, std::vector<std::int8_t>>;

void Record(void* context, const Session& session, const OperatorEvent& event) {
  auto& outputs = *static_cast<Outputs*>(context);
  for (const std::int32_t index : event.output_indices) {
    const TensorView view = session.Tensor(static_cast<std::size_t>(index));
    const auto* bytes = static_cast<const std::int8_t*>(view.data);
    outputs[index].assign(bytes, bytes + view.bytes);
  }
}

struct Comparison {
  const Outputs* expected;
  int operators_taken = 0;
  std::int64_t bytes = 0;
  std::int64_t different = 0;
};

/// Compares what the operator has just written, then puts scalar's bytes in its place: so the next
/// one starts from the same inputs.
void Compare(void* context, const Session& session, const OperatorEvent& event) {
  auto& comparison = *static_cast<Comparison*>(context);
  SCOPED_TRACE("operator " + std::to_string(event.index) + " " + event.kernel);
  const bool taken = std::strstr(event.kernel, "Xnnpack") != nullptr;
  if (taken) ++comparison.operators_taken;
  for (const std::int32_t index : event.output_indices) {
    const TensorView view = session.Tensor(static_cast<std::size_t>(index));
    const std::vector<std::int8_t>& expected = comparison.expected->at(index);
    if (taken) {
      comparison.bytes += static_cast<std::int64_t>(view.bytes);
      comparison.different +=
          CountDifferences(static_cast<const std::int8_t*>(view.data), expected.data(), view.bytes);
    } else {
      EXPECT_EQ(std::memcmp(view.data, expected.data(), view.bytes), 0);
    }
    std::memcpy(view.data, expected.data(), view.bytes);
  }
}

/// The model with memory for its transient tensors too, so that each operator's output is there to
/// compare.
AlignedBytes WithoutTransients(const std::vector<std::uint8_t>& file) {
  AlignedBytes bytes(file.data(), file.size());
  fb::ModelT model;
  fb::GetModel(bytes.data())->UnPackTo(&model);
  for (const auto& tensor : model.tensors) {
    if (tensor->storage != fb::Storage::Transient) continue;
    std::uint32_t count = 1;
    for (const std::int32_t dim : tensor->shape) count *= static_cast<std::uint32_t>(dim);
    tensor->storage = fb::Storage::Activation;
    tensor->arena_offset = model.banks[0]->bytes;
    model.banks[0]->bytes += (count + 15) / 16 * 16;
  }
  for (const auto& op : model.operators) op->scratch_offset = model.banks[0]->bytes;
  return testing::Serialize(model);
}

class XnnpackModels : public ::testing::TestWithParam<Requirement> {};

TEST_P(XnnpackModels, EachOperatorIsNearScalar) {
  const std::map<std::string, golden::GoldenModel> models =
      golden::ReadManifest(std::string(QUAVER_GOLDEN_DIR) + "/manifest.txt");
  const auto entry = models.find(GetParam().model);
  if (entry == models.end()) {
    GTEST_SKIP() << "no compiled " << GetParam().model << ": run the test golden_compile first";
  }
  const std::vector<std::uint8_t> file = golden::ReadBytes(entry->second.qvr);
  AlignedBytes bytes = WithoutTransients(file);
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << model.status().what;

  OwnedSession scalar;
  SessionOptions scalar_options = Options("quaver");
  scalar_options.isa = "scalar";
  ASSERT_NO_FATAL_FAILURE(Create(*model, scalar_options, &scalar));
  FillInputs(*model, &scalar.session);
  Outputs expected;
  ASSERT_TRUE(scalar.session.Run(&Record, &expected).ok());

  OwnedSession xnnpack;
  ASSERT_NO_FATAL_FAILURE(Create(*model, Options("xnnpack"), &xnnpack));
  FillInputs(*model, &xnnpack.session);
  Comparison comparison{&expected};
  ASSERT_TRUE(xnnpack.session.Run(&Compare, &comparison).ok());
  EXPECT_GT(comparison.operators_taken, 0);
  RecordProperty("operators_taken", comparison.operators_taken);
  RecordProperty("bytes", std::to_string(comparison.bytes));
  RecordProperty("bytes_that_differ", std::to_string(comparison.different));
}

INSTANTIATE_TEST_SUITE_P(Models, XnnpackModels, ::testing::ValuesIn(golden::kRequirements),
                         [](const ::testing::TestParamInfo<Requirement>& info) {
                           std::string name = info.param.model;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

/// An operator of XNNPACK makes a transient tensor in one part.
TEST(XnnpackBackend, TransientTensorsChangeNothing) {
  std::vector<std::int8_t> outputs[2];
  for (const bool transient : {false, true}) {
    AlignedBytes bytes = testing::ResidualModel(1, 14, transient).Build();
    const Result<Model> model = Model::Load(bytes.span());
    ASSERT_TRUE(model.ok());
    OwnedSession xnnpack;
    ASSERT_NO_FATAL_FAILURE(Create(*model, Options("xnnpack"), &xnnpack));
    FillInputs(*model, &xnnpack.session);
    int taken = 0;
    const auto count = [](void* context, const Session& /*session*/, const OperatorEvent& event) {
      if (std::strstr(event.kernel, "Xnnpack") != nullptr) ++*static_cast<int*>(context);
    };
    ASSERT_TRUE(xnnpack.session.Run(count, &taken).ok());
    EXPECT_GE(taken, 5);
    const Span<std::int8_t> output = xnnpack.session.Output(0).As<std::int8_t>();
    outputs[transient ? 1 : 0].assign(output.begin(), output.end());
  }
  EXPECT_EQ(outputs[0], outputs[1]);
}

TEST(XnnpackBackend, UnknownNamesAreRefused) {
  AlignedBytes bytes = testing::TwoLayerModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->ArenaBytes(Options("other")).status().code, StatusCode::kUnknownBackend);
}

TEST(XnnpackBackend, NeedsAnArenaOfItsOwnSize) {
  AlignedBytes bytes = testing::TwoLayerModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok());
  const Result<std::size_t> needed = model->ArenaBytes(Options("xnnpack"));
  ASSERT_TRUE(needed.ok());
  EXPECT_GT(*needed, *model->ArenaBytes(Options("quaver")));
  AlignedBytes arena(*needed - 1);
  EXPECT_EQ(Session::Create(*model, arena.span(), Options("xnnpack")).status().code,
            StatusCode::kArenaTooSmall);
}

}  // namespace
}  // namespace quaver
