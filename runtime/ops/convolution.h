// What the convolutions share: a window over an image, constant weights, an output stage.
#ifndef QUAVER_RUNTIME_OPS_CONVOLUTION_H_
#define QUAVER_RUNTIME_OPS_CONVOLUTION_H_

#include "runtime/ops/op_definition.h"
#include "runtime/ops/stage.h"

namespace quaver {

/// Types and ranks: image and output of `type`, constant int8 weights.
bool VerifyConvolutionOperands(OpVerifier* verifier, fb::TensorType type = fb::TensorType::Int8);

// Precondition of the following: VerifyConvolutionOperands.

/// Of a Conv2D: its groups divide the channels.
bool VerifyGroups(OpVerifier* verifier);
/// Of a DepthwiseConv2D: the input's channels divide the output's.
bool VerifyDepthwiseChannels(OpVerifier* verifier);
/// The output's shape; its channels are `channels`.
bool VerifyConvolutionShapes(OpVerifier* verifier, std::int32_t channels);

/// All that ConvolutionParamsOf has but the stage and the scratch. On int8 and on int16.
template <typename T, typename Stage>
void FillConvolutionParams(const OpView& view, const Preparer& preparer,
                           kernels::ConvolutionParamsOf<T, Stage>* convolution);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_CONVOLUTION_H_
