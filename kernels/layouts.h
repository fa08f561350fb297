// How each kernel family wants its weights. Known in every build: a compiler packs for machines
// that it does not run on.
#ifndef QUAVER_KERNELS_LAYOUTS_H_
#define QUAVER_KERNELS_LAYOUTS_H_

#include "kernels/packing.h"

namespace quaver::kernels {

inline constexpr WeightLayout kPlainLayout{};

/// Pairs of inputs for PMADDWD.
inline constexpr WeightLayout kGemm8x2{LayoutKind::kGemm, 8, 2, 0};
inline constexpr WeightLayout kDepthwise8x2{LayoutKind::kDepthwise, 8, 2, 0};

/// Pairs of terms of Winograd's F(4, 3) for PMADDWD.
inline constexpr WeightLayout kGemm8x3{LayoutKind::kGemm, 8, 3, 0};

/// Groups of four inputs, made unsigned, for VPDPBUSD in 256 and 512 bits.
inline constexpr WeightLayout kGemm8x4{LayoutKind::kGemm, 8, 4, 128};
inline constexpr WeightLayout kDepthwise8x4{LayoutKind::kDepthwise, 8, 4, 128};
inline constexpr WeightLayout kGemm16x4{LayoutKind::kGemm, 16, 4, 128};
inline constexpr WeightLayout kDepthwise16x4{LayoutKind::kDepthwise, 16, 4, 128};

/// Groups of four inputs for SDOT.
inline constexpr WeightLayout kGemm16x4Signed{LayoutKind::kGemm, 16, 4, 0};
inline constexpr WeightLayout kGemm16x4SignedDense{LayoutKind::kGemmDense, 16, 4, 0};
inline constexpr WeightLayout kDepthwise8x4Signed{LayoutKind::kDepthwise, 8, 4, 0};

/// Groups of eight inputs for SMMLA.
inline constexpr WeightLayout kGemm8x8{LayoutKind::kGemm, 8, 8, 0};
inline constexpr WeightLayout kGemm8x8Dense{LayoutKind::kGemmDense, 8, 8, 0};

/// Pairs of inputs for SMULL, SMLAL and SADALP, in groups of four.
inline constexpr WeightLayout kGemm16x4Pairs{LayoutKind::kGemmPairs, 16, 4, 0};
inline constexpr WeightLayout kGemm16x4PairsDense{LayoutKind::kGemmPairsDense, 16, 4, 0};

inline constexpr WeightLayout kDepthwise8x1{LayoutKind::kDepthwise, 8, 1, 0};
inline constexpr WeightLayout kDepthwise16x1{LayoutKind::kDepthwise, 16, 1, 0};

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_LAYOUTS_H_
