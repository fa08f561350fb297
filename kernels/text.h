// Names of instruction sets and backends, which people type.
#ifndef QUAVER_KERNELS_TEXT_H_
#define QUAVER_KERNELS_TEXT_H_

namespace quaver {

/// Whether two texts are equal. (C's strcmp, made for speed, has 700 bytes on a Cortex-M.)
inline bool SameText(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

}  // namespace quaver

#endif  // QUAVER_KERNELS_TEXT_H_
