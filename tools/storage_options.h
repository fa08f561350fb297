// --expand: how the file holds weights, an option of what writes .qvr files.
#ifndef QUAVER_TOOLS_STORAGE_OPTIONS_H_
#define QUAVER_TOOLS_STORAGE_OPTIONS_H_

#include <string>

#include "compiler/compile.h"
#include "tools/command.h"

namespace quaver::tools {

/// `value` is what holds where the option is not given.
void AddExpandOption(CLI::App* command, std::string* value);

/// Of "never", "load", "run".
compiler::WeightStorage StorageOf(const std::string& expand);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_STORAGE_OPTIONS_H_
