// The parts of the page, each as HTML; empty where there are no facts for it.
#ifndef QUAVER_TOOLS_REPORT_SECTIONS_H_
#define QUAVER_TOOLS_REPORT_SECTIONS_H_

#include <string>

#include "tools/report/facts.h"

namespace quaver::tools::report {

std::string TilesSection(const ReportFacts& facts);
std::string DecisionsSection(const ReportFacts& facts);
/// A bar for each layer, the worst one marked.
std::string ErrorSection(const ReportFacts& facts);
/// Each layer once: its numbers, histograms and ranges.
std::string LayersSection(const ReportFacts& facts);
std::string SizeSection(const ReportFacts& facts);
std::string OperatorsSection(const ReportFacts& facts);
/// The arena over time.
std::string MemorySection(const ReportFacts& facts);
std::string AccuracySection(const ReportFacts& facts);
/// How many layers compute in int16, which, and why.
std::string PrecisionSection(const ReportFacts& facts);
/// In which form the file holds each layer's weights.
std::string WeightsSection(const ReportFacts& facts);

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_SECTIONS_H_
