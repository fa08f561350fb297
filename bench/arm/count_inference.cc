// Runs a model between marks for instruction_counter.cc; natively the marks do nothing.
//
//   count_inference MODEL.qvr RUNS     mark 0, RUNS inferences, mark 1
//   count_inference MODEL.qvr          mark 0, one inference with a mark after each operator: its
//                                      number; prints each operator's kind, kernel and name
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bench/arm/mark.h"
#include "platform/file.h"
#include "quaver/quaver.hpp"

namespace quaver {
namespace {

using bench::Mark;

bool Report(const Status& status) {
  if (status.ok()) return true;
  char text[512];
  static_cast<void>(status.Format(text, sizeof(text)));
  std::fprintf(stderr, "count_inference: %s\n", text);
  return false;
}

void MarkOperator(void* /*context*/, const Session& /*session*/, const OperatorEvent& event) {
  Mark(static_cast<std::intptr_t>(event.index) + 1);
  std::printf("%zu %s %s %s\n", event.index + 1, event.kind, event.kernel, event.name);
  // The time that printing takes belongs to no operator.
  Mark(0);
}

bool Run(const char* path, int runs) {
  platform::MappedFile file;
  if (!file.Map(path)) {
    std::perror(path);
    return false;
  }
  const Result<Model> model = Model::Load(file.bytes());
  if (!Report(model.status())) return false;
  const Result<std::size_t> bytes = model->ArenaBytes();
  if (!Report(bytes.status())) return false;
  std::vector<std::uint8_t> memory(*bytes + kArenaAlignment);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  const std::size_t offset = (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
  Result<Session> session = Session::Create(*model, {memory.data() + offset, *bytes});
  if (!Report(session.status())) return false;
  for (std::size_t i = 0; i < model->InputCount(); ++i) {
    const TensorView input = session->Input(i);
    auto* data = static_cast<std::uint8_t*>(input.data);
    for (std::size_t k = 0; k < input.bytes; ++k) data[k] = static_cast<std::uint8_t>(k * 37U);
  }
  if (!Report(session->Run())) return false;
  Mark(0);
  if (runs == 0) return Report(session->Run(&MarkOperator, nullptr));
  for (int i = 0; i < runs; ++i) static_cast<void>(session->Run());
  Mark(1);
  std::printf("%s\n", session->IsaName());
  return true;
}

}  // namespace
}  // namespace quaver

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: count_inference MODEL.qvr [RUNS]\n");
    return 2;
  }
  return quaver::Run(argv[1], argc > 2 ? std::atoi(argv[2]) : 0) ? 0 : 1;
}
