// From models and samples to the facts of a report.
#ifndef QUAVER_TOOLS_REPORT_GATHER_H_
#define QUAVER_TOOLS_REPORT_GATHER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/compare/compare_networks.h"
#include "compiler/quantize/quantize.h"
#include "tools/model_file.h"
#include "tools/network_file.h"
#include "tools/report/facts.h"

namespace quaver::tools::report {

/// At most so many samples, evenly spread, are looked at layer by layer.
inline constexpr std::size_t kReportSamples = 100;
std::vector<compiler::Sample> SomeOf(const std::vector<compiler::Sample>& samples);

/// Sets the layers: errors as `comparison` has them, histograms of the first network's values over
/// `samples`, and ranges of the second's integers; and the tile of the worst layer.
void AddLayers(const LoadedNetwork& a, const LoadedNetwork& b,
               const compiler::Comparison& comparison, const std::vector<compiler::Sample>& samples,
               std::size_t threads, ReportFacts* facts);

/// The sizes of two files, from the disk.
void AddSizes(const std::string& before, const std::string& after, ReportFacts* facts);

/// Where every tensor lies in the arena and when, with the scratch of microcontrollers, which the
/// plan was made for.
void AddMemory(const LoadedModel& model, ReportFacts* facts);

/// The form of each layer's weights and the tile of them, where the model has any in fewer bits
/// than eight, or where there are `summaries`: what the quantizer says of them, by layer.
void AddWeights(const LoadedModel& model, const std::vector<compiler::WeightSummary>& summaries,
                ReportFacts* facts);

/// What each operator of one model costs.
void AddOperators(const LoadedModel& model, ReportFacts* facts);

void AddAccuracy(AccuracyFacts accuracy, ReportFacts* facts);

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_GATHER_H_
