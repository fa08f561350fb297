#include "compiler/emit/emit.h"

#include "flatbuffers/flatbuffers.h"

namespace quaver::compiler {

std::vector<std::uint8_t> Emit(const fb::ModelT& model) {
  // A FlatBuffer is built from its end, and Finish pads the start so that every alignment holds
  // from the first byte on: with a buffer aligned to 64 inside, the size is a multiple of 64.
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  builder.Finish(fb::Model::Pack(builder, &model), fb::ModelIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace quaver::compiler
