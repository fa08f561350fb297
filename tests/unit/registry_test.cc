#include "kernels/registry.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

static_assert(QUAVER_BUILT(Scalar) == 1, "the scalar kernels are in every build");
static_assert(QUAVER_BUILT(NoSuchIsa) == 0, "");

#if defined(__x86_64__)
static_assert(QUAVER_BUILT(Avx2) == 1 && QUAVER_BUILT(Neon) == 0, "");
#elif defined(__aarch64__)
static_assert(QUAVER_BUILT(Avx2) == 0 && QUAVER_BUILT(Neon) == 1, "");
#endif

template <typename Params>
class RegistryTest : public testing::Test {};

using Operators =
    testing::Types<Conv2DParams, DepthwiseConv2DParams, FullyConnectedParams, AveragePool2DParams,
                   MaxPool2DParams, AddParams, SubParams, MulParams, Lut8Params, SoftmaxParams,
                   ReduceMeanParams, ReduceMaxParams, ReduceMinParams, StridedCopyParams,
                   ResizeNearestParams, ResizeBilinearParams, ArgMaxParams, Conv2DInt16Params,
                   DepthwiseConv2DInt16Params, FullyConnectedInt16Params, AveragePool2DInt16Params,
                   MaxPool2DInt16Params, AddInt16Params, SubInt16Params, MulInt16Params,
                   ReduceMeanInt16Params, RequantizeParams>;
TYPED_TEST_SUITE(RegistryTest, Operators);

TYPED_TEST(RegistryTest, TheLastKernelIsScalarAndTakesEverything) {
  const KernelList<TypeParam> kernels = KernelsOf<TypeParam>();
  ASSERT_GE(kernels.count, 1U);
  const Kernel<TypeParam>& last = kernels.rows[kernels.count - 1];
  EXPECT_EQ(last.isa, Isa::kScalar);
  EXPECT_EQ(last.supports, nullptr);
  EXPECT_EQ(last.scratch_bytes, nullptr);
  EXPECT_TRUE(last.layout.plain());
  EXPECT_NE(std::string(last.name).find("Scalar"), std::string::npos);
}

TYPED_TEST(RegistryTest, EveryKernelOfTheBuildHasAFunctionAndItsOwnName) {
  const KernelList<TypeParam> kernels = KernelsOf<TypeParam>();
  for (std::size_t i = 0; i < kernels.count; ++i) {
    EXPECT_NE(kernels.rows[i].run, nullptr) << kernels.rows[i].name;
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_STRNE(kernels.rows[i].name, kernels.rows[j].name);
    }
  }
}

// A compiler must plan with the very same layouts and scratch sizes that the device will use.
TYPED_TEST(RegistryTest, ThePlannedTableHoldsEveryKernelOfTheBuild) {
  const KernelList<TypeParam> built = KernelsOf<TypeParam>();
  const KernelList<TypeParam> planned = KernelsOfAllIsas<TypeParam>();
  ASSERT_GE(planned.count, built.count);
  std::size_t j = 0;
  for (std::size_t i = 0; i < built.count; ++i, ++j) {
    while (j < planned.count && std::strcmp(planned.rows[j].name, built.rows[i].name) != 0) ++j;
    ASSERT_LT(j, planned.count) << built.rows[i].name;
    EXPECT_EQ(planned.rows[j].isa, built.rows[i].isa);
    EXPECT_TRUE(planned.rows[j].layout == built.rows[i].layout);
    EXPECT_EQ(planned.rows[j].supports, built.rows[i].supports);
    EXPECT_EQ(planned.rows[j].scratch_bytes, built.rows[i].scratch_bytes);
    EXPECT_EQ(planned.rows[j].run, nullptr);
  }
}

TYPED_TEST(RegistryTest, OnlyScalarAllowedGivesScalar) {
  const TypeParam params{};
  EXPECT_EQ(Select(params, IsaSet()).isa, Isa::kScalar);
  EXPECT_EQ(SelectForTarget(params, IsaSet()).isa, Isa::kScalar);
}

// Kernels that copy whole rows of the input must not ask for gigabytes.
TEST(Select, ConvolutionsWithHugeRowsTakeAKernelThatCopiesNone) {
  Conv2DParams params{};
  params.batch = params.output_h = params.groups = params.output_c = 1;
  params.input_h = params.input_w = params.input_c = 64;
  params.kernel_h = params.kernel_w = params.stride_h = params.dilation_h = params.dilation_w = 1;
  params.output_w = 1000;
  params.stride_w = 1000000;
  params.pad_left = 999999999;
  for (int isa = 0; isa < static_cast<int>(Isa::kCount); ++isa) {
    const IsaSet allowed = IsaWithFallbacks(static_cast<Isa>(isa));
    const Kernel<Conv2DParams>& kernel = SelectForTarget(params, allowed);
    const std::size_t scratch = kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(params);
    EXPECT_LT(scratch, std::size_t{1} << 26) << kernel.name;
  }
}

bool OnlyOneRow(const FullyConnectedParams& params) { return params.rows == 1; }

TEST(SelectFrom, TakesTheFirstThatIsAllowedAndFits) {
  const Kernel<FullyConnectedParams> rows[] = {
      {"first", Isa::kNeonDot, nullptr, kPlainLayout, &OnlyOneRow, nullptr},
      {"second", Isa::kNeon, nullptr, kPlainLayout, nullptr, nullptr},
      {"scalar", Isa::kScalar, nullptr, kPlainLayout, nullptr, nullptr}};
  const KernelList<FullyConnectedParams> kernels{rows, 3};
  const IsaSet all = IsaWithFallbacks(Isa::kNeonDot);
  FullyConnectedParams params{};
  params.rows = 1;
  EXPECT_STREQ(SelectFrom(kernels, params, all).name, "first");
  EXPECT_STREQ(SelectFrom(kernels, params, IsaWithFallbacks(Isa::kNeon)).name, "second");
  EXPECT_STREQ(SelectFrom(kernels, params, IsaSet()).name, "scalar");
  params.rows = 2;
  EXPECT_STREQ(SelectFrom(kernels, params, all).name, "second");
}

}  // namespace
}  // namespace quaver::kernels
