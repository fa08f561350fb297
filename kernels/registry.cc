#include "kernels/registry.h"

#include <type_traits>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// The rows of kernels.inc for one operator, in its order.
template <typename Params, std::size_t kCount>
struct Table {
  Kernel<Params> rows[kCount];
};

#define QUAVER_ROW(isa, name, run, layout, supports, scratch_bytes) \
  Kernel<Params> { #name, Isa::k##isa, run, layout, supports, scratch_bytes }

// Counts the rows; where `rows` is not null, also writes them.
template <typename Params>
constexpr std::size_t BuiltRows(Kernel<Params>* rows) {
  std::size_t count = 0;
#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes)              \
  QUAVER_IF_BUILT(isa)                                                             \
  (if constexpr (std::is_same_v<Params, op##Params>) {                             \
    if (rows != nullptr) {                                                         \
      rows[count] = QUAVER_ROW(isa, name, &name, layout, supports, scratch_bytes); \
    }                                                                              \
    ++count;                                                                       \
  })
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  return count;
}

// The same for every instruction set, without the functions.
template <typename Params>
constexpr std::size_t PlannedRows(Kernel<Params>* rows) {
  std::size_t count = 0;
#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes)                \
  if constexpr (std::is_same_v<Params, op##Params>) {                                \
    if (rows != nullptr) {                                                           \
      rows[count] = QUAVER_ROW(isa, name, nullptr, layout, supports, scratch_bytes); \
    }                                                                                \
    ++count;                                                                         \
  }
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  return count;
}

template <typename Params, std::size_t (*kRows)(Kernel<Params>*)>
constexpr auto MakeTable() {
  Table<Params, kRows(nullptr)> table{};
  (void)kRows(table.rows);
  return table;
}

// One object an operator, so that the linker can drop the tables, and with them the kernels, of
// operators that nobody asks for.
template <typename Params>
constexpr auto kBuilt = MakeTable<Params, &BuiltRows<Params>>();

template <typename Params>
constexpr auto kPlanned = MakeTable<Params, &PlannedRows<Params>>();

#if QUAVER_FIXED_ISAS
// The first rows, up to one that takes everything.
template <typename Params>
constexpr std::size_t CountReachable() {
  std::size_t count = 0;
  while (kBuilt<Params>.rows[count].supports != nullptr) ++count;
  return count + 1;
}

template <typename Params>
constexpr auto MakeReachable() {
  Table<Params, CountReachable<Params>()> table{};
  for (std::size_t i = 0; i < CountReachable<Params>(); ++i) table.rows[i] = kBuilt<Params>.rows[i];
  return table;
}

template <typename Params>
constexpr auto kReachable = MakeReachable<Params>();
#endif

template <typename Params, std::size_t kCount>
constexpr KernelList<Params> ListOf(const Table<Params, kCount>& table) {
  return {table.rows, kCount};
}

// Named objects too: as values that functions return, GCC keeps all of them in one section, and the
// linker then keeps every kernel.
template <typename Params>
constexpr KernelList<Params> kBuiltList = ListOf(kBuilt<Params>);

template <typename Params>
constexpr KernelList<Params> kPlannedList = ListOf(kPlanned<Params>);

}  // namespace

template <typename Params>
const KernelList<Params>& KernelsOf() {
  static_assert(kBuiltList<Params>.rows[kBuiltList<Params>.count - 1].isa == Isa::kScalar,
                "kernels.inc: an operator's scalar line is its last");
  return kBuiltList<Params>;
}

template <typename Params>
const KernelList<Params>& KernelsOfAllIsas() {
  return kPlannedList<Params>;
}

#if QUAVER_FIXED_ISAS
template <typename Params>
const Kernel<Params>& Select(const Params& params, IsaSet /*allowed*/) {
  const Kernel<Params>* kernel = kReachable<Params>.rows;
  while (kernel->supports != nullptr && !kernel->supports(params)) ++kernel;
  return *kernel;
}
#else
template <typename Params>
const Kernel<Params>& Select(const Params& params, IsaSet allowed) {
  return SelectFrom(KernelsOf<Params>(), params, allowed);
}
#endif

#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes)     \
  QUAVER_IF_SCALAR(isa)                                                   \
  (template const KernelList<op##Params>& KernelsOf<op##Params>();        \
   template const KernelList<op##Params>& KernelsOfAllIsas<op##Params>(); \
   template const Kernel<op##Params>& Select<op##Params>(const op##Params&, IsaSet);)
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL

}  // namespace quaver::kernels
