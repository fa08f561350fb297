// What the two resizes share.
#ifndef QUAVER_RUNTIME_OPS_RESIZE_H_
#define QUAVER_RUNTIME_OPS_RESIZE_H_

#include "runtime/ops/op_definition.h"

namespace quaver {

/// One input and output, int8, NHWC, of equal batch and channels.
bool VerifyResize(OpVerifier* verifier);

/// One entry for each index of output `dimension` (1 height, 2 width), in [0, limit].
bool VerifyResizeTable(OpVerifier* verifier, const char* what, const Int32Vector& table,
                       std::int32_t dimension, std::int32_t limit);

template <typename Params>
void FillResizeParams(const OpView& view, const Preparer& preparer, Params* params) {
  const fb::Tensor& input = view.input(0);
  const fb::Tensor& output = view.output(0);
  params->input = preparer.Input(input);
  params->output = preparer.Output(output);
  params->batch = Dim(input, 0);
  params->input_h = Dim(input, 1);
  params->input_w = Dim(input, 2);
  params->output_h = Dim(output, 1);
  params->output_w = Dim(output, 2);
  params->channels = Dim(input, 3);
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_RESIZE_H_
