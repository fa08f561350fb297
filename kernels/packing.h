// Weights interleaved for a kernel's tile.
//
// One layout covers all GEMM-like kernels: output channels in panels of `nr`, and within a panel
//   nr x int32 bias, nr x int32 multiplier, nr x int32 shift,
//   then for each group of `kr` consecutive inputs: nr x kr int8 weights (kr fastest),
// channels beyond the last filled with zeros; each panel padded to 64 bytes with zeros. Inputs come
// in runs that lie together in memory (a row of a convolution's window, say); each run begins a
// group, and its last group is filled up with zeros. Little-endian. Where `input_offset` is 128 the
// kernel reads inputs as unsigned (q xor 0x80 = q + 128), and the packed bias is bias - 128 *
// sum(weights), modulo 2^32. Where `kr` is 3 each run is a row of three taps, of which each input's
// weights g are stored as the six terms of G g, 16 bits each (kernels/avx2/winograd.cc): for each
// pair of inputs of a tap, for each term, nr x 2 values, a pair that lacks the second filled with
// zeros.
//
// Panels of pairs (kind kGemmPairs; `kr` is 4) hold a group as blocks of four channels: the first
// two inputs of each, then the other two. The kernel adds products in 16 bits, x * w <= 128 * |w|
// each: up to four of them, of every second input of two neighbouring groups, a block, where no
// input makes them more, else only those of one group. Behind the weights are notes, a byte each
// (PairNote): for each block of a run, in which of the blocks of four channels four products do not
// fit (bit v: channels 4 v to 4 v + 3); for a last group without a neighbour; and for the end of
// the run. The last byte of the panel says whether even two products do not fit somewhere: those of
// two -128.
//
// Dense panels (kinds kGemmDense, kGemmPairsDense) are those of kGemm and kGemmPairs for kernels
// that gather windows: all inputs of a window are one run.
//
// Depthwise panels (kind kDepthwise) are the same
// with the taps of the window as the inputs, column by column: a run is a column.
#ifndef QUAVER_KERNELS_PACKING_H_
#define QUAVER_KERNELS_PACKING_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// Least alignment of packed weights, and so of each panel, which has a multiple of 64 bytes. In
/// the arena they are aligned to 64; in a file they are as aligned as the file, of which the
/// runtime asks no more than this: kernels must not use loads of 32 or 64 bytes that want aligned
/// addresses.
inline constexpr std::size_t kPackedAlignment = 16;

/// Limits of a layout, so that a panel's size fits 32 bits.
inline constexpr std::int32_t kMaxNr = 64;
inline constexpr std::int32_t kMaxKr = 16;

/// The taps of a row that is packed with a kr of 3, and the terms that they become.
inline constexpr std::int32_t kFilterTaps = 3;
inline constexpr std::int32_t kFilterTerms = 6;

/// 3 is not used: it was kGemmPairs with other notes.
enum class LayoutKind : std::uint8_t {
  kPlain = 0,
  kGemm = 1,
  kDepthwise = 2,
  kGemmDense = 4,
  kGemmPairsDense = 5,
  kGemmPairs = 6,
};

/// What comes next in a panel of pairs, where it is not two groups: those have 0 to 15.
namespace PairNote {
inline constexpr std::uint8_t kFourInputs = 16;   // a group
inline constexpr std::uint8_t kNextRun = 17;      // another run
inline constexpr std::uint8_t kLastRunEnds = 18;  // nothing, after several runs
inline constexpr std::uint8_t kOnlyRunEnds = 19;  // nothing, after the only run
}  // namespace PairNote

struct WeightLayout {
  LayoutKind kind = LayoutKind::kPlain;
  std::uint8_t nr = 0;
  std::uint8_t kr = 0;
  std::uint8_t input_offset = 0;  // 0 or 128

  constexpr bool operator==(const WeightLayout& o) const {
    return kind == o.kind && nr == o.nr && kr == o.kr && input_offset == o.input_offset;
  }
  [[nodiscard]] constexpr bool plain() const { return kind == LayoutKind::kPlain; }
  [[nodiscard]] constexpr bool dense() const {
    return kind == LayoutKind::kGemmDense || kind == LayoutKind::kGemmPairsDense;
  }
  [[nodiscard]] constexpr bool pairs() const {
    return kind == LayoutKind::kGemmPairs || kind == LayoutKind::kGemmPairsDense;
  }
};

/// Sizes of a weight matrix: `channels` outputs of `depth` inputs each (depthwise: depth is taps).
/// `groups`: a convolution's groups are packed one after the other, channels / groups each, so
/// that each group begins a panel. `run`: inputs that lie together, a divisor of depth.
/// Preconditions: 1 <= depth < 2^17, groups >= 1 divides channels.
struct WeightShape {
  std::int32_t channels;
  std::int32_t depth;
  std::int32_t groups;
  std::int32_t run;
};

/// The run of a convolution's window: a whole row where its taps are neighbours, else one tap of
/// `tap` inputs.
constexpr std::int32_t ConvRun(std::int32_t tap, std::int32_t kernel_w, std::int32_t dilation_w,
                               std::int32_t groups) {
  return dilation_w == 1 && groups == 1 ? kernel_w * tap : tap;
}

constexpr WeightShape WeightShapeOf(const Conv2DParams& p) {
  const std::int32_t tap = p.input_c / p.groups;
  return {p.output_c, p.kernel_h * p.kernel_w * tap, p.groups,
          ConvRun(tap, p.kernel_w, p.dilation_w, p.groups)};
}
constexpr WeightShape WeightShapeOf(const DepthwiseConv2DParams& p) {
  return {p.output_c, p.kernel_h * p.kernel_w, 1, p.kernel_h};
}
constexpr WeightShape WeightShapeOf(const FullyConnectedParams& p) {
  return {p.output_c, p.depth, 1, p.depth};
}

/// Bytes of one packed panel, a multiple of 64.
std::size_t PanelBytes(const WeightLayout& layout, const WeightShape& shape);

/// Bytes of the packed weights, a multiple of 64; 0 for a plain layout. 64 bits also on a 32-bit
/// machine: small groups in wide panels grow.
std::uint64_t PackedBytes(const WeightLayout& layout, const WeightShape& shape);

/// Whether the notes of a panel are some that PackWeights may have written: kernels jump to where
/// they say. True where the layout has none.
bool HasPairNotes(const WeightLayout& layout, const WeightShape& shape, const std::uint8_t* panel);

/// Packs plain weights ([channels, depth]; depthwise: [depth, channels]) and the output stage into
/// `target`: PackedBytes, aligned to 64. Precondition: the layout is not plain, and that of pairs
/// has an nr of 16 and a kr of 4.
void PackWeights(const WeightLayout& layout, const WeightShape& shape, const std::int8_t* weights,
                 const OutputStage& stage, std::uint8_t* target);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_PACKING_H_
