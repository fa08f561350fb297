#include "compiler/compile.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "compiler/emit/emit.h"
#include "compiler/ir/error.h"
#include "compiler/lower/lower.h"
#include "compiler/passes/passes.h"
#include "compiler/plan/plan.h"
#include "quaver/quaver.hpp"
#include "runtime/arena_size.h"
#include "runtime/test_vector.h"

namespace quaver::compiler {
namespace {

constexpr std::uint32_t kTestVectorSeed = 20240607;

std::string Text(const Status& status) {
  std::string text(status.Format(nullptr, 0) + 1, '\0');
  static_cast<void>(status.Format(text.data(), text.size()));
  text.pop_back();
  return text;
}

/// The compiler's own work, refused by its own runtime: nothing that the user did.
[[noreturn]] void FailInternally(const std::string& what, const Status& status) {
  throw Error("the compiled model " + what + ": " + Text(status) +
              ". This is a defect of the compiler: please report it with the model");
}

/// Memory at an alignment, for models and arenas.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t bytes) : storage_(bytes + kArenaAlignment), size_(bytes) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    offset_ = (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
  }
  [[nodiscard]] Span<std::uint8_t> span() { return {storage_.data() + offset_, size_}; }

 private:
  std::vector<std::uint8_t> storage_;
  std::size_t size_;
  std::size_t offset_;
};

/// A serialized model, loaded from where its bytes are aligned.
class Loaded {
 public:
  explicit Loaded(const std::vector<std::uint8_t>& bytes) : bytes_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.span().begin());
    const Result<Model> result = Model::Load(bytes_.span());
    if (!result) FailInternally("does not load", result.status());
    model_ = *result;
  }
  [[nodiscard]] const Model& model() const { return model_; }

 private:
  AlignedBytes bytes_;
  Model model_;
};

void StripNames(fb::ModelT* model) {
  for (auto& tensor : model->tensors) tensor->name.clear();
  for (auto& op : model->operators) op->name.clear();
}

void AddArenaSize(const Model& loaded, Isa isa, int pointer_bytes, fb::ModelT* model) {
  auto size = std::make_unique<fb::ArenaSizeT>();
  size->isa = IsaName(isa);
  size->pointer_bytes = static_cast<std::uint8_t>(pointer_bytes);
  size->bytes = static_cast<std::uint32_t>(
      MeasureForeignArena(*loaded.root(), isa, pointer_bytes).total_bytes());
  model->arena_sizes.push_back(std::move(size));
}

/// The instruction sets that any kernel is written for.
std::set<Isa> IsasWithKernels() {
  return {
#define QUAVER_KERNEL(op, isa, ...) Isa::k##isa,
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  };
}

/// For this machine and others: the file is the same on whatever host it is compiled.
void AddArenaSizes(const Model& loaded, fb::ModelT* model) {
  AddArenaSize(loaded, Isa::kScalar, 4, model);
  for (Isa isa : IsasWithKernels()) AddArenaSize(loaded, isa, 8, model);
}

/// One input and the digests of what the scalar kernels, the reference, make of it.
std::unique_ptr<fb::TestVectorT> MakeTestVector(const Model& loaded) {
  SessionOptions options;
  options.isa = "scalar";
  const Result<std::size_t> bytes = loaded.ArenaBytes(options);
  if (!bytes) FailInternally("cannot be measured", bytes.status());
  AlignedBytes arena(*bytes);
  Result<Session> session = Session::Create(loaded, arena.span(), options);
  if (!session) FailInternally("cannot be prepared", session.status());
  TestInputGenerator generator(kTestVectorSeed);
  for (std::size_t i = 0; i < loaded.InputCount(); ++i) generator.Fill(session->Input(i));
  auto vector = std::make_unique<fb::TestVectorT>();
  vector->name = "generated";
  vector->seed = kTestVectorSeed;
  const auto observe = [](void* context, const Session& running, const OperatorEvent& event) {
    static_cast<fb::TestVectorT*>(context)->digests.push_back(OutputDigest(running, event));
  };
  const Status status = session->Run(observe, vector.get());
  if (!status.ok()) FailInternally("cannot be run", status);
  return vector;
}

}  // namespace

std::vector<std::uint8_t> Compile(const Graph& graph, const CompileOptions& options,
                                  PlanReport* report) {
  Graph changed = graph;
  RunPasses(&changed);
  fb::ModelT model = Lower(changed);
  model.format_version = kFormatVersion;
  model.producer = "quaver " QUAVER_VERSION;
  if (options.strip_names) StripNames(&model);
  PlanMemory(&model);
  if (report != nullptr) {
    *report = {model.banks[0]->bytes, model.banks[0]->lower_bound_bytes};
  }
  const Loaded loaded(Emit(model));
  AddArenaSizes(loaded.model(), &model);
  if (options.test_vector) model.test_vectors.push_back(MakeTestVector(loaded.model()));
  std::vector<std::uint8_t> bytes = Emit(model);
  const Loaded finished(bytes);
  return bytes;
}

}  // namespace quaver::compiler
