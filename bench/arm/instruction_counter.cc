// A plugin for QEMU's user mode that counts the guest's instructions between marks, by class.
//
//   qemu-aarch64 -plugin libinstruction_counter.so,out=FILE PROGRAM
//
// A mark is the system call 9999, which does not exist, with a number as its argument. For each
// mark the plugin writes a line: the number, then the instructions since the mark before it: all of
// them, and those of each class (kClassNames). Only for guests with one thread. Classes are told
// apart for 64-bit Arm; of other guests everything is "other".
//
// QEMU's plugin interface, version 1, is declared here as far as it is used, so that building needs
// no header of QEMU: docs/devel/tcg-plugins.rst in QEMU's sources.
#include <cstdint>
#include <cstdio>
#include <cstring>

extern "C" {
using qemu_plugin_id_t = std::uint64_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t {
  const char* target_name;
  struct {
    int min, cur;
  } version;
  bool system_emulation;
  int smp_vcpus, max_vcpus;
};
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb* block, qemu_plugin_op op,
                                              void* target, std::uint64_t value);
void qemu_plugin_register_vcpu_syscall_cb(
    qemu_plugin_id_t id,
    void (*callback)(qemu_plugin_id_t, unsigned vcpu, std::int64_t number, std::uint64_t a1,
                     std::uint64_t a2, std::uint64_t a3, std::uint64_t a4, std::uint64_t a5,
                     std::uint64_t a6, std::uint64_t a7, std::uint64_t a8));
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t index);
const void* qemu_plugin_insn_data(const qemu_plugin_insn* instruction);

[[gnu::visibility("default")]] extern const int qemu_plugin_version = 1;
[[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info,
                                                       int argc, char** argv);
}

namespace {

constexpr std::int64_t kMarkSystemCall = 9999;

enum Class { kDot, kVector, kLoad, kStore, kBranch, kInteger, kOther, kClassCount };
constexpr const char* kClassNames = "dot vector load store branch integer other";

FILE* g_out = nullptr;
bool g_aarch64 = false;
std::uint64_t g_counts[kClassCount];
std::uint64_t g_counts_at_mark[kClassCount];

// Encodings: Arm Architecture Reference Manual for A-profile, C4.1, "A64 instruction set encoding".
constexpr bool IsDot(std::uint32_t code) {
  return (code & 0x9FE0FC00U) == 0x0E809400U ||  // SDOT, UDOT (vector)
         (code & 0xBFE0FC00U) == 0x0E809C00U ||  // USDOT (vector)
         (code & 0x9F00F400U) == 0x0F00E000U ||  // SDOT, UDOT (by element)
         (code & 0xBF00F400U) == 0x0F00F000U ||  // USDOT, SUDOT (by element)
         (code & 0xDFE0F400U) == 0x4E80A400U;    // SMMLA, UMMLA, USMMLA
}

constexpr bool IsLoad(std::uint32_t code) {
  if ((code & 0x3B000000U) == 0x18000000U) return true;  // PC-relative literal
  if ((code & 0x00400000U) != 0) return true;            // L, or the low bit of opc
  // One register of a size: opc 10 is a sign-extending load, but the store of a Q register.
  const bool one_register = (code & 0x38000000U) == 0x38000000U;
  const bool vector = (code & 0x04000000U) != 0;
  return one_register && !vector && (code & 0x00800000U) != 0;
}

constexpr Class ClassOf(std::uint32_t code) {
  const std::uint32_t op0 = (code >> 25) & 15U;
  if ((op0 & 7U) == 7U) return IsDot(code) ? kDot : kVector;
  if ((op0 & 5U) == 4U) return IsLoad(code) ? kLoad : kStore;
  if ((op0 & 14U) == 10U) return kBranch;
  if ((op0 & 14U) == 8U || (op0 & 7U) == 5U) return kInteger;
  return kOther;
}

void CountBlock(qemu_plugin_id_t /*id*/, qemu_plugin_tb* block) {
  std::uint64_t counts[kClassCount] = {};
  const std::size_t instructions = qemu_plugin_tb_n_insns(block);
  for (std::size_t i = 0; i < instructions; ++i) {
    Class c = kOther;
    if (g_aarch64) {
      std::uint32_t code = 0;
      std::memcpy(&code, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(block, i)), sizeof code);
      c = ClassOf(code);
    }
    ++counts[c];
  }
  for (int c = 0; c < kClassCount; ++c) {
    if (counts[c] == 0) continue;
    qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &g_counts[c],
                                             counts[c]);
  }
}

void SystemCall(qemu_plugin_id_t /*id*/, unsigned /*vcpu*/, std::int64_t number, std::uint64_t mark,
                std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                std::uint64_t, std::uint64_t) {
  if (number != kMarkSystemCall) return;
  std::uint64_t total = 0;
  for (int c = 0; c < kClassCount; ++c) total += g_counts[c] - g_counts_at_mark[c];
  std::fprintf(g_out, "%llu %llu", static_cast<unsigned long long>(mark),
               static_cast<unsigned long long>(total));
  for (int c = 0; c < kClassCount; ++c) {
    std::fprintf(g_out, " %llu",
                 static_cast<unsigned long long>(g_counts[c] - g_counts_at_mark[c]));
    g_counts_at_mark[c] = g_counts[c];
  }
  std::fputc('\n', g_out);
  std::fflush(g_out);
}

}  // namespace

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  g_out = stderr;
  for (int i = 0; i < argc; ++i) {
    if (std::strncmp(argv[i], "out=", 4) == 0) g_out = std::fopen(argv[i] + 4, "w");
  }
  if (g_out == nullptr) {
    std::perror("instruction_counter");
    return 1;
  }
  g_aarch64 = std::strcmp(info->target_name, "aarch64") == 0;
  std::fprintf(g_out, "mark total %s\n", kClassNames);
  qemu_plugin_register_vcpu_tb_trans_cb(id, &CountBlock);
  qemu_plugin_register_vcpu_syscall_cb(id, &SystemCall);
  return 0;
}
