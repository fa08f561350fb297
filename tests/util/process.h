// Runs a program and keeps what it said.
#ifndef QUAVER_TESTS_UTIL_PROCESS_H_
#define QUAVER_TESTS_UTIL_PROCESS_H_

#include <string>
#include <vector>

namespace quaver::testing {

struct ProcessResult {
  int exit_code = -1;  ///< -1: ended by a signal.
  std::string out;
  std::string err;
};

/// Runs `arguments[0]` without a shell, to its end. `environment`: NAME=VALUE, added to ours.
ProcessResult RunProcess(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment = {});

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_PROCESS_H_
