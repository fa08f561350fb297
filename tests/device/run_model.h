// One model on a board: every sample's output is as the samples say, and every operator's output
// has the digest that the host has found. Prints one line of figures.
#ifndef QUAVER_TESTS_DEVICE_RUN_MODEL_H_
#define QUAVER_TESTS_DEVICE_RUN_MODEL_H_

#include <cstdint>

#include "platform/bare_metal/boards/board.h"
#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"

extern "C" {
// Linked in (embed.S.in).
extern const std::uint8_t device_model[], device_model_end[];
}

namespace quaver::device {

using board::Print;
using board::PrintDecimal;

inline void PrintFigure(const char* name, std::uint64_t value) {
  Print(" ");
  Print(name);
  Print(" ");
  PrintDecimal(value);
}

/// Out of line, as its text would stay on the stack whose peak is measured.
[[gnu::noinline]] inline void PrintStatus(const Status& status) {
  char text[256];
  status.Format(text, sizeof(text));
  Print(text);
  Print("\n");
}

inline bool Report(const Status& status) {
  if (!status.ok()) PrintStatus(status);
  return status.ok();
}

/// Runs all samples; the digest is of all outputs. Samples has
///   count()                 of samples,
///   Fit(input, output)      whether they are this model's,
///   Write(index, input)     sets the input,
///   Verify(index, output)   whether the output is right.
template <typename Samples>
bool RunSamples(Session* session, std::uint32_t* digest, std::uint64_t* instructions) {
  const Samples samples;
  const TensorView input = session->Input(0);
  const TensorView output = session->Output(0);
  if (!samples.Fit(input, output)) {
    Print("the samples are not this model's: make both again\n");
    return false;
  }
  for (std::size_t i = 0; i < samples.count(); ++i) {
    samples.Write(i, input);
    const std::uint64_t begin = board::Nanoseconds();
    if (!Report(session->Run())) return false;
    *instructions = board::Nanoseconds() - begin;
    if (!samples.Verify(i, output)) {
      Print("the output is not what it should be, sample");
      PrintFigure("", i);
      Print("\n");
      return false;
    }
    *digest = Crc32(*digest, {static_cast<const std::uint8_t*>(output.data), output.bytes});
  }
  return true;
}

/// No more than the model is allowed on this board, if anything was said.
inline bool VerifyRam(std::size_t bytes) {
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

template <typename Samples>
int RunModel() {
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
  if (!RunSamples<Samples>(&*session, &digest, &instructions)) return 1;
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

}  // namespace quaver::device

#endif  // QUAVER_TESTS_DEVICE_RUN_MODEL_H_
