// The arena over time, as rectangles: operators to the right, addresses upwards.
#include <algorithm>

#include "tools/report/html.h"
#include "tools/report/sections.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

constexpr double kLeft = 74;
constexpr double kTop = 12;
constexpr double kHeight = 300;
constexpr double kBottom = 26;
constexpr double kMostWidth = 1000;
constexpr double kLeastStep = 13;
constexpr double kMostStep = 64;
constexpr double kLeastHeight = 3;
constexpr double kLetter = 6.2;

class Map {
 public:
  explicit Map(const MemoryFacts& facts) : facts_(facts), top_(facts.activation_bytes) {
    for (const MemoryBlock& block : facts.blocks) top_ = std::max(top_, block.offset + block.bytes);
    // Before the first operator and after the last there are inputs and outputs: a column each.
    columns_ = static_cast<double>(facts.operators.size()) + 2;
    step_ = std::clamp(kMostWidth / columns_, kLeastStep, kMostStep);
  }

  [[nodiscard]] std::string Draw() const {
    const double width = kLeft + columns_ * step_ + 4;
    const double height = kTop + kHeight + kBottom;
    std::string svg = "<svg class=\"map\" width=\"" + Px(width) + "\" height=\"" + Px(height) +
                      "\" viewBox=\"0 0 " + Px(width) + " " + Px(height) +
                      "\" role=\"img\" aria-label=\"Arena over time\">";
    svg += "<rect class=\"peak\" x=\"" + Px(X(facts_.peak_operator)) + "\" y=\"" + Px(kTop) +
           "\" width=\"" + Px(step_) + "\" height=\"" + Px(kHeight) + "\"/>";
    svg += Grid();
    for (const MemoryBlock& block : facts_.blocks) svg += Rectangle(block);
    svg += Bound() + Columns();
    return svg + "</svg>";
  }

 private:
  // `time` is -1 before the first operator.
  [[nodiscard]] double X(std::int32_t time) const { return kLeft + step_ * (time + 1); }
  [[nodiscard]] double Y(std::uint64_t offset) const {
    return kTop + kHeight -
           (top_ == 0 ? 0 : kHeight * static_cast<double>(offset) / static_cast<double>(top_));
  }

  [[nodiscard]] std::string Grid() const {
    std::string svg;
    constexpr std::uint64_t kLines = 4;
    for (std::uint64_t i = 0; i <= kLines; ++i) {
      const std::uint64_t offset = top_ * i / kLines;
      svg += "<line class=\"grid\" x1=\"" + Px(kLeft) + "\" x2=\"" + Px(kLeft + columns_ * step_) +
             "\" y1=\"" + Px(Y(offset)) + "\" y2=\"" + Px(Y(offset)) + "\"/><text x=\"" +
             Px(kLeft - 8) + "\" y=\"" + Px(Y(offset) + 4) + "\" text-anchor=\"end\">" +
             ByteText(static_cast<double>(offset)) + "</text>";
    }
    return svg;
  }

  [[nodiscard]] std::string Rectangle(const MemoryBlock& block) const {
    const double x = X(block.first);
    const double width = step_ * (block.last - block.first + 1);
    // So that a few bytes can be seen, too.
    const double height = std::max(kLeastHeight, Y(block.offset) - Y(block.offset + block.bytes));
    const double y = Y(block.offset) - height;
    const std::string when =
        block.first == block.last
            ? "during operator " + std::to_string(block.first)
            : "operators " + std::to_string(block.first) + " to " + std::to_string(block.last);
    std::string svg =
        "<rect class=\"" + std::string(MemoryKindName(block.kind)) + "\" x=\"" + Px(x) + "\" y=\"" +
        Px(y) + "\" width=\"" + Px(width) + "\" height=\"" + Px(height) + "\" rx=\"2\"><title>" +
        Escape(std::string(MemoryKindName(block.kind)) + " " + block.name + ": " +
               Grouped(block.bytes) + " bytes at " + Grouped(block.offset) + ", " + when) +
        "</title></rect>";
    const std::string text = ByteText(static_cast<double>(block.bytes));
    const bool fits = height > 14 && width > kLetter * static_cast<double>(text.size()) + 6;
    if (block.kind != MemoryBlock::Kind::kScratch && fits) {
      svg +=
          "<text class=\"in\" x=\"" + Px(x + 4) + "\" y=\"" + Px(y + 12) + "\">" + text + "</text>";
    }
    return svg;
  }

  [[nodiscard]] std::string Bound() const {
    const double y = Y(facts_.lower_bound_bytes);
    return "<line class=\"bound\" x1=\"" + Px(kLeft) + "\" x2=\"" + Px(kLeft + columns_ * step_) +
           "\" y1=\"" + Px(y) + "\" y2=\"" + Px(y) +
           "\"><title>no plan of this order needs less than " + Grouped(facts_.lower_bound_bytes) +
           " bytes</title></line>";
  }

  [[nodiscard]] std::string Columns() const {
    std::string svg;
    const auto every = static_cast<std::size_t>(std::max(1.0, 30 / step_));
    for (std::size_t i = 0; i < facts_.operators.size(); i += every) {
      svg += "<text x=\"" + Px(X(static_cast<std::int32_t>(i)) + step_ / 2) + "\" y=\"" +
             Px(kTop + kHeight + 16) + "\" text-anchor=\"middle\">" + std::to_string(i) +
             "<title>" + Escape(facts_.operators[i]) + "</title></text>";
    }
    return svg;
  }

  const MemoryFacts& facts_;
  std::uint64_t top_;
  double columns_;
  double step_;
};

std::string Legend(const MemoryFacts& facts) {
  using Kind = MemoryBlock::Kind;
  std::string html = "<div class=\"legend\">";
  for (Kind kind : {Kind::kInput, Kind::kActivation, Kind::kOutput, Kind::kState, Kind::kScratch}) {
    const bool any = std::any_of(facts.blocks.begin(), facts.blocks.end(),
                                 [kind](const MemoryBlock& block) { return block.kind == kind; });
    if (!any) continue;
    html += "<span><i style=\"background:var(--" + std::string(MemoryKindName(kind)) + ")\"></i>" +
            MemoryKindName(kind) + "</span>";
  }
  return html +
         "<span><i style=\"background:none;border-top:2px dashed var(--worst);border-radius:0;"
         "height:4px\"></i>lower bound</span></div>";
}

}  // namespace

std::string MemorySection(const ReportFacts& facts) {
  if (!facts.memory) return "";
  const MemoryFacts& memory = *facts.memory;
  const std::string peak =
      memory.operators.empty()
          ? ""
          : " Most is in use at operator " + std::to_string(memory.peak_operator) + ", " +
                Escape(
                    Short(memory.operators[static_cast<std::size_t>(memory.peak_operator)], 60)) +
                ": " + Grouped(memory.peak_bytes) + " bytes.";
  return "<section id=\"memory\"><h2>Memory over time</h2><p class=\"note\">Each rectangle is a "
         "tensor: from the operator that makes it to the last that reads it, at its address in "
         "the arena. Activations take " +
         Grouped(memory.activation_bytes) + " bytes; no plan of this order can use less than " +
         Grouped(memory.lower_bound_bytes) + "." + peak +
         " Scratch is that of a microcontroller. On " + Escape(memory.isa) +
         ", with prepared operators and packed "
         "weights, the arena has " +
         Grouped(memory.arena_bytes) + " bytes in all.</p>\n" + Legend(memory) +
         "<div class=\"scroll\">" + Map(memory).Draw() + "</div></section>\n";
}

}  // namespace quaver::tools::report
