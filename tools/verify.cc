// quaver verify MODEL
#include <cstdio>
#include <memory>
#include <string>

#include "compiler/pack/weights.h"
#include "kernels/isa.h"
#include "platform/platform.h"
#include "quaver_generated.h"
#include "tools/command.h"
#include "tools/error.h"
#include "tools/model_file.h"

namespace quaver::tools {
namespace {

std::string Count(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void SelfTest(const LoadedModel& model, Isa isa) {
  LoadedSession loaded = MakeSession(model, IsaName(isa));
  Check(loaded.session.SelfTest(), model.path + ": on " + IsaName(isa));
  std::printf("  self test on %-12s ok: every operator's bytes, arena %zu bytes\n", IsaName(isa),
              loaded.arena.size());
}

/// Loading has checked what memory safety needs; here that they are the plain weights, packed.
std::string PackedText(const LoadedModel& model) {
  try {
    const std::size_t count = compiler::CheckPackedWeights(model.model);
    return count == 0 ? "none" : "ok: " + std::to_string(count) + ", as packed from the plain ones";
  } catch (const Error& error) {
    throw Error(model.path + ": " + error.what());
  }
}

void Verify(const std::string& path) {
  const LoadedModel model = LoadModel(path);
  const std::string packed = PackedText(model);
  std::printf("%s\n", path.c_str());
  std::printf("  structure                 ok: %s, %s\n",
              Count(model.model.OperatorCount(), "operator").c_str(),
              Count(model.model.TensorCount(), "tensor").c_str());
  std::printf("  packed weights            %s\n", packed.c_str());
  const auto* vectors = model.model.root()->test_vectors();
  const std::size_t vector_count = vectors == nullptr ? 0 : vectors->size();
  std::printf("  test vectors              %zu\n", vector_count);
  const IsaSet available = platform::CpuIsas();
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    const auto isa = static_cast<Isa>(i);
    if (available.Has(isa)) SelfTest(model, isa);
  }
}

}  // namespace

void AddVerify(CLI::App* app) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand(
      "verify", "Check a model and its test vectors on every instruction set of this CPU");
  command->footer("\nExample:\n  quaver verify model.qvr\n");
  command->add_option("MODEL", *path, "A .qvr or .tflite")->required();
  command->callback([path] { Verify(*path); });
}

}  // namespace quaver::tools
