#include "tools/report/page.h"

#include <vector>

#include "tools/files.h"
#include "tools/report/html.h"
#include "tools/report/json.h"
#include "tools/report/sections.h"
#include "tools/report/style.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

// A quaver: head, stem and flag.
constexpr const char* kLogo =
    "<svg viewBox=\"0 0 40 40\" role=\"img\" aria-label=\"Quaver\">"
    "<rect width=\"40\" height=\"40\" rx=\"10\" fill=\"var(--second)\"/>"
    "<g fill=\"#fff\"><ellipse cx=\"16\" cy=\"28.5\" rx=\"5.6\" ry=\"4.2\" "
    "transform=\"rotate(-20 16 28.5)\"/><path d=\"M19.6 7h2.1v20.5h-2.1z\"/>"
    "<path d=\"M21.2 7c.6 4.6 8.6 6.2 6.2 14.2.2-4.6-3.2-6.6-6.2-7.2z\"/></g></svg>";

}  // namespace

std::string MakePage(const ReportFacts& facts) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      Escape(facts.title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<main>\n";
  page += std::string("<header>") + kLogo + "<div><h1>" + Escape(facts.title) +
          "</h1><p class=\"dim\">" + Escape(facts.subtitle) + "</p></div></header>\n";
  page += TilesSection(facts) + AccuracySection(facts) + ErrorSection(facts) +
          DecisionsSection(facts) + PrecisionSection(facts) + WeightsSection(facts) +
          MemorySection(facts) + SizeSection(facts) + OperatorsSection(facts) +
          LayersSection(facts);
  page += "<footer>Made by quaver " QUAVER_VERSION
          ". This page is one file and loads nothing else.</footer>\n</main>\n";
  page += "<script id=\"facts\" type=\"application/json\">" + EscapeJson(DumpJson(ToJson(facts))) +
          "</script>\n<script>" + kScript + "</script>\n</body>\n</html>\n";
  return page;
}

void WritePage(const ReportFacts& facts, const std::string& path) {
  const std::string page = MakePage(facts);
  const std::vector<std::uint8_t> bytes(page.begin(), page.end());
  WriteFiles({{path, bytes}});
}

}  // namespace quaver::tools::report
