#include "tools/data_options.h"

#include "tools/error.h"

namespace quaver::tools {

void AddDataOptions(CLI::App* command, DataOptions* options) {
  command
      ->add_option("-d,--data", options->data,
                   "Samples: a .npy array, an IDX file (gzipped or not), or a directory of "
                   "them; repeat for each input")
      ->required()
      ->type_name("FILE|DIR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("-n,--samples", options->samples,
                   options->samples == 0 ? "Use at most so many samples (default: all)"
                                         : "Use at most so many samples")
      ->check(CLI::PositiveNumber);
  command->add_option("--input-scale", options->scale,
                      "The model's input is element * scale + offset, as in its training "
                      "(default: 1/255 for uint8 elements, else 1)");
  command->add_option("--input-offset", options->offset, "See --input-scale (default: 0)");
  command
      ->add_option("--threads", options->threads,
                   "Samples that run at the same time (default: one for each CPU)")
      ->check(CLI::Range(1, 1024));
}

void AddReportOption(CLI::App* command, std::string* path) {
  command
      ->add_option("--report", *path,
                   "Write a page with pictures, too: one HTML file that needs nothing else")
      ->type_name("HTML");
}

std::vector<compiler::Sample> LoadSamples(const DataOptions& options,
                                          const compiler::Graph& graph) {
  compiler::DatasetOptions dataset;
  dataset.limit = options.samples;
  dataset.scale = options.scale;
  dataset.offset = options.offset;
  return compiler::LoadSamples(options.data, graph, dataset);
}

void CheckLabels(const std::string& path, std::size_t labels, const DataOptions& options,
                 std::size_t samples) {
  if (labels == samples) return;
  throw Error(path + ": expected a label for each of the " + std::to_string(samples) +
              " samples of " + options.data[0] + ", found " + std::to_string(labels) +
              "; give the labels that belong to the data");
}

}  // namespace quaver::tools
