// One operator of a model, with its tensors at hand.
#ifndef QUAVER_RUNTIME_OPS_OP_VIEW_H_
#define QUAVER_RUNTIME_OPS_OP_VIEW_H_

#include "runtime/tensor_access.h"

namespace quaver {

/// Valid once the indices of the operator's tensors have been verified.
class OpView {
 public:
  OpView(const fb::Model& model, std::int32_t index)
      : model_(&model), op_(&OperatorAt(model, index)), index_(index) {}

  [[nodiscard]] const fb::Model& model() const { return *model_; }
  [[nodiscard]] const fb::Operator& op() const { return *op_; }
  [[nodiscard]] std::int32_t index() const { return index_; }
  [[nodiscard]] fb::OperatorParams type() const { return op_->params_type(); }

  /// The table of parameters. Precondition: T is the one of type().
  template <typename T>
  [[nodiscard]] const T& params() const {
    return *static_cast<const T*>(op_->params());
  }

  [[nodiscard]] std::int32_t input_count() const { return Count(*op_->inputs()); }
  [[nodiscard]] std::int32_t output_count() const { return Count(*op_->outputs()); }
  [[nodiscard]] std::int32_t input_index(std::int32_t i) const { return At(*op_->inputs(), i); }
  [[nodiscard]] std::int32_t output_index(std::int32_t i) const { return At(*op_->outputs(), i); }
  [[nodiscard]] const fb::Tensor& input(std::int32_t i) const {
    return TensorAt(*model_, input_index(i));
  }
  [[nodiscard]] const fb::Tensor& output(std::int32_t i) const {
    return TensorAt(*model_, output_index(i));
  }

 private:
  const fb::Model* model_;
  const fb::Operator* op_;
  std::int32_t index_;
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_OP_VIEW_H_
