// Half precision, in which some files store weights.
#ifndef QUAVER_COMPILER_IMPORT_HALF_FLOAT_H_
#define QUAVER_COMPILER_IMPORT_HALF_FLOAT_H_

#include <cstdint>

namespace quaver::compiler {

/// The value of an IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. Exact.
float HalfToFloat(std::uint16_t half);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IMPORT_HALF_FLOAT_H_
