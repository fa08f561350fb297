// Real models, real and random inputs: outputs equal TensorFlow Lite Micro's, byte for byte, on
// every instruction set. Where they differ, the first operator whose bytes differ is named. Runs
// what golden_compile has prepared, so it needs the runtime only, and runs under an emulator too.
// QUAVER_GOLDEN_ISA, where it is defined, is the one instruction set to run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "kernels/isa.h"
#include "platform/platform.h"
#include "quaver/quaver.hpp"
#include "quaver_generated.h"
#include "runtime/test_vector.h"
#include "tests/golden/manifest.h"

namespace quaver::golden {
namespace {

std::string Text(const Status& status) {
  char text[512];
  static_cast<void>(status.Format(text, sizeof(text)));
  return text;
}

/// Bytes at the alignment that models and arenas need.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t bytes) : storage_(bytes + kArenaAlignment), size_(bytes) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    offset_ = (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
  }
  explicit AlignedBytes(const std::vector<std::uint8_t>& bytes) : AlignedBytes(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), span().begin());
  }
  [[nodiscard]] Span<std::uint8_t> span() { return {storage_.data() + offset_, size_}; }

 private:
  std::vector<std::uint8_t> storage_;
  std::size_t size_;
  std::size_t offset_ = 0;
};

/// Finds the first operator with an output that differs from its golden CRC.
struct FirstDifference {
  const fb::Model* model;
  const Sample* sample;
  std::string text;

  static void Observe(void* context, const Session& session, const OperatorEvent& event) {
    auto* self = static_cast<FirstDifference*>(context);
    if (!self->text.empty()) return;
    for (std::int32_t index : event.output_indices) {
      const fb::Tensor& tensor =
          *self->model->tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
      const auto golden = self->sample->crcs.find(tensor.source_index());
      if (golden == self->sample->crcs.end()) continue;
      const TensorView view = session.Tensor(static_cast<std::size_t>(index));
      if (view.data == nullptr) continue;
      const std::uint32_t crc = Crc32(0, {static_cast<const std::uint8_t*>(view.data), view.bytes});
      if (crc == golden->second) continue;
      self->text = "first difference: operator " + std::to_string(event.index) + " " + event.kind +
                   " '" + event.name + "' (" + event.kernel + "), tensor " +
                   std::to_string(tensor.source_index()) + " '" + view.name + "'";
    }
  }
};

void SetInputs(const Sample& sample, std::size_t count, const Session& session) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<std::uint8_t> bytes = ReadBytes(sample.files[i]);
    const TensorView input = session.Input(i);
    ASSERT_EQ(input.bytes, bytes.size()) << sample.files[i];
    std::memcpy(input.data, bytes.data(), bytes.size());
  }
}

void CheckSample(const Model& model, const Sample& sample, Session* session) {
  SCOPED_TRACE("sample " + sample.name);
  ASSERT_EQ(sample.files.size(), model.InputCount() + model.OutputCount());
  SetInputs(sample, model.InputCount(), *session);
  FirstDifference difference{model.root(), &sample, ""};
  const Status status = session->Run(&FirstDifference::Observe, &difference);
  ASSERT_TRUE(status.ok()) << Text(status);
  EXPECT_EQ(difference.text, "");
  for (std::size_t i = 0; i < model.OutputCount(); ++i) {
    const std::string& path = sample.files[model.InputCount() + i];
    const std::vector<std::uint8_t> expected = ReadBytes(path);
    const TensorView output = session->Output(i);
    ASSERT_EQ(output.bytes, expected.size()) << path;
    EXPECT_EQ(std::memcmp(output.data, expected.data(), expected.size()), 0)
        << "output " << i << " differs from " << path;
  }
}

std::uint32_t DigestOutputs(const Session& session, const Model& model, std::uint32_t digest) {
  for (std::size_t i = 0; i < model.OutputCount(); ++i) {
    const TensorView output = session.Output(i);
    digest = Crc32(digest, {static_cast<const std::uint8_t*>(output.data), output.bytes});
  }
  return digest;
}

class GoldenModelTest : public testing::Test {
 protected:
  void SetUp() override {
#ifdef QUAVER_GOLDEN_ISA
    if (!platform::CpuIsas().Has(Isa::QUAVER_GOLDEN_ISA)) {
      GTEST_SKIP() << "this CPU does not have " << IsaName(Isa::QUAVER_GOLDEN_ISA);
    }
#endif
    models_ = ReadManifest(std::string(QUAVER_GOLDEN_DIR) + "/manifest.txt");
  }

  void Open(const std::string& name) {
    const auto entry = models_.find(name);
    if (entry == models_.end()) {
      GTEST_SKIP() << "no compiled " << name << " in " QUAVER_GOLDEN_DIR
                   << ": run the test golden_compile of a native build with the reference data";
    }
    golden_ = entry->second;
    Load(golden_.qvr);
  }

  void Load(const std::string& path) {
    bytes_ = std::make_unique<AlignedBytes>(ReadBytes(path));
    const Result<Model> model = Model::Load(bytes_->span());
    ASSERT_TRUE(model.ok()) << path << ": " << Text(model.status());
    model_ = *model;
  }

  /// Calls `check` with a session on `isa` that has tested itself; not where this machine lacks it.
  template <typename Check>
  void CheckIsa(const char* isa, const Check& check) {
    SCOPED_TRACE(isa);
#ifdef QUAVER_GOLDEN_ISA
    if (std::strcmp(isa, IsaName(Isa::QUAVER_GOLDEN_ISA)) != 0) return;
#endif
    SessionOptions options;
    options.isa = isa;
    const Result<std::size_t> bytes = model_.ArenaBytes(options);
    if (!bytes && bytes.status().code == StatusCode::kUnknownIsa) return;
    ASSERT_TRUE(bytes.ok()) << Text(bytes.status());
    AlignedBytes arena(*bytes);
    Result<Session> session = Session::Create(model_, arena.span(), options);
    ASSERT_TRUE(session.ok()) << Text(session.status());
    EXPECT_STREQ(session->IsaName(), isa);
    if (with_threads_) {
      for (const std::int32_t threads : {2, 3, 4}) CheckThreads(options, threads);
    }
    const Status self_test = session->SelfTest();
    EXPECT_TRUE(self_test.ok()) << Text(self_test);
    check(&*session);
    ++checked_isas_;
  }

  void CheckSamples(const char* isa, std::size_t step = QUAVER_GOLDEN_SAMPLE_STEP) {
    CheckIsa(isa, [&](Session* session) {
      std::uint32_t digest = 0;
      for (std::size_t i = 0; i < golden_.samples.size(); i += step) {
        CheckSample(model_, golden_.samples[i], session);
        if (i % kDeviceSampleStep == 0) digest = DigestOutputs(*session, model_, digest);
      }
      // scripts/digests compares them between targets.
      std::printf("digest %s " QUAVER_TARGET_NAME "-%s %08x\n", golden_.name.c_str(), isa, digest);
    });
  }

  /// One sample: the arithmetic is that of the file without packed weights.
  void CheckFirstSample(const char* isa) {
    CheckIsa(isa, [&](Session* session) { CheckSample(model_, golden_.samples[0], session); });
  }

  /// One model is an addition and nothing else.
  [[nodiscard]] bool HasNothingToPack() const {
    EXPECT_EQ(golden_.packed.empty(), golden_.name == "simple_add_model");
    return golden_.packed.empty();
  }

  /// This machine's arena for the packed model, where the plain one is `plain`.
  void CompareArena(const Model& plain, const char* isa) {
    SessionOptions options;
    options.isa = isa;
    const Result<std::size_t> unpacked = plain.ArenaBytes(options);
    if (!unpacked) return;  // not this machine's
    EXPECT_EQ(*model_.PackedAtLoadBytes(options), 0U) << isa;
    // Weights and scratch are made of 64-byte lines behind the same records; without either nothing
    // is rounded up.
    const std::size_t without_weights = *unpacked - *plain.PackedAtLoadBytes(options);
    EXPECT_LE(*model_.ArenaBytes(options), without_weights) << isa;
    EXPECT_GT(*model_.ArenaBytes(options) + 64, without_weights) << isa;
    ++checked_isas_;
  }

  /// The first sample on several threads; those of a run, not of the machine.
  void CheckThreads(SessionOptions options, std::int32_t threads) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    const Result<ThreadPool> pool = ThreadPool::Create(threads);
    if (pool.status().code == StatusCode::kNoThreads) return;  // nor has this build
    ASSERT_TRUE(pool.ok()) << Text(pool.status());
    options.threads = threads;
    options.pool = &*pool;
    const Result<std::size_t> bytes = model_.ArenaBytes(options);
    ASSERT_TRUE(bytes.ok()) << Text(bytes.status());
    AlignedBytes arena(*bytes);
    Result<Session> session = Session::Create(model_, arena.span(), options);
    ASSERT_TRUE(session.ok()) << Text(session.status());
    CheckSample(model_, golden_.samples.front(), &*session);
  }

  std::map<std::string, GoldenModel> models_;
  GoldenModel golden_;
  std::unique_ptr<AlignedBytes> bytes_;
  Model model_;
  bool with_threads_ = true;
  int checked_isas_ = 0;
};

TEST_F(GoldenModelTest, EveryIsaGivesTheGoldenBytesOfInt16Operators) {
  for (const std::string& name : Int16Models()) {
    SCOPED_TRACE(name);
    Open(name);
    if (IsSkipped()) return;
    ASSERT_FALSE(golden_.samples.empty());
    checked_isas_ = 0;
    // Many models of the same few operators: not all of everything for each.
    with_threads_ = name == "seanet_conv0";
#define QUAVER_X(name, text, fallback) CheckSamples(text, kDeviceSampleStep);
    QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
    EXPECT_GE(checked_isas_, 1);  // scalar is always there
  }
}

/// Float operations, too, round alike on every CPU: the host's bytes, operator by operator.
TEST_F(GoldenModelTest, DynamicLayersGiveTheBytesOfTheHost) {
  Open(kDynamicModel);
  if (IsSkipped()) return;
  with_threads_ = false;
#define QUAVER_X(name, text, fallback) CheckIsa(text, [](Session* /*session*/) {});
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  EXPECT_GE(checked_isas_, 1);
}

class GoldenTest : public GoldenModelTest, public testing::WithParamInterface<Requirement> {
 protected:
  void SetUp() override {
    GoldenModelTest::SetUp();
    if (!IsSkipped()) Open(GetParam().model);
  }
};

TEST_P(GoldenTest, EveryIsaGivesTheGoldenBytes) {
  ASSERT_FALSE(golden_.samples.empty());
#define QUAVER_X(name, text, fallback) CheckSamples(text);
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  EXPECT_GE(checked_isas_, 1);  // scalar is always there
}

TEST_P(GoldenTest, NeedsLessMemoryThanTensorFlowLiteMicro) {
  const fb::MemoryBank& bank = *model_.root()->banks()->Get(0);
  EXPECT_GE(bank.bytes(), bank.lower_bound_bytes());
  if (GetParam().activation_bytes != 0) {
    EXPECT_LE(bank.bytes(), GetParam().activation_bytes);
  }
  std::uint64_t arena_bytes = 0;
  for (const fb::ArenaSize* size : *model_.root()->arena_sizes()) {
    if (size->isa()->str() == "scalar" && size->pointer_bytes() == 4) arena_bytes = size->bytes();
  }
  RecordProperty("activation_bytes", std::to_string(bank.bytes()));
  RecordProperty("arena_bytes_32", std::to_string(arena_bytes));
  EXPECT_GE(arena_bytes, bank.bytes());
  EXPECT_LT(arena_bytes, golden_.tflm_arena_bytes);
}

TEST_P(GoldenTest, TheFileSaysWhatTheRuntimeNeeds) {
  std::vector<std::string> paths = {golden_.qvr};
  for (const auto& packed : golden_.packed) paths.push_back(packed.second);
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    Load(path);
    int compared = 0;
    for (const fb::ArenaSize* size : *model_.root()->arena_sizes()) {
      if (size->pointer_bytes() != sizeof(void*)) continue;
      SessionOptions options;
      options.isa = size->isa()->c_str();
      const Result<std::size_t> bytes = model_.ArenaBytes(options);
      if (!bytes) continue;  // another machine's instruction set
      EXPECT_EQ(size->bytes(), *bytes) << options.isa;
      ++compared;
    }
    EXPECT_GE(compared, 1);
  }
}

/// Packed for all machines or for one, run on each: in place, or packed while preparing.
TEST_P(GoldenTest, PackedFilesGiveTheGoldenBytes) {
  if (HasNothingToPack()) return;
  for (const auto& [target, path] : golden_.packed) {
    if (QUAVER_GOLDEN_SAMPLE_STEP > 1 && target != "all") continue;  // emulation is slow
    SCOPED_TRACE("packed for " + target);
    Load(path);
#define QUAVER_X(name, text, fallback) CheckFirstSample(text);
    QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  }
  EXPECT_GE(checked_isas_, 1);
}

TEST_P(GoldenTest, PackedFilesNeedNoArenaForWeights) {
  if (HasNothingToPack()) return;
  const Model plain = model_;
  const std::unique_ptr<AlignedBytes> plain_bytes = std::move(bytes_);
  Load(golden_.packed.at("all"));
#define QUAVER_X(name, text, fallback) CompareArena(plain, text);
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  EXPECT_GE(checked_isas_, 1);
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest, testing::ValuesIn(kRequirements),
                         [](const testing::TestParamInfo<Requirement>& info) {
                           std::string name = info.param.model;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace quaver::golden
