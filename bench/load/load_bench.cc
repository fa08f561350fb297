// load_bench MODEL.qvr... [benchmark options]: from the bytes of a model in memory to a session
// that is ready to run, step by step, for the file as it is and packed for this CPU.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/error.h"
#include "compiler/pack/pack.h"
#include "platform/platform.h"
#include "quaver/quaver.hpp"
#include "tools/memory.h"

namespace quaver::bench {
namespace {

using tools::AlignedBytes;

/// A model in memory, and an arena for it.
struct Loaded {
  explicit Loaded(const std::vector<std::uint8_t>& file) : bytes(Span<const std::uint8_t>(file)) {
    const Result<Model> result = Model::Load(Span<const std::uint8_t>(bytes));
    if (!result) throw compiler::Error(StatusName(result.status().code));
    model = *result;
    arena = AlignedBytes(*model.ArenaBytes());
  }
  AlignedBytes bytes;
  Model model;
  AlignedBytes arena;
};

/// Model::Load alone: all that is verified.
void Load(benchmark::State& state, const Loaded& loaded) {
  for (auto _ : state) {
    const Result<Model> model = Model::Load(Span<const std::uint8_t>(loaded.bytes));
    if (!model) return state.SkipWithError("does not load");
    benchmark::DoNotOptimize(model);
  }
}

/// Session::Create alone: measures, clears the activations, prepares, packs what is not packed.
void Create(benchmark::State& state, Loaded* loaded) {
  const Span<std::uint8_t> arena(loaded->arena.data(), loaded->arena.size());
  for (auto _ : state) {
    const Result<Session> session = Session::Create(loaded->model, arena);
    if (!session) return state.SkipWithError("cannot be prepared");
    benchmark::DoNotOptimize(session);
  }
  state.counters["packed_bytes"] = static_cast<double>(*loaded->model.PackedAtLoadBytes());
  state.counters["arena_bytes"] = static_cast<double>(arena.size());
}

void Register(const std::string& name, const std::shared_ptr<Loaded>& loaded) {
  benchmark::RegisterBenchmark(("Load/" + name).c_str(),
                               [loaded](benchmark::State& state) { Load(state, *loaded); });
  benchmark::RegisterBenchmark(("Create/" + name).c_str(),
                               [loaded](benchmark::State& state) { Create(state, loaded.get()); });
}

void RegisterModel(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<std::uint8_t> file{std::istreambuf_iterator<char>(stream),
                                       std::istreambuf_iterator<char>()};
  const std::string name = path.substr(path.find_last_of('/') + 1);
  const auto plain = std::make_shared<Loaded>(file);
  Register(name, plain);
  const std::vector<std::uint8_t> packed =
      compiler::Pack(plain->model, {BestIsa(platform::CpuIsas())}).bytes;
  Register(name + "/packed", std::make_shared<Loaded>(packed));
}

}  // namespace
}  // namespace quaver::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    for (int i = 1; i < argc; ++i) quaver::bench::RegisterModel(argv[i]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_bench: %s\n", error.what());
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
