// The page of `quaver quantize --report`.
#ifndef QUAVER_TOOLS_QUANTIZE_REPORT_H_
#define QUAVER_TOOLS_QUANTIZE_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/compare_methods.h"
#include "compiler/quantize/quantize.h"

namespace quaver::tools {

/// A finished run of the quantizer.
struct QuantizeRun {
  std::string source, target, data;  ///< Paths.
  const compiler::Graph& graph;      ///< As it was imported.
  const std::vector<compiler::Sample>& samples;
  std::vector<std::int32_t> labels;  ///< Of the samples; empty: none were given.
  compiler::QuantizeOptions options;
  std::vector<compiler::MethodScore> scores;  ///< Of --method all; may be empty.
  std::vector<compiler::OptimizeStep> steps;  ///< Of --optimize; may be empty.
  std::vector<compiler::WeightSummary> weights;
  compiler::PrecisionReport precision;  ///< Of --target-drop.
};

/// Writes the page. Throws Error.
void WriteQuantizeReport(const QuantizeRun& run, const std::string& path);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_QUANTIZE_REPORT_H_
