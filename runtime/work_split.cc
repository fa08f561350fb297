#include "runtime/work_split.h"

namespace quaver {
namespace {

// The figures here are rough on purpose: they decide only how work is divided, never its result.

/// Of one multiply-accumulate in a kernel that is not bound by memory, on a CPU of a few GHz.
std::int64_t PicosecondsPerMac(Isa isa) {
  switch (isa) {
    case Isa::kAvx512Vnni:
      return 8;
    case Isa::kAvxVnni:
      return 12;
    case Isa::kAvx2:
      return 20;
    case Isa::kI8mm:
      return 16;
    case Isa::kNeonDot:
      return 32;
    case Isa::kNeon:
      return 100;
    default:
      return 500;
  }
}

/// To open a call's tiles and to see that all are finished takes some 200 ns.
constexpr std::int64_t kLeastSharedNanoseconds = 600;
/// More tiles even out threads that the system stops for a while; each costs a kernel's beginning.
constexpr std::int64_t kLeastExtraTileNanoseconds = 10000;
constexpr std::int64_t kMostTilesPerThread = 4;
/// Two threads that write to one of these in turn wait for each other.
constexpr std::int64_t kCacheLineBytes = 64;

std::uint8_t Log2(std::int64_t value) {
  std::uint8_t log = 0;
  while ((std::int64_t{1} << log) < value) ++log;
  return log;
}

std::int32_t GrainsOf(std::int32_t units, std::uint8_t grain_log2) {
  return ((units - 1) >> grain_log2) + 1;
}

std::int64_t Product(std::int64_t a, std::int64_t b, std::int64_t c) { return a * b * c; }

std::int64_t Product(const std::int32_t* dims, std::int32_t rank) {
  std::int64_t product = 1;
  for (std::int32_t d = 0; d < rank; ++d) product *= dims[d];
  return product;
}

template <typename Params>
std::int64_t OutputElements(const Params& p) {
  return Product(p.batch, p.output_h, p.output_w) * p.output_c;
}

}  // namespace

WorkSplit SplitWork(const Effort& effort, Isa isa, std::int32_t units, std::int32_t threads) {
  const std::int64_t nanoseconds = effort.macs * PicosecondsPerMac(isa) / 1000;
  if (threads == 1 || nanoseconds < kLeastSharedNanoseconds) return {};
  WorkSplit split{};
  split.grain_log2 = Log2(effort.grain);
  const std::uint8_t line_log2 =
      Log2((kCacheLineBytes + effort.unit_bytes - 1) / effort.unit_bytes);
  if (line_log2 > split.grain_log2 && GrainsOf(units, line_log2) >= threads) {
    split.grain_log2 = line_log2;
  }
  const std::int32_t grains = GrainsOf(units, split.grain_log2);
  if (grains < 2) return {};
  std::int64_t tiles = 1;
  while (tiles < kMostTilesPerThread && 2 * tiles * threads <= grains &&
         nanoseconds >= 2 * tiles * threads * kLeastExtraTileNanoseconds) {
    tiles *= 2;
  }
  split.tiles_per_thread = static_cast<std::uint8_t>(tiles);
  return split;
}

Effort EffortOf(const kernels::Conv2DParams& p) {
  const std::int64_t depth = Product(p.kernel_h, p.kernel_w, p.input_c / p.groups);
  return {OutputElements(p) * depth, Product(p.output_w, p.output_c, 1), 1};
}

Effort EffortOf(const kernels::DepthwiseConv2DParams& p) {
  // Kernels take pairs of rows. A product here takes several times as long as in a convolution.
  return {OutputElements(p) * Product(p.kernel_h, p.kernel_w, 6),
          Product(p.output_w, p.output_c, 1), 2};
}

Effort EffortOf(const kernels::FullyConnectedParams& p) {
  // Kernels take panels of 8 or 16 channels.
  return {Product(p.rows, p.depth, p.output_c), 1, 16};
}

Effort EffortOf(const kernels::Pool2DParams& p) {
  const std::int64_t row = Product(p.output_w, p.channels, 1);
  return {Product(p.batch, p.output_h, row) * Product(p.filter_h, p.filter_w, 4), row, 1};
}

Effort EffortOf(const kernels::BroadcastParams& p) {
  const std::int64_t unit = Product(p.dims + 1, p.rank - 1);
  return {Product(p.dims[0], unit, 30), unit, 1};
}

Effort EffortOf(const kernels::Lut8Params& p) { return {std::int64_t{p.count} * 8, 1, 1}; }

Effort EffortOf(const kernels::SoftmaxParams& p) {
  return {Product(p.rows, p.depth, 20), p.depth, 1};
}

Effort EffortOf(const kernels::ReduceParams& p) {
  return {Product(p.output_count, p.reduced_count, 4), 1, 16};
}

Effort EffortOf(const kernels::StridedCopyParams& p) {
  if (p.rank == 0) return {};
  const std::int64_t runs = Product(p.dims + 1, p.rank - 1);
  return {Product(p.dims[0], runs, 4 + p.run_bytes / 32), runs * p.run_bytes, 1};
}

Effort EffortOf(const kernels::ResizeNearestParams& p) {
  const std::int64_t row = Product(p.output_w, p.channels, 1);
  return {Product(p.batch, p.output_h, p.output_w) * (4 + p.channels / 32), row, 1};
}

Effort EffortOf(const kernels::ResizeBilinearParams& p) {
  const std::int64_t row = Product(p.output_w, p.channels, 1);
  return {Product(p.batch, p.output_h, row) * 6, row, 1};
}

// Operators on int16: half as many products a vector, and twice the bytes.

Effort EffortOf(const kernels::Conv2DInt16Params& p) {
  const std::int64_t depth = Product(p.kernel_h, p.kernel_w, p.input_c / p.groups);
  return {OutputElements(p) * depth * 4, Product(p.output_w, p.output_c, 2), 1};
}

Effort EffortOf(const kernels::DepthwiseConv2DInt16Params& p) {
  return {OutputElements(p) * Product(p.kernel_h, p.kernel_w, 24),
          Product(p.output_w, p.output_c, 2), 1};
}

Effort EffortOf(const kernels::FullyConnectedInt16Params& p) {
  return {Product(p.rows, p.depth, p.output_c) * 4, 2, 16};
}

}  // namespace quaver
