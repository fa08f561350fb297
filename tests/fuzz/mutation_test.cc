// Damaged models, from file to bytes: each is refused with a message, or runs within its bounds.
// Build with AddressSanitizer and UndefinedBehaviorSanitizer to make "within" strict: the model and
// the arena lie in heap blocks of exactly their sizes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "compiler/compile.h"
#include "compiler/emit/arena_sizes.h"
#include "compiler/emit/emit.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/pack/pack.h"
#include "compiler/quantize/dynamic.h"
#include "kernels/isa.h"
#include "platform/platform.h"
#include "quaver/quaver.hpp"
#include "quaver_generated.h"
#include "runtime/test_vector.h"
#include "tests/fuzz/mutator.h"
#include "tests/util/tiny_tflite.h"
#include "tflite_generated.h"
#include "tools/memory.h"

namespace quaver::testing {
namespace {

using tools::AlignedBytes;

constexpr int kMutations = 200;
/// Damaged sizes may ask for gigabytes: an arena of this size is then refused as too small.
constexpr std::size_t kMostArenaBytes = std::size_t{16} << 20;

enum class Outcome { kRefused, kRan };

/// True, and counted as a refusal, where the status is not ok; it must have something to say.
bool Refused(const Status& status) {
  if (status.ok()) return false;
  char text[512];
  EXPECT_GT(status.Format(text, sizeof(text)), 10U);
  return true;
}

void FillRandomly(const TensorView& tensor, Random* random) {
  auto* bytes = static_cast<std::uint8_t*>(tensor.data);
  for (std::size_t i = 0; i < tensor.bytes; ++i) {
    bytes[i] = static_cast<std::uint8_t>(random->Next() >> 24);
  }
}

Outcome RunOn(const Model& model, Isa isa, Random* random) {
  SessionOptions options;
  options.isa = IsaName(isa);
  const Result<std::size_t> needed = model.ArenaBytes(options);
  if (Refused(needed.status())) return Outcome::kRefused;
  AlignedBytes arena(std::min(*needed, kMostArenaBytes));
  Result<Session> session =
      Session::Create(model, Span<std::uint8_t>(arena.data(), arena.size()), options);
  if (Refused(session.status())) return Outcome::kRefused;
  for (std::size_t i = 0; i < model.InputCount(); ++i) FillRandomly(session->Input(i), random);
  if (Refused(session->Run())) return Outcome::kRefused;
  // Reads every output byte: a memory checker sees those outside of the arena.
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < model.OutputCount(); ++i) {
    const TensorView output = session->Output(i);
    const auto* bytes = static_cast<const std::uint8_t*>(output.data);
    for (std::size_t b = 0; b < output.bytes; ++b) sum += bytes[b];
  }
  volatile std::uint32_t keep = sum;
  (void)keep;
  // Other weights give other digests, so this may refuse; what counts is that it stays in bounds.
  Refused(session->SelfTest());
  return Outcome::kRan;
}

Outcome LoadAndRun(const FileBytes& bytes, Random* random) {
  const AlignedBytes file{Span<const std::uint8_t>(bytes)};
  const Result<Model> model = Model::Load(Span<const std::uint8_t>(file.data(), file.size()));
  if (Refused(model.status())) return Outcome::kRefused;
  const IsaSet available = platform::CpuIsas();
  Outcome outcome = Outcome::kRefused;
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    if (available.Has(static_cast<Isa>(i))) outcome = RunOn(*model, static_cast<Isa>(i), random);
  }
  return outcome;
}

FileBytes Convert(const FileBytes& tflite) {
  return compiler::Compile(compiler::ImportTflite(tflite, "model.tflite"));
}

/// Only compiler::Error is a refusal: any other exception ends the test.
Outcome ConvertAndRun(const FileBytes& bytes, Random* random) {
  // A copy in a block of its exact size, with the alignment of a file in memory.
  const AlignedBytes file{Span<const std::uint8_t>(bytes)};
  FileBytes model;
  try {
    model = compiler::Compile(
        compiler::ImportTflite(Span<const std::uint8_t>(file.data(), file.size()), "model.tflite"));
  } catch (const compiler::Error& error) {
    EXPECT_GT(std::string(error.what()).size(), 10U);
    return Outcome::kRefused;
  }
  const Outcome outcome = LoadAndRun(model, random);
  EXPECT_EQ(outcome, Outcome::kRan) << "the compiler made a model that the runtime refuses";
  return outcome;
}

template <typename Buffers>
std::vector<Range> PayloadOf(const FileBytes& file, const Buffers* buffers) {
  std::vector<Range> payload;
  if (buffers == nullptr) return payload;
  for (const auto* buffer : *buffers) {
    if (buffer->data() == nullptr) continue;
    const auto begin = static_cast<std::size_t>(buffer->data()->data() - file.data());
    payload.emplace_back(begin, begin + buffer->data()->size());
  }
  return payload;
}

std::vector<Range> QvrPayload(const FileBytes& file) {
  return PayloadOf(file, fb::GetModel(file.data())->buffers());
}
std::vector<Range> TflitePayload(const FileBytes& file) {
  return PayloadOf(file, tflite::GetModel(file.data())->buffers());
}

using Chain = std::function<Outcome(const FileBytes&, Random*)>;

void TryMutations(const FileBytes& file, const std::vector<Range>& payload, const Chain& chain) {
  Random random(1);
  ASSERT_EQ(chain(file, &random), Outcome::kRan) << "the undamaged model does not run";
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    Random damage(static_cast<std::uint32_t>(i));
    const FileBytes mutated = Mutate(file, payload, &damage);
    if (chain(mutated, &damage) == Outcome::kRefused) ++refused;
  }
  std::printf("%d mutations: %d refused, %d ran in bounds\n", kMutations, refused,
              kMutations - refused);
  // Both happen, or the mutations miss what they are for.
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, kMutations);
}

/// One change of where a tensor or scratch lies, or of what an operator reads.
void ChangePlan(fb::ModelT* model, Random* random) {
  fb::TensorT& tensor = *model->tensors[random->Below(model->tensors.size())];
  fb::OperatorT& op = *model->operators[random->Below(model->operators.size())];
  const auto somewhere = [&] {
    return 16 * static_cast<std::uint32_t>(random->Below(model->banks[0]->bytes / 16 + 2));
  };
  switch (random->Below(6)) {
    case 0:
      tensor.storage = static_cast<fb::Storage>(random->Below(4));
      break;
    case 1:
      tensor.arena_offset = somewhere();
      break;
    case 2:
      op.scratch_offset = somewhere();
      break;
    case 3:
      model->banks[0]->bytes = somewhere();
      break;
    case 4:
      op.inputs[0] = static_cast<std::int32_t>(random->Below(model->tensors.size()));
      break;
    default:
      op.outputs[0] = static_cast<std::int32_t>(random->Below(model->tensors.size()));
      break;
  }
}

/// One change of what says how indexes become weights, or of how much there is of them.
void ChangeCompression(fb::BufferT* indexes, fb::CompressionT* table, Random* random) {
  const auto resize = [&](auto* vector) { vector->resize(random->Below(vector->size() + 3)); };
  const auto damage = [&](auto* vector) {
    if (vector->empty()) return;
    using Value = std::decay_t<decltype(vector->front())>;
    (*vector)[random->Below(vector->size())] = static_cast<Value>(random->Next() >> 24);
  };
  switch (random->Below(8)) {
    case 0:
      table->bits = static_cast<std::uint8_t>(1U << random->Below(5));
      break;
    case 1:
      table->vector = static_cast<std::uint8_t>(random->Below(20));
      break;
    case 2:
      resize(&table->values);
      break;
    case 3:
      damage(&table->multipliers);
      break;
    case 4:
      damage(&table->present);
      break;
    case 5:
      table->group_weights = static_cast<std::int32_t>(random->Next()) >> random->Below(32);
      break;
    case 6:
      resize(&indexes->data);
      break;
    default:
      damage(&indexes->data);
      break;
  }
}

FileBytes ReadOrEmpty(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

FileBytes SharedModel(const std::string& name) {
  return ReadOrEmpty(std::string(QUAVER_SHARED_DIR) + "/models/" + name + ".tflite");
}

TEST(QvrMutation, Mnist) {
  const FileBytes file = ReadOrEmpty(QUAVER_SOURCE_DIR "/examples/mnist/mnist.qvr");
  ASSERT_FALSE(file.empty());
  TryMutations(file, QvrPayload(file), LoadAndRun);
}

TEST(QvrMutation, TinyConvNet) {
  const FileBytes file = Convert(TinyConvNet());
  TryMutations(file, QvrPayload(file), LoadAndRun);
}

/// No payload is spared: scales, biases and sums are the operator's own.
TEST(QvrMutation, DynamicLayer) {
  const FileBytes file = compiler::Compile(
      compiler::QuantizeDynamically(compiler::ImportTflite(TinyFloat(), "model.tflite")));
  TryMutations(file, {}, LoadAndRun);
}

FileBytes PackForAll(const FileBytes& file) {
  const std::set<Isa> targets = compiler::IsasThatPackWeights();
  const AlignedBytes aligned{Span<const std::uint8_t>(file)};
  return compiler::Pack(*Model::Load(Span<const std::uint8_t>(aligned.data(), aligned.size())),
                        {targets.begin(), targets.end()})
      .bytes;
}

/// No payload is spared: packed weights hold multipliers and shifts too.
TEST(QvrMutation, PackedTinyConvNet) {
  TryMutations(PackForAll(Convert(TinyConvNet())), {}, LoadAndRun);
}

/// TinyConvNet whose weights are even: seven bits, of which half are zeros, so that all parts of a
/// compression are there.
FileBytes CompressedTinyConvNet(compiler::WeightStorage storage) {
  compiler::Graph graph = compiler::ImportTflite(TinyConvNet(), "model.tflite");
  for (const compiler::Node& node : graph.nodes) {
    if (node.inputs.size() < 3) continue;
    compiler::Tensor& tensor = graph.tensor(node.inputs[1]);
    std::vector<std::int8_t> weights = tensor.As<std::int8_t>();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const int multiplier = static_cast<int>(i / 16 % 5 + 1);
      weights[i] = static_cast<std::int8_t>(weights[i] % 2 == 0 ? 0 : weights[i] / 19 * multiplier);
    }
    tensor.data = compiler::MakeBytes(weights);
  }
  compiler::CompileOptions options;
  options.weights = storage;
  return compiler::Compile(graph, options);
}

/// No payload is spared: what is expanded is bytes of the file.
TEST(QvrMutation, CompressedTinyConvNet) {
  for (const auto storage :
       {compiler::WeightStorage::kExpandAtLoad, compiler::WeightStorage::kExpandAtRun}) {
    const FileBytes file = CompressedTinyConvNet(storage);
    const auto* tensors = fb::GetModel(file.data())->tensors();
    EXPECT_GE(std::count_if(tensors->begin(), tensors->end(),
                            [](const fb::Tensor* tensor) {
                              return tensor->storage() == fb::Storage::Compressed;
                            }),
              2);
    TryMutations(file, {}, LoadAndRun);
  }
}

/// Only what describes compressed weights.
TEST(QvrMutation, AnyCompression) {
  const FileBytes file = CompressedTinyConvNet(compiler::WeightStorage::kExpandAtRun);
  fb::ModelT model;
  fb::GetModel(file.data())->UnPackTo(&model);
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    Random random(static_cast<std::uint32_t>(i));
    fb::ModelT damaged = model;
    for (auto& tensor : damaged.tensors) {
      if (tensor->compression == nullptr) continue;
      ChangeCompression(damaged.buffers[tensor->buffer].get(), tensor->compression.get(), &random);
    }
    if (LoadAndRun(compiler::Emit(damaged), &random) == Outcome::kRefused) ++refused;
  }
  EXPECT_GT(refused, kMutations / 4);
  EXPECT_LT(refused, kMutations);
}

TEST(QvrMutation, PackedMnist) {
  const FileBytes file = PackForAll(ReadOrEmpty(QUAVER_SOURCE_DIR "/examples/mnist/mnist.qvr"));
  TryMutations(file, QvrPayload(file), LoadAndRun);
}

/// Only the packed weights, each byte of them: refused, or run in bounds.
TEST(QvrMutation, AnyBytesInPackedWeights) {
  const FileBytes file = PackForAll(Convert(TinyConvNet()));
  const fb::Model& model = *fb::GetModel(file.data());
  std::vector<Range> ranges;
  for (const fb::Operator* op : *model.operators()) {
    const auto* conv = op->params_as_Conv2D();
    const auto* depthwise = op->params_as_DepthwiseConv2D();
    const auto* dense = op->params_as_FullyConnected();
    const auto* packed = conv != nullptr        ? conv->packed()
                         : depthwise != nullptr ? depthwise->packed()
                         : dense != nullptr     ? dense->packed()
                                                : nullptr;
    if (packed == nullptr) continue;
    for (const fb::PackedWeights* entry : *packed) {
      const auto* data = model.buffers()->Get(entry->buffer())->data();
      const auto begin = static_cast<std::size_t>(data->data() - file.data());
      ranges.emplace_back(begin, begin + data->size());
    }
  }
  ASSERT_GE(ranges.size(), 9U);
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    Random random(static_cast<std::uint32_t>(i));
    FileBytes damaged = file;
    const Range& range = ranges[random.Below(ranges.size())];
    // All of it, or a part as long as a row of a panel's header.
    const std::size_t length = i % 2 == 0 ? range.second - range.first : 32;
    const std::size_t begin = range.first + random.Below(range.second - range.first - length + 1);
    for (std::size_t k = 0; k < length; ++k) {
      damaged[begin + k] = static_cast<std::uint8_t>(random.Next() >> 24);
    }
    if (LoadAndRun(damaged, &random) == Outcome::kRefused) ++refused;
  }
  EXPECT_GT(refused, kMutations / 2);
  EXPECT_LT(refused, kMutations);
}

TEST(QvrMutation, TinyMovement) {
  const FileBytes file = Convert(TinyMovement());
  TryMutations(file, QvrPayload(file), LoadAndRun);
}

/// Its second convolution makes parts, which the addition takes.
TEST(QvrMutation, TinyResidual) {
  const FileBytes file = Convert(TinyResidual());
  const auto* tensors = fb::GetModel(file.data())->tensors();
  EXPECT_TRUE(std::any_of(tensors->begin(), tensors->end(), [](const fb::Tensor* tensor) {
    return tensor->storage() == fb::Storage::Transient;
  }));
  TryMutations(file, QvrPayload(file), LoadAndRun);
}

/// The first output, of an input that is always the same.
FileBytes OutputOn(const Model& model, Isa isa) {
  SessionOptions options;
  options.isa = IsaName(isa);
  AlignedBytes arena(*model.ArenaBytes(options));
  Result<Session> session =
      Session::Create(model, Span<std::uint8_t>(arena.data(), arena.size()), options);
  EXPECT_TRUE(session.ok());
  TestInputGenerator generator(1);
  for (std::size_t i = 0; i < model.InputCount(); ++i) generator.Fill(session->Input(i));
  EXPECT_TRUE(session->Run().ok());
  const TensorView output = session->Output(0);
  const auto* bytes = static_cast<const std::uint8_t*>(output.data);
  return {bytes, bytes + output.bytes};
}

/// A plan that loads keeps every tensor until it is read: then scratch and tiles, which lie
/// elsewhere on every instruction set, change nothing.
void ExpectSameOnEveryIsa(const FileBytes& bytes) {
  const AlignedBytes file{Span<const std::uint8_t>(bytes)};
  const Result<Model> model = Model::Load(Span<const std::uint8_t>(file.data(), file.size()));
  if (!model || model->OutputCount() == 0) return;
  const FileBytes expected = OutputOn(*model, Isa::kScalar);
  const IsaSet available = platform::CpuIsas();
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    const Isa isa = static_cast<Isa>(i);
    if (!available.Has(isa)) continue;
    EXPECT_EQ(OutputOn(*model, isa), expected) << IsaName(isa);
  }
}

/// Only what says where bytes lie: storage, offsets, the order of operators.
TEST(QvrMutation, AnyPlanOfTinyResidual) {
  const FileBytes file = Convert(TinyResidual());
  fb::ModelT model;
  fb::GetModel(file.data())->UnPackTo(&model);
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    Random random(static_cast<std::uint32_t>(i));
    fb::ModelT damaged = model;
    for (int change = 0; change < 1 + i % 3; ++change) ChangePlan(&damaged, &random);
    const FileBytes bytes = compiler::Emit(damaged);
    if (LoadAndRun(bytes, &random) == Outcome::kRefused) ++refused;
    ExpectSameOnEveryIsa(bytes);
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, kMutations);
}

TEST(TfliteMutation, TinyResidual) {
  const FileBytes file = TinyResidual();
  TryMutations(file, TflitePayload(file), ConvertAndRun);
}

TEST(TfliteMutation, TinyConvNet) {
  const FileBytes file = TinyConvNet();
  TryMutations(file, TflitePayload(file), ConvertAndRun);
}

TEST(TfliteMutation, TinyMovement) {
  const FileBytes file = TinyMovement();
  TryMutations(file, TflitePayload(file), ConvertAndRun);
}

/// The real models: more operators, and structure that converters of others wrote.
class SharedMutation : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    file_ = SharedModel(GetParam());
    if (file_.empty()) GTEST_SKIP() << "no " << GetParam() << " in " << QUAVER_SHARED_DIR;
  }
  FileBytes file_;
};

TEST_P(SharedMutation, Tflite) { TryMutations(file_, TflitePayload(file_), ConvertAndRun); }

TEST_P(SharedMutation, Qvr) {
  const FileBytes file = Convert(file_);
  TryMutations(file, QvrPayload(file), LoadAndRun);
}

INSTANTIATE_TEST_SUITE_P(Models, SharedMutation,
                         ::testing::Values("hello_world_int8", "kws_ref_model", "str_ww_ref_model"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace quaver::testing
