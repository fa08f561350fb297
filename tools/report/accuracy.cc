// How often a classifier is right, and what it takes for what.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tools/report/html.h"
#include "tools/report/sections.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

// A matrix of more classes cannot be read; the confusions that are most frequent can.
constexpr std::size_t kMostClassesOfMatrix = 20;
constexpr std::size_t kMostPairs = 15;

std::string ClassName(const ReportFacts& facts, std::size_t index) {
  return index < facts.labels.size() ? facts.labels[index] : std::to_string(index);
}

std::string Percent(std::size_t part, std::size_t whole) {
  return Fixed(100 * Share(part, whole), 2) + " %";
}

std::string Overview(const ReportFacts& facts) {
  std::string html =
      "<table><thead><tr><th>model</th><th>arithmetic</th><th class=\"n\">right</th>"
      "<th class=\"n\">of</th><th class=\"n\">accuracy</th><th class=\"n\">in the first 5</th>"
      "</tr></thead><tbody>";
  for (const AccuracyFacts& entry : facts.accuracy) {
    const compiler::Accuracy& accuracy = entry.accuracy;
    html += "<tr><td>" + Escape(FileName(entry.model)) + "</td><td>" + Escape(entry.arithmetic) +
            "</td><td class=\"n\">" + Grouped(accuracy.right) + "</td><td class=\"n\">" +
            Grouped(accuracy.total) + "</td><td class=\"n\">" +
            Percent(accuracy.right, accuracy.total) + "</td><td class=\"n\">" +
            (accuracy.classes > 5 ? Percent(accuracy.right_in_five, accuracy.total) : "") +
            "</td></tr>";
  }
  return html + "</tbody></table>\n";
}

std::string Matrix(const ReportFacts& facts, const compiler::Accuracy& accuracy) {
  const std::size_t classes = accuracy.classes;
  std::string html = "<table><thead><tr><th></th>";
  for (std::size_t c = 0; c < classes; ++c) {
    html += "<th title=\"" + Escape(ClassName(facts, c)) + "\">" +
            Escape(Short(ClassName(facts, c), 8)) + "</th>";
  }
  html += "</tr></thead><tbody>";
  for (std::size_t label = 0; label < classes; ++label) {
    const auto row = accuracy.confusion.begin() + static_cast<std::ptrdiff_t>(label * classes);
    std::size_t total = 0;
    for (std::size_t c = 0; c < classes; ++c) total += row[static_cast<std::ptrdiff_t>(c)];
    html += "<tr><th>" + Escape(Short(ClassName(facts, label), 8)) + "</th>";
    for (std::size_t c = 0; c < classes; ++c) {
      const std::size_t count = row[static_cast<std::ptrdiff_t>(c)];
      // A square root, so that a few mistakes among many can be seen.
      html += "<td class=\"" + std::string(c == label ? "right" : "") +
              (count == 0 ? " none" : "") +
              "\" style=\"--v:" + Px(0.75 * std::sqrt(Share(count, total))) + "\">" +
              std::to_string(count) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</tbody></table>";
}

std::string MostConfused(const ReportFacts& facts, const compiler::Accuracy& accuracy) {
  struct Pair {
    std::size_t label, answer, count;
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < accuracy.confusion.size(); ++i) {
    const Pair pair{i / accuracy.classes, i % accuracy.classes, accuracy.confusion[i]};
    if (pair.count > 0 && pair.label != pair.answer) pairs.push_back(pair);
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.count > b.count; });
  pairs.resize(std::min(pairs.size(), kMostPairs));
  std::string html =
      "<table><thead><tr><th>class</th><th>taken for</th><th>times</th></tr></thead><tbody>";
  for (const Pair& pair : pairs) {
    html += "<tr><th>" + Escape(ClassName(facts, pair.label)) + "</th><th>" +
            Escape(ClassName(facts, pair.answer)) + "</th><th>" + std::to_string(pair.count) +
            "</th></tr>";
  }
  return html + "</tbody></table>";
}

}  // namespace

std::string AccuracySection(const ReportFacts& facts) {
  if (facts.accuracy.empty()) return "";
  std::string html = "<section id=\"accuracy\"><h2>Accuracy</h2><p class=\"note\">" +
                     Escape(facts.accuracy_note) + "</p>\n<div class=\"scroll\">" +
                     Overview(facts) + "</div><div class=\"confusion\">";
  for (const AccuracyFacts& entry : facts.accuracy) {
    const bool matrix = entry.accuracy.classes <= kMostClassesOfMatrix;
    html += "<figure><figcaption>" + Escape(FileName(entry.model)) +
            (matrix ? ": row = class, column = answer" : ": most frequent mistakes") +
            "</figcaption>" +
            (matrix ? Matrix(facts, entry.accuracy) : MostConfused(facts, entry.accuracy)) +
            "</figure>\n";
  }
  return html + "</div></section>\n";
}

}  // namespace quaver::tools::report
