// Products of four pixels by sixteen channels with SDOT, as text of assembly: sums are in v16 to
// v31, pixel after pixel, weights come from x14 on, alternately to v0 to v3 and v12 to v15.
#ifndef QUAVER_KERNELS_NEONDOT_SDOT_GROUPS_H_
#define QUAVER_KERNELS_NEONDOT_SDOT_GROUPS_H_

// clang-format off
// Four inputs of a pixel, lane l of register x, times the weights of sixteen channels.
#define QUAVER_SDOT4(a, b, c, d, x, l, w0, w1, w2, w3)     \
  "sdot v" #a ".4s, v" #w0 ".16b, v" #x ".4b[" #l "]\n"    \
  "sdot v" #b ".4s, v" #w1 ".16b, v" #x ".4b[" #l "]\n"    \
  "sdot v" #c ".4s, v" #w2 ".16b, v" #x ".4b[" #l "]\n"    \
  "sdot v" #d ".4s, v" #w3 ".16b, v" #x ".4b[" #l "]\n"

// Of all four pixels, while the weights of the next group are loaded.
#define QUAVER_SDOT_EVEN(x0, l0, x1, l1, x2, l2, x3, l3, load) \
  QUAVER_SDOT4(16, 17, 18, 19, x0, l0, 0, 1, 2, 3)             \
  load                                                         \
  QUAVER_SDOT4(20, 21, 22, 23, x1, l1, 0, 1, 2, 3)             \
  QUAVER_SDOT4(24, 25, 26, 27, x2, l2, 0, 1, 2, 3)             \
  QUAVER_SDOT4(28, 29, 30, 31, x3, l3, 0, 1, 2, 3)
#define QUAVER_SDOT_ODD(x0, l0, x1, l1, x2, l2, x3, l3, load)  \
  QUAVER_SDOT4(16, 17, 18, 19, x0, l0, 12, 13, 14, 15)         \
  load                                                         \
  QUAVER_SDOT4(20, 21, 22, 23, x1, l1, 12, 13, 14, 15)         \
  QUAVER_SDOT4(24, 25, 26, 27, x2, l2, 12, 13, 14, 15)         \
  QUAVER_SDOT4(28, 29, 30, 31, x3, l3, 12, 13, 14, 15)

#define QUAVER_LOAD_EVEN "ld1 {v0.16b-v3.16b}, [x14], #64\n"
#define QUAVER_LOAD_ODD "ld1 {v12.16b-v15.16b}, [x14], #64\n"

// Four, eight or sixteen inputs of each pixel, the first weights of which are loaded; `last`: what
// is loaded then.
#define QUAVER_SDOT_FOUR(x0, x1, x2, x3)                                 \
  QUAVER_SDOT_EVEN(x0, 0, x1, 0, x2, 0, x3, 0, )
#define QUAVER_SDOT_EIGHT(x0, x1, x2, x3, last)                          \
  QUAVER_SDOT_EVEN(x0, 0, x1, 0, x2, 0, x3, 0, QUAVER_LOAD_ODD)          \
  QUAVER_SDOT_ODD(x0, 1, x1, 1, x2, 1, x3, 1, last)
#define QUAVER_SDOT_SIXTEEN(x0, x1, x2, x3, last)                        \
  QUAVER_SDOT_EIGHT(x0, x1, x2, x3, QUAVER_LOAD_EVEN)                    \
  QUAVER_SDOT_EVEN(x0, 2, x1, 2, x2, 2, x3, 2, QUAVER_LOAD_ODD)          \
  QUAVER_SDOT_ODD(x0, 3, x1, 3, x2, 3, x3, 3, last)
// clang-format on

#endif  // QUAVER_KERNELS_NEONDOT_SDOT_GROUPS_H_
