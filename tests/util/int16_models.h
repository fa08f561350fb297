// The sample models of int8 operators made over for those on int16 activations, and Requantize.
#ifndef QUAVER_TESTS_UTIL_INT16_MODELS_H_
#define QUAVER_TESTS_UTIL_INT16_MODELS_H_

#include <cstdint>
#include <vector>

#include "tests/util/model_builder.h"

namespace quaver::testing {

/// Makes operator 0 of a model of int8 one of `kind`, all of whose activations are int16. Params is
/// the type of its parameters.
template <typename Params>
Params& MakeInt16(fb::OperatorParams kind, ModelBuilder* builder) {
  fb::ModelT& model = builder->model();
  for (auto& tensor : model.tensors) {
    if (tensor->storage == fb::Storage::Constant) continue;
    tensor->type = fb::TensorType::Int16;
    tensor->arena_offset *= 2;
  }
  model.banks[0]->bytes *= 2;
  model.operators[0]->params.type = kind;
  return *static_cast<Params*>(model.operators[0]->params.value);
}

/// A layer's biases and output stage.
template <typename Params>
void SetInt16Stage(Params* params) {
  for (std::size_t c = 0; c < params->bias.size(); ++c) {
    const std::int64_t bias = (static_cast<std::int64_t>(c) - 2) * 300000;
    params->bias[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(bias));
    params->bias_high.push_back(static_cast<std::int32_t>(bias >> 32));
    params->output->multiplier[c] = 16384 + 1000 * static_cast<std::int32_t>(c);
    params->output->shift[c] = static_cast<std::int8_t>(-8 - static_cast<int>(c % 3));
  }
  params->output->zero_point = 0;
  params->output->clamp_min = -30000;
  params->output->clamp_max = 32001;
}

/// Of an element-wise operator.
template <typename Params>
void ClearZeroPoints(Params* params) {
  params->zero_point1 = params->zero_point2 = params->output_zero_point = 0;
  params->clamp_min = -31000;
  params->clamp_max = 32002;
}

inline ModelBuilder RequantizeModel() {
  ModelBuilder b;
  const auto input = b.Input({2, 7});
  const auto output = b.Activation({2, 7}, "output", fb::TensorType::Int16);
  fb::RequantizeT p;
  p.input_zero_point = -5;
  p.multiplier = 1500000000;
  p.shift = 7;
  p.negative_multiplier = 1300000000;
  p.negative_shift = 4;
  p.clamp_min = -2000;
  p.clamp_max = 12000;
  b.Operator(fb::OperatorParams::Requantize, {input}, {output}, p, "requantize");
  b.Output(output);
  return b;
}

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_INT16_MODELS_H_
