// One real model on a board: every sample's output equals TensorFlow Lite Micro's, byte for byte,
// and every operator's output has the digest that the host has found. Prints one line of figures.
//
// The model and its samples are linked in (embed.S.in). Samples, little-endian: bytes of an input,
// bytes of an output, number of samples, uint32 each; then each input and its output.
#include <cstdint>
#include <cstring>

#include "platform/bare_metal/boards/board.h"
#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"

extern "C" {
extern const std::uint8_t device_model[], device_model_end[];
extern const std::uint8_t device_samples[], device_samples_end[];
}

namespace quaver::device {
namespace {

using board::Print;
using board::PrintDecimal;

void PrintFigure(const char* name, std::uint64_t value) {
  Print(" ");
  Print(name);
  Print(" ");
  PrintDecimal(value);
}

/// Out of line, as its text would stay on the stack whose peak is measured.
[[gnu::noinline]] void PrintStatus(const Status& status) {
  char text[256];
  status.Format(text, sizeof(text));
  Print(text);
  Print("\n");
}

bool Report(const Status& status) {
  if (!status.ok()) PrintStatus(status);
  return status.ok();
}

class Samples {
 public:
  Samples() : input_bytes_(Read(0)), output_bytes_(Read(1)), count_(Read(2)) {}

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool Fit(const TensorView& input, const TensorView& output) const {
    const std::size_t bytes = kHeader + count_ * (input_bytes_ + output_bytes_);
    return count_ > 0 && input.bytes == input_bytes_ && output.bytes == output_bytes_ &&
           static_cast<std::size_t>(device_samples_end - device_samples) == bytes;
  }
  [[nodiscard]] const std::uint8_t* Input(std::size_t index) const {
    return device_samples + kHeader + index * (input_bytes_ + output_bytes_);
  }
  [[nodiscard]] const std::uint8_t* Output(std::size_t index) const {
    return Input(index) + input_bytes_;
  }

 private:
  static constexpr std::size_t kHeader = 12;

  static std::uint32_t Read(std::size_t index) {
    std::uint32_t value = 0;
    std::memcpy(&value, device_samples + index * sizeof(value), sizeof(value));
    return value;
  }

  std::size_t input_bytes_, output_bytes_, count_;
};

/// Runs all samples; the digest is of all outputs.
bool RunSamples(Session* session, std::uint32_t* digest, std::uint64_t* instructions) {
  const Samples samples;
  const TensorView input = session->Input(0);
  const TensorView output = session->Output(0);
  if (!samples.Fit(input, output)) {
    Print("the samples are not this model's: make both again\n");
    return false;
  }
  for (std::size_t i = 0; i < samples.count(); ++i) {
    std::memcpy(input.data, samples.Input(i), input.bytes);
    const std::uint64_t begin = board::Nanoseconds();
    if (!Report(session->Run())) return false;
    *instructions = board::Nanoseconds() - begin;
    const auto* bytes = static_cast<const std::uint8_t*>(output.data);
    if (std::memcmp(bytes, samples.Output(i), output.bytes) != 0) {
      Print("the output differs from the golden one, sample");
      PrintFigure("", i);
      Print("\n");
      return false;
    }
    *digest = Crc32(*digest, {bytes, output.bytes});
  }
  return true;
}

/// No more than the model is allowed on this board, if anything was said.
bool VerifyRam(std::size_t bytes) {
#ifdef QUAVER_DEVICE_MOST_RAM
  if (bytes > QUAVER_DEVICE_MOST_RAM) {
    Print("more RAM than a fifth less than TensorFlow Lite Micro's:");
    PrintFigure("expected", QUAVER_DEVICE_MOST_RAM);
    PrintFigure("found", bytes);
    Print("\n");
    return false;
  }
#endif
  return bytes > 0;
}

int Main() {
  const auto bytes = static_cast<std::size_t>(device_model_end - device_model);
  const std::uint64_t load_begin = board::Nanoseconds();
  const auto model = Model::Load({device_model, bytes});
  const std::uint64_t load_instructions = board::Nanoseconds() - load_begin;
  if (!Report(model.status())) return 1;
  const auto arena_bytes = model->ArenaBytes();
  if (!Report(arena_bytes.status())) return 1;
  const board::Memory memory = board::FreeMemory();
  if (*arena_bytes > memory.bytes) {
    Print("the arena does not fit into RAM");
    PrintFigure("needed", *arena_bytes);
    PrintFigure("free", memory.bytes);
    Print("\n");
    return 1;
  }
  const std::uint64_t prepare_begin = board::Nanoseconds();
  auto session = Session::Create(*model, {memory.data, *arena_bytes});
  const std::uint64_t prepare_instructions = board::Nanoseconds() - prepare_begin;
  if (!Report(session.status())) return 1;

  std::uint32_t digest = 0;
  std::uint64_t instructions = 0;
  if (!RunSamples(&*session, &digest, &instructions)) return 1;
  const std::size_t stack = board::StackPeakBytes();
  if (!Report(session->SelfTest())) return 1;

  Print("digest " QUAVER_DEVICE_MODEL " ");
  Print(board::Name());
  Print("-");
  Print(session->IsaName());
  Print(" ");
  board::PrintHex(digest);
  Print("\nfigures " QUAVER_DEVICE_MODEL " ");
  Print(board::Name());
  PrintFigure("instructions", instructions);
  PrintFigure("load", load_instructions);
  PrintFigure("prepare", prepare_instructions);
  PrintFigure("arena", *arena_bytes);
  PrintFigure("static", board::StaticBytes());
  PrintFigure("stack", stack);
  Print("\n");
  return VerifyRam(*arena_bytes + board::StaticBytes() + stack) ? 0 : 1;
}

}  // namespace
}  // namespace quaver::device

int main() { return quaver::device::Main(); }
