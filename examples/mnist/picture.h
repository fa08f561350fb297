// Digits as pictures in a terminal: two pixels a character cell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mnist {

inline constexpr int kSide = 28;  // of a picture, pixels
inline constexpr int kPixels = kSide * kSide;
inline constexpr int kMargin = 3;                   // left out when drawn: digits keep clear of it
inline constexpr int kDrawn = kSide - 2 * kMargin;  // columns of a drawn picture

/// What the terminal can show, found out from the standard output and the environment.
struct Terminal {
  bool colors = false;
  int columns = 80;
};
Terminal DetectTerminal();

/// The picture's middle as lines of kDrawn cells each: in grey levels where there are colors, else
/// in black and white. `pixels`: row by row, 0 black to 255 white.
std::vector<std::string> Draw(const std::uint8_t* pixels, const Terminal& terminal);

/// `text` in green or red, where there are colors.
std::string Colored(const std::string& text, bool good, const Terminal& terminal);

}  // namespace mnist
