#include "platform/posix/ask_cpu.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__) && (defined(__aarch64__) || defined(__arm__))
#include <sys/auxv.h>
#endif

namespace quaver::platform {
namespace {

#if defined(__x86_64__) || defined(__i386__)

// Bits as in the Intel 64 Software Developer's Manual, volume 2A, CPUID.
constexpr unsigned kOsxsave = 1U << 27;     // leaf 1, ECX
constexpr unsigned kAvx2 = 1U << 5;         // leaf 7, EBX
constexpr unsigned kAvx512F = 1U << 16;     // leaf 7, EBX
constexpr unsigned kAvx512Bw = 1U << 30;    // leaf 7, EBX
constexpr unsigned kAvx512Vl = 1U << 31;    // leaf 7, EBX
constexpr unsigned kAvx512Vnni = 1U << 11;  // leaf 7, ECX
constexpr unsigned kAvxVnni = 1U << 4;      // leaf 7, subleaf 1, EAX
// Register state that the operating system saves: XCR0.
constexpr unsigned kYmmState = 0x06;
constexpr unsigned kZmmState = 0xE6;

unsigned SavedState() {
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

IsaSet Detect() {
  IsaSet isas;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kOsxsave) == 0) return isas;
  const unsigned saved = SavedState();
  if ((saved & kYmmState) != kYmmState || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 ||
      (b & kAvx2) == 0) {
    return isas;
  }
  isas.Add(Isa::kAvx2);
  constexpr unsigned kAvx512 = kAvx512F | kAvx512Bw | kAvx512Vl;
  if ((saved & kZmmState) == kZmmState && (b & kAvx512) == kAvx512 && (c & kAvx512Vnni) != 0) {
    isas.Add(Isa::kAvx512Vnni);
  }
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & kAvxVnni) != 0) {
    isas.Add(Isa::kAvxVnni);
  }
  return isas;
}

#elif defined(__linux__) && defined(__aarch64__)

// Linux, arch/arm64/include/uapi/asm/hwcap.h. Numbers, since older headers lack the names.
constexpr unsigned long kHwcapAsimd = 1UL << 1;
constexpr unsigned long kHwcapDotProduct = 1UL << 20;
constexpr unsigned long kHwcap2I8mm = 1UL << 13;

IsaSet Detect() {
  IsaSet isas;
  const unsigned long hwcap = getauxval(AT_HWCAP);
  if ((hwcap & kHwcapAsimd) == 0) return isas;
  isas.Add(Isa::kNeon);
  if ((hwcap & kHwcapDotProduct) == 0) return isas;
  isas.Add(Isa::kNeonDot);
  if ((getauxval(AT_HWCAP2) & kHwcap2I8mm) != 0) isas.Add(Isa::kI8mm);
  return isas;
}

#elif defined(__linux__) && defined(__arm__)

// Linux, arch/arm/include/uapi/asm/hwcap.h.
constexpr unsigned long kHwcapNeon = 1UL << 12;

IsaSet Detect() {
  IsaSet isas;
#if defined(__ARM_FEATURE_SIMD32)
  // No bit of its own: what the whole program is compiled for, all since ARMv6.
  isas.Add(Isa::kCortexM);
#endif
  if ((getauxval(AT_HWCAP) & kHwcapNeon) != 0) isas.Add(Isa::kNeon);
  return isas;
}

#elif defined(__aarch64__)

// Advanced SIMD is part of the architecture; the rest would need this system's own call.
IsaSet Detect() { return IsaSet().Add(Isa::kNeon); }

#else

IsaSet Detect() { return {}; }

#endif

}  // namespace

IsaSet AskCpu() { return Detect(); }

}  // namespace quaver::platform
