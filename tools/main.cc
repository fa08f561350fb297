// The `quaver` command: one subcommand a file, see command.h.
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "tools/command.h"
#include "tools/error.h"

namespace quaver::tools {
namespace {

constexpr char kDescription[] =
    "Quaver: int8 neural networks on small machines, the same bytes everywhere.\n";

constexpr char kExamples[] =
    "\nExamples:\n"
    "  quaver convert model.tflite -o model.qvr\n"
    "  quaver quantize model.onnx --data train-images-idx3-ubyte.gz -o model.qvr\n"
    "  quaver inspect model.qvr\n"
    "  quaver run model.qvr --input in.bin --output out.bin\n"
    "  quaver compare model.onnx model.qvr --data samples.npy\n"
    "  quaver bench model.qvr --profile\n"
    "  quaver pack model.qvr --target avx512vnni -o packed.qvr\n"
    "\nMODEL is a .qvr, or a .tflite, which is then converted in memory.\n"
    "QUAVER_ISA=scalar (avx2, neon, ...) forces an instruction set.\n"
    "Exit codes: 0 done, 1 it failed, 2 wrong usage.\n";

/// CLI11 writes for `--help` and `--version` what it should; everything else becomes one line.
int Refuse(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::string command = "quaver";
  for (const CLI::App* sub : app.get_subcommands()) command += " " + sub->get_name();
  std::fprintf(stderr, "%s: %s; see: %s --help\n", command.c_str(), OneLine(error.what()).c_str(),
               command.c_str());
  return kExitUsage;
}

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "quaver: %s\n", OneLine(text).c_str());
  return code;
}

/// Where no memory for a std::string may be left.
int FailWithoutMemory() noexcept {
  std::fputs("quaver: out of memory; the model or its data is too large for this machine\n",
             stderr);
  return kExitFailure;
}

/// The results are only there if the standard output took them (a full disk does not).
int FinishOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return 0;
  return Fail(kExitFailure, "cannot write to the standard output; is the disk full?");
}

int Main(int argc, char** argv) {
  CLI::App app(kDescription, "quaver");
  app.footer(kExamples);
  app.set_version_flag("--version", "quaver " QUAVER_VERSION);
  // None is refused below: CLI11 would refuse an unknown one with the words for none.
  app.require_subcommand(0, 1);
  AddConvert(&app);
  AddQuantize(&app);
  AddRun(&app);
  AddInspect(&app);
  AddBench(&app);
  AddEval(&app);
  AddCompare(&app);
  AddVerify(&app);
  AddEmbed(&app);
  AddPack(&app);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      throw UsageError("no command; say what to do: quaver convert, run, ...; see: quaver --help");
    }
    return FinishOutput();
  } catch (const CLI::ParseError& error) {
    return Refuse(app, error);
  } catch (const UsageError& error) {
    return Fail(kExitUsage, error.what());
  } catch (const std::bad_alloc&) {
    return FailWithoutMemory();
  } catch (const std::exception& error) {
    return Fail(kExitFailure, error.what());
  }
}

}  // namespace
}  // namespace quaver::tools

int main(int argc, char** argv) {
  try {
    return quaver::tools::Main(argc, argv);
  } catch (...) {  // Memory ran out before the first option was read, or while naming an error.
    return quaver::tools::FailWithoutMemory();
  }
}
