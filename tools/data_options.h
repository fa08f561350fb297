// The options by which commands take samples: quantize, eval, compare.
#ifndef QUAVER_TOOLS_DATA_OPTIONS_H_
#define QUAVER_TOOLS_DATA_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/ir/graph.h"

namespace quaver::tools {

struct DataOptions {
  std::vector<std::string> data;
  std::size_t samples = 0;
  std::optional<float> scale;
  float offset = 0;
  unsigned threads = 0;
};

/// Adds --data, --samples, --input-scale, --input-offset and --threads. `options` must live as long
/// as the command. options->samples is the default; 0: all.
void AddDataOptions(CLI::App* command, DataOptions* options);

/// Adds --report, an HTML page to write.
void AddReportOption(CLI::App* command, std::string* path);

/// Throws Error: files that cannot be read or do not fit the graph's inputs.
std::vector<compiler::Sample> LoadSamples(const DataOptions& options, const compiler::Graph& graph);

/// Throws Error unless there is a label for each sample.
void CheckLabels(const std::string& path, std::size_t labels, const DataOptions& options,
                 std::size_t samples);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_DATA_OPTIONS_H_
