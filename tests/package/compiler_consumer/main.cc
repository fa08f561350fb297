#include <array>
#include <cstdint>
#include <cstdio>

#include "compiler/compile.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"

int main() {
  const std::array<std::uint8_t, 64> not_a_model = {};
  try {
    const auto model =
        quaver::compiler::Compile(quaver::compiler::ImportTflite(not_a_model, "zeros.tflite"));
    std::printf("compiled %zu bytes from nothing\n", model.size());
  } catch (const quaver::compiler::Error& error) {
    std::puts(error.what());
    return 0;
  }
  return 1;
}
