// ONNX models as integer programs: import, compile, run.
#ifndef QUAVER_TESTS_UNIT_ONNX_COMPILED_H_
#define QUAVER_TESTS_UNIT_ONNX_COMPILED_H_

#include <gtest/gtest.h>

#include <vector>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/execute/integer_executor.h"
#include "quaver/quaver.hpp"
#include "tests/unit/onnx_builder.h"

namespace quaver::compiler {

/// As RunNchw, but compiles the graph and runs the program; reals in and out whatever the types.
inline std::vector<Array> RunCompiled(const Graph& graph, const std::vector<Array>& inputs) {
  const CheckedModel compiled(Compile(graph));
  AlignedBytes arena(*compiled.model().ArenaBytes());
  Session session = *Session::Create(compiled.model(), arena.span());
  EXPECT_TRUE(session.SelfTest().ok());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Array& input = inputs[i];
    WriteTensor(session.Input(i), input.dims.size() == 4
                                      ? SwapChannels(input.values, input.dims, true)
                                      : input.values);
  }
  EXPECT_TRUE(session.Run().ok());
  std::vector<Array> outputs;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const auto& shape = graph.tensor(graph.outputs[i]).shape;
    Array output{{shape.begin(), shape.end()}, ReadTensor(session.Output(i))};
    if (shape.size() == 4) {
      output.dims = {shape[0], shape[3], shape[1], shape[2]};
      output.values = SwapChannels(output.values, output.dims, false);
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace quaver::compiler

#endif  // QUAVER_TESTS_UNIT_ONNX_COMPILED_H_
