#include "tools/report/html.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "tools/text.h"

namespace quaver::tools::report {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the UTF-8 character at `i`, 0 where there is none or XML does not allow it.
std::size_t CharacterBytes(const std::string& text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  if (lead < 0x20) return lead == '\t' || lead == '\n' ? 1 : 0;
  if (lead < 0x7F) return 1;
  const std::size_t bytes = lead >= 0xF0 && lead < 0xF5   ? 4
                            : lead >= 0xE0 && lead < 0xF0 ? 3
                            : lead >= 0xC2 && lead < 0xE0 ? 2
                                                          : 0;
  if (bytes == 0 || i + bytes > text.size()) return 0;
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t k = 1; k < bytes; ++k) {
    if (!IsContinuation(text[i + k])) return 0;
    code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  const bool noncharacter = (code & 0xFFFEU) == 0xFFFEU;
  return code < kLeast[bytes] || code > 0x10FFFF || surrogate || noncharacter ? 0 : bytes;
}

/// The text's characters, those that are none replaced.
std::vector<std::string> Characters(const std::string& text) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = CharacterBytes(text, i);
    characters.push_back(bytes == 0 ? kReplacement : text.substr(i, bytes));
    i += bytes == 0 ? 1 : bytes;
  }
  return characters;
}

std::string Escaped(const std::string& character) {
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  if (character == "&") return "&amp;";
  if (character == "\"") return "&quot;";
  if (character == "'") return "&#39;";
  return character;
}

}  // namespace

std::string Escape(const std::string& text) {
  std::string escaped;
  for (const std::string& character : Characters(text)) escaped += Escaped(character);
  return escaped;
}

std::string EscapeJson(const std::string& json) {
  std::string escaped;
  for (const std::string& character : Characters(json)) {
    if (character == "<") {
      escaped += "\\u003c";
    } else if (character == ">") {
      escaped += "\\u003e";
    } else if (character == "&") {
      escaped += "\\u0026";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string Px(double value) {
  std::string text = Fixed(value, 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string Real(double value) {
  if (std::isinf(value)) return value > 0 ? "∞" : "-∞";
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", value);
  return text;
}

std::string DecibelText(double decibels) {
  if (std::isinf(decibels)) return decibels > 0 ? "equal" : "-∞ dB";
  return Fixed(decibels, 1) + " dB";
}

std::string ByteText(double bytes) {
  if (bytes < 10e3) return Grouped(static_cast<std::uint64_t>(bytes)) + " B";
  if (bytes < 10e6) return Fixed(bytes / 1e3, 1) + " KB";
  return Fixed(bytes / 1e6, 1) + " MB";
}

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string CountText(double count) {
  if (count < 100e3) return Grouped(static_cast<std::uint64_t>(count));
  if (count < 1e6) return Fixed(count / 1e3, 1) + " K";
  if (count < 1e9) return Fixed(count / 1e6, 1) + " M";
  return Fixed(count / 1e9, 2) + " G";
}

std::string Short(const std::string& name, std::size_t most) {
  const std::vector<std::string> characters = Characters(name);
  if (characters.size() <= most) return name;
  std::string text;
  const std::size_t head = (most - 1) / 2;
  const std::size_t tail = most - 1 - head;
  for (std::size_t i = 0; i < head; ++i) text += characters[i];
  text += "…";
  for (std::size_t i = characters.size() - tail; i < characters.size(); ++i) text += characters[i];
  return text;
}

}  // namespace quaver::tools::report
