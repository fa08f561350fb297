// How each kernel family wants its weights. Known in every build: a compiler packs for machines
// that it does not run on.
#ifndef QUAVER_KERNELS_LAYOUTS_H_
#define QUAVER_KERNELS_LAYOUTS_H_

#include "kernels/packing.h"

namespace quaver::kernels {

inline constexpr WeightLayout kPlainLayout{};

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_LAYOUTS_H_
