#include "runtime/ops/op_definition.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

constexpr std::uint32_t kScratchAlignment = 16;

/// Bytes of the arena, [begin, end). 32 bits are enough: VerifyTensors has found the end in the
/// bank.
struct Range {
  std::uint32_t begin, end;

  [[nodiscard]] bool Overlaps(const Range& other) const {
    return begin < other.end && other.begin < end;
  }
  [[nodiscard]] bool Same(const Range& other) const {
    return begin == other.begin && end == other.end;
  }
};

/// Every check returns true, or notes the failure and returns false.
class PlanVerifier {
 public:
  explicit PlanVerifier(const fb::Model& model) : model_(model), has_state_(HasState(model)) {}

  bool Verify() {
    if (!VerifyInputs()) return false;
    for (std::int32_t i = 0; i < Count(model_.operators()); ++i) {
      if (!VerifyOperator(OpView(model_, i))) return false;
    }
    for (std::int32_t k = 0; k < Count(model_.outputs()); ++k) {
      if (!VerifyIntact(At(*model_.outputs(), k), Count(model_.operators()))) return false;
    }
    return true;
  }

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  [[nodiscard]] const fb::Tensor& Place(std::int32_t index) const {
    return PlaceOf(model_, TensorAt(model_, index));
  }
  /// Precondition: in the arena.
  [[nodiscard]] Range RangeOf(std::int32_t index) const {
    const std::uint32_t begin = Place(index).arena_offset();
    return {begin, begin + static_cast<std::uint32_t>(TensorBytes(TensorAt(model_, index)))};
  }
  [[nodiscard]] bool Overlap(std::int32_t a, std::int32_t b) const {
    return InArena(Place(a)) && InArena(Place(b)) && RangeOf(a).Overlaps(RangeOf(b));
  }
  /// Where the plan lets the operator's scratch begin, up to the end of the bank.
  [[nodiscard]] bool OverlapsScratch(std::int32_t op, std::int32_t tensor) const {
    return InArena(Place(tensor)) && OperatorAt(model_, op).scratch_offset() < RangeOf(tensor).end;
  }

  // Out of line: where it is not called it takes no stack, which is what Load needs most of.
  [[gnu::noinline]] bool Fail(const char* what, std::int32_t tensor, std::int32_t op) {
    status_ = TensorStatus(model_, StatusCode::kInvalidPlan, what, tensor);
    NameOperator(op);
    return false;
  }
  bool Fail(const char* what, std::int32_t tensor, std::int32_t op, std::int64_t expected,
            std::int64_t found) {
    Fail(what, tensor, op);
    return NoteValues(expected, found);
  }
  bool NoteValues(std::int64_t expected, std::int64_t found) {
    status_.expected = expected;
    status_.found = found;
    status_.has_values = true;
    return false;
  }
  void NameOperator(std::int32_t op) {
    if (op < 0 || op >= Count(model_.operators())) return;
    status_.operator_index = op;
    status_.operator_name = TextOr(OperatorAt(model_, op).name(), nullptr);
  }

  bool VerifyInputs() {
    for (std::int32_t i = 0; i < Count(model_.inputs()); ++i) {
      const std::int32_t index = At(*model_.inputs(), i);
      if (Place(index).storage() != fb::Storage::Activation) {
        return Fail("input that is state", index, -1);
      }
      for (std::int32_t k = 0; k < i; ++k) {
        if (Overlap(index, At(*model_.inputs(), k))) {
          return Fail("input that overlaps another input", index, -1);
        }
      }
      if (!VerifyStateIntact(index, -1)) return false;
    }
    return true;
  }

  bool VerifyOperator(const OpView& view) {
    if (!(VerifyOperands(view) && VerifyParts(view) && VerifyScratch(view))) return false;
    for (std::int32_t k = 0; k < view.input_count(); ++k) {
      if (!VerifyIntact(view.input_index(k), view.index())) return false;
    }
    for (std::int32_t k = 0; k < view.output_count(); ++k) {
      if (!VerifyStateIntact(view.output_index(k), view.index())) return false;
    }
    return true;
  }

  bool VerifyOperands(const OpView& view) {
    for (std::int32_t o = 0; o < view.output_count(); ++o) {
      const std::int32_t output = view.output_index(o);
      for (std::int32_t k = 0; k < o; ++k) {
        if (Overlap(output, view.output_index(k))) {
          return Fail("output that overlaps another output", output, view.index());
        }
      }
      for (std::int32_t k = 0; k < view.input_count(); ++k) {
        if (Overlap(output, view.input_index(k)) && !InPlace(view, k, o)) {
          return Fail("output that overlaps an input", output, view.index());
        }
      }
    }
    return true;
  }

  /// An operator that makes parts still reads its inputs while the next one writes.
  bool VerifyParts(const OpView& view) {
    if (!MakesParts(view)) return true;
    const OpView next(model_, view.index() + 1);
    for (std::int32_t o = 0; o < next.output_count(); ++o) {
      for (std::int32_t k = 0; k < view.input_count(); ++k) {
        if (Overlap(next.output_index(o), view.input_index(k))) {
          return Fail("output that overlaps an input of the operator before, which makes parts",
                      next.output_index(o), next.index());
        }
      }
    }
    return true;
  }

  [[nodiscard]] bool MakesParts(const OpView& view) const {
    for (std::int32_t o = 0; o < view.output_count(); ++o) {
      if (IsTransient(Place(view.output_index(o)))) return true;
    }
    return false;
  }

  /// Scratch is apart from all that the operator reads and writes, and from all state. Where it
  /// makes parts, its scratch holds them, and the next one runs at the same time.
  bool VerifyScratch(const OpView& view) {
    const std::uint32_t offset = view.op().scratch_offset();
    if (offset >= At(*model_.banks(), 0)->bytes()) return true;
    if (offset % kScratchAlignment != 0) {
      status_.code = StatusCode::kInvalidPlan;
      status_.what = "scratch offset modulo 16";
      NameOperator(view.index());
      return NoteValues(0, offset % kScratchAlignment);
    }
    const OpView next(model_, MakesParts(view) ? view.index() + 1 : view.index());
    if (!(VerifyScratchOf(view.index(), view) && VerifyScratchOf(view.index(), next))) return false;
    for (std::int32_t i = 0; has_state_ && i < Count(model_.tensors()); ++i) {
      if (Place(i).storage() == fb::Storage::State && !ScratchSpares(view.index(), i)) return false;
    }
    return true;
  }

  bool VerifyScratchOf(std::int32_t op, const OpView& operands) {
    for (std::int32_t k = 0; k < operands.input_count(); ++k) {
      if (!ScratchSpares(op, operands.input_index(k))) return false;
    }
    for (std::int32_t k = 0; k < operands.output_count(); ++k) {
      if (!ScratchSpares(op, operands.output_index(k))) return false;
    }
    return true;
  }

  bool ScratchSpares(std::int32_t op, std::int32_t tensor) {
    return !OverlapsScratch(op, tensor) ||
           Fail("tensor that the scratch overlaps", tensor, op, RangeOf(tensor).end,
                OperatorAt(model_, op).scratch_offset());
  }

  [[nodiscard]] bool InPlace(const OpView& view, std::int32_t input, std::int32_t output) const {
    const auto in_place = FindOperator(view.type())->in_place;
    return in_place != nullptr &&
           RangeOf(view.input_index(input)).Same(RangeOf(view.output_index(output))) &&
           in_place(view, input);
  }

  /// The bytes that operator `reader` finds in `tensor` are those of the tensor: its producer comes
  /// before, and nothing in between writes there. `reader` may be the number of operators.
  bool VerifyIntact(std::int32_t tensor, std::int32_t reader) {
    const fb::Tensor* place = &Place(tensor);
    if (place->storage() != fb::Storage::Activation) return true;
    for (std::int32_t i = reader; i-- > 0;) {
      const OpView view(model_, i);
      for (std::int32_t k = 0; k < view.output_count(); ++k) {
        if (&Place(view.output_index(k)) == place) return true;
        if (Overlap(tensor, view.output_index(k))) {
          return Fail("tensor that another operator has overwritten (found) is read", tensor,
                      reader, reader, i);
        }
      }
      if (OverlapsScratch(i, tensor)) {
        return Fail("tensor that another operator's scratch (found) has overwritten is read",
                    tensor, reader, reader, i);
      }
    }
    for (std::int32_t k = 0; k < Count(model_.inputs()); ++k) {
      if (&Place(At(*model_.inputs(), k)) == place) return true;
    }
    return Fail("tensor that nothing has written is read", tensor, reader);
  }

  [[nodiscard]] static bool HasState(const fb::Model& model) {
    for (std::int32_t i = 0; i < Count(model.tensors()); ++i) {
      if (TensorAt(model, i).storage() == fb::Storage::State) return true;
    }
    return false;
  }

  /// Writing `tensor` leaves every other state as it is.
  bool VerifyStateIntact(std::int32_t tensor, std::int32_t op) {
    if (!has_state_) return true;
    const fb::Tensor* place = &Place(tensor);
    for (std::int32_t i = 0; i < Count(model_.tensors()); ++i) {
      if (TensorAt(model_, i).storage() != fb::Storage::State ||
          TensorAt(model_, i).view_of() >= 0 || &TensorAt(model_, i) == place) {
        continue;
      }
      if (Overlap(tensor, i)) return Fail("state that another tensor overwrites", i, op);
    }
    return true;
  }

  const fb::Model& model_;
  /// Most models have none, and then nothing is to be compared with every tensor.
  const bool has_state_;
  Status status_;
};

}  // namespace

Status VerifyPlan(const fb::Model& model) {
  PlanVerifier verifier(model);
  verifier.Verify();
  return verifier.status();
}

}  // namespace quaver
