// Handwritten digits, recognised by an int8 network in a static arena.
//
//   quaver_mnist                twenty sample digits, drawn in the terminal
//   quaver_mnist --data DIR     also the accuracy on MNIST's 10,000 test digits (IDX files in DIR)
//
// The network is mnist.qvr, compiled in from generated/; README.md tells how it was made.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "digest.h"
#include "digits.h"
#include "generated/mnist.h"
#include "idx.h"
#include "picture.h"
#include "quaver/quaver.hpp"

namespace mnist {
namespace {

// All the memory that the network works in. Its size comes out of `quaver embed`.
alignas(quaver::kArenaAlignment) std::uint8_t arena[MNIST_ARENA_BYTES];

constexpr int kClasses = 10;

struct Answer {
  int digit = 0;
  double confidence = 0;  // 0 to 1
  double microseconds = 0;
};

bool Report(const quaver::Status& status) {
  if (status.ok()) return true;
  char text[256];
  status.Format(text, sizeof(text));
  std::fprintf(stderr, "mnist: %s\n", text);
  return false;
}

bool Fail(const std::string& text) {
  std::fprintf(stderr, "mnist: %s\n", text.c_str());
  return false;
}

class Recognizer {
 public:
  /// False if the model and this program do not fit together; the reason has been printed.
  bool Start() {
    const auto model = quaver::Model::Load({mnist_model, MNIST_MODEL_BYTES});
    if (!Report(model.status())) return false;
    const auto session = quaver::Session::Create(*model, arena);
    if (!Report(session.status())) return false;
    session_ = *session;
    const quaver::TensorView input = session_.Input(0);
    const quaver::TensorView output = session_.Output(0);
    if (input.As<std::int8_t>().size() != kPixels || input.zero_point != -128 ||
        output.As<std::int8_t>().size() != kClasses) {
      return Fail("the model does not take 28x28 pictures; make it again as README.md says");
    }
    return true;
  }

  /// The network was trained on pixel / 255, so its input has scale 1/255 and zero point -128:
  /// the quantized input is the pixel less 128.
  bool Recognize(const std::uint8_t* pixels, Answer* answer) {
    const auto input = session_.Input(0).As<std::int8_t>();
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = static_cast<std::int8_t>(pixels[i] - 128);
    }
    const auto begin = std::chrono::steady_clock::now();
    if (!Report(session_.Run())) return false;
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;

    const quaver::TensorView output = session_.Output(0);
    const auto scores = output.As<std::int8_t>();
    digest_.Add({scores.data(), scores.size()});
    const std::int8_t* best = std::max_element(scores.begin(), scores.end());
    answer->digit = static_cast<int>(best - scores.begin());
    answer->confidence = static_cast<double>(output.Scale()) * (*best - output.zero_point);
    answer->microseconds = time.count();
    return true;
  }

  [[nodiscard]] const char* Isa() const { return session_.IsaName(); }
  [[nodiscard]] std::uint32_t digest() const { return digest_.value(); }

 private:
  quaver::Session session_;
  Digest digest_;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// What stands below a picture: as wide as the picture.
std::string Caption(const Answer& answer, int label, const Terminal& terminal) {
  char text[64];
  const bool right = answer.digit == label;
  if (right) {
    std::snprintf(text, sizeof(text), " %d  %5.1f %%  %.0f us", answer.digit,
                  100 * answer.confidence, answer.microseconds);
  } else {
    std::snprintf(text, sizeof(text), " %d, but it is a %d", answer.digit, label);
  }
  std::string caption = text;
  caption.resize(kDrawn, ' ');
  return Colored(caption, right, terminal);
}

/// Pictures side by side, as many as the terminal is wide.
class Gallery {
 public:
  explicit Gallery(const Terminal& terminal)
      : terminal_(terminal),
        per_row_(std::clamp(terminal.columns / (kDrawn + kGap), 1, kMaxPerRow)) {}

  void Add(const std::uint8_t* pixels, const std::string& caption) {
    std::vector<std::string> lines = Draw(pixels, terminal_);
    lines.push_back(caption);
    if (rows_.empty()) rows_.resize(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      rows_[i] += std::string(kGap, ' ') + lines[i];
    }
    if (++count_ == per_row_) Flush();
  }

  void Flush() {
    for (const std::string& row : rows_) std::printf("%s\n", row.c_str());
    if (!rows_.empty()) std::printf("\n");
    rows_.clear();
    count_ = 0;
  }

 private:
  static constexpr int kGap = 2;
  static constexpr int kMaxPerRow = 5;  // twenty digits in four full rows

  Terminal terminal_;
  int per_row_;
  int count_ = 0;
  std::vector<std::string> rows_;
};

/// Whether every sample digit was read right.
bool ShowSamples(Recognizer* recognizer, const Terminal& terminal) {
  Gallery gallery(terminal);
  std::vector<double> times;
  int right = 0;
  int count = 0;
  for (const SampleDigit& sample : kSampleDigits) {
    Answer answer;
    if (!recognizer->Recognize(sample.pixels, &answer)) return false;
    gallery.Add(sample.pixels, Caption(answer, sample.label, terminal));
    times.push_back(answer.microseconds);
    ++count;
    if (answer.digit == sample.label) ++right;
  }
  gallery.Flush();
  std::printf("%d of %d digits right\n", right, count);
  std::printf("%.1f us per inference (median), instruction set %s\n", Median(times),
              recognizer->Isa());
  std::printf("model %zu bytes, static arena %zu bytes, no other memory\n",
              static_cast<std::size_t>(MNIST_MODEL_BYTES), sizeof(arena));
  return right == count;
}

void ShowProgress(std::size_t done, std::size_t total) {
  constexpr std::size_t kWidth = 40;
  const std::size_t filled = done * kWidth / total;
  std::fprintf(stderr, "\r[%s%s] %zu of %zu", std::string(filled, '#').c_str(),
               std::string(kWidth - filled, '.').c_str(), done, total);
  if (done == total) std::fprintf(stderr, "\r\033[K");
}

/// Runs MNIST's test digits. False if there are none to be read.
bool Evaluate(const std::string& directory, Recognizer* recognizer) {
  Idx images;
  Idx labels;
  std::string error;
  if (!ReadIdx(directory, "t10k-images-idx3-ubyte", &images, &error) ||
      !ReadIdx(directory, "t10k-labels-idx1-ubyte", &labels, &error)) {
    return Fail(error);
  }
  const std::size_t count = labels.elements.size();
  if (images.shape != std::vector<std::size_t>{count, kSide, kSide}) {
    return Fail(directory + ": the images are not 28x28, or not as many as the labels");
  }
  const bool progress = isatty(STDERR_FILENO) == 1;
  std::vector<double> times;
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Answer answer;
    if (!recognizer->Recognize(images.elements.data() + i * kPixels, &answer)) return false;
    if (answer.digit == labels.elements[i]) ++right;
    times.push_back(answer.microseconds);
    if (progress && ((i + 1) % 100 == 0 || i + 1 == count)) ShowProgress(i + 1, count);
  }
  std::printf("test set: %zu of %zu right, %.2f %%, %.1f us per inference (median)\n", right, count,
              100.0 * static_cast<double>(right) / static_cast<double>(count), Median(times));
  return true;
}

int Main(int argc, char** argv) {
  std::string data;
  if (argc == 3 && std::strcmp(argv[1], "--data") == 0) {
    data = argv[2];
  } else if (argc != 1) {
    const bool help = argc == 2 && std::strcmp(argv[1], "--help") == 0;
    std::fprintf(help ? stdout : stderr,
                 "usage: %s [--data DIR]\n"
                 "  --data DIR  also evaluate t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte\n",
                 argv[0]);
    return help ? 0 : 2;
  }
  const Terminal terminal = DetectTerminal();
  Recognizer recognizer;
  if (!recognizer.Start()) return 1;
  bool good = ShowSamples(&recognizer, terminal);
  if (!data.empty()) good = Evaluate(data, &recognizer) && good;
  std::printf("digest of all outputs: %08x\n", recognizer.digest());
  return good ? 0 : 1;
}

}  // namespace
}  // namespace mnist

int main(int argc, char** argv) { return mnist::Main(argc, argv); }
