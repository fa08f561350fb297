// What weights and biases of one layer become, given the data that the layer sees.
#ifndef QUAVER_COMPILER_QUANTIZE_ADAPT_H_
#define QUAVER_COMPILER_QUANTIZE_ADAPT_H_

#include <vector>

#include "compiler/quantize/layers.h"
#include "compiler/quantize/patch_statistics.h"

namespace quaver::compiler {

/// Rounds the weights of `layer`, whose scales stay, so that the layer's outputs move least: of the
/// squared error e^T H e of a channel, e = w - s q and H the covariance of the patches, nearest
/// rounding sees only the diagonal. The weights are rounded one by one, and what each errs by is
/// made good by those that are still free, as far as they see the same: e_i / U_ii * U_ij is taken
/// from w_j, U the upper Cholesky factor of H^-1 (Frantar et al., GPTQ, 2022; a relative of
/// AdaRound, Nagel et al., 2020, of the same objective). A channel for which this is no better
/// keeps its nearest rounding, and so does a layer whose weights are chosen as vectors. The mean of
/// the error is left to CorrectBias. Needs products.
void AdaptRounding(const FloatLayer& original, const std::vector<PatchMoments>& patches,
                   QuantizedLayer* layer);

/// Adds to the bias what the integer layer's outputs lack on average: w . mean(x) + b of the float
/// network minus the same of the integer one (Nagel et al., 2019, section 4.2). `expected` are the
/// patches of the float network, `found` those that the integer layer sees: the same where only
/// the error of this layer's weights is to be corrected.
void CorrectBias(const FloatLayer& original, const std::vector<PatchMoments>& expected,
                 const std::vector<PatchMoments>& found, float input_scale, QuantizedLayer* layer);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_ADAPT_H_
