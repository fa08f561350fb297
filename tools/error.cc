#include "tools/error.h"

namespace quaver::tools {

std::string Describe(const Status& status) {
  std::string text(status.Format(nullptr, 0), '\0');
  // Format writes its terminating zero onto the string's own.
  status.Format(text.data(), text.size() + 1);
  return text;
}

void Check(const Status& status, const std::string& subject) {
  if (!status.ok()) throw Error(subject + ": " + Describe(status));
}

std::string OneLine(const std::string& text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      if (i + 1 < text.size()) line += "; ";
    } else {
      line += byte < 0x20 || byte == 0x7f ? '?' : text[i];
    }
  }
  return line;
}

}  // namespace quaver::tools
