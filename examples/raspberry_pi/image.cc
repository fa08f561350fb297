#include "image.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>

// stb's headers hold their implementation.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wcast-qual"
#endif
#include <stb_image.h>
#include <stb_image_resize.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace classify {
namespace {

using Bytes = std::vector<std::uint8_t>;

Image Decode(const Bytes& bytes, int channels, const std::string& name) {
  Image image;
  image.channels = channels;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &image.width,
                            &image.height, nullptr, channels),
      stbi_image_free);
  if (pixels == nullptr) {
    throw std::runtime_error(name + ": not a picture that can be read (" + stbi_failure_reason() +
                             "); JPEG, PNG, BMP, GIF and PNM can");
  }
  const auto count = static_cast<std::size_t>(image.width) *
                     static_cast<std::size_t>(image.height) * static_cast<std::size_t>(channels);
  image.pixels.assign(pixels.get(), pixels.get() + count);
  return image;
}

}  // namespace

Image ReadImage(const std::string& path, int channels) {
  if (path == "-") {
    const Bytes bytes{std::istreambuf_iterator<char>(std::cin), {}};
    return Decode(bytes, channels, "standard input");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  return Decode(bytes, channels, path);
}

Image ReadFrame(const std::string& command, int channels) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run: " + command);
  Bytes bytes;
  std::uint8_t block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof(block), pipe)) {
    bytes.insert(bytes.end(), block, block + count);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error("the camera's command failed: " + command);
  return Decode(bytes, channels, command);
}

Image CropAndResize(const Image& image, int width, int height) {
  // As large as fits: width / height = cropped_w / cropped_h.
  const auto scaled = [](int a, int b, int c) {
    return static_cast<int>(static_cast<std::int64_t>(a) * b / c);
  };
  const int cropped_w = std::clamp(scaled(image.height, width, height), 1, image.width);
  const int cropped_h = std::clamp(scaled(image.width, height, width), 1, image.height);
  const int left = (image.width - cropped_w) / 2;
  const int top = (image.height - cropped_h) / 2;
  const int stride = image.width * image.channels;
  Image result{width, height, image.channels, {}};
  result.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                       static_cast<std::size_t>(image.channels));
  const auto first = static_cast<std::size_t>(top) * static_cast<std::size_t>(stride) +
                     static_cast<std::size_t>(left * image.channels);
  if (stbir_resize_uint8(image.pixels.data() + first, cropped_w, cropped_h, stride,
                         result.pixels.data(), width, height, 0, image.channels) == 0) {
    throw std::runtime_error("out of memory while resizing");
  }
  return result;
}

}  // namespace classify
