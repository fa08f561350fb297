// Pictures from files, from bytes, from a camera.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace classify {

/// Rows from the top, 8 bits a channel.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;  // 1 grey, 3 RGB
  std::vector<std::uint8_t> pixels;
};

/// A JPEG, PNG, BMP, GIF or PNM file as `channels` channels; "-" is the standard input. Throws
/// std::runtime_error.
Image ReadImage(const std::string& path, int channels);

/// One frame, as JPEG, from the output of a shell command. Throws std::runtime_error.
Image ReadFrame(const std::string& command, int channels);

/// The largest centred square-like part with the aspect of width x height, scaled to that size.
Image CropAndResize(const Image& image, int width, int height);

}  // namespace classify
