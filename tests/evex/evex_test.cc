#include <gtest/gtest.h>

#include "platform/platform.h"
#include "platform/posix/ask_cpu.h"

namespace quaver::platform {
namespace {

// Else every other test of this program would be skipped.
TEST(AvxVnniInEvex, IsWhereAvx512VnniIs) {
  EXPECT_EQ(CpuIsas().Has(Isa::kAvxVnni), AskCpu().Has(Isa::kAvx512Vnni));
}

}  // namespace
}  // namespace quaver::platform
