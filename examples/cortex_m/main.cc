// Handwritten digits, recognised on a microcontroller: the network of ../mnist, byte for byte, in a
// static arena. There is no operating system, no heap and no floating point; the console, the clock
// and the memory figures are those of the QEMU boards in platform/bare_metal/boards.
#include <algorithm>
#include <cstdint>

#include "digest.h"
#include "digits.h"
#include "generated/mnist.h"
#include "platform/bare_metal/boards/board.h"
#include "quaver/quaver.hpp"

namespace mnist {
namespace {

using quaver::board::Print;
using quaver::board::PrintDecimal;

/// All the memory that the network works in. Its size comes out of `quaver embed`.
alignas(quaver::kArenaAlignment) std::uint8_t arena[MNIST_ARENA_BYTES];

constexpr int kSide = 28;
constexpr int kClasses = 10;

bool Report(const quaver::Status& status) {
  if (status.ok()) return true;
  char text[256];
  status.Format(text, sizeof(text));
  Print("mnist: ");
  Print(text);
  Print("\n");
  return false;
}

/// Half as many rows as columns: characters are twice as high as wide.
void Draw(const std::uint8_t* pixels) {
  constexpr char kShades[] = " .:+#";
  for (int y = 4; y < kSide - 4; y += 2) {
    char line[kSide + 2] = {};
    for (int x = 0; x < kSide; ++x) {
      const int grey = (pixels[y * kSide + x] + pixels[(y + 1) * kSide + x]) / 2;
      line[x] = kShades[grey * 4 / 255];
    }
    line[kSide] = '\n';
    Print(line);
  }
}

/// One digit through the network. False if it was not recognised.
bool Recognize(const SampleDigit& sample, quaver::Session* session, Digest* digest) {
  const auto input = session->Input(0).As<std::int8_t>();
  // The input has scale 1/255 and zero point -128, so that a pixel's quantized value is itself less
  // 128.
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<std::int8_t>(sample.pixels[i] - 128);
  }
  const std::uint64_t begin = quaver::board::Nanoseconds();
  if (!Report(session->Run())) return false;
  const std::uint64_t instructions = quaver::board::Nanoseconds() - begin;

  const auto scores = session->Output(0).As<std::int8_t>();
  digest->Add({scores.data(), scores.size()});
  const std::int8_t* best = std::max_element(scores.begin(), scores.end());
  const int digit = static_cast<int>(best - scores.begin());
  Print("a ");
  PrintDecimal(sample.label);
  Print(", read as ");
  PrintDecimal(static_cast<unsigned>(digit));
  Print(" with ");
  // The output has scale 1/256 and zero point -128.
  PrintDecimal(static_cast<unsigned>((*best + 128) * 100 / 256));
  Print(" %, ");
  PrintDecimal(instructions);
  Print(" instructions\n");
  return digit == sample.label;
}

bool Start(quaver::Session* session) {
  const auto model = quaver::Model::Load({mnist_model, MNIST_MODEL_BYTES});
  if (!Report(model.status())) return false;
  const std::uint64_t begin = quaver::board::Nanoseconds();
  const auto prepared = quaver::Session::Create(*model, arena);
  const std::uint64_t instructions = quaver::board::Nanoseconds() - begin;
  if (!Report(prepared.status())) return false;
  *session = *prepared;
  if (session->Input(0).bytes != kSide * kSide || session->Output(0).bytes != kClasses) {
    Print("mnist: the model does not take 28x28 pictures\n");
    return false;
  }
  Print(quaver::board::Name());
  Print(", kernels for ");
  Print(session->IsaName());
  Print("; session prepared in ");
  PrintDecimal(instructions);
  Print(" instructions\n");
  return true;
}

void PrintMemory() {
  Print("model ");
  PrintDecimal(MNIST_MODEL_BYTES);
  Print(" bytes of ROM; RAM: arena ");
  PrintDecimal(sizeof(arena));
  Print(", other variables ");
  PrintDecimal(quaver::board::StaticBytes() - sizeof(arena));
  Print(", stack ");
  PrintDecimal(quaver::board::StackPeakBytes());
  Print(" bytes\n");
}

int Main() {
  quaver::Session session;
  if (!Start(&session)) return 1;
  Digest digest;
  unsigned right = 0;
  unsigned count = 0;
  int last_label = -1;
  for (const SampleDigit& sample : kSampleDigits) {
    if (sample.label != last_label) Draw(sample.pixels);  // the first of each kind
    last_label = sample.label;
    if (Recognize(sample, &session, &digest)) ++right;
    ++count;
  }
  PrintDecimal(right);
  Print(" of ");
  PrintDecimal(count);
  Print(" digits right\n");
  PrintMemory();
  Print("digest of all outputs: ");
  quaver::board::PrintHex(digest.value());
  Print("\n");
  return right == count ? 0 : 1;
}

}  // namespace
}  // namespace mnist

int main() { return mnist::Main(); }
