#include "picture.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace mnist {
namespace {

// The upper and the lower half of a cell, both, none: UTF-8.
constexpr char kUpper[] = "\u2580";
constexpr char kLower[] = "\u2584";
constexpr char kBoth[] = "\u2588";
constexpr char kNone[] = " ";

/// One of the 24 greys of the 256 color palette: 232 (nearly black) to 255 (nearly white).
std::string Grey(std::uint8_t pixel) { return std::to_string(232 + pixel * 23 / 255); }

std::string GreyCell(std::uint8_t upper, std::uint8_t lower) {
  return "\033[38;5;" + Grey(upper) + ";48;5;" + Grey(lower) + "m" + kUpper;
}

std::string PlainCell(std::uint8_t upper, std::uint8_t lower) {
  constexpr std::uint8_t kThreshold = 96;
  if (upper >= kThreshold) return lower >= kThreshold ? kBoth : kUpper;
  return lower >= kThreshold ? kLower : kNone;
}

}  // namespace

Terminal DetectTerminal() {
  Terminal terminal;
  const char* name = std::getenv("TERM");
  terminal.colors = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr &&
                    name != nullptr && std::strcmp(name, "dumb") != 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
  }
  return terminal;
}

std::vector<std::string> Draw(const std::uint8_t* pixels, const Terminal& terminal) {
  std::vector<std::string> lines;
  for (int y = kMargin; y < kSide - kMargin; y += 2) {
    std::string line;
    for (int x = kMargin; x < kSide - kMargin; ++x) {
      const std::uint8_t upper = pixels[y * kSide + x];
      const std::uint8_t lower = pixels[(y + 1) * kSide + x];
      line += terminal.colors ? GreyCell(upper, lower) : PlainCell(upper, lower);
    }
    lines.push_back(terminal.colors ? line + "\033[0m" : line);
  }
  return lines;
}

std::string Colored(const std::string& text, bool good, const Terminal& terminal) {
  if (!terminal.colors) return text;
  return (good ? "\033[32m" : "\033[1;31m") + text + "\033[0m";
}

}  // namespace mnist
