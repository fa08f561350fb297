#include <cstdio>

#include "quaver/quaver.hpp"

int main() {
  alignas(quaver::kModelAlignment) static const unsigned char kNotAModel[64] = {};
  const auto model = quaver::Model::Load(kNotAModel);
  char text[256];
  model.status().Format(text, sizeof(text));
  std::puts(text);
  // Threads are linked too, where the library has them.
  const auto pool = quaver::ThreadPool::Create(2);
  if (!pool && pool.status().code != quaver::StatusCode::kNoThreads) return 1;
  return model.status().code == quaver::StatusCode::kNotAModel ? 0 : 1;
}
