// Networks, float or integer, from a path.
#ifndef QUAVER_TOOLS_NETWORK_FILE_H_
#define QUAVER_TOOLS_NETWORK_FILE_H_

#include <memory>
#include <string>

#include "compiler/compare/network.h"
#include "compiler/ir/graph.h"
#include "quaver/model.h"

namespace quaver::tools {

/// What data is laid out for: a graph with the model's inputs and nothing else.
compiler::Graph InputsOf(const Model& model);

struct LoadedNetwork {
  std::string path;
  bool is_float;
  compiler::Graph inputs;  ///< As InputsOf.
  std::unique_ptr<compiler::Network> network;

  [[nodiscard]] const char* arithmetic() const { return is_float ? "float" : "integer"; }
};

/// Of a .qvr, .tflite or .onnx. Throws Error.
LoadedNetwork LoadNetwork(const std::string& path);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_NETWORK_FILE_H_
