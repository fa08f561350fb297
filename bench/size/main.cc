// What a firmware calls: load, prepare, run. Only linked, to be weighed.
#include "quaver/quaver.hpp"

extern "C" int quaver_size_entry(const std::uint8_t* model_bytes, std::size_t model_size,
                                 std::uint8_t* arena, std::size_t arena_size) {
  const auto model = quaver::Model::Load({model_bytes, model_size});
  if (!model) return 1;
  auto session = quaver::Session::Create(*model, {arena, arena_size});
  if (!session) return 2;
  return session->Run().ok() ? *static_cast<const std::int8_t*>(session->Output(0).data) : 3;
}
