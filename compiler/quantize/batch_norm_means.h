// What layers see on average, by the batch norms before them: without data.
#ifndef QUAVER_COMPILER_QUANTIZE_BATCH_NORM_MEANS_H_
#define QUAVER_COMPILER_QUANTIZE_BATCH_NORM_MEANS_H_

#include <functional>

#include "compiler/ir/graph.h"
#include "compiler/quantize/patch_statistics.h"

namespace quaver::compiler {

/// The means of the patches of every layer for whose input they are known (Nagel et al., Data-free
/// quantization through weight equalization and bias correction, 2019, section 4.2.1): behind a
/// batch norm, channel c is a normal of mean beta_c and deviation |gamma_c|, so that an activation
/// f behind it has the mean E[f(x)], which is integrated (of ReLU it is that of the clipped
/// normal). Averages, resizes, flattening, concatenation of channels and sums of what is known keep
/// it known. Zeros of the padding do not count. `graph` is float, after RunPasses.
PatchStatistics PatchesFromBatchNorms(const Graph& graph);

/// E[f(x)], x normal; `deviation` may be 0.
double MeanOfNormal(double mean, double deviation, const std::function<double(double)>& f);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_BATCH_NORM_MEANS_H_
