// Numbers and tables for people, progress for those who wait.
#ifndef QUAVER_TOOLS_TEXT_H_
#define QUAVER_TOOLS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace quaver::tools {

/// `text` with control characters as '?': names out of files may hold terminal commands.
std::string Printable(const std::string& text);

/// Indented; bytes that are not UTF-8 (a name out of a file may hold any) become U+FFFD.
std::string DumpJson(const nlohmann::ordered_json& json);

/// "1,234,567"
std::string Grouped(std::uint64_t value);

/// "12.5": rounded to `decimals`.
std::string Fixed(double value, int decimals);

/// Columns as wide as their widest cell; numbers are right-aligned.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// Precondition: as many cells as columns.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// The titles, then the rows, a line each, indented by two spaces.
  [[nodiscard]] std::string Format() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// A line on the standard error that counts up, where that is a terminal; nothing elsewhere.
class Progress {
 public:
  explicit Progress(std::string what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Takes the line away.
  ~Progress();
  void Show(std::size_t done, std::size_t total);

 private:
  std::string what_;
  bool terminal_;
  std::size_t shown_percent_ = SIZE_MAX;
};

/// 0 of nothing.
inline double Share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_TEXT_H_
