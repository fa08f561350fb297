// Says what is in a picture: an image classifier (MobileNet and the like) on files or the camera.
//
//   quaver_classify MODEL.qvr --labels labels.txt cat.jpg dog.png
//   quaver_classify MODEL.qvr --labels labels.txt --camera
//
// The model takes one picture [1, height, width, 1 or 3] as int8, uint8 or float32 and gives one
// score a class. Pixels become (pixel - mean) / std, which is what the network was trained on.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "image.h"
#include "quaver/quaver.hpp"

namespace classify {
namespace {

constexpr char kUsage[] =
    "usage: quaver_classify MODEL.qvr [options] (PICTURE... | - | --camera)\n"
    "  PICTURE         JPEG, PNG, BMP, GIF or PNM; - reads one from the standard input\n"
    "  --camera        one frame of the Raspberry Pi's camera (rpicam-jpeg or libcamera-jpeg)\n"
    "  --labels FILE   names of the classes, one a line\n"
    "  --top N         how many classes to show (5)\n"
    "  --mean M        pixels become (pixel - mean) / std: 127.5 and 127.5, which is [-1, 1],\n"
    "  --std S         as MobileNets take them; 0 and 255 is [0, 1]\n"
    "QUAVER_ISA=scalar (neon, neondot, ...) forces an instruction set.\n";

constexpr char kCameraCommand[] =
    "if command -v rpicam-jpeg >/dev/null; then rpicam-jpeg -n -t 500 -o -; "
    "else libcamera-jpeg -n -t 500 -o -; fi 2>/dev/null";

struct Options {
  std::string model;
  std::string labels;
  std::vector<std::string> pictures;
  bool camera = false;
  std::size_t top = 5;
  float mean = 127.5F;
  float std = 127.5F;
};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

float Number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const float value = std::strtof(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) {
    throw UsageError(option + ": '" + text + "' is not a number");
  }
  return value;
}

Options Parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 == arguments.size()) throw UsageError(argument + " needs a value");
      return arguments[++i];
    };
    if (argument == "--camera") {
      options.camera = true;
    } else if (argument == "--labels") {
      options.labels = value();
    } else if (argument == "--top") {
      const float top = Number(argument, value());
      if (top < 1 || top > 1000) throw UsageError("--top: 1 to 1000");
      options.top = static_cast<std::size_t>(top);
    } else if (argument == "--mean") {
      options.mean = Number(argument, value());
    } else if (argument == "--std") {
      options.std = Number(argument, value());
      if (options.std <= 0) throw UsageError("--std: more than 0");
    } else if (argument.size() > 1 && argument[0] == '-') {
      throw UsageError("unknown option " + argument);
    } else if (options.model.empty()) {
      options.model = argument;
    } else {
      options.pictures.push_back(argument);
    }
  }
  if (options.model.empty()) throw UsageError("no model");
  if (options.pictures.empty() && !options.camera) throw UsageError("no picture, and no --camera");
  return options;
}

void Check(const quaver::Status& status, const std::string& what) {
  if (status.ok()) return;
  char text[512];
  status.Format(text, sizeof(text));
  throw std::runtime_error(what + ": " + text);
}

/// Memory at the alignment that models and arenas have.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t size)
      : bytes_(static_cast<std::uint8_t*>(std::aligned_alloc(
                   quaver::kArenaAlignment,
                   (size / quaver::kArenaAlignment + 1) * quaver::kArenaAlignment)),
               &std::free),
        size_(size) {
    if (bytes_ == nullptr) throw std::bad_alloc();
  }
  [[nodiscard]] quaver::Span<std::uint8_t> span() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t, void (*)(void*)> bytes_;
  std::size_t size_;
};

AlignedBytes ReadModel(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) throw std::runtime_error(path + ": cannot be read");
  AlignedBytes bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.span().data()), static_cast<std::streamsize>(size));
  if (!file) throw std::runtime_error(path + ": cannot be read");
  return bytes;
}

std::vector<std::string> ReadLines(const std::string& path) {
  std::vector<std::string> lines;
  if (path.empty()) return lines;
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class Classifier {
 public:
  explicit Classifier(const Options& options)
      : options_(options), model_bytes_(ReadModel(options.model)), arena_(0) {
    auto model = quaver::Model::Load(model_bytes_.span());
    Check(model.status(), options.model);
    const auto arena_bytes = model->ArenaBytes();
    Check(arena_bytes.status(), options.model);
    arena_ = AlignedBytes(*arena_bytes);
    auto session = quaver::Session::Create(*model, arena_.span());
    Check(session.status(), options.model);
    session_ = *session;
    input_ = session_.Input(0);
    output_ = session_.Output(0);
    const int channels = input_.rank == 4 ? input_.shape[3] : 0;
    if (model->InputCount() != 1 || model->OutputCount() != 1 || input_.shape[0] != 1 ||
        (channels != 1 && channels != 3) || Scores(output_).empty()) {
      throw std::runtime_error(options.model +
                               ": takes no single picture [1, height, width, 1 or 3] or gives no "
                               "int8, uint8 or float32 scores; is it an image classifier?");
    }
  }

  [[nodiscard]] int channels() const { return input_.shape[3]; }
  [[nodiscard]] const char* isa() const { return session_.IsaName(); }
  [[nodiscard]] std::size_t arena_bytes() const { return arena_.span().size(); }

  /// Scores, one a class; how long the network took.
  std::vector<float> Run(const Image& picture, double* milliseconds) {
    SetInput(CropAndResize(picture, input_.shape[2], input_.shape[1]));
    const auto begin = std::chrono::steady_clock::now();
    Check(session_.Run(), options_.model);
    *milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return Scores(output_);
  }

 private:
  template <typename T>
  static std::vector<float> Dequantize(const quaver::TensorView& tensor) {
    std::vector<float> values;
    for (const T q : tensor.As<T>()) {
      values.push_back(tensor.Scale() * static_cast<float>(q - tensor.zero_point));
    }
    return values;
  }

  static std::vector<float> Scores(const quaver::TensorView& tensor) {
    switch (tensor.type) {
      case quaver::DataType::kInt8:
        return Dequantize<std::int8_t>(tensor);
      case quaver::DataType::kUInt8:
        return Dequantize<std::uint8_t>(tensor);
      case quaver::DataType::kFloat32: {
        const auto values = tensor.As<float>();
        return {values.begin(), values.end()};
      }
      default:
        return {};
    }
  }

  template <typename T>
  void Quantize(const Image& image) {
    // Each of the 256 pixel values has one quantized value.
    T table[256];
    for (int pixel = 0; pixel < 256; ++pixel) {
      const float real = (static_cast<float>(pixel) - options_.mean) / options_.std;
      const float q = std::round(real / input_.Scale()) + static_cast<float>(input_.zero_point);
      table[pixel] = static_cast<T>(std::clamp(q, static_cast<float>(std::numeric_limits<T>::min()),
                                               static_cast<float>(std::numeric_limits<T>::max())));
    }
    const auto target = input_.As<T>();
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = table[image.pixels[i]];
  }

  void SetInput(const Image& image) {
    switch (input_.type) {
      case quaver::DataType::kInt8:
        return Quantize<std::int8_t>(image);
      case quaver::DataType::kUInt8:
        return Quantize<std::uint8_t>(image);
      case quaver::DataType::kFloat32: {
        const auto target = input_.As<float>();
        for (std::size_t i = 0; i < target.size(); ++i) {
          target[i] = (static_cast<float>(image.pixels[i]) - options_.mean) / options_.std;
        }
        return;
      }
      default:
        throw std::runtime_error(options_.model + ": the input is neither int8, uint8 nor float32");
    }
  }

  const Options& options_;
  AlignedBytes model_bytes_;
  AlignedBytes arena_;
  quaver::Session session_;
  quaver::TensorView input_;
  quaver::TensorView output_;
};

/// Indices of the highest scores, the highest first; of equal ones the lower index.
std::vector<std::size_t> Best(const std::vector<float>& scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  order.resize(count);
  return order;
}

void Classify(const std::string& name, const Image& picture, const Options& options,
              const std::vector<std::string>& labels, Classifier* classifier) {
  double milliseconds = 0;
  const std::vector<float> scores = classifier->Run(picture, &milliseconds);
  std::printf("%s (%d x %d): %.1f ms\n", name.c_str(), picture.width, picture.height, milliseconds);
  for (const std::size_t index : Best(scores, options.top)) {
    const std::string label = index < labels.size() ? labels[index] : std::to_string(index);
    std::printf("  %8.4f  %s\n", static_cast<double>(scores[index]), label.c_str());
  }
}

int Main(const std::vector<std::string>& arguments) {
  const Options options = Parse(arguments);
  const std::vector<std::string> labels = ReadLines(options.labels);
  Classifier classifier(options);
  std::printf("%s: arena %zu bytes, instruction set %s\n", options.model.c_str(),
              classifier.arena_bytes(), classifier.isa());
  int failures = 0;
  for (const std::string& path : options.pictures) {
    try {
      Classify(path, ReadImage(path, classifier.channels()), options, labels, &classifier);
    } catch (const std::runtime_error& error) {  // The other pictures are still worth their time.
      std::fprintf(stderr, "quaver_classify: %s\n", error.what());
      ++failures;
    }
  }
  if (options.camera) {
    Classify("camera", ReadFrame(kCameraCommand, classifier.channels()), options, labels,
             &classifier);
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace classify

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments == std::vector<std::string>{"--help"}) {
    std::fputs(classify::kUsage, stdout);
    return 0;
  }
  try {
    return classify::Main(arguments);
  } catch (const classify::UsageError& error) {
    std::fprintf(stderr, "quaver_classify: %s\n%s", error.what(), classify::kUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quaver_classify: %s\n", error.what());
    return 1;
  }
}
