// Tensors, their constants and quantization.
#include <cstring>
#include <limits>

#include "compiler/import/half_float.h"
#include "compiler/import/tflite/importer.h"
#include "compiler/ir/error.h"

namespace quaver::compiler::tflite {
namespace {

constexpr char kFixedShapes[] = "convert the model again with a fixed input shape and a batch of 1";

bool ToDataType(fbs::TensorType type, DataType* result) {
  switch (type) {
    case fbs::TensorType::FLOAT16:  // constants only: they are widened
    case fbs::TensorType::FLOAT32:
      *result = DataType::kFloat32;
      return true;
    case fbs::TensorType::INT32:
      *result = DataType::kInt32;
      return true;
    case fbs::TensorType::UINT8:
      *result = DataType::kUInt8;
      return true;
    case fbs::TensorType::INT64:
      *result = DataType::kInt64;
      return true;
    case fbs::TensorType::BOOL:
      *result = DataType::kBool;
      return true;
    case fbs::TensorType::INT16:
      *result = DataType::kInt16;
      return true;
    case fbs::TensorType::INT8:
      *result = DataType::kInt8;
      return true;
    default:
      return false;
  }
}

std::string TypeName(fbs::TensorType type) {
  const std::string name = fbs::EnumNameTensorType(type);
  return name.empty() ? "type number " + std::to_string(static_cast<int>(type)) : name;
}

/// An element of a verified vector. The verifier checks the alignment of a vector's size, which is
/// not enough for elements of 8 bytes.
std::int64_t ElementOf(const flatbuffers::Vector<std::int64_t>& vector, flatbuffers::uoffset_t i) {
  std::int64_t value = 0;
  std::memcpy(&value, vector.Data() + i * sizeof(value), sizeof(value));
  return flatbuffers::EndianScalar(value);
}

/// Scales and zero points; a missing zero point is 0, one zero point serves all scales.
/// Of a vector, which a bias is, the dimension is 0 whatever the file says (some repeat the one of
/// their weights, and TensorFlow Lite does not look).
Quantization ImportQuantization(const fbs::QuantizationParameters& source, std::size_t rank,
                                const std::string& where) {
  if (source.details_type() != 0) {
    throw Error(where + " has a custom quantization: expected scales and zero points");
  }
  Quantization result;
  if (source.scale() == nullptr) return result;
  const std::size_t count = source.scale()->size();
  const std::size_t zero_points = source.zero_point() == nullptr ? 0 : source.zero_point()->size();
  if (zero_points > 1 && zero_points != count) {
    throw Error(where + " has " + std::to_string(count) + " scales and " +
                std::to_string(zero_points) + " zero points");
  }
  result.axis = count > 1 && rank > 1 ? source.quantized_dimension() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<flatbuffers::uoffset_t>(zero_points == 1 ? 0 : i);
    const std::int64_t zero_point = zero_points == 0 ? 0 : ElementOf(*source.zero_point(), index);
    if (zero_point < std::numeric_limits<std::int32_t>::min() ||
        zero_point > std::numeric_limits<std::int32_t>::max()) {
      throw Error(where + " has zero point " + std::to_string(zero_point) +
                  ": expected one within the tensor's type");
    }
    result.scale.push_back(source.scale()->Get(static_cast<flatbuffers::uoffset_t>(i)));
    result.zero_point.push_back(static_cast<std::int32_t>(zero_point));
  }
  return result;
}

Shape ImportShape(const fbs::Tensor& source, const std::string& where) {
  Shape shape;
  if (source.shape() == nullptr) return shape;
  shape.assign(source.shape()->begin(), source.shape()->end());
  if (shape.size() > static_cast<std::size_t>(kMaxRank)) {
    throw Error(where + " has " + std::to_string(shape.size()) + " dimensions: expected at most " +
                std::to_string(kMaxRank));
  }
  if (CheckedElements(shape) < 0) {
    throw Error(where + " has the shape " + ShapeString(shape) +
                ": expected dimensions of at least 1 and fewer than 2^31 elements; " +
                kFixedShapes);
  }
  return shape;
}

/// float16 elements as float32; a last odd byte is dropped, and missed by the check of the size.
Bytes WidenHalves(Span<const std::uint8_t> data) {
  std::vector<float> values;
  for (std::size_t i = 0; i + 1 < data.size(); i += 2) {
    values.push_back(HalfToFloat(static_cast<std::uint16_t>(data[i] | data[i + 1] << 8)));
  }
  return MakeBytes(values);
}

/// Refuses what a tensor can be besides a plain array.
void CheckPlain(const fbs::Tensor& source, const std::string& where) {
  if (source.is_variable()) {
    throw Error(where +
                " is a variable: models with state are not supported; unroll the state into "
                "inputs and outputs of the model");
  }
  if (source.sparsity() != nullptr) {
    throw Error(where + " is sparse: expected dense tensors; convert without sparsity");
  }
  if (source.external_buffer() != 0) {
    throw Error(where + " keeps its data in another file: expected all data in the model");
  }
}

}  // namespace

TensorImporter::TensorImporter(const fbs::Model& model, Graph* graph)
    : model_(model),
      subgraph_(*model.subgraphs()->Get(0)),
      graph_(graph),
      imported_(subgraph_.tensors() == nullptr ? 0 : subgraph_.tensors()->size(), kNoTensor),
      buffers_(model.buffers() == nullptr ? 0 : model.buffers()->size()) {}

const fbs::Tensor& TensorImporter::Source(std::int64_t index) const {
  if (index < 0 || index >= static_cast<std::int64_t>(imported_.size())) {
    throw Error("tensor " + std::to_string(index) + " does not exist: the model has " +
                std::to_string(imported_.size()) + "; the file is damaged");
  }
  return *subgraph_.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

std::string TensorImporter::Named(std::int64_t index) const {
  const fbs::Tensor& source = Source(index);
  return "tensor " + std::to_string(index) + " '" +
         (source.name() == nullptr ? "" : source.name()->str()) + "'";
}

Span<const std::uint8_t> TensorImporter::ConstantData(std::int64_t index) const {
  const fbs::Tensor& source = Source(index);
  if (source.buffer() >= buffers_.size()) {
    if (source.buffer() == 0) return {};
    throw Error(Named(index) + " names buffer " + std::to_string(source.buffer()) +
                ": the model has " + std::to_string(buffers_.size()) + "; the file is damaged");
  }
  const fbs::Buffer& buffer = *model_.buffers()->Get(source.buffer());
  if (buffer.offset() > 1 || buffer.size() > 1) {
    throw Error(Named(index) +
                " keeps its data outside of the flatbuffer (models of more than 2 GB do): "
                "expected a model below 2 GB");
  }
  if (buffer.data() == nullptr) return {};
  return {buffer.data()->data(), buffer.data()->size()};
}

Bytes TensorImporter::SharedConstant(std::int64_t index) {
  const Span<const std::uint8_t> data = ConstantData(index);
  if (data.empty()) return nullptr;
  Bytes& shared = buffers_[Source(index).buffer()];
  if (shared == nullptr) {
    shared = Source(index).type() == fbs::TensorType::FLOAT16
                 ? WidenHalves(data)
                 : std::make_shared<std::vector<std::uint8_t>>(data.begin(), data.end());
  }
  return shared;
}

TensorId TensorImporter::Import(std::int64_t index) {
  const fbs::Tensor& source = Source(index);
  TensorId& imported = imported_[static_cast<std::size_t>(index)];
  if (imported != kNoTensor) return imported;
  const std::string where = Named(index);
  CheckPlain(source, where);
  Tensor tensor;
  const bool half_activation =
      source.type() == fbs::TensorType::FLOAT16 && ConstantData(index).empty();
  if (!ToDataType(source.type(), &tensor.type) || half_activation) {
    throw Error(where + " is of type " + TypeName(source.type()) +
                ": expected INT8, UINT8, INT16, INT32, INT64, FLOAT32 or BOOL (FLOAT16 in "
                "constants only); convert the model again as full-integer int8 or as float32");
  }
  if (source.name() != nullptr) tensor.name = source.name()->str();
  tensor.shape = ImportShape(source, where);
  tensor.source_index = static_cast<std::int32_t>(index);
  // Converters leave calibration results on float tensors: they mean nothing there.
  if (source.quantization() != nullptr && tensor.type != DataType::kFloat32) {
    tensor.quantization = ImportQuantization(*source.quantization(), tensor.shape.size(), where);
  }
  tensor.data = SharedConstant(index);
  if (tensor.constant() && static_cast<std::int64_t>(tensor.data->size()) != tensor.bytes()) {
    throw Error(where + " has " + std::to_string(tensor.data->size()) +
                " bytes of data: its type and shape " + ShapeString(tensor.shape) + " need " +
                std::to_string(tensor.bytes()) + "; the file is damaged");
  }
  imported = graph_->AddTensor(std::move(tensor));
  return imported;
}

}  // namespace quaver::compiler::tflite
