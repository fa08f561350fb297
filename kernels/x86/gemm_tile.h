// The register tile of matrix products: kRows pixels (or rows) times kPanels panels of V::kLanes
// output channels, with the output stage fused.
#ifndef QUAVER_KERNELS_X86_GEMM_TILE_H_
#define QUAVER_KERNELS_X86_GEMM_TILE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// The inputs of a pixel come in `run_count` runs of `run_groups` groups of D::kGroupBytes each:
/// run s of pixel x begins at runs[s] + input_offset + x * pixel_step.
struct GemmTile {
  const std::uint8_t* const* runs;
  std::int32_t run_count;
  std::int32_t run_groups;
  std::ptrdiff_t input_offset;
  std::ptrdiff_t pixel_step;
  const std::uint8_t* panels;  // packed as kernels/packing.h says
  std::ptrdiff_t panel_bytes;
  std::int8_t* output;  // of the first pixel, at the first panel's first channel
  std::ptrdiff_t output_stride;
  std::int32_t skip;      // bytes of the first panel not to be written
  std::int32_t channels;  // bytes of a pixel up to which to write, at most kPanels * kLanes
  bool left_shift;        // of any of these panels
};

constexpr std::int32_t Least(std::int32_t a, std::int32_t b) { return a < b ? a : b; }

/// The first of `parts` nearly equal parts of `count`; how many parts of at most `most`.
constexpr std::int32_t EvenPart(std::int32_t count, std::int32_t parts) {
  return (count + parts - 1) / parts;
}
constexpr std::int32_t PartsOf(std::int32_t count, std::int32_t most) {
  return (count + most - 1) / most;
}

/// Bytes [begin, end) of each of `rows` rows.
[[gnu::noinline]] inline void CopyParts(std::int8_t* target, std::ptrdiff_t target_stride,
                                        const std::int8_t* source, std::ptrdiff_t source_stride,
                                        std::int32_t rows, std::int32_t begin, std::int32_t end) {
  for (std::int32_t r = 0; r < rows; ++r) {
    std::int32_t i = begin;
    for (; end - i >= 8; i += 8) std::memcpy(target + i, source + i, 8);
    if (end - i >= 4) {
      std::memcpy(target + i, source + i, 4);
      i += 4;
    }
    for (; i < end; ++i) target[i] = source[i];
    target += target_stride;
    source += source_stride;
  }
}

/// Writes kRows x kPanels requantized vectors (row by row) to rows of `stride` bytes.
template <typename V, typename Narrow, int kRows, int kPanels>
[[gnu::always_inline]] inline void NarrowAndStore(const typename V::Vec (&v)[kRows][kPanels],
                                                  const Narrow& narrow, std::int8_t* output,
                                                  std::ptrdiff_t stride) {
  if constexpr (kPanels == 4) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      V::Store(output + r * stride, narrow(v[r][0], v[r][1], v[r][2], v[r][3]));
    }
  } else if constexpr (kPanels == 3) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const typename V::Vec bytes = narrow(v[r][0], v[r][1], v[r][2], v[r][2]);
      V::StoreHalf(output + r * stride, bytes, 0);
      V::StoreQuarter(output + r * stride + 2 * V::kLanes, bytes, 2);
    }
  } else if constexpr (kPanels == 2) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; r += 2) {
      const int next = r + 1 < kRows ? r + 1 : r;
      const typename V::Vec bytes = narrow(v[r][0], v[r][1], v[next][0], v[next][1]);
      if (next != r && stride == 2 * V::kLanes) {
        V::Store(output + r * stride, bytes);
        continue;
      }
      V::StoreHalf(output + r * stride, bytes, 0);
      if (next != r) V::StoreHalf(output + next * stride, bytes, 1);
    }
  } else {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; r += 4) {
      const auto row = [&v, r](int i) { return v[r + i < kRows ? r + i : r][0]; };
      const typename V::Vec bytes = narrow(row(0), row(1), row(2), row(3));
      if (r + 4 <= kRows && stride == V::kLanes) {
        V::Store(output + r * stride, bytes);
        continue;
      }
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        if (r + i < kRows) V::StoreQuarter(output + (r + i) * stride, bytes, i);
      }
    }
  }
}

/// ShiftLeftSaturated of `count` vectors; out of line, as few layers need it.
template <typename V>
[[gnu::noinline]] void ShiftAllLeft(typename V::Vec* accumulators, std::int32_t count,
                                    typename V::Vec shift) {
  for (std::int32_t i = 0; i < count; ++i) {
    accumulators[i] = ShiftLeftSaturated<V>(accumulators[i], shift);
  }
}

/// Requantizes and writes kRows pixels from `output` on.
template <typename V, int kRows, int kPanels>
[[gnu::always_inline]] inline void StoreTile(const GemmTile& tile, const HalvingNarrower<V>& narrow,
                                             typename V::Vec (&acc)[kRows][kPanels],
                                             std::int8_t* output) {
#pragma GCC unroll 4
  for (int p = 0; p < kPanels; ++p) {
    const std::uint8_t* stage = tile.panels + p * tile.panel_bytes;
    const typename V::Vec shift = V::Load(stage + 8 * V::kLanes);
    if (tile.left_shift) {
      typename V::Vec column[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) column[r] = acc[r][p];
      ShiftAllLeft<V>(column, kRows, shift);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) acc[r][p] = column[r];
    }
    const Requantizer<V> requantize(V::Load(stage + 4 * V::kLanes), shift);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) acc[r][p] = requantize.Doubled(acc[r][p]);
  }
  constexpr std::int32_t kBytes = kPanels * V::kLanes;
  if (tile.skip == 0 && tile.channels == kBytes) {
    NarrowAndStore<V>(acc, narrow, output, tile.output_stride);
    return;
  }
  std::int8_t buffer[kRows * kBytes];
  NarrowAndStore<V>(acc, narrow, buffer, kBytes);
  CopyParts(output, tile.output_stride, buffer, kBytes, kRows, tile.skip, tile.channels);
}

/// Pointers into kRows rows, at most nine, that are a step apart: one for three rows, as an address
/// can add once or twice the step. One for each row would not fit the registers.
template <int kRows>
class RowPointers {
 public:
  RowPointers(const std::uint8_t* first, std::ptrdiff_t step)
      : step_(step), row0_(first), row3_(first + 3 * step), row6_(first + 6 * step) {}

  [[nodiscard]] const std::uint8_t* operator[](int r) const {
    return r < 3 ? row0_ + r * step_ : r < 6 ? row3_ + (r - 3) * step_ : row6_ + (r - 6) * step_;
  }

  void Advance(std::ptrdiff_t bytes) {
    row0_ = Hidden(row0_ + bytes);
    if constexpr (kRows > 3) row3_ = Hidden(row3_ + bytes);
    if constexpr (kRows > 6) row6_ = Hidden(row6_ + bytes);
  }

 private:
  /// From the compiler: GCC would make a pointer for each row after all.
  static const std::uint8_t* Hidden(const std::uint8_t* pointer) {
    asm("" : "+r"(pointer));
    return pointer;
  }

  std::ptrdiff_t step_;
  const std::uint8_t *row0_, *row3_, *row6_;
};

/// The sums of kRows pixels, of which the first is `offset` bytes from the first of the row.
/// D: V and the dot product of one group: LoadInput broadcasts a group of inputs to all lanes,
/// LoadWeights takes a panel's group, Dot adds the products to each lane.
template <typename D, int kRows, int kPanels>
[[gnu::always_inline]] inline void Accumulate(const GemmTile& tile, std::ptrdiff_t offset,
                                              typename D::V::Vec (&acc)[kRows][kPanels]) {
  using V = typename D::V;
  using Vec = typename V::Vec;
  // Enough independent sums to hide the latency of Dot.
  constexpr int kChains = kRows * kPanels >= 6 ? 1 : kRows * kPanels >= 3 ? 2 : 4;
  Vec chains[kChains][kRows][kPanels];
#pragma GCC unroll 4
  for (int p = 0; p < kPanels; ++p) {
    const Vec bias = V::Load(tile.panels + p * tile.panel_bytes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) chains[0][r][p] = bias;
#pragma GCC unroll 4
    for (int chain = 1; chain < kChains; ++chain) {
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) chains[chain][r][p] = V::Set32(0);
    }
  }
  const std::uint8_t* weights = tile.panels + 3 * 4 * V::kLanes;
  for (std::int32_t s = 0; s < tile.run_count; ++s) {
    // Keeps the compiler from holding all of `tile` in registers, of which the inner loop has few.
    asm volatile("" ::: "memory");
    RowPointers<kRows> input(tile.runs[s] + offset, tile.pixel_step);
    const auto step = [&](int ahead, Vec(&sums)[kRows][kPanels]) {
      Vec w[kPanels];
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p) {
        w[p] = D::LoadWeights(weights + ahead * D::kWeightBytes + p * tile.panel_bytes);
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const Vec x = D::LoadInput(input[r] + ahead * D::kGroupBytes);
#pragma GCC unroll 4
        for (int p = 0; p < kPanels; ++p) sums[r][p] = D::Dot(sums[r][p], x, w[p]);
      }
    };
    std::int32_t groups = tile.run_groups;
    if constexpr (kChains > 1) {
      for (; groups >= kChains; groups -= kChains) {
#pragma GCC unroll 4
        for (int chain = 0; chain < kChains; ++chain) step(chain, chains[chain]);
        input.Advance(kChains * D::kGroupBytes);
        weights += kChains * D::kWeightBytes;
      }
    }
    for (; groups > 0; --groups) {
      step(0, chains[0]);
      input.Advance(D::kGroupBytes);
      weights += D::kWeightBytes;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p) {
      acc[r][p] = chains[0][r][p];
#pragma GCC unroll 4
      for (int chain = 1; chain < kChains; ++chain) {
        acc[r][p] = V::Add32(acc[r][p], chains[chain][r][p]);
      }
    }
  }
}

/// `tiles` tiles, one beside the other.
template <typename D, int kRows, int kPanels>
[[gnu::noinline]] void RunGemmTiles(const GemmTile& tile,
                                    const HalvingNarrower<typename D::V>& narrow,
                                    std::int32_t tiles) {
  std::ptrdiff_t offset = tile.input_offset;
  std::int8_t* output = tile.output;
  for (; tiles > 0; --tiles) {
    typename D::V::Vec acc[kRows][kPanels];
    Accumulate<D>(tile, offset, acc);
    StoreTile<typename D::V>(tile, narrow, acc, output);
    offset += kRows * tile.pixel_step;
    output += kRows * tile.output_stride;
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_GEMM_TILE_H_
