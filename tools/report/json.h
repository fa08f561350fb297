// The facts of a report for machines: what the page's pictures show, to the last digit.
#ifndef QUAVER_TOOLS_REPORT_JSON_H_
#define QUAVER_TOOLS_REPORT_JSON_H_

#include <nlohmann/json.hpp>

#include "tools/report/facts.h"

namespace quaver::tools::report {

/// What is not finite is null.
nlohmann::ordered_json ToJson(const ReportFacts& facts);

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_JSON_H_
