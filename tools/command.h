// The subcommands. Each Add function, in <name>.cc, declares one and what it runs.
#ifndef QUAVER_TOOLS_COMMAND_H_
#define QUAVER_TOOLS_COMMAND_H_

#include <CLI/CLI.hpp>

namespace quaver::tools {

void AddConvert(CLI::App* app);
void AddQuantize(CLI::App* app);
void AddRun(CLI::App* app);
void AddInspect(CLI::App* app);
void AddBench(CLI::App* app);
void AddEval(CLI::App* app);
void AddCompare(CLI::App* app);
void AddVerify(CLI::App* app);
void AddEmbed(CLI::App* app);
void AddPack(CLI::App* app);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_COMMAND_H_
