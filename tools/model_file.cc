#include "tools/model_file.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "compiler/compile.h"
#include "compiler/import/import.h"
#include "tools/error.h"
#include "tools/files.h"

namespace quaver::tools {
namespace {

using compiler::FileKind;

struct Contents {
  std::vector<std::uint8_t> bytes;
  FileKind kind;
};

bool HasQuaverSignature(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() >= 8 && std::memcmp(bytes.data() + 4, "QVR1", 4) == 0;
}

Contents ReadModelFile(const std::string& path, const char* wanted) {
  Contents contents{ReadFile(path), FileKind::kUnknown};
  if (contents.bytes.empty()) throw Error(path + ": the file is empty; give " + wanted);
  contents.kind = compiler::DetectKind(contents.bytes, path);
  // A name that ends in .qvr is not enough.
  if (contents.kind == FileKind::kUnknown ||
      (contents.kind == FileKind::kQuaver && !HasQuaverSignature(contents.bytes))) {
    throw Error(path + ": not a model but " + compiler::DescribeBytes(contents.bytes) + "; give " +
                wanted);
  }
  return contents;
}

compiler::Graph ImportContents(const Contents& contents, const std::string& path) {
  if (contents.kind == FileKind::kTflite) return compiler::ImportTflite(contents.bytes, path);
  return compiler::ImportOnnx(contents.bytes, path);
}

/// Of a .tflite, or of a QDQ model in ONNX.
compiler::Graph ImportQuantized(const Contents& contents, const std::string& path) {
  compiler::Graph graph = ImportContents(contents, path);
  if (contents.kind == FileKind::kOnnx && IsFloat(graph)) {
    throw Error(path +
                ": a float ONNX model cannot be used as it is; make an int8 one first: quaver "
                "quantize " +
                path + " --data SAMPLES -o MODEL.qvr");
  }
  return graph;
}

}  // namespace

LoadedModel LoadModel(const std::string& path, Span<const std::uint8_t> bytes) {
  LoadedModel loaded{path, AlignedBytes(bytes), Model()};
  const Result<Model> model = Model::Load(Span<const std::uint8_t>(loaded.bytes));
  Check(model.status(), path);
  loaded.model = *model;
  return loaded;
}

LoadedModel LoadModel(const std::string& path) {
  const Contents contents = ReadModelFile(path, "a .qvr, .tflite or quantized .onnx model");
  if (contents.kind == FileKind::kQuaver) return LoadModel(path, contents.bytes);
  return LoadModel(path, CompileGraph(ImportQuantized(contents, path), path));
}

std::vector<std::uint8_t> CompileGraph(const compiler::Graph& graph, const std::string& path,
                                       const compiler::CompileOptions& options) {
  try {
    return compiler::Compile(graph, options);
  } catch (const Error& error) {
    const std::string text = error.what();
    if (text.rfind(path, 0) == 0) throw;
    throw Error(path + ": " + text);
  }
}

compiler::Graph ImportQuantizedFile(const std::string& path) {
  const Contents contents = ReadModelFile(path, "a .tflite or quantized .onnx model");
  if (contents.kind == FileKind::kQuaver) {
    throw Error(path +
                ": is a Quaver model already; give the .tflite or .onnx that it was made "
                "from");
  }
  return ImportQuantized(contents, path);
}

compiler::Graph ImportGraph(const std::string& path) {
  const Contents contents = ReadModelFile(path, "a float .onnx or .tflite model");
  if (contents.kind == FileKind::kQuaver) {
    throw Error(path + ": is a Quaver model already; give the float .onnx or .tflite");
  }
  return ImportContents(contents, path);
}

bool IsFloatModel(const std::string& path) {
  const Contents contents = ReadModelFile(path, "a .qvr, .tflite or .onnx model");
  return contents.kind != FileKind::kQuaver && IsFloat(ImportContents(contents, path));
}

bool IsFloat(const compiler::Graph& graph) {
  return std::all_of(graph.tensors.begin(), graph.tensors.end(),
                     [](const compiler::Tensor& tensor) { return tensor.quantization.empty(); });
}

LoadedSession MakeSession(const LoadedModel& model, const char* isa, const char* backend,
                          int threads) {
  Result<ThreadPool> pool = ThreadPool::Create(threads);
  Check(pool.status(), model.path);
  SessionOptions options;
  options.isa = isa;
  options.backend = backend;
  options.threads = threads;
  options.pool = &*pool;
  const Result<std::size_t> bytes = model.model.ArenaBytes(options);
  Check(bytes.status(), model.path);
  LoadedSession loaded{ThreadPool(), AlignedBytes(*bytes), Session()};
  const Result<Session> session = Session::Create(
      model.model, Span<std::uint8_t>(loaded.arena.data(), loaded.arena.size()), options);
  Check(session.status(), model.path);
  loaded.session = *session;
  loaded.pool = std::move(*pool);
  return loaded;
}

std::string DescribeTensor(const TensorInfo& tensor) {
  std::string text = DataTypeName(tensor.type);
  for (std::int32_t i = 0; i < tensor.rank; ++i) {
    text += (i == 0 ? " " : "x") + std::to_string(tensor.shape[i]);
  }
  return text;
}

}  // namespace quaver::tools
