// The instruction sets that kernels are written for.
#ifndef QUAVER_KERNELS_ISA_H_
#define QUAVER_KERNELS_ISA_H_

#include <cstdint>

namespace quaver {

/// One line an instruction set, slowest first: enumerator, name (of QUAVER_ISA and of the folder
/// in kernels/), name of the one whose kernels it falls back to.
#define QUAVER_ISA_LIST(X)          \
  X(Scalar, "scalar", Scalar)       \
  X(Avx2, "avx2", Scalar)           \
  X(AvxVnni, "avxvnni", Avx2)       \
  X(Avx512Vnni, "avx512vnni", Avx2) \
  X(CortexM, "cortexm", Scalar)     \
  X(Mve, "mve", CortexM)            \
  X(Neon, "neon", Scalar)           \
  X(NeonDot, "neondot", Neon)       \
  X(I8mm, "i8mm", NeonDot)

enum class Isa : std::uint8_t {
#define QUAVER_X(name, text, fallback) k##name,
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
      kCount
};

/// A set of instruction sets: what a CPU has, or what a session may use. Holds kScalar always.
class IsaSet {
 public:
  constexpr IsaSet() = default;
  [[nodiscard]] constexpr bool Has(Isa isa) const { return (bits_ & Bit(isa)) != 0; }
  constexpr IsaSet& Add(Isa isa) {
    bits_ |= Bit(isa);
    return *this;
  }
  constexpr bool operator==(const IsaSet& other) const { return bits_ == other.bits_; }

 private:
  static constexpr std::uint32_t Bit(Isa isa) { return 1U << static_cast<std::uint32_t>(isa); }
  std::uint32_t bits_ = Bit(Isa::kScalar);
};

/// "avx2". Never null.
const char* IsaName(Isa isa);
/// The reverse; false where there is no such name.
bool IsaFromName(const char* name, Isa* isa);
/// `isa` and all that it falls back to, down to scalar.
IsaSet IsaWithFallbacks(Isa isa);
/// The last (fastest) of a set.
Isa BestIsa(IsaSet set);

}  // namespace quaver

#endif  // QUAVER_KERNELS_ISA_H_
