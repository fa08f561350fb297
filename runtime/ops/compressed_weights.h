// Weights stored in fewer bytes than one each: a part of the runtime that a build may leave out, as
// operators (ops.inc).
#ifndef QUAVER_RUNTIME_OPS_COMPRESSED_WEIGHTS_H_
#define QUAVER_RUNTIME_OPS_COMPRESSED_WEIGHTS_H_

#include "kernels/expand.h"
#include "runtime/checker.h"

namespace quaver {

class Preparer;

struct CompressedWeightsDefinition {
  /// Checks a tensor whose storage is Compressed and whose shape has been verified: that expanding
  /// it reads nothing but its own bytes, and gives values within int8.
  bool (*verify)(const Checker& checker, const fb::Tensor& tensor);
  /// Makes room for the plain weights, to be used by the kernel (`to_run`) or to be packed, and
  /// expands them there or adds a call that does; null while measuring.
  const std::int8_t* (*expand)(const fb::Model& model, const fb::Tensor& tensor, bool to_run,
                               Preparer* preparer);
};

/// Null where this build has none.
const CompressedWeightsDefinition* FindCompressedWeights();

/// What the kernel takes. Precondition: the tensor has passed Load.
kernels::CompressedWeights ToCompressedWeights(const fb::Model& model, const fb::Tensor& tensor);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_COMPRESSED_WEIGHTS_H_
