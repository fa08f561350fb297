#include "runtime/ops/compressed_weights.h"
#include "runtime/ops/op_definition.h"

namespace quaver {

// The build's part of ops.inc; the whole where the build system does not choose.
#ifdef QUAVER_OPERATORS_INC
#define QUAVER_OPS_LIST QUAVER_OPERATORS_INC
#else
#define QUAVER_OPS_LIST "runtime/ops/ops.inc"
#endif

#define QUAVER_OPERATOR(Name, file) extern const OpDefinition k##Name##Definition;
#define QUAVER_STORAGE(Name, file) extern const Name##Definition k##Name##Definition;
#include QUAVER_OPS_LIST
#undef QUAVER_OPERATOR
#undef QUAVER_STORAGE

namespace {

/// One behind the other, of a type 0 first: a table of pointers would be as large as some of them.
constexpr char kOperatorNames[] =
#include "quaver_operator_names.inc"
    ;

}  // namespace

const OpDefinition* FindOperator(fb::OperatorParams type) {
  switch (type) {
#define QUAVER_OPERATOR(Name, file) \
  case fb::OperatorParams::Name:    \
    return &k##Name##Definition;
#define QUAVER_STORAGE(Name, file)
#include QUAVER_OPS_LIST
#undef QUAVER_OPERATOR
#undef QUAVER_STORAGE
    default:
      return nullptr;
  }
}

const CompressedWeightsDefinition* FindCompressedWeights() {
#define QUAVER_OPERATOR(Name, file)
#define QUAVER_STORAGE(Name, file) return &k##Name##Definition;
#include QUAVER_OPS_LIST
#undef QUAVER_OPERATOR
#undef QUAVER_STORAGE
  // Where there is one, this is behind its return.
  return nullptr;
}

const char* OperatorKind(const fb::Operator& op) {
  if (op.params_type() == fb::OperatorParams::Custom) {
    return static_cast<const fb::Custom*>(op.params())->name()->c_str();
  }
  const char* name = kOperatorNames;
  for (auto left = static_cast<std::uint8_t>(op.params_type()); left > 0 && *name != '\0'; --left) {
    while (*name++ != '\0') {
    }
  }
  return *name == '\0' ? "operator type of a newer format" : name;
}

}  // namespace quaver
