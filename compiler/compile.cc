#include "compiler/compile.h"

#include <string>
#include <utility>

#include "compiler/compress/compress.h"
#include "compiler/emit/arena_sizes.h"
#include "compiler/emit/checked_model.h"
#include "compiler/emit/emit.h"
#include "compiler/lower/lower.h"
#include "compiler/passes/passes.h"
#include "compiler/plan/plan.h"
#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"

namespace quaver::compiler {
namespace {

constexpr std::uint32_t kTestVectorSeed = 20240607;

void StripNames(fb::ModelT* model) {
  for (auto& tensor : model->tensors) tensor->name.clear();
  for (auto& op : model->operators) op->name.clear();
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
  if (options.weights != WeightStorage::kPlain) {
    CompressModel(&model, options.weights == WeightStorage::kExpandAtRun ? fb::Expansion::Run
                                                                         : fb::Expansion::Load);
  }
  MarkTransients(&model);
  PlanMemory(&model);
  // The scratch that operators need is known once they can be prepared.
  PlanMemory(&model, ScratchOnMicrocontrollers(CheckedModel(Emit(model)).model()));
  if (report != nullptr) {
    *report = {model.banks[0]->bytes, model.banks[0]->lower_bound_bytes};
  }
  const CheckedModel checked(Emit(model));
  SetArenaSizes(checked.model(), &model);
  if (options.test_vector) model.test_vectors.push_back(MakeTestVector(checked.model()));
  std::vector<std::uint8_t> bytes = Emit(model);
  const CheckedModel finished(bytes);
  return bytes;
}

}  // namespace quaver::compiler
