#include "runtime/ops/op_definition.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

constexpr std::uint32_t kScratchAlignment = 16;

/// Bytes of the arena, [begin, end). A tensor's end is in its bank, which has less than 2^32. A
/// tensor that is not in the arena overlaps nothing.
struct Range {
  std::uint32_t begin = UINT32_MAX;
  std::uint32_t end = 0;

  [[nodiscard]] bool Overlaps(const Range& other) const {
    return begin < other.end && other.begin < end;
  }
  [[nodiscard]] bool Same(const Range& other) const {
    return begin == other.begin && end == other.end;
  }
};

class PlanVerifier {
 public:
  PlanVerifier(const fb::Model& model, Status* status)
      : model_(model), checker_(model, status), has_state_(HasState(model)) {}

  bool Verify() {
    if (!VerifyInputs()) return false;
    for (std::int32_t i = 0; i < OperatorCount(model_); ++i) {
      const OpView view(model_, i);
      if (!(VerifyOperands(view) && VerifyParts(view) && VerifyScratch(view))) return false;
      for (std::int32_t k = 0; k < view.input_count(); ++k) {
        if (!VerifyIntact(view.input_index(k), i)) return false;
      }
      for (std::int32_t k = 0; k < view.output_count(); ++k) {
        if (!VerifyStateIntact(view.output_index(k), i)) return false;
      }
    }
    for (std::int32_t k = 0; k < Count(*model_.outputs()); ++k) {
      if (!VerifyIntact(At(*model_.outputs(), k), OperatorCount(model_))) return false;
    }
    return true;
  }

 private:
  [[nodiscard]] const fb::Tensor& Place(std::int32_t index) const {
    return PlaceOf(model_, TensorAt(model_, index));
  }
  [[nodiscard]] Range RangeOf(std::int32_t index) const {
    const fb::Tensor& place = Place(index);
    if (!InArena(place)) return {};
    const std::uint32_t begin = place.arena_offset();
    return {begin, begin + static_cast<std::uint32_t>(TensorBytes(place))};
  }
  [[nodiscard]] bool Overlap(std::int32_t a, std::int32_t b) const {
    return RangeOf(a).Overlaps(RangeOf(b));
  }
  /// Where the plan lets the operator's scratch begin, up to the end of the bank.
  [[nodiscard]] bool OverlapsScratch(std::int32_t op, std::int32_t tensor) const {
    return OperatorAt(model_, op).scratch_offset() < RangeOf(tensor).end;
  }

  /// `op` may be -1 or the number of operators: none.
  void SetSubject(std::int32_t tensor, std::int32_t op) {
    checker_.SetSubject(StatusCode::kInvalidPlan, op < OperatorCount(model_) ? op : -1, tensor);
  }
  bool Fail(const char* what, std::int32_t tensor, std::int32_t op) {
    SetSubject(tensor, op);
    return checker_.Fail(what);
  }
  template <typename Expected, typename Found>
  bool FailWith(const char* what, std::int32_t tensor, std::int32_t op, Expected expected,
                Found found) {
    SetSubject(tensor, op);
    return checker_.FailWith(what, expected, found);
  }

  bool VerifyInputs() {
    for (std::int32_t i = 0; i < Count(*model_.inputs()); ++i) {
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

  bool VerifyOperands(const OpView& view) {
    for (std::int32_t o = 0; o < view.output_count(); ++o) {
      const std::int32_t output = view.output_index(o);
      for (std::int32_t k = 0; k < o; ++k) {
        if (Overlap(output, view.output_index(k))) {
          return Fail("output that overlaps another output", output, view.index());
        }
      }
    }
    return VerifyApart(view, view, "output that overlaps an input");
  }

  /// An operator that makes parts still reads its inputs while the next one writes.
  bool VerifyParts(const OpView& view) {
    return !MakesParts(view) ||
           VerifyApart(OpView(model_, view.index() + 1), view,
                       "output that overlaps an input of the operator before, which makes parts");
  }

  /// No output of `writer` overlaps an input of `reader`, unless both are one that works in place.
  bool VerifyApart(const OpView& writer, const OpView& reader, const char* what) {
    for (std::int32_t o = 0; o < writer.output_count(); ++o) {
      const std::int32_t output = writer.output_index(o);
      for (std::int32_t k = 0; k < reader.input_count(); ++k) {
        if (Overlap(output, reader.input_index(k)) &&
            !(writer.index() == reader.index() && InPlace(writer, k, o))) {
          return Fail(what, output, writer.index());
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
    if (offset >= BankBytes(model_)) return true;
    if (offset % kScratchAlignment != 0) {
      return FailWith("scratch offset modulo 16", -1, view.index(), 0,
                      static_cast<std::int32_t>(offset % kScratchAlignment));
    }
    if (!VerifyScratch(view.index(), view.op())) return false;
    if (MakesParts(view) && !VerifyScratch(view.index(), OperatorAt(model_, view.index() + 1))) {
      return false;
    }
    for (std::int32_t i = 0; has_state_ && i < TensorCount(model_); ++i) {
      if (Place(i).storage() == fb::Storage::State && !VerifyScratch(view.index(), i)) return false;
    }
    return true;
  }

  bool VerifyScratch(std::int32_t op, const fb::Operator& user) {
    return VerifyScratch(op, *user.inputs()) && VerifyScratch(op, *user.outputs());
  }

  bool VerifyScratch(std::int32_t op, const Int32Vector& tensors) {
    for (std::int32_t k = 0; k < Count(tensors); ++k) {
      if (!VerifyScratch(op, At(tensors, k))) return false;
    }
    return true;
  }

  bool VerifyScratch(std::int32_t op, std::int32_t tensor) {
    return !OverlapsScratch(op, tensor) ||
           FailWith("tensor that the scratch overlaps", tensor, op, RangeOf(tensor).end,
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
          return FailWith("tensor that another operator has overwritten (found) is read", tensor,
                          reader, reader, i);
        }
      }
      if (OverlapsScratch(i, tensor)) {
        return FailWith("tensor that another operator's scratch (found) has overwritten is read",
                        tensor, reader, reader, i);
      }
    }
    for (std::int32_t k = 0; k < Count(*model_.inputs()); ++k) {
      if (&Place(At(*model_.inputs(), k)) == place) return true;
    }
    return Fail("tensor that nothing has written is read", tensor, reader);
  }

  [[nodiscard]] static bool HasState(const fb::Model& model) {
    for (std::int32_t i = 0; i < TensorCount(model); ++i) {
      if (TensorAt(model, i).storage() == fb::Storage::State) return true;
    }
    return false;
  }

  /// Writing `tensor` leaves every other state as it is.
  bool VerifyStateIntact(std::int32_t tensor, std::int32_t op) {
    if (!has_state_) return true;
    const fb::Tensor* place = &Place(tensor);
    for (std::int32_t i = 0; i < TensorCount(model_); ++i) {
      const fb::Tensor& state = TensorAt(model_, i);
      if (state.storage() != fb::Storage::State || state.view_of() >= 0 || &state == place) {
        continue;
      }
      if (Overlap(tensor, i)) return Fail("state that another tensor overwrites", i, op);
    }
    return true;
  }

  const fb::Model& model_;
  Checker checker_;
  /// Most models have none, and then nothing is to be compared with every tensor.
  const bool has_state_;
};

}  // namespace

bool VerifyPlan(const fb::Model& model, Status* status) {
  return PlanVerifier(model, status).Verify();
}

}  // namespace quaver
