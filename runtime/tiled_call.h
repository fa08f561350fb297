// Two operators in one call: the first makes its output in parts, tiles of some units of work, and
// the second takes each tile while it is in the cache. So the first one's output, a transient
// tensor, is never whole, and no memory is planned for it.
//
// The bytes are those of one operator after the other: kernels compute any range of units alike
// (kernels::Work), and element-wise operators need nothing of a tile but the same elements.
#ifndef QUAVER_RUNTIME_TILED_CALL_H_
#define QUAVER_RUNTIME_TILED_CALL_H_

#include <cstddef>
#include <cstdint>

#include "kernels/isa.h"
#include "runtime/prepared_call.h"

namespace quaver {

/// How a transient tensor is divided.
struct TilePlan {
  std::int32_t tile_units = 0;  ///< Of the operator that makes it; all of them: in one part.
  std::int32_t unit_bytes = 0;

  /// A multiple of 64.
  [[nodiscard]] std::size_t TileBytes() const {
    const auto bytes = static_cast<std::size_t>(tile_units) * static_cast<std::size_t>(unit_bytes);
    return (bytes + 63) / 64 * 64;
  }
};

/// Tiles for a kernel of `isa` that writes `units` of `unit_bytes` each.
inline TilePlan PlanTiles(Isa isa, std::int32_t units, std::int32_t unit_bytes) {
  // On a microcontroller memory counts; elsewhere, that a kernel has enough to do in each call and
  // that the tile stays in the first-level cache.
  const bool small = isa == Isa::kScalar || isa == Isa::kCortexM || isa == Isa::kMve;
  const std::int32_t least_bytes = small ? 512 : 16384;
  // Pairs: many kernels take two rows at a time.
  const std::int32_t pairs = (least_bytes + 2 * unit_bytes - 1) / (2 * unit_bytes);
  return {2 * pairs < units ? 2 * pairs : units, unit_bytes};
}

/// An element-wise call of two inputs, of which one is transient. Units of work are those of the
/// call that makes it, which is not in the session's list.
template <typename Params>
struct TiledCallRecord : CallRecord<Params> {
  const PreparedCall* producer;
  std::int8_t* tiles;  ///< One for each thread.
  TilePlan plan;
  bool is_input1;  ///< Of `params`: the transient one.

  static void Run(const PreparedCall& call, const kernels::Work& work) {
    const auto& record = static_cast<const TiledCallRecord&>(call);
    const TilePlan plan = record.plan;
    std::int8_t* tile = record.tiles + static_cast<std::size_t>(work.worker) * plan.TileBytes();
    Params params = record.params;
    for (std::int32_t begin = work.begin; begin < work.end;) {
      const std::int32_t end =
          work.end - begin > plan.tile_units ? begin + plan.tile_units : work.end;
      const std::int32_t first = begin * plan.unit_bytes;
      // Where the whole tensor would begin. That is in the arena: before the tile lies the output,
      // which is as large.
      std::int8_t* whole = tile - first;
      record.producer->type->run_into(*record.producer, {begin, end, work.worker}, whole);
      (record.is_input1 ? params.input1 : params.input2) = whole;
      record.kernel->run(params, {first, end * plan.unit_bytes, work.worker});
      begin = end;
    }
  }
  static const char* KernelName(const PreparedCall& call) {
    const PreparedCall& producer = *static_cast<const TiledCallRecord&>(call).producer;
    return producer.type->kernel_name(producer);
  }
  static constexpr CallType kType = {&Run, &KernelName, nullptr};
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_TILED_CALL_H_
