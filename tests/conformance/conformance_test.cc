// Every kernel of kernels.inc in this build gives the bytes of the scalar one. A new kernel's line
// is its test; only a new operator needs cases.
#include <gtest/gtest.h>

#include <cstring>

#include "kernels/inventory.h"
#include "platform/platform.h"
#include "tests/conformance/check.h"

namespace quaver::kernels {
namespace {

template <typename Params>
void CheckKernelNamed(const char* name) {
  const KernelList<Params> kernels = KernelsOf<Params>();
  for (std::size_t i = 0; i < kernels.count; ++i) {
    const Kernel<Params>& kernel = kernels.rows[i];
    if (std::strcmp(kernel.name, name) != 0) continue;
    if (!platform::CpuIsas().Has(kernel.isa)) {
      GTEST_SKIP() << "this CPU does not have " << IsaName(kernel.isa);
    }
    EXPECT_GT(CheckKernel(kernel), 0) << "no case that " << name << " takes";
    return;
  }
  FAIL() << name << " is not in its operator's table";
}

#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes) \
  QUAVER_IF_BUILT(isa)(TEST(Conformance, name) { CheckKernelNamed<op##Params>(#name); })
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL

}  // namespace
}  // namespace quaver::kernels
