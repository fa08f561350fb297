// Resizing: source indices and weights per output row and column, from TFLite's formulas
// (reference/resize_nearest_neighbor.h, resize_bilinear.h).
#include <algorithm>
#include <cmath>
#include <string>

#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

/// The source index of each output index. Float on purpose: TFLite's scale is one.
std::vector<std::int32_t> NearestIndices(const ResizeOp& op, std::int32_t input,
                                         std::int32_t output) {
  const float scale = op.align_corners && output > 1
                          ? static_cast<float>(input - 1) / static_cast<float>(output - 1)
                          : static_cast<float>(input) / static_cast<float>(output);
  const float offset = op.half_pixel_centers ? 0.5F : 0.0F;
  std::vector<std::int32_t> indices;
  for (std::int32_t i = 0; i < output; ++i) {
    const float position = (static_cast<float>(i) + offset) * scale;
    const float whole = op.align_corners ? std::round(position) : std::floor(position);
    indices.push_back(std::clamp(static_cast<std::int32_t>(whole), 0, input - 1));
  }
  return indices;
}

struct BilinearTable {
  std::vector<std::int32_t> first, second, weight;  // weight of the second, in 1/1024
};

constexpr std::int32_t kOne = 1 << 10;

BilinearTable BilinearIndices(const ResizeOp& op, std::int32_t input, std::int32_t output) {
  const bool align = op.align_corners && output > 1;
  const std::int64_t from = align ? input - 1 : input;
  const std::int64_t to = align ? output - 1 : output;
  const std::int64_t scale = (kOne * from + to / 2) / to;
  BilinearTable table;
  for (std::int64_t i = 0; i < output; ++i) {
    const std::int64_t position =
        op.half_pixel_centers ? i * scale + scale / 2 - kOne / 2 : i * scale;
    // Rounding the scale up can lead one past the last row, which TFLite would read: limited here.
    const std::int64_t first = std::clamp<std::int64_t>(position / kOne, 0, input - 1);
    const std::int64_t second =
        std::clamp<std::int64_t>((position + kOne - 1) / kOne, 0, input - 1);
    table.first.push_back(static_cast<std::int32_t>(first));
    table.second.push_back(static_cast<std::int32_t>(second));
    // Between a row and itself any weight gives the same; positions before the first have theirs.
    table.weight.push_back(first == second ? 0
                                           : static_cast<std::int32_t>(position - kOne * first));
  }
  return table;
}

}  // namespace

void Lower(const ResizeOp& op, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  Int8AffineOf(node, input);
  RequireSameQuantization(node, input, output);
  if (input.shape.size() != 4 || output.shape.size() != 4) {
    Refuse(node, input,
           "expected [N, H, W, C], found " + std::to_string(input.shape.size()) + " dimensions");
  }
  // The tables hold a few numbers for each row and column.
  constexpr std::int32_t kMaxSize = 1 << 16;
  if (output.shape[1] > kMaxSize || output.shape[2] > kMaxSize) {
    Refuse(node, output,
           "is " + std::to_string(output.shape[1]) + " by " + std::to_string(output.shape[2]) +
               "; expected at most " + std::to_string(kMaxSize) + " rows and columns");
  }
  const std::int32_t source = program->Place(node.inputs[0]);
  const std::int32_t target = program->Place(node.outputs[0]);
  if (op.kind == ResizeKind::kNearest) {
    fb::ResizeNearestT params;
    params.source_y = NearestIndices(op, input.shape[1], output.shape[1]);
    params.source_x = NearestIndices(op, input.shape[2], output.shape[2]);
    program->Append(node, fb::OperatorParams::ResizeNearest, std::move(params), {source}, {target});
    return;
  }
  BilinearTable y = BilinearIndices(op, input.shape[1], output.shape[1]);
  BilinearTable x = BilinearIndices(op, input.shape[2], output.shape[2]);
  fb::ResizeBilinearT params;
  params.y0 = std::move(y.first);
  params.y1 = std::move(y.second);
  params.y_weight = std::move(y.weight);
  params.x0 = std::move(x.first);
  params.x1 = std::move(x.second);
  params.x_weight = std::move(x.weight);
  program->Append(node, fb::OperatorParams::ResizeBilinear, std::move(params), {source}, {target});
}

}  // namespace quaver::compiler
