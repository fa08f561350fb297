// Which layers compute in int16, and how many it took.
#include <algorithm>
#include <cmath>

#include "tools/report/html.h"
#include "tools/report/sections.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

constexpr std::size_t kShortName = 64;

std::string Score(const PrecisionFacts& facts, double value) {
  if (std::isinf(value)) return DecibelText(value);
  return Fixed(value, 2) + (facts.by_accuracy ? " %" : " dB");
}

std::string SharePercent(double share) {
  const double percent = 100 * share;
  return Fixed(percent, percent == 0 || percent >= 0.1 ? 1 : 3) + " %";
}

/// Where a score lies between the least and the most that are shown, in percent, with some room on
/// both sides.
class ScoreAxis {
 public:
  explicit ScoreAxis(const PrecisionFacts& facts) : low_(facts.target), high_(facts.target) {
    for (const PrecisionFacts::Try& found : facts.tries) {
      if (!std::isfinite(found.score)) continue;
      low_ = std::min(low_, found.score);
      high_ = std::max(high_, found.score);
    }
  }
  [[nodiscard]] std::string At(double score) const {
    const double width = high_ > low_ ? high_ - low_ : 1;
    const double part = std::isfinite(score) ? std::clamp((score - low_) / width, 0.0, 1.0)
                                             : (score > 0 ? 1.0 : 0.0);
    return "left:" + Px(4 + 92 * part) + "%";
  }

 private:
  double low_, high_;
};

std::string TryRow(const PrecisionFacts& facts, const PrecisionFacts::Try& found,
                   const ScoreAxis& axis) {
  const std::string verdict = found.met ? "met" : "missed";
  return "<tr" + std::string(found.taken ? " class=\"taken\"" : "") + "><td class=\"n\">" +
         std::to_string(found.layers) + "</td><td class=\"n\">" + Score(facts, found.score) +
         "</td><td class=\"dots\"><i class=\"target\" style=\"" + axis.At(facts.target) +
         "\"></i><i class=\"" + verdict + "\" style=\"" + axis.At(found.score) +
         "\"></i></td><td>" + verdict +
         (found.taken ? "<span class=\"pill quiet\">taken</span>" : "") + "</td><td class=\"n\">" +
         SharePercent(found.int16_share) + "</td><td class=\"n\">" + Grouped(found.arena_bytes) +
         "</td></tr>\n";
}

std::string Tries(const PrecisionFacts& facts) {
  if (facts.tries.empty()) return "";
  const ScoreAxis axis(facts);
  std::string html =
      "<p class=\"note\">Each row is an integer model with so many of the worst layers in int16, "
      "measured on the fifth of the samples that calibration did not see. Dashed: the target, " +
      Escape(Score(facts, facts.target) + ", " + facts.target_note) +
      (facts.met ? "." : ". No number of layers meets it: the nearest was taken.") +
      "</p>\n<div class=\"scroll\"><table class=\"wide compact\"><thead><tr><th class=\"n\">in "
      "int16</th>"
      "<th class=\"n\">" +
      std::string(facts.by_accuracy ? "accuracy" : "SQNR") +
      "</th><th></th><th>target</th><th class=\"n\">MACs in int16</th>"
      "<th class=\"n\">arena, bytes</th></tr></thead><tbody>\n";
  for (const PrecisionFacts::Try& found : facts.tries) html += TryRow(facts, found, axis);
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string PrecisionSection(const ReportFacts& facts) {
  if (!facts.precision) return "";
  const PrecisionFacts& precision = *facts.precision;
  std::string html = "<section id=\"precision\"><h2>Layers in int16</h2>" + Tries(precision);
  if (precision.layers.empty()) {
    return html + "<p>" +
           (precision.met ? "No layer needs int16: int8 alone meets the target."
                          : "No layer got int16: int8 alone comes nearest.") +
           "</p></section>\n";
  }
  html +=
      "<div class=\"scroll more\"><table class=\"wide\"><thead><tr><th class=\"n\">rank</th>"
      "<th>layer in int16</th><th class=\"n\">SQNR of the outputs<br/>with it alone in "
      "int8</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < precision.layers.size(); ++i) {
    const PrecisionFacts::Layer& layer = precision.layers[i];
    html += "<tr><td class=\"n\">" + std::to_string(i + 1) + "</td><td title=\"" +
            Escape(layer.name) + "\">" + Escape(Short(layer.name, kShortName)) +
            "</td><td class=\"n\">" +
            (layer.decibels ? DecibelText(*layer.decibels) : "asked for") + "</td></tr>\n";
  }
  return html +
         "</tbody></table></div><p class=\"note\">What makes the input of a layer in int16, "
         "and what reads its output, computes in int16 with it.</p></section>\n";
}

}  // namespace quaver::tools::report
