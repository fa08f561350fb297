// Tiles, decisions, and what takes how many bytes and operations.
#include <algorithm>

#include "tools/report/html.h"
#include "tools/report/sections.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

constexpr std::size_t kShortOperatorName = 56;

std::string Bar(double share, const char* kind) {
  return "<div class=\"bar2" + std::string(kind) + "\" style=\"width:" + Px(100 * share) +
         "%\"></div>";
}

std::string TotalRow(const std::string& file, std::uint64_t bytes, std::uint64_t most,
                     const char* kind) {
  return "<span>" + Escape(file) + "</span>" + Bar(Share(bytes, most), kind) + "<span>" +
         ByteText(static_cast<double>(bytes)) + "</span>";
}

std::string SizeRow(const LayerFacts& layer, std::uint64_t most) {
  return "<tr><td class=\"n\">" + std::to_string(layer.index) + "</td><td>" + Escape(layer.kind) +
         "</td><td class=\"n\">" + Grouped(layer.bytes_before) + "</td><td class=\"n\">" +
         Grouped(layer.bytes_after) + "</td><td class=\"barcell\">" +
         Bar(Share(layer.bytes_before, most), "") + Bar(Share(layer.bytes_after, most), " after") +
         "</td></tr>\n";
}

}  // namespace

std::string TilesSection(const ReportFacts& facts) {
  if (facts.tiles.empty()) return "";
  // More than fit one row stand in two, of nearly as many.
  constexpr std::size_t kMostInOneRow = 6;
  std::string html =
      facts.tiles.size() > kMostInOneRow ? "<div class=\"tiles many\">" : "<div class=\"tiles\">";
  for (const Tile& tile : facts.tiles) {
    html += "<div class=\"tile\"><div class=\"label\">" + Escape(tile.label) +
            "</div><div class=\"value\">" + Escape(tile.value) + "</div><div class=\"under\">" +
            Escape(tile.note) + "</div></div>";
  }
  return html + "</div>\n";
}

std::string DecisionsSection(const ReportFacts& facts) {
  if (facts.decisions.empty()) return "";
  std::string html =
      "<section id=\"decisions\"><h2>What was decided, and why</h2><dl class=\"decisions\">";
  for (const Decision& decision : facts.decisions) {
    html += "<dt>" + Escape(decision.what) + "</dt><dd>" + Escape(decision.choice) +
            (decision.why.empty() ? "" : "<span>" + Escape(decision.why) + "</span>") + "</dd>";
  }
  return html + "</dl></section>\n";
}

std::string SizeSection(const ReportFacts& facts) {
  if (!facts.size) return "";
  const SizeFacts& size = *facts.size;
  const std::uint64_t most_file = std::max(size.bytes_before, size.bytes_after);
  std::string html = "<section id=\"size\"><h2>Size before and after</h2><div class=\"total\">" +
                     TotalRow(FileName(size.file_before), size.bytes_before, most_file, "") +
                     TotalRow(FileName(size.file_after), size.bytes_after, most_file, " after") +
                     "</div>\n";
  std::uint64_t most = 0;
  for (const LayerFacts& layer : facts.layers) {
    most = std::max({most, layer.bytes_before, layer.bytes_after});
  }
  if (most == 0) return html + "</section>\n";
  html +=
      "<p class=\"note\">Constants of each layer: weights and biases before; after, also the "
      "multipliers, shifts and tables that replace arithmetic on the device.</p>"
      "<table class=\"wide\"><thead><tr><th class=\"n\">#</th><th>layer</th><th class=\"n\">before"
      "</th><th class=\"n\">after</th><th></th></tr></thead><tbody>\n";
  for (const LayerFacts& layer : facts.layers) {
    if (layer.bytes_before + layer.bytes_after > 0) html += SizeRow(layer, most);
  }
  return html + "</tbody></table></section>\n";
}

std::string OperatorsSection(const ReportFacts& facts) {
  if (facts.operators.empty()) return "";
  std::uint64_t macs = 0;
  std::uint64_t bytes = 0;
  for (const OperatorCost& op : facts.operators) {
    macs = std::max(macs, op.macs);
    bytes = std::max(bytes, op.weights_bytes);
  }
  std::string html =
      "<section id=\"operators\"><h2>Operators</h2><div class=\"legend\"><span><i "
      "style=\"background:var(--first)\"></i>weights</span><span><i "
      "style=\"background:var(--second)\"></i>multiply-accumulates</span></div>"
      "<table class=\"wide\"><thead><tr><th class=\"n\">#</th><th>operator</th><th>output</th>"
      "<th class=\"n\">bytes</th><th class=\"n\">MACs</th><th></th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < facts.operators.size(); ++i) {
    const OperatorCost& op = facts.operators[i];
    html += "<tr><td class=\"n\">" + std::to_string(i) + "</td><td title=\"" + Escape(op.name) +
            "\">" + Escape(op.kind) + "<div class=\"dim\">" +
            Escape(Short(op.name, kShortOperatorName)) + "</div></td><td>" + Escape(op.output) +
            "</td><td class=\"n\">" + Grouped(op.weights_bytes) + "</td><td class=\"n\">" +
            Grouped(op.macs) + "</td><td class=\"barcell\">" +
            Bar(Share(op.weights_bytes, bytes), "") + Bar(Share(op.macs, macs), " after") +
            "</td></tr>\n";
  }
  return html + "</tbody></table></section>\n";
}

}  // namespace quaver::tools::report
