// What the runtime itself costs: models whose operators do next to nothing (a table lookup of one
// byte), one after the other. "per_operator" of a long chain is what a session adds to each kernel.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "compiler/emit/checked_model.h"
#include "compiler/emit/emit.h"
#include "quaver/quaver.hpp"
#include "quaver_generated.h"

namespace quaver::bench {
namespace {

std::unique_ptr<fb::TensorT> Byte(std::uint32_t offset) {
  auto tensor = std::make_unique<fb::TensorT>();
  tensor->shape = {1};
  tensor->arena_offset = offset;
  return tensor;
}

std::unique_ptr<fb::OperatorT> Lookup(int input) {
  auto lut = std::make_unique<fb::Lut8T>();
  lut->table.resize(256);
  auto op = std::make_unique<fb::OperatorT>();
  op->params.type = fb::OperatorParams::Lut8;
  op->params.value = lut.release();  // The union owns it.
  op->inputs = {input};
  op->outputs = {input + 1};
  return op;
}

/// Each operator reads what the one before has written: two places in turn.
std::vector<std::uint8_t> Chain(int operators) {
  constexpr std::uint32_t kPlaceBytes = 64;
  fb::ModelT model;
  model.format_version = kFormatVersion;
  model.banks.push_back(std::make_unique<fb::MemoryBankT>());
  model.banks[0]->bytes = model.banks[0]->lower_bound_bytes = 2 * kPlaceBytes;
  model.tensors.push_back(Byte(0));
  for (int i = 0; i < operators; ++i) {
    model.tensors.push_back(Byte(i % 2 == 0 ? kPlaceBytes : 0));
    model.operators.push_back(Lookup(i));
  }
  model.inputs = {0};
  model.outputs = {operators};
  return compiler::Emit(model);
}

void Run(benchmark::State& state) {
  const auto operators = static_cast<int>(state.range(0));
  const compiler::CheckedModel model(Chain(operators));
  compiler::AlignedBytes arena(*model.model().ArenaBytes());
  Result<Session> session = Session::Create(model.model(), arena.span());
  if (!session) return state.SkipWithError("cannot be prepared");
  for (auto _ : state) {
    if (!session->Run().ok()) return state.SkipWithError("does not run");
  }
  state.counters["per_operator"] = benchmark::Counter(
      static_cast<double>(operators),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(Run)->Arg(1)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace quaver::bench

BENCHMARK_MAIN();
