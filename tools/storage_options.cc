#include "tools/storage_options.h"

#include <vector>

namespace quaver::tools {

void AddExpandOption(CLI::App* command, std::string* value) {
  command
      ->add_option("--expand", *value,
                   "Store weights that take few values, or many zeros, in fewer bits, and expand "
                   "them to int8 once, when a session is created (load), or while their operator "
                   "runs (run: less RAM, slower; on CPUs whose kernels take plain weights); never: "
                   "store int8")
      ->check(CLI::IsMember(std::vector<std::string>{"load", "run", "never"}));
}

compiler::WeightStorage StorageOf(const std::string& expand) {
  if (expand == "load") return compiler::WeightStorage::kExpandAtLoad;
  if (expand == "run") return compiler::WeightStorage::kExpandAtRun;
  return compiler::WeightStorage::kPlain;
}

}  // namespace quaver::tools
