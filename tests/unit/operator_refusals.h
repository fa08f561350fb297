// Cases of what Load refuses of an operator's tensors and parameters.
#ifndef QUAVER_TESTS_UNIT_OPERATOR_REFUSALS_H_
#define QUAVER_TESTS_UNIT_OPERATOR_REFUSALS_H_

#include "tests/unit/refusal.h"
#include "tests/util/sample_models.h"

namespace quaver::testing {

/// Changes one field of the only operator's parameters.
template <typename P>
std::function<void(fb::ModelT*)> Set(const std::function<void(P*)>& change) {
  return [change](fb::ModelT* m) { change(static_cast<P*>(Op(m).params.value)); };
}

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UNIT_OPERATOR_REFUSALS_H_
