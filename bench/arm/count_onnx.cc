// Runs a network on ONNX Runtime, on one thread, between marks for instruction_counter.cc:
//
//   count_onnx LIBONNXRUNTIME.so NETWORK.onnx RUNS    mark 0, RUNS inferences, mark 1
//
// Prints the library's version.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

#include "bench/arm/mark.h"
#include "bench/peers/onnx_runtime.h"

namespace quaver::bench {
namespace {

void Run(const char* library, const char* network, int runs) {
  OnnxRuntime runtime(library);
  const std::unique_ptr<OnnxRuntime::Session> session = runtime.Load(network, 1);
  // The first run packs weights and plans memory, the second one uses that plan.
  for (int i = 0; i < 2; ++i) session->Run();
  Mark(0);
  for (int i = 0; i < runs; ++i) session->Run();
  Mark(1);
  std::printf("%s\n", runtime.version().c_str());
}

}  // namespace
}  // namespace quaver::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: count_onnx LIBONNXRUNTIME.so NETWORK.onnx RUNS\n");
    return 2;
  }
  try {
    quaver::bench::Run(argv[1], argv[2], std::atoi(argv[3]));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "count_onnx: %s\n", error.what());
    return 1;
  }
}
