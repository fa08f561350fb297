// Quaver, the C++17 API.
//
//   auto model = quaver::Model::Load(bytes);             // verifies, copies nothing
//   if (!model) { char text[256]; model.status().Format(text, sizeof(text)); ... }
//   alignas(quaver::kArenaAlignment) static uint8_t arena[MODEL_ARENA_BYTES];
//   auto session = quaver::Session::Create(*model, arena);
//   std::memcpy(session->Input(0).data, pixels, session->Input(0).bytes);
//   session->Run();
//   auto scores = session->Output(0).As<int8_t>();
#ifndef QUAVER_QUAVER_HPP_
#define QUAVER_QUAVER_HPP_

#include "quaver/model.h"
#include "quaver/session.h"
#include "quaver/span.h"
#include "quaver/status.h"
#include "quaver/tensor.h"
#include "quaver/thread_pool.h"

#endif  // QUAVER_QUAVER_HPP_
