// Runs one kernel on a case in several ways and compares each byte with the scalar kernel.
#ifndef QUAVER_TESTS_CONFORMANCE_CHECK_H_
#define QUAVER_TESTS_CONFORMANCE_CHECK_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/registry.h"
#include "tests/conformance/buffers.h"
#include "tests/conformance/case.h"

namespace quaver::kernels {

/// How a run differs from a plain one. The result must not.
struct Variation {
  const char* name;
  std::size_t offset;    // of the tensors from an aligned address, or kBeforePage
  std::int32_t part;     // units of work a call; 0: all
  std::int32_t workers;  // calls take turns
  bool in_place;         // output is input1, where the operator allows it
};

inline constexpr Variation kVariations[] = {
    {"whole", 0, 0, 1, false},
    {"misaligned", 1, 0, 1, false},
    {"before a page", kBeforePage, 0, 1, false},
    {"unit by unit, two workers", 3, 1, 2, false},
    {"parts of three", 8, 3, 3, false},
    {"in place, parts of seven", 5, 7, 1, true},
};

template <typename Params>
std::vector<std::uint8_t> Reference(const Case<Params>& c) {
  const KernelList<Params> kernels = KernelsOf<Params>();
  std::vector<std::uint8_t> output(c.output_bytes);
  const ExactBuffer input1(c.input1.data(), c.input1.size(), 0);
  const ExactBuffer input2(c.input2.data(), c.input2.size(), 0);
  Params params = c.params;
  BindTensors(params, c, input1.data(), input2.data(), output.data());
  if constexpr (kHasWeights<Params>) params.weights = c.weights.data();
  kernels.rows[kernels.count - 1].run(params, {0, c.units, 0});
  return output;
}

/// The weights as the kernel wants them.
template <typename Params>
std::vector<std::uint8_t> WeightsFor(const Kernel<Params>& kernel, const Case<Params>& c) {
  if constexpr (kPacksWeights<Params>) {
    if (!kernel.layout.plain()) {
      const WeightShape shape = WeightShapeOf(c.params);
      std::vector<std::uint8_t> packed(static_cast<std::size_t>(PackedBytes(kernel.layout, shape)));
      PackWeights(kernel.layout, shape, c.weights.data(), c.params.stage, packed.data());
      return packed;
    }
  }
  const auto* plain = reinterpret_cast<const std::uint8_t*>(c.weights.data());
  return std::vector<std::uint8_t>(plain, plain + c.weights.size());
}

template <typename Params>
void RunParts(const Kernel<Params>& kernel, const Params& params, std::int32_t units,
              const Variation& variation) {
  const std::int32_t part = variation.part == 0 ? units : variation.part;
  std::int32_t call = 0;
  for (std::int32_t begin = 0; begin < units; begin += part, ++call) {
    const std::int32_t end = begin + part < units ? begin + part : units;
    kernel.run(params, {begin, end, call % variation.workers});
  }
}

template <typename Params>
void CheckVariation(const Kernel<Params>& kernel, const Case<Params>& c,
                    const std::vector<std::uint8_t>& expected, const Variation& variation) {
  const bool before_page = variation.offset == kBeforePage;
  const auto offset_of = [&](std::size_t offset) { return before_page ? kBeforePage : offset; };
  const std::size_t offset = before_page ? 0 : variation.offset * c.element_bytes;
  const ExactBuffer input1(c.input1.data(), c.input1.size(), offset_of(offset));
  const ExactBuffer input2(c.input2.data(), c.input2.size(), offset_of(offset + c.element_bytes));
  const std::vector<std::uint8_t> weight_bytes = WeightsFor(kernel, c);
  const ExactBuffer weights(
      weight_bytes.data(), weight_bytes.size(),
      offset_of(kernel.layout.plain() ? variation.offset
                                      : variation.offset * kPackedAlignment % 64));
  GuardedBuffer output(c.output_bytes, offset);
  const std::size_t scratch_bytes =
      kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(c.params);
  ASSERT_EQ(scratch_bytes % 64, 0U);
  const std::size_t all_scratch = scratch_bytes * static_cast<std::size_t>(variation.workers);
  GuardedBuffer scratch(before_page ? 0 : all_scratch, 0);
  const ExactBuffer last_scratch(before_page ? all_scratch : 0, offset_of(0));
  std::memset(output.data(), 0x5A, c.output_bytes);

  Params params = c.params;
  BindTensors(params, c, input1.data(), input2.data(),
              variation.in_place ? input1.data() : output.data());
  if constexpr (kHasWeights<Params>) {
    params.weights = reinterpret_cast<const std::int8_t*>(weights.data());
    params.scratch =
        reinterpret_cast<std::int8_t*>(before_page ? last_scratch.data() : scratch.data());
  }
  RunParts(kernel, params, c.units, variation);

  const std::uint8_t* result = variation.in_place ? input1.data() : output.data();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(int{static_cast<std::int8_t>(result[i])}, int{static_cast<std::int8_t>(expected[i])})
        << "byte " << i << " of " << expected.size();
  }
  EXPECT_TRUE(variation.in_place || input1.Equals(c.input1.data())) << "wrote to input 1";
  EXPECT_TRUE(input2.Equals(c.input2.data())) << "wrote to input 2";
  EXPECT_TRUE(weights.Equals(weight_bytes.data())) << "wrote to the weights";
  EXPECT_TRUE(output.GuardsIntact()) << "wrote outside the output";
  EXPECT_TRUE(scratch.GuardsIntact()) << "wrote outside the scratch";
}

/// Parts of the work may run at the same time: each byte of the output belongs to one part, which
/// alone writes it. A byte is written if it differs from what was there before, for one of two
/// values.
template <typename Params>
void CheckPartsAreDisjoint(const Kernel<Params>& kernel, const Case<Params>& c) {
  const ExactBuffer input1(c.input1.data(), c.input1.size(), 0);
  const ExactBuffer input2(c.input2.data(), c.input2.size(), 0);
  const std::vector<std::uint8_t> weight_bytes = WeightsFor(kernel, c);
  const ExactBuffer weights(weight_bytes.data(), weight_bytes.size(), 0);
  GuardedBuffer output(c.output_bytes, 0);
  GuardedBuffer scratch(kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(c.params), 0);
  Params params = c.params;
  BindTensors(params, c, input1.data(), input2.data(), output.data());
  if constexpr (kHasWeights<Params>) {
    params.weights = reinterpret_cast<const std::int8_t*>(weights.data());
    params.scratch = reinterpret_cast<std::int8_t*>(scratch.data());
  }
  std::vector<int> writers(c.output_bytes, 0);
  const std::int32_t part = c.units / 3 + 1;
  for (std::int32_t begin = 0; begin < c.units; begin += part) {
    const std::int32_t end = begin + part < c.units ? begin + part : c.units;
    std::vector<bool> written(c.output_bytes, false);
    for (const std::uint8_t before : {std::uint8_t{0x5A}, std::uint8_t{0xA5}}) {
      std::memset(output.data(), before, c.output_bytes);
      kernel.run(params, {begin, end, 0});
      for (std::size_t i = 0; i < c.output_bytes; ++i) {
        if (output.data()[i] != before) written[i] = true;
      }
    }
    for (std::size_t i = 0; i < c.output_bytes; ++i) writers[i] += written[i] ? 1 : 0;
  }
  for (std::size_t i = 0; i < c.output_bytes; ++i) {
    ASSERT_EQ(writers[i], 1) << "parts that write byte " << i << " of " << c.output_bytes;
  }
}

/// Returns how many cases the kernel took.
template <typename Params>
int CheckKernel(const Kernel<Params>& kernel) {
  int taken = 0;
  for (const Case<Params>& c : CasesOf<Params>()) {
    if (kernel.supports != nullptr && !kernel.supports(c.params)) continue;
    ++taken;
    const std::vector<std::uint8_t> expected = Reference(c);
    for (const Variation& variation : kVariations) {
      if (variation.in_place && !c.in_place) continue;
      SCOPED_TRACE(std::string(kernel.name) + ": " + c.description + ", " + variation.name);
      CheckVariation(kernel, c, expected, variation);
      if (testing::Test::HasFailure()) return taken;
    }
    SCOPED_TRACE(std::string(kernel.name) + ": " + c.description);
    CheckPartsAreDisjoint(kernel, c);
    if (testing::Test::HasFailure()) return taken;
  }
  return taken;
}

}  // namespace quaver::kernels

#endif  // QUAVER_TESTS_CONFORMANCE_CHECK_H_
