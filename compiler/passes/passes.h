// Changes to a graph that keep what it computes. Each returns whether it changed anything.
#ifndef QUAVER_COMPILER_PASSES_PASSES_H_
#define QUAVER_COMPILER_PASSES_PASSES_H_

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// Folds a constant zero-valued Pad of H and W into the convolution or depthwise convolution after
/// it (also into max pooling where no padded window could win).
bool FoldPadding(Graph* graph);
/// Folds BatchNorm, and a product, sum or difference with one constant or one per channel, into the
/// float convolution or fully connected layer before it. Elsewhere BatchNorm becomes Mul + Add.
/// Weights on a grid (a float constant with a Quantization, as importers know them) stay on one.
bool FoldBatchNorm(Graph* graph);
/// Fuses ReLU, ReLU6, ReLU-1-1 into the producer where that is exact: float producers, and
/// quantized ones whose scale and zero point the activation keeps.
bool FuseActivations(Graph* graph);
/// Makes a depthwise convolution of a one-channel image the convolution that it is: the same sums,
/// for which there are faster kernels.
bool DepthwiseToConv(Graph* graph);
/// Removes identities: reshapes of constants, quantize to the same scale, transposes that move
/// nothing, slices of everything, repetitions (products with ones) before what broadcasts; merges
/// reshape chains.
bool RemoveIdentities(Graph* graph);
/// Makes the channels of an integer convolution that are the same number whatever the input is
/// their bias alone, with the scale of a neighbour.
bool SimplifyConstantChannels(Graph* graph);
/// Makes float inputs and outputs of a quantized graph the integers that they are inside: removes
/// the Quantize after an input and the Dequantize before an output. Not one of RunPasses.
bool RemoveFloatBorders(Graph* graph);

/// All others, in order, until nothing changes; then RemoveDead and Validate.
void RunPasses(Graph* graph);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PASSES_PASSES_H_
