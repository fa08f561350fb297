// A report as one page that needs nothing else: no network, no script to be read, light and dark.
#ifndef QUAVER_TOOLS_REPORT_PAGE_H_
#define QUAVER_TOOLS_REPORT_PAGE_H_

#include <string>

#include "tools/report/facts.h"

namespace quaver::tools::report {

/// HTML5 that is well-formed XML, too. The facts are in it as JSON, in the script element "facts".
std::string MakePage(const ReportFacts& facts);

/// Writes the page to `path`. Throws Error.
void WritePage(const ReportFacts& facts, const std::string& path);

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_PAGE_H_
