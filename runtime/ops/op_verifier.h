// Checks of one operator, each a line that says what it checks.
#ifndef QUAVER_RUNTIME_OPS_OP_VERIFIER_H_
#define QUAVER_RUNTIME_OPS_OP_VERIFIER_H_

#include "kernels/packing.h"
#include "runtime/checker.h"
#include "runtime/ops/op_view.h"

namespace quaver {

class OpVerifier : public Checker {
 public:
  OpVerifier(const fb::Model& model, std::int32_t index, Status* status)
      : Checker(model, status), view_(model, index) {
    SetSubject(StatusCode::kInvalidOperator, index, -1);
  }

  [[nodiscard]] const OpView& view() const { return view_; }
  template <typename T>
  [[nodiscard]] const T& params() const {
    return view_.params<T>();
  }
  [[nodiscard]] const fb::Tensor& input(std::int32_t i) const { return view_.input(i); }
  [[nodiscard]] const fb::Tensor& output(std::int32_t i) const { return view_.output(i); }

  // Facts of the operator.
  bool ZeroPoint(const char* what, std::int32_t zero_point);
  /// 0 <= what < 2^31, the weaker condition of operators that scale by a mean's count.
  bool AnyMultiplier(const char* what, std::int32_t multiplier);
  /// 0, or in [2^30, 2^31).
  bool Multiplier(const char* what, std::int32_t multiplier);
  bool Shift(const char* what, std::int32_t shift) { return InRange(what, -31, 30, shift); }
  /// low <= clamp_min <= clamp_max <= high of int8.
  bool Clamp(std::int32_t clamp_min, std::int32_t clamp_max);

  // Facts of its tensors; the message names the tensor.
  bool Operands(std::int32_t inputs, std::int32_t outputs);
  bool InputType(std::int32_t i, fb::TensorType type) {
    return TensorType(view_.input_index(i), type);
  }
  bool OutputType(std::int32_t i, fb::TensorType type) {
    return TensorType(view_.output_index(i), type);
  }
  bool InputRank(std::int32_t i, std::int32_t rank) {
    return TensorRank(view_.input_index(i), rank);
  }
  bool OutputRank(std::int32_t i, std::int32_t rank) {
    return TensorRank(view_.output_index(i), rank);
  }
  bool InputElements(std::int32_t i, std::int64_t expected) {
    return TensorElements(view_.input_index(i), expected);
  }
  bool OutputElements(std::int32_t i, std::int64_t expected) {
    return TensorElements(view_.output_index(i), expected);
  }
  bool InputDim(std::int32_t i, std::int32_t dimension, const char* what, std::int64_t expected) {
    return TensorEqual(view_.input_index(i), what, expected, Dim(input(i), dimension));
  }
  bool OutputDim(std::int32_t i, std::int32_t dimension, const char* what, std::int64_t expected) {
    return TensorEqual(view_.output_index(i), what, expected, Dim(output(i), dimension));
  }
  /// One input and one output of the same type, int8.
  bool Int8Unary();

  // What the operators with weights share. Input 1 holds the weights.
  bool ConstantWeights(std::int32_t rank);
  /// The accumulator's range, the output stage, the packed weights.
  bool Weights(const kernels::WeightShape& shape, kernels::LayoutKind kind, const Int32Vector& bias,
               const fb::OutputStage& stage, const PackedWeightsVector* packed);

 private:
  bool Stage(const Int32Vector& bias, const fb::OutputStage& stage, std::int32_t channels);
  bool Packed(const PackedWeightsVector* packed, const kernels::WeightShape& shape,
              kernels::LayoutKind kind, const fb::OutputStage& stage);
  bool TensorEqual(std::int32_t tensor, const char* what, std::int64_t expected,
                   std::int32_t found);
  bool TensorType(std::int32_t tensor, fb::TensorType type);
  bool TensorRank(std::int32_t tensor, std::int32_t rank);
  bool TensorElements(std::int32_t tensor, std::int64_t expected);
  bool PackedPanels(const fb::PackedWeights& packed, const kernels::WeightShape& shape,
                    const fb::OutputStage& stage);
  /// HeaderMatches, one by one, for the message.
  bool PanelHeader(const std::uint8_t* panel, std::int32_t nr, const std::int32_t* multipliers,
                   const std::int8_t* shifts, std::int32_t channels);

  OpView view_;
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_OP_VERIFIER_H_
