#include "runtime/ops/op_definition.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

constexpr std::uint32_t kScratchAlignment = 16;

/// Bytes of the arena, [begin, end).
struct Range {
  std::uint64_t begin, end;

  [[nodiscard]] bool Overlaps(const Range& other) const {
    return begin < other.end && other.begin < end;
  }
  [[nodiscard]] bool Same(const Range& other) const {
    return begin == other.begin && end == other.end;
  }
};

class PlanVerifier {
 public:
  explicit PlanVerifier(const fb::Model& model) : model_(model), has_state_(HasState(model)) {}

  Status Verify() const {
    Status status = VerifyInputs();
    for (std::int32_t i = 0; status.ok() && i < Count(model_.operators()); ++i) {
      const OpView view(model_, i);
      status = VerifyOperands(view);
      if (status.ok()) status = VerifyParts(view);
      if (status.ok()) status = VerifyScratch(view);
      for (std::int32_t k = 0; status.ok() && k < view.input_count(); ++k) {
        status = VerifyIntact(view.input_index(k), i);
      }
      for (std::int32_t k = 0; status.ok() && k < view.output_count(); ++k) {
        status = VerifyStateIntact(view.output_index(k), i);
      }
    }
    for (std::int32_t k = 0; status.ok() && k < Count(model_.outputs()); ++k) {
      status = VerifyIntact(At(*model_.outputs(), k), Count(model_.operators()));
    }
    return status;
  }

 private:
  [[nodiscard]] const fb::Tensor& Place(std::int32_t index) const {
    return PlaceOf(model_, TensorAt(model_, index));
  }
  /// Precondition: in the arena.
  [[nodiscard]] Range RangeOf(std::int32_t index) const {
    const std::uint64_t begin = Place(index).arena_offset();
    return {begin, begin + TensorBytes(TensorAt(model_, index))};
  }
  [[nodiscard]] bool Overlap(std::int32_t a, std::int32_t b) const {
    return InArena(Place(a)) && InArena(Place(b)) && RangeOf(a).Overlaps(RangeOf(b));
  }
  /// Where the plan lets the operator's scratch begin, up to the end of the bank.
  [[nodiscard]] bool OverlapsScratch(std::int32_t op, std::int32_t tensor) const {
    const std::uint64_t begin = OperatorAt(model_, op).scratch_offset();
    return InArena(Place(tensor)) && begin < RangeOf(tensor).end;
  }

  [[nodiscard]] Status Fail(const char* what, std::int32_t tensor, std::int32_t op) const {
    Status status = TensorStatus(model_, StatusCode::kInvalidPlan, what, tensor);
    if (op >= 0 && op < Count(model_.operators())) {
      status.operator_index = op;
      status.operator_name = TextOr(OperatorAt(model_, op).name(), nullptr);
    }
    return status;
  }

  Status VerifyInputs() const {
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
      Status status = VerifyStateIntact(index, -1);
      if (!status.ok()) return status;
    }
    return {};
  }

  Status VerifyOperands(const OpView& view) const {
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
    return {};
  }

  /// An operator that makes parts still reads its inputs while the next one writes.
  Status VerifyParts(const OpView& view) const {
    if (!MakesParts(view)) return {};
    const OpView next(model_, view.index() + 1);
    for (std::int32_t o = 0; o < next.output_count(); ++o) {
      for (std::int32_t k = 0; k < view.input_count(); ++k) {
        if (Overlap(next.output_index(o), view.input_index(k))) {
          return Fail("output that overlaps an input of the operator before, which makes parts",
                      next.output_index(o), next.index());
        }
      }
    }
    return {};
  }

  [[nodiscard]] bool MakesParts(const OpView& view) const {
    for (std::int32_t o = 0; o < view.output_count(); ++o) {
      if (IsTransient(Place(view.output_index(o)))) return true;
    }
    return false;
  }

  /// Scratch is apart from all that the operator reads and writes, and from all state. Where it
  /// makes parts, its scratch holds them, and the next one runs at the same time.
  Status VerifyScratch(const OpView& view) const {
    const std::uint32_t offset = view.op().scratch_offset();
    if (offset >= At(*model_.banks(), 0)->bytes()) return {};
    if (offset % kScratchAlignment != 0) {
      Status status;
      status.code = StatusCode::kInvalidPlan;
      status.what = "scratch offset modulo 16";
      status.operator_index = view.index();
      status.operator_name = TextOr(view.op().name(), nullptr);
      return WithValues(status, 0, offset % kScratchAlignment);
    }
    Status status = VerifyScratch(view.index(), view);
    if (status.ok() && MakesParts(view)) {
      status = VerifyScratch(view.index(), OpView(model_, view.index() + 1));
    }
    for (std::int32_t i = 0; has_state_ && status.ok() && i < Count(model_.tensors()); ++i) {
      if (Place(i).storage() == fb::Storage::State) status = VerifyScratch(view.index(), i);
    }
    return status;
  }

  Status VerifyScratch(std::int32_t op, const OpView& operands) const {
    Status status;
    for (std::int32_t k = 0; status.ok() && k < operands.input_count(); ++k) {
      status = VerifyScratch(op, operands.input_index(k));
    }
    for (std::int32_t k = 0; status.ok() && k < operands.output_count(); ++k) {
      status = VerifyScratch(op, operands.output_index(k));
    }
    return status;
  }

  Status VerifyScratch(std::int32_t op, std::int32_t tensor) const {
    if (!OverlapsScratch(op, tensor)) return {};
    return WithValues(Fail("tensor that the scratch overlaps", tensor, op),
                      static_cast<std::int64_t>(RangeOf(tensor).end),
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
  Status VerifyIntact(std::int32_t tensor, std::int32_t reader) const {
    const fb::Tensor* place = &Place(tensor);
    if (place->storage() != fb::Storage::Activation) return {};
    for (std::int32_t i = reader; i-- > 0;) {
      const OpView view(model_, i);
      for (std::int32_t k = 0; k < view.output_count(); ++k) {
        if (&Place(view.output_index(k)) == place) return {};
        if (Overlap(tensor, view.output_index(k))) {
          return WithValues(
              Fail("tensor that another operator has overwritten (found) is read", tensor, reader),
              reader, i);
        }
      }
      if (OverlapsScratch(i, tensor)) {
        return WithValues(
            Fail("tensor that another operator's scratch (found) has overwritten is read", tensor,
                 reader),
            reader, i);
      }
    }
    for (std::int32_t k = 0; k < Count(model_.inputs()); ++k) {
      if (&Place(At(*model_.inputs(), k)) == place) return {};
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
  Status VerifyStateIntact(std::int32_t tensor, std::int32_t op) const {
    if (!has_state_) return {};
    const fb::Tensor* place = &Place(tensor);
    for (std::int32_t i = 0; i < Count(model_.tensors()); ++i) {
      if (TensorAt(model_, i).storage() != fb::Storage::State ||
          TensorAt(model_, i).view_of() >= 0 || &TensorAt(model_, i) == place) {
        continue;
      }
      if (Overlap(tensor, i)) return Fail("state that another tensor overwrites", i, op);
    }
    return {};
  }

  const fb::Model& model_;
  /// Most models have none, and then nothing is to be compared with every tensor.
  const bool has_state_;
};

}  // namespace

Status VerifyPlan(const fb::Model& model) { return PlanVerifier(model).Verify(); }

}  // namespace quaver
