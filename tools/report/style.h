// What the page looks like, and the little that a script adds.
#ifndef QUAVER_TOOLS_REPORT_STYLE_H_
#define QUAVER_TOOLS_REPORT_STYLE_H_

namespace quaver::tools::report {

/// CSS. Colours are variables, once for light and once for dark.
extern const char* const kStyle;

/// Sorts the layers. Without it they stand in network order.
extern const char* const kScript;

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_STYLE_H_
