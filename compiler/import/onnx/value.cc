#include "compiler/import/onnx/value.h"

#include <cstring>
#include <limits>
#include <numeric>

#include "compiler/import/half_float.h"
#include "compiler/ir/error.h"

namespace quaver::compiler::onnx_import {
namespace {

// Elements of type T from raw_data (little-endian), or from the typed field that the element type
// uses instead, converted to To.
template <typename T, typename To, typename Field>
std::vector<To> Elements(const onnx::TensorProto& proto, const Field& field, std::size_t count,
                         const std::string& where) {
  std::vector<To> result(count);
  const bool raw = proto.has_raw_data();
  const std::size_t found =
      raw ? proto.raw_data().size() : static_cast<std::size_t>(field.size()) * sizeof(T);
  if (found != count * sizeof(T)) {
    // NOLINTNEXTLINE(google-readability-casting): a constructor, which a template hides
    throw Error(where + ": holds " + std::to_string(found) + " bytes, but its shape needs " +
                std::to_string(count * sizeof(T)) + "; the file may be damaged");
  }
  for (std::size_t i = 0; i < count; ++i) {
    T element;
    if (raw) {
      std::memcpy(&element, proto.raw_data().data() + i * sizeof(T), sizeof(T));
    } else {
      element = static_cast<T>(field.Get(static_cast<int>(i)));
    }
    result[i] = static_cast<To>(element);
  }
  return result;
}

void CheckStorage(const onnx::TensorProto& proto, const std::string& where) {
  if (proto.data_location() == onnx::TensorProto::EXTERNAL || proto.external_data_size() > 0) {
    throw Error(where +
                ": its data is in another file; save the model as one file "
                "(onnx.save with save_as_external_data=False)");
  }
  if (proto.has_segment()) {
    throw Error(where + ": is stored in segments; save the model again with onnx.save");
  }
}

}  // namespace

std::vector<std::size_t> Flattened::Features() const {
  std::vector<std::size_t> strides(dims.size(), 1);  // of each memory dimension, in ONNX's order
  std::size_t stride = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    const auto d = static_cast<std::size_t>(permutation[i]);
    strides[d] = stride;
    stride *= static_cast<std::size_t>(dims[d]);
  }
  std::vector<std::size_t> features(stride, 0);
  for (std::size_t f = 0; f < features.size(); ++f) {
    std::size_t rest = f;
    for (std::size_t d = dims.size(); d-- > 0;) {
      const auto size = static_cast<std::size_t>(dims[d]);
      features[f] += rest % size * strides[d];
      rest /= size;
    }
  }
  return features;
}

Order Identity(std::size_t rank) {
  Order order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Order ChannelsLast(std::size_t rank) {
  Order order = Identity(rank);
  if (rank < 3) return order;
  order.erase(order.begin() + 1);
  order.push_back(1);
  return order;
}

Order Positions(const Order& order) {
  Order positions(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    positions[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
  }
  return positions;
}

Value MakeConstant(Constant constant) {
  Value value;
  value.dims = constant.dims;
  value.order = Identity(constant.dims.size());
  value.constant = std::make_shared<const Constant>(std::move(constant));
  return value;
}

std::int64_t ElementCount(const Dims& dims) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::int64_t count = 1;
  bool empty = false;
  for (std::int64_t dim : dims) {
    if (dim < 0 || dim > kMost) return -1;
    empty = empty || dim == 0;
    count *= std::max<std::int64_t>(dim, 1);
    if (count > kMost) return -1;
  }
  return empty ? 0 : count;
}

std::string DimsString(const Dims& dims) {
  std::string text = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(dims[i]);
  }
  return text + "]";
}

Constant DecodeTensor(const onnx::TensorProto& proto, const std::string& where) {
  CheckStorage(proto, where);
  Constant constant;
  constant.dims.assign(proto.dims().begin(), proto.dims().end());
  const std::int64_t elements = ElementCount(constant.dims);
  if (elements < 0) {
    throw Error(where + ": shape " + DimsString(constant.dims) +
                " is not possible: expected dimensions of at least 0 and fewer than 2^31 elements");
  }
  const auto count = static_cast<std::size_t>(elements);
  constant.integer = true;
  constant.type = proto.data_type();
  switch (proto.data_type()) {
    case onnx::TensorProto::FLOAT:
      constant.floats = Elements<float, float>(proto, proto.float_data(), count, where);
      break;
    case onnx::TensorProto::DOUBLE:
      constant.floats = Elements<double, float>(proto, proto.double_data(), count, where);
      break;
    case onnx::TensorProto::FLOAT16:
      for (std::uint16_t half :
           Elements<std::uint16_t, std::uint16_t>(proto, proto.int32_data(), count, where)) {
        constant.floats.push_back(HalfToFloat(half));
      }
      break;
    case onnx::TensorProto::INT64:
      constant.ints = Elements<std::int64_t, std::int64_t>(proto, proto.int64_data(), count, where);
      return constant;
    case onnx::TensorProto::INT32:
      constant.ints = Elements<std::int32_t, std::int64_t>(proto, proto.int32_data(), count, where);
      return constant;
    case onnx::TensorProto::INT8:
      constant.ints = Elements<std::int8_t, std::int64_t>(proto, proto.int32_data(), count, where);
      return constant;
    case onnx::TensorProto::INT16:
      constant.ints = Elements<std::int16_t, std::int64_t>(proto, proto.int32_data(), count, where);
      return constant;
    case onnx::TensorProto::UINT16:
      constant.ints =
          Elements<std::uint16_t, std::int64_t>(proto, proto.int32_data(), count, where);
      return constant;
    case onnx::TensorProto::UINT8:
    case onnx::TensorProto::BOOL:
      constant.ints = Elements<std::uint8_t, std::int64_t>(proto, proto.int32_data(), count, where);
      return constant;
    default:
      throw Error(where + ": element type " + std::to_string(proto.data_type()) +
                  " (onnx.TensorProto.DataType) is not supported; export the model in float32");
  }
  constant.integer = false;
  return constant;
}

}  // namespace quaver::compiler::onnx_import
