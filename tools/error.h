// How a command refuses. Failures of the work itself are compiler::Error (exit code 1).
#ifndef QUAVER_TOOLS_ERROR_H_
#define QUAVER_TOOLS_ERROR_H_

#include <stdexcept>
#include <string>

#include "compiler/ir/error.h"
#include "quaver/status.h"

namespace quaver::tools {

using compiler::Error;

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

/// The command was called in a way that cannot work (exit code 2).
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The status as one line.
std::string Describe(const Status& status);

/// Throws Error "SUBJECT: status" unless the status is ok.
void Check(const Status& status, const std::string& subject);

/// `text` on one line: names out of files may hold anything, so control characters become '?' and
/// line ends "; ".
std::string OneLine(const std::string& text);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_ERROR_H_
