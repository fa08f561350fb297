// Small ONNX models for tests, and running them through the importer and the float executor.
#ifndef QUAVER_TESTS_UNIT_ONNX_BUILDER_H_
#define QUAVER_TESTS_UNIT_ONNX_BUILDER_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/execute/float_executor.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "onnx/onnx.pb.h"

namespace quaver::compiler {

/// A tensor in ONNX's own order (NCHW), row-major.
struct Array {
  std::vector<std::int64_t> dims;
  std::vector<float> values;

  [[nodiscard]] std::int64_t dim(std::size_t i) const { return dims[i]; }
  [[nodiscard]] float at(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
    return values[static_cast<std::size_t>(((n * dims[1] + c) * dims[2] + h) * dims[3] + w)];
  }
};

/// Repeatable values in [-1, 1).
inline Array Noise(std::vector<std::int64_t> dims, std::uint32_t seed) {
  std::int64_t count = 1;
  for (std::int64_t dim : dims) count *= dim;
  Array array{std::move(dims), {}};
  for (std::int64_t i = 0; i < count; ++i) {
    seed = seed * 1664525U + 1013904223U;
    array.values.push_back(static_cast<float>(seed >> 8) / 8388608.0F - 1.0F);
  }
  return array;
}

class OnnxBuilder {
 public:
  explicit OnnxBuilder(std::int64_t opset = 13) {
    model.set_ir_version(7);
    model.add_opset_import()->set_version(opset);
    model.mutable_graph()->set_name("test");
  }

  OnnxBuilder& Input(const std::string& name, const std::vector<std::int64_t>& dims,
                     onnx::TensorProto::DataType element = onnx::TensorProto::FLOAT) {
    auto* type = model.mutable_graph()->add_input();
    type->set_name(name);
    auto* tensor = type->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(element);
    for (std::int64_t dim : dims) {
      auto* added = tensor->mutable_shape()->add_dim();
      if (dim > 0) added->set_dim_value(dim);
      if (dim <= 0) added->set_dim_param("dynamic");
    }
    return *this;
  }
  OnnxBuilder& Floats(const std::string& name, const Array& array) {
    onnx::TensorProto* tensor = Initializer(name, array.dims, onnx::TensorProto::FLOAT);
    for (float value : array.values) tensor->add_float_data(value);
    return *this;
  }
  OnnxBuilder& Ints(const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::TensorProto* tensor =
        Initializer(name, {static_cast<std::int64_t>(values.size())}, onnx::TensorProto::INT64);
    for (std::int64_t value : values) tensor->add_int64_data(value);
    return *this;
  }
  /// Integers of fewer bits, as quantized models have.
  OnnxBuilder& Integers(const std::string& name, const std::vector<std::int64_t>& dims,
                        onnx::TensorProto::DataType type, const std::vector<std::int32_t>& values) {
    onnx::TensorProto* tensor = Initializer(name, dims, type);
    for (std::int32_t value : values) tensor->add_int32_data(value);
    return *this;
  }
  /// An operator, named after its first output.
  OnnxBuilder& Nodes(const std::string& op, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs) {
    node = model.mutable_graph()->add_node();
    node->set_op_type(op);
    node->set_name(outputs[0] + "_node");
    for (const std::string& input : inputs) node->add_input(input);
    for (const std::string& output : outputs) node->add_output(output);
    return *this;
  }
  OnnxBuilder& Node(const std::string& op, const std::vector<std::string>& inputs,
                    const std::string& output) {
    return Nodes(op, inputs, {output});
  }
  /// Attributes of the last node.
  OnnxBuilder& With(const std::string& name, std::int64_t value) {
    Attribute(name, onnx::AttributeProto::INT)->set_i(value);
    return *this;
  }
  OnnxBuilder& With(const std::string& name, float value) {
    Attribute(name, onnx::AttributeProto::FLOAT)->set_f(value);
    return *this;
  }
  OnnxBuilder& With(const std::string& name, const char* value) {
    Attribute(name, onnx::AttributeProto::STRING)->set_s(value);
    return *this;
  }
  OnnxBuilder& With(const std::string& name, const std::vector<std::int64_t>& values) {
    auto* attribute = Attribute(name, onnx::AttributeProto::INTS);
    for (std::int64_t value : values) attribute->add_ints(value);
    return *this;
  }
  OnnxBuilder& Output(const std::string& name) {
    model.mutable_graph()->add_output()->set_name(name);
    return *this;
  }

  [[nodiscard]] Graph Import() const {
    const std::string bytes = model.SerializeAsString();
    return ImportOnnx({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                      "test.onnx");
  }

  onnx::ModelProto model;
  onnx::NodeProto* node = nullptr;

 private:
  onnx::TensorProto* Initializer(const std::string& name, const std::vector<std::int64_t>& dims,
                                 onnx::TensorProto::DataType type) {
    onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (std::int64_t dim : dims) tensor->add_dims(dim);
    return tensor;
  }
  onnx::AttributeProto* Attribute(const std::string& name,
                                  onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  }
};

/// [N, C, H, W] as [N, H, W, C], or back.
inline std::vector<float> SwapChannels(const std::vector<float>& values,
                                       const std::vector<std::int64_t>& nchw, bool to_nhwc) {
  std::vector<float> result(values.size());
  std::size_t from = 0;
  for (std::int64_t n = 0; n < nchw[0]; ++n) {
    for (std::int64_t c = 0; c < nchw[1]; ++c) {
      for (std::int64_t p = 0; p < nchw[2] * nchw[3]; ++p, ++from) {
        const auto other = static_cast<std::size_t>((n * nchw[2] * nchw[3] + p) * nchw[1] + c);
        (to_nhwc ? result[other] : result[from]) = to_nhwc ? values[from] : values[other];
      }
    }
  }
  return result;
}

/// Runs an imported graph on ONNX's NCHW inputs; gives NCHW outputs.
inline std::vector<Array> RunNchw(const Graph& graph, const std::vector<Array>& inputs) {
  std::vector<std::vector<float>> values;
  values.reserve(inputs.size());
  for (const Array& input : inputs) {
    values.push_back(input.dims.size() == 4 ? SwapChannels(input.values, input.dims, true)
                                            : input.values);
  }
  const auto results = FloatExecutor(graph).Run(values);
  std::vector<Array> outputs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& shape = graph.tensor(graph.outputs[i]).shape;
    Array output{{shape.begin(), shape.end()}, results[i]};
    if (shape.size() == 4) {
      output.dims = {shape[0], shape[3], shape[1], shape[2]};
      output.values = SwapChannels(results[i], output.dims, false);
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

/// Sums may run in another order than the naive ones: a few units in the last place of values
/// around 10.
inline void ExpectNear(const Array& found, const Array& expected) {
  ASSERT_EQ(found.dims, expected.dims);
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(found.values[i], expected.values[i], 2e-5F) << "element " << i;
  }
}

/// The message with which `function` refuses.
template <typename Function>
std::string Refusal(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace quaver::compiler

#endif  // QUAVER_TESTS_UNIT_ONNX_BUILDER_H_
