#include <arm_neon.h>

#include <cstddef>

#include "kernels/inventory.h"

namespace quaver::kernels {

#ifdef __aarch64__

// TBL looks 16 bytes up in 64 of the table and gives 0 for indices from 64 on: so four look-ups, of
// the index less 0, 64, 128 and 192, modulo 256, and one of them is not 0 for another's sake.
void Lut8Neon(const Lut8Params& p, const Work& work) {
  uint8x16x4_t quarters[4];
  for (int i = 0; i < 4; ++i) quarters[i] = vld1q_u8_x4(p.table + 64 * i);
  const uint8x16_t quarter = vdupq_n_u8(64);
  std::ptrdiff_t i = work.begin;
  for (; i + 16 <= work.end; i += 16) {
    uint8x16_t index = vld1q_u8(p.input + i);
    uint8x16_t result = vqtbl4q_u8(quarters[0], index);
    for (int k = 1; k < 4; ++k) {
      index = vsubq_u8(index, quarter);
      result = vqtbx4q_u8(result, quarters[k], index);
    }
    vst1q_u8(p.output + i, result);
  }
  for (; i < work.end; ++i) p.output[i] = p.table[p.input[i]];
}

#else

// A table of 256 bytes would take all registers.
void Lut8Neon(const Lut8Params& p, const Work& work) { Lut8Scalar(p, work); }

#endif

}  // namespace quaver::kernels
