// How far each layer is off, and why: errors, histograms, ranges.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "tools/report/html.h"
#include "tools/report/sections.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

constexpr double kPlotHeight = 40;
constexpr std::size_t kShortName = 64;

// What is not a number is the worst.
double Rank(const LayerFacts& layer) {
  return std::isnan(layer.error.decibels) ? -1e9 : std::clamp(layer.error.decibels, -1e9, 1e9);
}

// Of those that are not equal; the number of layers where all are.
std::size_t WorstLayer(const std::vector<LayerFacts>& layers) {
  std::size_t worst = layers.size();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (std::isinf(layers[i].error.decibels) && layers[i].error.decibels > 0) continue;
    if (worst == layers.size() || Rank(layers[i]) < Rank(layers[worst])) worst = i;
  }
  return worst;
}

std::string Percent(double share) {
  const double percent = 100 * share;
  if (percent == 0) return "0 %";
  if (percent < 0.001) return "< 0.001 %";
  return percent < 0.1 ? Fixed(percent, 3) + " %" : Fixed(percent, 1) + " %";
}

/// Horizontal coordinates of a plot: from `low` to `high`, with some room on both sides.
class Scale {
 public:
  Scale(double low, double high) : low_(low), width_(high > low ? high - low : 1) {}
  [[nodiscard]] double At(double value) const { return 2 + 96 * (value - low_) / width_; }

 private:
  double low_, width_;
};

// Steps of one path; heights are logarithmic, so that a tail of few values can be seen.
std::string BarsPath(const compiler::Histogram& histogram, const Scale& scale) {
  std::uint64_t most = 0;
  for (std::uint64_t count : histogram.counts) most = std::max(most, count);
  if (most == 0) return "";
  const double per_log = (kPlotHeight - 4) / std::log1p(static_cast<double>(most));
  const auto bins = static_cast<double>(histogram.counts.size());
  const double left = scale.At(histogram.low);
  const double bin_width =
      histogram.high > histogram.low ? (scale.At(histogram.high) - left) / bins : 1.5 / bins;
  std::string path = "M" + Px(left) + " " + Px(kPlotHeight);
  double height = 0;
  for (std::size_t b = 0; b < histogram.counts.size(); ++b) {
    const double next = per_log * std::log1p(static_cast<double>(histogram.counts[b]));
    const double x = left + bin_width * static_cast<double>(b);
    if (next != height) path += "H" + Px(x) + "V" + Px(kPlotHeight - next);
    height = next;
  }
  return path + "H" + Px(left + bin_width * bins) + "V" + Px(kPlotHeight) + "Z";
}

std::string Edge(double x, const char* kind) {
  return "<line class=\"edge" + std::string(kind) + "\" x1=\"" + Px(x) + "\" x2=\"" + Px(x) +
         "\" y1=\"0\" y2=\"" + Px(kPlotHeight) + "\"/>";
}

std::string Plot(const std::string& label, const std::string& content) {
  return "<svg class=\"plot\" viewBox=\"0 0 100 " + Px(kPlotHeight) +
         "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" + Escape(label) + "\">" +
         content + "<line class=\"base\" x1=\"0\" x2=\"100\" y1=\"" + Px(kPlotHeight) + "\" y2=\"" +
         Px(kPlotHeight) + "\"/></svg>";
}

std::string ActivationsFigure(const LayerFacts& layer) {
  const compiler::Histogram& histogram = layer.activations.histogram;
  const auto& range = layer.activations.range;
  const Scale scale(range ? std::min(histogram.low, range->low) : histogram.low,
                    range ? std::max(histogram.high, range->high) : histogram.high);
  std::string content;
  std::string caption = "values " + Real(histogram.low) + " to " + Real(histogram.high);
  if (range) {
    const double left = scale.At(range->low);
    const double right = scale.At(range->high);
    content += "<rect class=\"chosen\" x=\"" + Px(left) + "\" y=\"0\" width=\"" + Px(right - left) +
               "\" height=\"" + Px(kPlotHeight) + "\"/>";
    caption += "; " + layer.type + " covers " + Real(range->low) + " to " + Real(range->high) +
               " in steps of " + Real(range->step) +
               "; clipped: " + Percent(histogram.ClippedShare());
  }
  content += "<path class=\"bars-of\" d=\"" + BarsPath(histogram, scale) + "\"/>";
  if (range) content += Edge(scale.At(range->low), "") + Edge(scale.At(range->high), "");
  return "<figure>" + Plot("Histogram of the output's values", content) + "<figcaption>" +
         Escape(caption) + "</figcaption></figure>";
}

std::string WeightsFigure(const LayerFacts& layer) {
  if (!layer.weights) return "<figure></figure>";
  const compiler::Histogram& histogram = layer.weights->histogram;
  const std::vector<float>& scales = layer.weights->scales;
  std::string caption =
      Grouped(histogram.total) + " weights, " + Real(histogram.low) + " to " + Real(histogram.high);
  double widest = 0;
  double narrowest = 0;
  constexpr double kMost = 127;
  if (!scales.empty()) {
    const auto [least, most] = std::minmax_element(scales.begin(), scales.end());
    widest = kMost * static_cast<double>(*most);
    narrowest = kMost * static_cast<double>(*least);
    caption += scales.size() == 1
                   ? "; one range, ±" + Real(widest)
                   : "; " + std::to_string(scales.size()) + " channels with ranges from ±" +
                         Real(narrowest) + " to ±" + Real(widest);
  }
  const Scale scale(std::min(histogram.low, -widest), std::max(histogram.high, widest));
  std::string content =
      "<path class=\"bars-of weights\" d=\"" + BarsPath(histogram, scale) + "\"/>";
  if (!scales.empty()) {
    content += Edge(scale.At(-widest), "") + Edge(scale.At(widest), "");
    if (scales.size() > 1) {
      content += Edge(scale.At(-narrowest), " inner") + Edge(scale.At(narrowest), " inner");
    }
  }
  return "<figure>" + Plot("Histogram of the weights", content) + "<figcaption>" + Escape(caption) +
         "</figcaption></figure>";
}

std::string Entry(const std::string& term, const std::string& value) {
  return "<dt>" + Escape(term) + "</dt><dd>" + Escape(value) + "</dd>";
}

std::string Numbers(const LayerFacts& layer) {
  std::string numbers = "<dl class=\"numbers\">" +
                        Entry("SQNR", DecibelText(layer.error.decibels)) +
                        Entry("cosine", Fixed(layer.error.cosine, 6)) +
                        Entry("max error", Real(layer.error.max_error)) +
                        Entry("output", layer.type + " " + layer.shape);
  if (layer.scale != 0) {
    const std::int64_t zero_point = layer.zero_point;
    numbers += Entry("means", Real(static_cast<double>(layer.scale)) + " × (q " +
                                  (zero_point < 0 ? "+ " : "− ") +
                                  std::to_string(std::abs(zero_point)) + ")");
  }
  if (layer.dynamic) numbers += Entry("input", "int8, with the range of each row");
  return numbers + "</dl>";
}

std::string Pill(const char* text, const char* kind) {
  return "<span class=\"pill" + std::string(kind) + "\">" + text + "</span>";
}

bool IsInt16(const LayerFacts& layer) { return layer.type == DataTypeName(DataType::kInt16); }

// What computes in something else than static int8 stands out in the chart.
const char* ArithmeticClass(const LayerFacts& layer) {
  return IsInt16(layer) ? "int16" : layer.dynamic ? "dynamic" : "";
}

std::string Pills(const LayerFacts& layer, bool worst) {
  return (worst ? Pill("worst", "") : "") + (IsInt16(layer) ? Pill("int16", " int16") : "") +
         (layer.dynamic ? Pill("dynamic", " dynamic") : "");
}

std::string ErrorLegend(const std::vector<LayerFacts>& layers) {
  const bool int16 = std::any_of(layers.begin(), layers.end(), IsInt16);
  const bool dynamic = std::any_of(layers.begin(), layers.end(),
                                   [](const LayerFacts& layer) { return layer.dynamic; });
  if (!int16 && !dynamic) return "";
  const auto entry = [](const char* color, const char* text) {
    return "<span><i style=\"background:var(--" + std::string(color) + ")\"></i>" + text +
           "</span>";
  };
  return "<div class=\"legend\">" + entry("second", dynamic ? "other" : "int8") +
         (int16 ? entry("output", "int16") : "") +
         (dynamic ? entry("state", "int8, quantized while running") : "") + "</div>\n";
}

std::string LayerItem(const LayerFacts& layer, bool worst) {
  std::string name = Short(layer.name, kShortName);
  if (!layer.other_name.empty()) name += " = " + Short(layer.other_name, kShortName);
  return "<li class=\"layer" + std::string(worst ? " worst" : "") + "\" id=\"layer-" +
         std::to_string(layer.index) + "\" data-index=\"" + std::to_string(layer.index) +
         "\" data-sqnr=\"" + Px(Rank(layer)) + "\"><div><h3>" + std::to_string(layer.index) +
         " · " + Escape(layer.kind) + Pills(layer, worst) + "</h3><p class=\"name\" title=\"" +
         Escape(layer.name) + "\">" + Escape(name) + "</p>" + Numbers(layer) + "</div>" +
         ActivationsFigure(layer) + WeightsFigure(layer) + "</li>\n";
}

std::string LeftOver(const std::string& model, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text =
      "<p>" + std::to_string(names.size()) + " only in " + Escape(FileName(model)) + ": ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : ", ") + Escape(Short(names[i], kShortName));
  }
  return text + "</p>";
}

}  // namespace

std::string ErrorSection(const ReportFacts& facts) {
  if (facts.layers.empty()) return "";
  const std::size_t worst = WorstLayer(facts.layers);
  double most = 0;
  for (const LayerFacts& layer : facts.layers) {
    if (std::isfinite(layer.error.relative)) most = std::max(most, layer.error.relative);
  }
  std::string html =
      "<section id=\"error\"><h2>Error per layer</h2><p class=\"note\">How far each layer of " +
      Escape(FileName(facts.second_model)) + " is from the same layer of " +
      Escape(FileName(facts.first_model)) + ", on " + Grouped(facts.samples) +
      " samples: the error's root mean square beside that of the values, in network order. It "
      "adds up from layer to layer.</p>\n" +
      ErrorLegend(facts.layers) + "<div class=\"axis\"><span>" + Percent(most) +
      "</span></div><div class=\"bars\">";
  for (std::size_t i = 0; i < facts.layers.size(); ++i) {
    const LayerFacts& layer = facts.layers[i];
    const double relative = std::isfinite(layer.error.relative) ? layer.error.relative : most;
    const std::string text = std::to_string(layer.index) + " " + layer.kind + ": " +
                             DecibelText(layer.error.decibels) + ", " + Percent(relative);
    html += "<a href=\"#layer-" + std::to_string(layer.index) + "\"";
    std::string classes = ArithmeticClass(layer);
    if (i == worst) classes = i * 2 < facts.layers.size() ? "worst left" : "worst";
    if (!classes.empty()) html += " class=\"" + classes + "\"";
    html +=
        " style=\"height:" + Px(most > 0 ? 100 * relative / most : 0) + "%\" title=\"" +
        Escape(text) + "\">" +
        (i == worst ? "<b>" + Escape(layer.kind + ", " + DecibelText(layer.error.decibels)) + "</b>"
                    : "") +
        "</a>";
  }
  return html + "</div>\n<div class=\"axis\"><span>0, input</span><span>" +
         std::to_string(facts.layers.size() - 1) + ", output</span></div></section>\n";
}

std::string LayersSection(const ReportFacts& facts) {
  if (facts.layers.empty()) return "";
  const std::size_t worst = WorstLayer(facts.layers);
  std::string html =
      "<section id=\"layers\"><h2>Layers</h2><p class=\"note\">Left, the values that each output "
      "takes in " +
      Escape(FileName(facts.first_model)) +
      ", and the range that was chosen for its integers; right, the weights. Heights are "
      "logarithmic. Dashed: the channel with the smallest range.</p>\n"
      "<div class=\"sort\" hidden=\"hidden\"><button type=\"button\" data-sort=\"index\" "
      "aria-pressed=\"true\">network order</button><button type=\"button\" data-sort=\"sqnr\" "
      "aria-pressed=\"false\">worst first</button></div>\n<ol class=\"layers\">\n";
  for (std::size_t i = 0; i < facts.layers.size(); ++i) {
    html += LayerItem(facts.layers[i], i == worst);
  }
  html += "</ol>\n";
  if (!facts.only_in_first.empty() || !facts.only_in_second.empty()) {
    html += "<details><summary>Layers without a counterpart</summary>" +
            LeftOver(facts.first_model, facts.only_in_first) +
            LeftOver(facts.second_model, facts.only_in_second) + "</details>";
  }
  return html + "</section>\n";
}

}  // namespace quaver::tools::report
