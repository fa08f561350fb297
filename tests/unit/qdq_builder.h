// ONNX models with QuantizeLinear and DequantizeLinear, for tests.
#ifndef QUAVER_TESTS_UNIT_QDQ_BUILDER_H_
#define QUAVER_TESTS_UNIT_QDQ_BUILDER_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/onnx_builder.h"

namespace quaver::compiler {

using onnx::TensorProto;

/// A scale and zero point, and the type.
struct Grid {
  float scale;
  std::int32_t zero_point;
  TensorProto::DataType type = TensorProto::UINT8;

  [[nodiscard]] std::int32_t low() const { return type == TensorProto::UINT8 ? 0 : -128; }
  [[nodiscard]] double Lowest() const { return double{scale} * (low() - zero_point); }
  [[nodiscard]] double Highest() const { return double{scale} * (low() + 255 - zero_point); }
  [[nodiscard]] float Nearest(float x) const {
    const float level = std::round(x / scale) + static_cast<float>(zero_point - low());
    return scale * (std::clamp(level, 0.0F, 255.0F) + static_cast<float>(low() - zero_point));
  }
};

class QdqBuilder : public OnnxBuilder {
 public:
  using OnnxBuilder::OnnxBuilder;

  /// `name` quantized and dequantized is `name` + "_dq".
  QdqBuilder& Qdq(const std::string& name, const Grid& grid) {
    Parameters(name, {grid.scale}, grid);
    Node("QuantizeLinear", {name, name + "_s", name + "_z"}, name + "_q");
    Node("DequantizeLinear", {name + "_q", name + "_s", name + "_z"}, name + "_dq");
    return *this;
  }
  /// A constant of integers and DequantizeLinear: `name` + "_dq".
  QdqBuilder& Dequantized(const std::string& name, const std::vector<std::int64_t>& dims,
                          const std::vector<std::int32_t>& values, const std::vector<float>& scales,
                          const Grid& grid, std::int64_t axis = 0) {
    Parameters(name, scales, grid);
    Integers(name, dims, grid.type, values);
    Node("DequantizeLinear", {name, name + "_s", name + "_z"}, name + "_dq").With("axis", axis);
    return *this;
  }
  /// A float constant, QuantizeLinear and DequantizeLinear.
  QdqBuilder& Rounded(const std::string& name, const Array& values,
                      const std::vector<float>& scales, const Grid& grid, std::int64_t axis = 0) {
    Parameters(name, scales, grid);
    Floats(name, values);
    Node("QuantizeLinear", {name, name + "_s", name + "_z"}, name + "_q").With("axis", axis);
    Node("DequantizeLinear", {name + "_q", name + "_s", name + "_z"}, name + "_dq");
    With("axis", axis);
    return *this;
  }

 private:
  void Parameters(const std::string& name, const std::vector<float>& scales, const Grid& grid) {
    const auto count = static_cast<std::int64_t>(scales.size());
    const std::vector<std::int64_t> dims =
        count == 1 ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{count};
    Floats(name + "_s", {dims, scales});
    Integers(name + "_z", dims, grid.type,
             std::vector<std::int32_t>(scales.size(), grid.zero_point));
  }
};

inline constexpr Grid kInput{0.02F, 121};
inline constexpr Grid kWide{0.05F, 128};
inline constexpr Grid kWeights{0.01F, 0, TensorProto::INT8};

}  // namespace quaver::compiler

#endif  // QUAVER_TESTS_UNIT_QDQ_BUILDER_H_
