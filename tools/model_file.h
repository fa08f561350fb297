// Models of any kind from a path.
#ifndef QUAVER_TOOLS_MODEL_FILE_H_
#define QUAVER_TOOLS_MODEL_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/ir/graph.h"
#include "quaver/model.h"
#include "quaver/session.h"
#include "quaver/thread_pool.h"
#include "tools/memory.h"

namespace quaver::tools {

/// A loaded model and what it lies in. Move only.
struct LoadedModel {
  std::string path;
  AlignedBytes bytes;  ///< Of the .qvr, read from the file or made in memory.
  Model model;
};

/// A .qvr as it is, a .tflite or quantized .onnx converted in memory. Throws Error on anything
/// else.
LoadedModel LoadModel(const std::string& path);

/// Loads .qvr bytes. `path` is for messages.
LoadedModel LoadModel(const std::string& path, Span<const std::uint8_t> bytes);

/// compiler::Compile, with the source's path in its messages.
std::vector<std::uint8_t> CompileGraph(const compiler::Graph& graph, const std::string& path,
                                       const compiler::CompileOptions& options = {});

/// The graph of a .tflite, or of an .onnx with QuantizeLinear and DequantizeLinear. Throws Error on
/// a float .onnx.
compiler::Graph ImportQuantizedFile(const std::string& path);

/// The graph of a .tflite or .onnx, float or not.
compiler::Graph ImportGraph(const std::string& path);

/// Whether nothing in the graph is quantized.
bool IsFloat(const compiler::Graph& graph);

/// Whether a .onnx or .tflite computes in float throughout. Throws Error on what is no model.
bool IsFloatModel(const std::string& path);

/// A session in an arena of exactly the size it needs, with its threads.
struct LoadedSession {
  ThreadPool pool;
  AlignedBytes arena;
  Session session;
};
/// `isa`, `backend` and `threads`: as SessionOptions. Throws Error.
LoadedSession MakeSession(const LoadedModel& model, const char* isa = nullptr,
                          const char* backend = nullptr, int threads = 1);

/// "int8 1x28x28x1"
std::string DescribeTensor(const TensorInfo& tensor);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_MODEL_FILE_H_
