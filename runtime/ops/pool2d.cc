#include "runtime/ops/pool2d.h"

#include "runtime/limits.h"
#include "runtime/ops/window.h"

namespace quaver {

bool VerifyPoolWindows(OpVerifier* v) {
  if (!(v->InputRank(0, 4) && v->OutputRank(0, 4))) return false;
  const auto& p = v->params<fb::Pool2D>();
  const fb::Tensor& input = v->input(0);
  const WindowDimension height = {Dim(input, 1), p.filter_h(),  p.stride_h(), 1,
                                  p.pad_top(),   p.pad_bottom()};
  const WindowDimension width = {Dim(input, 2), p.filter_w(), p.stride_w(), 1,
                                 p.pad_left(),  p.pad_right()};
  return v->OutputDim(0, 0, "batch", Dim(input, 0)) &&
         v->OutputDim(0, 3, "channels", Dim(input, 3)) && VerifyWindow(v, 1, height) &&
         VerifyWindow(v, 2, width) && VerifyWindowsNotEmpty(v, 1, height) &&
         VerifyWindowsNotEmpty(v, 2, width);
}

bool VerifyPool2D(OpVerifier* v) {
  const auto& p = v->params<fb::Pool2D>();
  return v->Int8Unary() && VerifyPoolWindows(v) &&
         v->InRange("elements of a window", 1, kMaxWindowElements - 1,
                    std::int64_t{p.filter_h()} * p.filter_w()) &&
         v->Clamp(p.clamp_min(), p.clamp_max());
}

template <typename T>
void FillPool2DParams(const OpView& view, const Preparer& preparer,
                      kernels::Pool2DParamsOf<T>* params) {
  const auto& p = view.params<fb::Pool2D>();
  const fb::Tensor& input = view.input(0);
  const fb::Tensor& output = view.output(0);
  params->input = preparer.Input<T>(input);
  params->output = preparer.Output<T>(output);
  params->batch = Dim(input, 0);
  params->input_h = Dim(input, 1);
  params->input_w = Dim(input, 2);
  params->channels = Dim(input, 3);
  params->output_h = Dim(output, 1);
  params->output_w = Dim(output, 2);
  params->filter_h = p.filter_h();
  params->filter_w = p.filter_w();
  params->stride_h = p.stride_h();
  params->stride_w = p.stride_w();
  params->pad_top = p.pad_top();
  params->pad_left = p.pad_left();
  params->clamp_min = p.clamp_min();
  params->clamp_max = p.clamp_max();
}

template void FillPool2DParams(const OpView&, const Preparer&,
                               kernels::Pool2DParamsOf<std::int8_t>*);
template void FillPool2DParams(const OpView&, const Preparer&,
                               kernels::Pool2DParamsOf<std::int16_t>*);

}  // namespace quaver
