// From other formats to the graph. Host only; untrusted bytes: every importer verifies first.
#ifndef QUAVER_COMPILER_IMPORT_IMPORT_H_
#define QUAVER_COMPILER_IMPORT_IMPORT_H_

#include <cstdint>
#include <string>

#include "compiler/ir/graph.h"
#include "quaver/span.h"

namespace quaver::compiler {

/// A TensorFlow Lite flatbuffer (integer or float). `source` names it in messages.
/// Throws Error on anything that is damaged or not supported.
Graph ImportTflite(Span<const std::uint8_t> bytes, const std::string& source);

/// An ONNX protobuf, converted from NCHW to NHWC: a float graph, or, of a QDQ model, an integer
/// one. Throws Error as above.
Graph ImportOnnx(Span<const std::uint8_t> bytes, const std::string& source);

enum class FileKind { kUnknown, kQuaver, kTflite, kOnnx };
/// Guesses from the first bytes, then from the file name's ending.
FileKind DetectKind(Span<const std::uint8_t> bytes, const std::string& path);

/// What the bytes look like, for messages: "a JPEG image", "a TensorFlow Lite model", "an empty
/// file", ... "data of an unknown kind" at worst.
std::string DescribeBytes(Span<const std::uint8_t> bytes);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IMPORT_IMPORT_H_
