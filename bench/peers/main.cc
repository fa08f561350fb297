// Quaver beside ONNX Runtime: the same networks, in one run, taking turns, so that whatever
// disturbs the machine disturbs both. Prints medians and ratios; --json for machines.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/peers/onnx_runtime.h"
#include "compiler/compile.h"
#include "compiler/import/import.h"
#include "quaver/quaver.hpp"

namespace quaver::bench {
namespace {

struct Options {
  std::string models;
  std::string mnist;
  std::string onnx;
  std::string library;
  std::string json;
  std::vector<std::string> networks = {
      "pretrainedResnet_quant",       "kws_ref_model", "vww_96_int8", "ad01_int8", "person_detect",
      "tf2_mobilenet_v2_1.0_224_ptq", "mnist"};
  int rounds = 50;
  double batch_milliseconds = 5;
};

std::vector<std::uint8_t> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Check(const Status& status) {
  if (status.ok()) return;
  char text[512];
  status.Format(text, sizeof(text));
  throw std::runtime_error(text);
}

struct AlignedDelete {
  void operator()(std::uint8_t* bytes) const {
    operator delete[](bytes, std::align_val_t{kArenaAlignment});
  }
};
using AlignedBytes = std::unique_ptr<std::uint8_t[], AlignedDelete>;

AlignedBytes Allocate(std::size_t size) {
  return AlignedBytes(new (std::align_val_t{kArenaAlignment}) std::uint8_t[size]);
}

/// A model and its session, with random inputs.
class Quaver {
 public:
  explicit Quaver(const std::vector<std::uint8_t>& file) : model_bytes_(Allocate(file.size())) {
    std::copy(file.begin(), file.end(), model_bytes_.get());
    auto model = Model::Load({model_bytes_.get(), file.size()});
    Check(model.status());
    auto bytes = model->ArenaBytes();
    Check(bytes.status());
    arena_ = Allocate(*bytes);
    auto session = Session::Create(*model, {arena_.get(), *bytes});
    Check(session.status());
    session_ = *session;
    std::minstd_rand random;
    for (std::size_t i = 0; i < model->InputCount(); ++i) {
      const TensorView input = session_.Input(i);
      auto* codes = static_cast<std::uint8_t*>(input.data);
      std::generate(codes, codes + input.bytes,
                    [&random] { return static_cast<std::uint8_t>(random()); });
    }
  }

  void Run() { Check(session_.Run()); }
  [[nodiscard]] const char* isa() const { return session_.IsaName(); }

 private:
  AlignedBytes model_bytes_;
  AlignedBytes arena_;
  Session session_;
};

using Clock = std::chrono::steady_clock;

double MicrosecondsPerRun(const std::function<void()>& run, int runs) {
  const auto start = Clock::now();
  for (int i = 0; i < runs; ++i) run();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / runs;
}

/// One contender's times: each round's mean of a batch.
struct Contender {
  std::function<void()> run;
  int batch = 1;
  std::vector<double> times = {};

  void Prepare(double milliseconds) {
    MicrosecondsPerRun(run, 3);
    batch = std::max(1, static_cast<int>(milliseconds * 1000 / MicrosecondsPerRun(run, 3)));
  }
  [[nodiscard]] double Median() const {
    std::vector<double> sorted = times;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  [[nodiscard]] double Best() const { return *std::min_element(times.begin(), times.end()); }
};

std::vector<std::uint8_t> LoadNetwork(const Options& options, const std::string& name) {
  if (name == "mnist") return ReadFile(options.mnist);
  const std::string path = options.models + "/" + name + ".tflite";
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  return compiler::Compile(compiler::ImportTflite(bytes, path));
}

nlohmann::json Compare(const Options& options, OnnxRuntime* peer, const std::string& name) {
  Quaver ours(LoadNetwork(options, name));
  auto theirs = peer->Load(options.onnx + "/" + name + ".onnx", 1);
  Contender contenders[] = {{[&] { ours.Run(); }}, {[&] { theirs->Run(); }}};
  for (Contender& contender : contenders) contender.Prepare(options.batch_milliseconds);
  for (int round = 0; round < options.rounds; ++round) {
    for (Contender& c : contenders) c.times.push_back(MicrosecondsPerRun(c.run, c.batch));
  }
  const auto& [quaver, onnxruntime] = contenders;
  std::printf("%-30s %10.1f %10.1f %8.2f   %10.1f %10.1f\n", name.c_str(), quaver.Median(),
              onnxruntime.Median(), onnxruntime.Median() / quaver.Median(), quaver.Best(),
              onnxruntime.Best());
  std::fflush(stdout);
  return {{"network", name},
          {"isa", ours.isa()},
          {"quaver_median_us", quaver.Median()},
          {"quaver_min_us", quaver.Best()},
          {"onnxruntime_median_us", onnxruntime.Median()},
          {"onnxruntime_min_us", onnxruntime.Best()},
          {"ratio", onnxruntime.Median() / quaver.Median()}};
}

void RunAll(const Options& options) {
  OnnxRuntime peer(options.library);
  std::printf("one thread, microseconds; ratio: ONNX Runtime %s / Quaver, by medians\n",
              peer.version().c_str());
  std::printf("%-30s %10s %10s %8s   %10s %10s\n", "network", "Quaver", "ORT", "ratio", "min",
              "ORT min");
  nlohmann::json results = nlohmann::json::array();
  for (const std::string& name : options.networks) results.push_back(Compare(options, &peer, name));
  if (options.json.empty()) return;
  std::ofstream(options.json) << nlohmann::json{{"onnxruntime", peer.version()},
                                                {"threads", 1},
                                                {"rounds", options.rounds},
                                                {"networks", results}}
                                     .dump(2)
                              << "\n";
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Quaver beside ONNX Runtime, one thread, in one run");
  app.add_option("--models", options.models, "Folder with the .tflite models")->required();
  app.add_option("--mnist", options.mnist, "mnist.qvr")->required();
  app.add_option("--onnx", options.onnx, "Folder that networks.py has written")->required();
  app.add_option("--onnxruntime", options.library, "libonnxruntime.so")->required();
  app.add_option("--networks", options.networks, "Only these");
  app.add_option("--rounds", options.rounds, "Turns of each")->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "Write the figures here");
  CLI11_PARSE(app, argc, argv);
  RunAll(options);
  return 0;
}

}  // namespace
}  // namespace quaver::bench

int main(int argc, char** argv) {
  try {
    return quaver::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_peers: %s\n", error.what());
    return 1;
  }
}
