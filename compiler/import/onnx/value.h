// What the importer knows of an ONNX value: a constant, or a tensor of the graph and how its
// dimensions are ordered there.
#ifndef QUAVER_COMPILER_IMPORT_ONNX_VALUE_H_
#define QUAVER_COMPILER_IMPORT_ONNX_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "onnx/onnx.pb.h"

namespace quaver::compiler::onnx_import {

using Dims = std::vector<std::int64_t>;

/// A constant in ONNX's own layout, row-major; its elements are floats or integers.
struct Constant {
  Dims dims;
  bool integer = false;
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
  /// Of integers: onnx::TensorProto::DataType, which says what QuantizeLinear makes.
  std::int32_t type = onnx::TensorProto::INT64;
  /// Of floats that come from integers (DequantizeLinear): the scale of each one, of which it is a
  /// whole multiple. Empty for all others. It moves as the floats do, whatever happens to the axis.
  std::vector<float> steps;

  [[nodiscard]] std::size_t size() const { return integer ? ints.size() : floats.size(); }
};

/// The last dimension of a tensor when an image was flattened into it without moving a byte:
/// `dims` are the image's dimensions as they lie in memory ([H, W, C]), and ONNX's own order of
/// them is dims[permutation[0]], dims[permutation[1]], ... ([C, H, W]: 2, 0, 1).
struct Flattened {
  std::vector<std::int32_t> dims;
  std::vector<std::int32_t> permutation;

  [[nodiscard]] bool empty() const { return dims.empty(); }
  bool operator==(const Flattened& other) const {
    return dims == other.dims && permutation == other.permutation;
  }
  /// For each feature in memory, its index in ONNX's order.
  [[nodiscard]] std::vector<std::size_t> Features() const;
};

/// Dimension i of the graph's tensor is dimension order[i] of ONNX's.
using Order = std::vector<std::int32_t>;
Order Identity(std::size_t rank);
/// Channels (ONNX dimension 1) last: 0, 2, 3, 1 for images.
Order ChannelsLast(std::size_t rank);
/// order[i] such that ONNX dimension d lies at position Positions(order)[d].
Order Positions(const Order& order);

struct Value {
  Dims dims;                                 ///< ONNX's shape.
  std::shared_ptr<const Constant> constant;  ///< Or null.
  TensorId tensor = kNoTensor;               ///< Where it is not constant.
  Order order;
  Flattened flattened;

  [[nodiscard]] std::size_t rank() const { return dims.size(); }
};

Value MakeConstant(Constant constant);

/// Number of elements, or -1 if a dimension is negative or the product exceeds 2^31 - 1.
std::int64_t ElementCount(const Dims& dims);
std::string DimsString(const Dims& dims);

/// Decodes a stored tensor. Throws Error (the text starts with `where`): external data, a type
/// that is not supported, fewer or more bytes than the shape needs.
Constant DecodeTensor(const onnx::TensorProto& proto, const std::string& where);

}  // namespace quaver::compiler::onnx_import

#endif  // QUAVER_COMPILER_IMPORT_ONNX_VALUE_H_
