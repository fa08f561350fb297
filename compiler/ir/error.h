// How the compiler refuses: one exception with a message for people.
#ifndef QUAVER_COMPILER_IR_ERROR_H_
#define QUAVER_COMPILER_IR_ERROR_H_

#include <stdexcept>
#include <string>

namespace quaver::compiler {

/// what() is one message: what is wrong, where (file, operator, tensor; expected and found), and
/// what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IR_ERROR_H_
