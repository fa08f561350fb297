// Weights that the file holds in fewer bits than eight, and what that costs.
#include <algorithm>
#include <cstdint>

#include "tools/report/html.h"
#include "tools/report/sections.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

constexpr std::size_t kShortLayerName = 48;

std::string Percent(std::uint64_t part, std::uint64_t whole) {
  const double share = whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  return Fixed(100 * share, 1) + " %";
}

std::string Bar(std::uint64_t bytes, std::uint64_t most, const char* kind) {
  const double share = most == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(most);
  return "<div class=\"bar2" + std::string(kind) + "\" style=\"width:" + Px(100 * share) +
         "%\"></div>";
}

std::string Numbers(const StoredWeights& weights) {
  return "<td class=\"n\">" + Grouped(weights.weights) + "</td><td class=\"n\">" +
         Grouped(weights.stored_bytes) + "</td><td class=\"n\">" +
         Percent(weights.zeros, weights.weights) + "</td>";
}

std::string Row(const StoredWeights& weights, std::uint64_t most, bool has_decibels) {
  std::string html = "<tr><td title=\"" + Escape(weights.layer) + "\">" +
                     Escape(weights.kind + ", " + weights.form) + "<div class=\"dim\">" +
                     Escape(Short(weights.layer, kShortLayerName)) + "</div></td>" +
                     Numbers(weights);
  if (has_decibels) {
    html += "<td class=\"n\">" + (weights.decibels ? DecibelText(*weights.decibels) : "") + "</td>";
  }
  return html + "<td class=\"barcell spare\">" + Bar(weights.weights, most, "") +
         Bar(weights.stored_bytes, most, " after") + "</td></tr>\n";
}

}  // namespace

std::string WeightsSection(const ReportFacts& facts) {
  if (facts.weights.empty()) return "";
  StoredWeights total;
  std::uint64_t most = 0;
  bool has_decibels = false;
  for (const StoredWeights& weights : facts.weights) {
    total.weights += weights.weights;
    total.stored_bytes += weights.stored_bytes;
    total.zeros += weights.zeros;
    most = std::max({most, weights.weights, weights.stored_bytes});
    has_decibels = has_decibels || weights.decibels;
  }
  std::string html =
      "<section id=\"weights\"><h2>Weights as stored</h2><p class=\"note\">They compute as int8, "
      "whatever form the file holds them in: nothing is lost there." +
      std::string(has_decibels
                      ? " What is lost, is lost where the float weights became values that "
                        "the form has: SQNR of the weights."
                      : "") +
      "</p>\n<div class=\"legend\"><span><i style=\"background:var(--first)\"></i>bytes as "
      "int8</span>"
      "<span><i style=\"background:var(--second)\"></i>bytes as stored</span></div>\n"
      "<div class=\"scroll\"><table class=\"wide\"><thead><tr><th>layer</th>"
      "<th class=\"n\">int8</th><th class=\"n\">stored</th><th class=\"n\">zeros</th>" +
      (has_decibels ? "<th class=\"n\">SQNR</th>" : "") + "<th></th></tr></thead><tbody>\n";
  for (const StoredWeights& weights : facts.weights) html += Row(weights, most, has_decibels);
  return html + "</tbody><tfoot><tr><td>all: " + Percent(total.stored_bytes, total.weights) +
         " of int8</td>" + Numbers(total) + (has_decibels ? "<td></td>" : "") +
         "<td class=\"barcell spare\"></td></tr></tfoot></table></div></section>\n";
}

}  // namespace quaver::tools::report
