// XNNPACK's operators on the cases of the conformance test: near the scalar kernels, in exactly the
// memory that was measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/xnnpack/xnnpack.h"
#include "tests/conformance/check.h"
#include "tests/xnnpack/tolerance.h"

namespace quaver::kernels {
namespace {

/// What XNNPACK may read behind a tensor (XNN_EXTRA_BYTES).
constexpr std::size_t kExtraBytes = 16;

std::vector<std::int8_t> WithExtraBytes(std::vector<std::int8_t> bytes) {
  bytes.resize(bytes.size() + kExtraBytes);
  return bytes;
}

template <typename Params>
void CheckCase(const Case<Params>& c) {
  SCOPED_TRACE(c.description);
  std::vector<std::int8_t> input1 = WithExtraBytes(c.input1);
  std::vector<std::int8_t> input2 = WithExtraBytes(c.input2);
  GuardedBuffer output(c.output_bytes, 0);
  Params params = c.params;
  if constexpr (kHasWeights<Params>) params.weights = c.weights.data();
  const std::size_t bytes = xnnpack::OperatorBytes(params);
  ASSERT_GT(bytes, 0U);
  BindTensors(params, c, reinterpret_cast<std::uint8_t*>(input1.data()),
              reinterpret_cast<std::uint8_t*>(input2.data()), output.data());
  GuardedBuffer memory(bytes, 0);
  GuardedBuffer temporary(xnnpack::TemporaryBytes(params), 0);
  xnnpack::OperatorParams prepared{};
  ASSERT_EQ(xnnpack::CreateOperator(params, memory.data(), bytes, temporary.data(), &prepared),
            bytes);
  xnnpack::OperatorKernel<Params>().run(prepared, {0, 1, 0});
  const std::vector<std::uint8_t> expected = Reference(c);
  CountDifferences(reinterpret_cast<const std::int8_t*>(output.data()),
                   reinterpret_cast<const std::int8_t*>(expected.data()), c.output_bytes);
  EXPECT_TRUE(memory.GuardsIntact()) << "wrote outside its memory";
  EXPECT_TRUE(temporary.GuardsIntact()) << "wrote outside the temporary memory";
  EXPECT_TRUE(output.GuardsIntact()) << "wrote outside the output";
}

template <typename Params>
void CheckOperator() {
  ASSERT_TRUE(xnnpack::Initialize());
  int taken = 0;
  for (const Case<Params>& c : CasesOf<Params>()) {
    if (!xnnpack::TakesOperator(c.params)) continue;
    ++taken;
    CheckCase(c);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(taken, 0) << "no case that XNNPACK takes";
}

#define QUAVER_X(op) \
  TEST(XnnpackOperators, op) { CheckOperator<op##Params>(); }
QUAVER_XNNPACK_OPERATORS(QUAVER_X)
#undef QUAVER_X

TEST(XnnpackOperators, TooLittleMemoryFails) {
  ASSERT_TRUE(xnnpack::Initialize());
  const std::vector<Case<MaxPool2DParams>> cases = CasesOf<MaxPool2DParams>();
  const auto taken = std::find_if(cases.begin(), cases.end(), [](const auto& each) {
    return xnnpack::TakesOperator(each.params);
  });
  ASSERT_NE(taken, cases.end());
  const Case<MaxPool2DParams>& c = *taken;
  const std::size_t bytes = xnnpack::OperatorBytes(c.params);
  GuardedBuffer memory(bytes, 0);
  xnnpack::OperatorParams prepared{};
  EXPECT_EQ(xnnpack::CreateOperator(c.params, memory.data(), bytes - 1, nullptr, &prepared), 0U);
  EXPECT_TRUE(memory.GuardsIntact());
}

}  // namespace
}  // namespace quaver::kernels
