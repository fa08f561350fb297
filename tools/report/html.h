// Text and numbers for a page that is HTML and well-formed XML at once.
#ifndef QUAVER_TOOLS_REPORT_HTML_H_
#define QUAVER_TOOLS_REPORT_HTML_H_

#include <string>

namespace quaver::tools::report {

/// `text` as content or as a quoted attribute. Names out of files may hold anything: what is not
/// UTF-8, or a character that XML does not allow, becomes U+FFFD.
std::string Escape(const std::string& text);

/// `json` for a script element: no character that could end it, or that XML would read.
std::string EscapeJson(const std::string& json);

/// "12.3": for coordinates.
std::string Px(double value);

/// "0.01234": four significant digits; "∞" and "-∞".
std::string Real(double value);

/// "23.4 dB", or "equal".
std::string DecibelText(double decibels);

/// "12.3 KB", of 1,000 bytes each as files are counted; exact below 10,000.
std::string ByteText(double bytes);

/// "model.qvr" of a path.
std::string FileName(const std::string& path);

/// "12.5 M": a count for people; exact below 100,000.
std::string CountText(double count);

/// The name with its middle left out where it is long; whole characters, not escaped yet.
std::string Short(const std::string& name, std::size_t most);

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_HTML_H_
