// What the element-wise operators of two inputs share.
#ifndef QUAVER_RUNTIME_OPS_BROADCAST_H_
#define QUAVER_RUNTIME_OPS_BROADCAST_H_

#include "runtime/ops/op_definition.h"

namespace quaver {

/// Types, and an iteration space that stays inside both inputs and covers the output once.
bool VerifyBroadcast(OpVerifier* verifier, const fb::Broadcast& broadcast,
                     fb::TensorType type = fb::TensorType::Int8);

/// Whether `input` (0 or 1) is read in the order in which the output is written, so that the output
/// may replace it.
bool BroadcastInPlace(const fb::Broadcast& broadcast, std::int32_t input);

/// T is int8 or int16.
template <typename T>
void FillBroadcastParams(const OpView& view, const fb::Broadcast& broadcast,
                         const Preparer& preparer, kernels::BroadcastParamsOf<T>* params);

// Add and Sub.
bool VerifyAddSub(OpVerifier* verifier);
bool AddSubInPlace(const OpView& view, std::int32_t input);
/// Whether element i of `input` is needed for element i of the output only.
bool AddSubTakesTiles(const OpView& view, std::int32_t input);
template <typename T>
void FillAddSubParams(const OpView& view, const Preparer& preparer,
                      kernels::AddSubParamsOf<T>* params);

template <typename Params>
void PrepareAddSub(const OpView& view, Preparer* preparer) {
  Params params{};
  FillAddSubParams<std::int8_t>(view, *preparer, &params);
  preparer->CallOnTiles(view, params);
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_BROADCAST_H_
