// The head of a session, in its arena before the prepared calls.
#ifndef QUAVER_RUNTIME_SESSION_STATE_H_
#define QUAVER_RUNTIME_SESSION_STATE_H_

#include <cstdint>

#include "kernels/isa.h"
#include "quaver/session.h"
#include "runtime/prepared_call.h"
#include "runtime/tensor_access.h"

namespace quaver {

class SharedRun;

struct SessionState {
  const fb::Model* model;
  std::uint8_t* arena;
  const PreparedCall* first;
  SharedRun* shared;  ///< Null: one thread.
  Isa isa;
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_SESSION_STATE_H_
