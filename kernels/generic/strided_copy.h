// StridedCopy whose last two dimensions are loops of their own, with the run's size known to the
// compiler where it is small; and transpositions of bytes, in squares.
//
// An instruction set gives, in its source file's unnamed namespace:
//
//   struct Transposer {
//     // target[i][j] = source[j][i] for i, j < 8, rows of the given strides.
//     static void Transpose8x8(const std::uint8_t* source, std::ptrdiff_t source_stride,
//                              std::uint8_t* target, std::ptrdiff_t target_stride);
//   };
#ifndef QUAVER_KERNELS_GENERIC_STRIDED_COPY_H_
#define QUAVER_KERNELS_GENERIC_STRIDED_COPY_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/byte_runs.h"
#include "kernels/generic/nd_loop.h"
#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// The last two dimensions; [0] is the outer one.
struct Plane {
  std::int32_t dims[2];
  std::ptrdiff_t source_strides[2], target_strides[2];
  std::size_t run_bytes;
};

template <typename Run>
void CopyRuns(const Plane& plane, const std::uint8_t* source, std::uint8_t* target, Run run) {
  for (std::int32_t i = 0; i < plane.dims[0]; ++i) {
    const std::uint8_t* from = source;
    std::uint8_t* to = target;
    for (std::int32_t j = 0; j < plane.dims[1]; ++j) {
      run(to, from);
      from += plane.source_strides[1];
      to += plane.target_strides[1];
    }
    source += plane.source_strides[0];
    target += plane.target_strides[0];
  }
}

inline bool IsTransposition(const Plane& plane) {
  return plane.run_bytes == 1 && plane.source_strides[0] == 1 && plane.target_strides[1] == 1 &&
         plane.dims[0] >= 8 && plane.dims[1] >= 8;
}

template <typename Transposer>
void Transpose(const Plane& plane, const std::uint8_t* source, std::uint8_t* target) {
  // The last square of a row or column overlaps the one before it.
  const auto next = [](std::int32_t at, std::int32_t size) {
    return at + 8 == size || at + 16 <= size ? at + 8 : size - 8;
  };
  for (std::int32_t i = 0; i < plane.dims[0]; i = next(i, plane.dims[0])) {
    for (std::int32_t j = 0; j < plane.dims[1]; j = next(j, plane.dims[1])) {
      Transposer::Transpose8x8(source + i + j * plane.source_strides[1], plane.source_strides[1],
                               target + i * plane.target_strides[0] + j, plane.target_strides[0]);
    }
  }
}

template <typename Transposer>
void CopyPlane(const Plane& plane, const std::uint8_t* source, std::uint8_t* target) {
  const std::size_t bytes = plane.run_bytes;
  if (IsTransposition(plane)) {
    Transpose<Transposer>(plane, source, target);
  } else if (bytes == 1) {
    CopyRuns(plane, source, target, FixedRun<1>{});
  } else if (bytes == 2) {
    CopyRuns(plane, source, target, FixedRun<2>{});
  } else if (bytes == 4) {
    CopyRuns(plane, source, target, FixedRun<4>{});
  } else if (bytes == 8) {
    CopyRuns(plane, source, target, FixedRun<8>{});
  } else if (bytes == 16) {
    CopyRuns(plane, source, target, FixedRun<16>{});
  } else if (bytes == 3) {
    CopyRuns(plane, source, target, OverlappingRun<2>{bytes});
  } else if (bytes < 8) {
    CopyRuns(plane, source, target, OverlappingRun<4>{bytes});
  } else if (bytes < 16) {
    CopyRuns(plane, source, target, OverlappingRun<8>{bytes});
  } else if (bytes <= 32) {
    CopyRuns(plane, source, target, OverlappingRun<16>{bytes});
  } else {
    CopyRuns(plane, source, target, AnyRun{bytes});
  }
}

template <typename Transposer>
void RunStridedCopy(const StridedCopyParams& p, const Work& work) {
  // The work is part of the first dimension, which may be in the plane.
  const std::int32_t planar = p.rank < 2 ? p.rank : 2;
  const std::int32_t outer = p.rank - planar;
  Plane plane{{1, 1}, {0, 0}, {0, 0}, static_cast<std::size_t>(p.run_bytes)};
  for (std::int32_t i = 0; i < planar; ++i) {
    plane.dims[2 - planar + i] = p.dims[outer + i];
    plane.source_strides[2 - planar + i] = p.source_strides[outer + i];
    plane.target_strides[2 - planar + i] = p.target_strides[outer + i];
  }
  if (outer == 0) {
    const std::int32_t first = 2 - planar;
    std::ptrdiff_t source_offset = 0;
    std::ptrdiff_t target_offset = 0;
    if (planar > 0) {
      plane.dims[first] = work.end - work.begin;
      source_offset = work.begin * plane.source_strides[first];
      target_offset = work.begin * plane.target_strides[first];
    }
    CopyPlane<Transposer>(plane, p.source + source_offset, p.target + target_offset);
    return;
  }
  const std::int64_t planes = ElementCount(p.dims, 1, outer);
  NdLoop<2> loop(p.dims, outer, {p.source_strides, p.target_strides});
  loop.Seek(work.begin * planes);
  for (std::int64_t i = work.begin * planes; i < work.end * planes; ++i) {
    CopyPlane<Transposer>(plane, p.source + loop.offset(0), p.target + loop.offset(1));
    loop.Next();
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_STRIDED_COPY_H_
