#include <cstdio>

#include "quaver/quaver.hpp"

int main() {
  alignas(quaver::kModelAlignment) static const unsigned char kNotAModel[64] = {};
  const auto model = quaver::Model::Load(kNotAModel);
  char text[256];
  model.status().Format(text, sizeof(text));
  std::puts(text);
  return model.status().code == quaver::StatusCode::kNotAModel ? 0 : 1;
}
