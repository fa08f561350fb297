// Speed of every kernel of kernels.inc that this CPU can run, on typical shapes.
//
//   kernels_bench --benchmark_filter='Conv2D.*'
//
// Operators with weights count multiply-accumulates (MAC/s), and what share of this machine's peak
// they are, measured here and now with the multiply-add instruction of the kernel's instruction set
// (tools/peak.h; none for scalar). The others count output bytes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "kernels/inventory.h"
#include "kernels/registry.h"
#include "platform/platform.h"
#include "tests/conformance/cases.h"
#include "tools/peak.h"

namespace quaver::kernels {
namespace {

/// Other operators: the largest of the conformance test's cases.
template <typename Params>
std::vector<Case<Params>> TypicalCases() {
  const std::vector<Case<Params>> cases = CasesOf<Params>();
  return {*std::max_element(cases.begin(), cases.end(), [](const auto& a, const auto& b) {
    return a.output_bytes < b.output_bytes;
  })};
}

template <>
std::vector<Case<Conv2DParams>> TypicalCases() {
  Random random(1);
  const auto conv = [&random](const Window& window, std::int32_t output_c) {
    return MakeConv2D(window, output_c, 1, Values::kTypical, random);
  };
  return {conv(Same3x3(224, 224, 3, 2), 32),       conv(Same3x3(96, 96, 3, 2), 8),
          conv(Same3x3(32, 32, 16, 1), 16),        conv(Same3x3(8, 8, 64, 1), 64),
          conv(Pointwise(1, 112, 112, 32, 1), 16), conv(Pointwise(1, 25, 5, 64, 1), 64),
          conv(Pointwise(1, 14, 14, 96, 1), 576),  conv(Pointwise(1, 7, 7, 960, 1), 320)};
}

template <>
std::vector<Case<DepthwiseConv2DParams>> TypicalCases() {
  Random random(2);
  const auto depthwise = [&random](const Window& window, std::int32_t multiplier = 1) {
    return MakeDepthwiseConv2D(window, multiplier, Values::kTypical, random);
  };
  return {depthwise(Same3x3(112, 112, 32, 1)),
          depthwise(Same3x3(25, 5, 64, 1)),
          depthwise(Same3x3(14, 14, 576, 1)),
          depthwise(Same3x3(14, 14, 576, 2)),
          depthwise({1, 14, 14, 240, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2}),
          depthwise({1, 28, 28, 240, 5, 5, 2, 2, 1, 1, 1, 1, 2, 2}),
          depthwise({1, 49, 40, 1, 10, 8, 2, 2, 1, 1, 4, 3, 5, 4}, 8),
          depthwise(Same3x3(28, 28, 32, 1), 2)};
}

template <>
std::vector<Case<FullyConnectedParams>> TypicalCases() {
  Random random(3);
  return {MakeFullyConnected(1, 640, 128, Values::kTypical, random),
          MakeFullyConnected(1, 1280, 1001, Values::kTypical, random),
          MakeFullyConnected(64, 256, 256, Values::kTypical, random)};
}

template <>
std::vector<Case<Conv2DInt16Params>> TypicalCases() {
  Random random(1);
  const auto conv = [&random](const Window& window, std::int32_t output_c) {
    return MakeConv2DInt16(window, output_c, 1, Values::kTypical, random);
  };
  return {conv(Same3x3(32, 32, 16, 1), 16), conv(Same3x3(8, 8, 64, 1), 64),
          conv(Pointwise(1, 25, 5, 64, 1), 64), conv(Pointwise(1, 14, 14, 96, 1), 576)};
}

template <>
std::vector<Case<DepthwiseConv2DInt16Params>> TypicalCases() {
  Random random(2);
  return {MakeDepthwiseConv2DInt16(Same3x3(25, 5, 64, 1), 1, Values::kTypical, random),
          MakeDepthwiseConv2DInt16(Same3x3(14, 14, 576, 1), 1, Values::kTypical, random)};
}

template <>
std::vector<Case<FullyConnectedInt16Params>> TypicalCases() {
  Random random(3);
  return {MakeFullyConnectedInt16(1, 640, 128, Values::kTypical, random)};
}

template <typename Params>
std::vector<Case<Params>> TypicalElementwise() {
  Random random(4);
  return {MakeBroadcast<Params>({16384}, 1, 1, 0, random)};
}
template <>
std::vector<Case<AddParams>> TypicalCases() {
  return TypicalElementwise<AddParams>();
}
template <>
std::vector<Case<SubParams>> TypicalCases() {
  return TypicalElementwise<SubParams>();
}
template <>
std::vector<Case<MulParams>> TypicalCases() {
  return TypicalElementwise<MulParams>();
}

/// Multiplications, or output bytes.
template <typename Params>
double ItemsOf(const Case<Params>& c) {
  if constexpr (kHasWeights<Params>) {
    const auto outputs = c.output_bytes / c.element_bytes;
    return static_cast<double>(outputs) * WeightShapeOf(c.params).depth;
  } else {
    return static_cast<double>(c.output_bytes);
  }
}

using AlignedBytes = std::unique_ptr<std::uint8_t[], void (*)(std::uint8_t*)>;
AlignedBytes Allocate(std::uint64_t bytes) {
  constexpr std::align_val_t kAlignment{64};
  return {new (kAlignment) std::uint8_t[static_cast<std::size_t>(bytes)],
          [](std::uint8_t* memory) { ::operator delete[](memory, kAlignment); }};
}

template <typename Params>
void Measure(benchmark::State& state, const Kernel<Params>& kernel, Case<Params> c) {
  Params params = c.params;
  const AlignedBytes output = Allocate(c.output_bytes);
  BindTensors(params, c, reinterpret_cast<std::uint8_t*>(c.input1.data()),
              reinterpret_cast<std::uint8_t*>(c.input2.data()), output.get());
  const AlignedBytes scratch =
      Allocate(kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(params));
  AlignedBytes packed = Allocate(0);
  if constexpr (kHasWeights<Params>) {
    const WeightShape shape = WeightShapeOf(params);
    params.weights = c.weights.data();
    if constexpr (kPacksWeights<Params>) {
      packed = Allocate(PackedBytes(kernel.layout, shape));
      if (!kernel.layout.plain()) {
        PackWeights(kernel.layout, shape, c.weights.data(), params.stage, packed.get());
        params.weights = reinterpret_cast<const std::int8_t*>(packed.get());
      }
    }
    params.scratch = reinterpret_cast<std::int8_t*>(scratch.get());
  }
  const std::clock_t begin = std::clock();
  for (auto iteration : state) {
    (void)iteration;
    kernel.run(params, {0, c.units, 0});
    benchmark::ClobberMemory();
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  state.counters[kHasWeights<Params> ? "MAC/s" : "B/s"] = benchmark::Counter(
      ItemsOf(c), benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
  const double peak = kHasWeights<Params> ? tools::PeakMacsPerSecond(kernel.isa) : 0;
  if (peak <= 0) return;
  // Not a rate to the library, which would write "/s" behind it.
  const double macs = ItemsOf(c) * static_cast<double>(state.iterations());
  state.counters["% of peak"] = 100 * macs / seconds / peak;
}

template <typename Params>
void Register(const char* name) {
  const KernelList<Params> kernels = KernelsOf<Params>();
  for (std::size_t i = 0; i < kernels.count; ++i) {
    const Kernel<Params>& kernel = kernels.rows[i];
    if (std::string(kernel.name) != name || !platform::CpuIsas().Has(kernel.isa)) continue;
    for (const Case<Params>& c : TypicalCases<Params>()) {
      if (kernel.supports != nullptr && !kernel.supports(c.params)) continue;
      benchmark::RegisterBenchmark(
          (std::string(name) + "/" + c.description).c_str(),
          [&kernel, c](benchmark::State& state) { Measure(state, kernel, c); });
    }
  }
}

void RegisterAll() {
#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes) \
  QUAVER_IF_BUILT(isa)(Register<op##Params>(#name);)
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
}

/// The peaks themselves, above the table and in JSON's context.
void AddPeaks() {
#define QUAVER_X(name, text, fallback)                                                       \
  if (platform::CpuIsas().Has(Isa::k##name) && tools::PeakMacsPerSecond(Isa::k##name) > 0) { \
    char peak[32];                                                                           \
    std::snprintf(peak, sizeof(peak), "%.1f", tools::PeakMacsPerSecond(Isa::k##name) / 1e9); \
    benchmark::AddCustomContext("peak GMAC/s " text, peak);                                  \
  }
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
}

}  // namespace
}  // namespace quaver::kernels

int main(int argc, char** argv) {
  quaver::kernels::RegisterAll();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  quaver::kernels::AddPeaks();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
