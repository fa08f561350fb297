#include <gtest/gtest.h>

#include "platform/built_isas.h"
#include "platform/platform.h"
#include "platform/posix/ask_cpu.h"

namespace quaver::platform {
namespace {

// Two sources, cpuinfo and the CPU itself, where cpuinfo is used; elsewhere one.
TEST(CpuIsas, AreWhatTheCpuSays) { EXPECT_EQ(CpuIsas(), OnlyBuilt(AskCpu())); }

TEST(CpuIsas, HoldScalar) { EXPECT_TRUE(CpuIsas().Has(Isa::kScalar)); }

}  // namespace
}  // namespace quaver::platform
