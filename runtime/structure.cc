// What flatc's generated verifier checks, by a description of the tables in place of code for each:
// a sixth of the size. The format: https://flatbuffers.dev/internals/.
#include "runtime/structure.h"

#include "flatbuffers/base.h"
#include "runtime/limits.h"

namespace quaver {
namespace {

// A table's fields, in the order of their numbers, are a byte each: a form, for scalars and vectors
// the log2 of their element's bytes, kRequired. An argument follows kStruct (its bytes, unaligned),
// kTable and kTables (which).
enum Form : std::uint8_t {
  kScalar = 0 << 2,
  kUnused = 1 << 2,
  kVector = 2 << 2,
  kString = 3 << 2,
  kStrings = 4 << 2,
  kUnion = 5 << 2,  ///< The field before it says which.
  kStruct = 6 << 2,
  kTable = 7 << 2,
  kTables = 8 << 2,
};
constexpr std::uint8_t kFormBits = 0x7C;
constexpr std::uint8_t kLog2Bits = 0x03;
constexpr std::uint8_t kRequired = 0x80;

#include "quaver_structure.inc"

/// Positions are bytes from the start of the file, which has less than 2^31: no sum of two wraps.
class StructureVerifier {
 public:
  explicit StructureVerifier(Span<const std::uint8_t> bytes)
      : bytes_(bytes.data()), size_(static_cast<std::uint32_t>(bytes.size())) {}

  bool Verify() { return VerifyField(0, kTable, kRootTable, 0); }

 private:
  template <typename T>
  [[nodiscard]] T Read(std::uint32_t position) const {
    return flatbuffers::ReadScalar<T>(bytes_ + position);
  }
  [[nodiscard]] bool Holds(std::uint32_t position, std::uint32_t bytes) const {
    return bytes <= size_ && position <= size_ - bytes;
  }
  /// An aligned integer of 1 << log2 bytes.
  [[nodiscard]] bool HoldsScalar(std::uint32_t position, std::uint32_t log2) const {
    const std::uint32_t bytes = 1U << log2;
    // The file has at least 8 bytes.
    return (position & (bytes - 1)) == 0 && position <= size_ - bytes;
  }

  /// Its length, then its elements; a string also has a zero behind them.
  [[nodiscard]] bool VerifyVector(std::uint32_t position, std::uint32_t log2,
                                  bool is_string) const {
    if (!HoldsScalar(position, 2)) return false;
    const auto count = Read<std::uint32_t>(position);
    const std::uint32_t first = position + 4;
    const std::uint32_t left = size_ - first;
    if (count > left >> log2) return false;
    return !is_string || (count != left && bytes_[first + count] == 0);
  }

  /// A vector of references.
  bool VerifyVectorOf(std::uint32_t position, std::uint8_t form, std::uint8_t table) {
    if (!VerifyVector(position, 2, false)) return false;
    const auto count = Read<std::uint32_t>(position);
    for (std::uint32_t i = 1; i <= count; ++i) {
      if (!VerifyReference(position + 4 * i, form, table)) return false;
    }
    return true;
  }

  /// What the unsigned distance at `position` leads to. Precondition: that is inside.
  bool VerifyReference(std::uint32_t position, std::uint8_t form, std::uint8_t table) {
    const auto distance = Read<std::uint32_t>(position);
    if (distance >= size_ - position) return false;
    const std::uint32_t target = position + distance;
    switch (form & kFormBits) {
      case kVector:
      case kString:
        return VerifyVector(target, form & kLog2Bits, (form & kFormBits) == kString);
      case kStrings:
        return VerifyVectorOf(target, kString, 0);
      case kTables:
        return VerifyVectorOf(target, kTable, table);
      case kTable:
        return VerifyTable(target, table);
      default:
        return true;
    }
  }

  /// Its distance back to the vtable, which has two bytes each: its own bytes, the table's, and
  /// where in the table each field is, 0 for those that are not there.
  bool VerifyTable(std::uint32_t position, std::uint8_t table) {
    if (depth_ == kMaxTableDepth || tables_ == kMaxTables || !HoldsScalar(position, 2)) {
      return false;
    }
    const std::uint32_t vtable = position - Read<std::uint32_t>(position);
    if (!HoldsScalar(vtable, 1)) return false;
    const std::uint32_t vtable_bytes = Read<std::uint16_t>(vtable);
    if (vtable_bytes % 2 != 0 || !Holds(vtable, vtable_bytes)) return false;
    ++depth_;
    ++tables_;
    const std::uint8_t* field = kFields + kTableFields[table];
    const std::uint8_t* const end = kFields + kTableFields[table + 1];
    std::uint32_t last = 0;
    for (std::uint32_t slot = 4; slot < vtable_bytes && field != end; slot += 2) {
      const std::uint8_t form = *field++;
      const std::uint32_t selector = last;
      last = Read<std::uint16_t>(vtable + slot);
      if (last != 0) last += position;
      if (form < kUnused) {
        if (last != 0 && !HoldsScalar(last, form)) return false;
        continue;
      }
      const std::uint8_t argument = form % kRequired >= kStruct ? *field++ : 0;
      const bool valid = last == 0 ? form < kRequired : VerifyField(last, form, argument, selector);
      if (!valid) return false;
    }
    // Fields that the vtable does not reach are not there; no argument looks required.
    for (; field != end; ++field) {
      if (*field >= kRequired) return false;
    }
    --depth_;
    return true;
  }

  /// That is no scalar. `selector`: of a union, where its type is; 0 where it has none.
  bool VerifyField(std::uint32_t position, std::uint8_t form, std::uint8_t argument,
                   std::uint32_t selector) {
    const std::uint8_t kind = form & kFormBits;
    if (kind == kUnused) return true;
    if (kind == kStruct) return Holds(position, argument);
    // A distance; none is 0.
    if (!HoldsScalar(position, 2) || Read<std::uint32_t>(position) == 0) return false;
    if (kind != kUnion) return VerifyReference(position, form, argument);
    // A member that only a newer schema has is not read: the runtime refuses its operator by name.
    const std::uint32_t member = selector == 0 ? 0 : bytes_[selector];
    return member == 0 || member > sizeof(kUnionTables)
               ? VerifyReference(position, kUnused, 0)
               : VerifyReference(position, kTable, kUnionTables[member - 1]);
  }

  const std::uint8_t* const bytes_;
  const std::uint32_t size_;
  std::uint32_t depth_ = 0;
  std::uint32_t tables_ = 0;
};

}  // namespace

bool VerifyStructure(Span<const std::uint8_t> bytes) { return StructureVerifier(bytes).Verify(); }

}  // namespace quaver
