// 256 bytes, looked up 16 at a time.
#ifndef QUAVER_KERNELS_ARM_BYTE_TABLE_H_
#define QUAVER_KERNELS_ARM_BYTE_TABLE_H_

#include <arm_neon.h>

#include <cstdint>

namespace quaver::kernels {
namespace {

#ifdef __aarch64__

/// TBL looks 16 bytes up in 64 of the table and gives 0 for indices from 64 on, TBX leaves what was
/// there: so four look-ups, of the index less 0, 64, 128 and 192, modulo 256.
class ByteTable {
 public:
  explicit ByteTable(const std::uint8_t* table)
      : first_(vld1q_u8_x4(table)),
        second_(vld1q_u8_x4(table + 64)),
        third_(vld1q_u8_x4(table + 128)),
        fourth_(vld1q_u8_x4(table + 192)),
        quarter_(vdupq_n_u8(64)) {}

  [[nodiscard]] [[gnu::always_inline]] uint8x16_t operator[](uint8x16_t index) const {
    uint8x16_t bytes = vqtbl4q_u8(first_, index);
    index = vsubq_u8(index, quarter_);
    bytes = vqtbx4q_u8(bytes, second_, index);
    index = vsubq_u8(index, quarter_);
    bytes = vqtbx4q_u8(bytes, third_, index);
    index = vsubq_u8(index, quarter_);
    return vqtbx4q_u8(bytes, fourth_, index);
  }

 private:
  uint8x16x4_t first_, second_, third_, fourth_;
  uint8x16_t quarter_;
};

#endif

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_BYTE_TABLE_H_
