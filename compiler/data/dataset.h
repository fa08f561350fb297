// Data to calibrate and evaluate with, from files: arrays, IDX sets, raw tensors, folders of them.
#ifndef QUAVER_COMPILER_DATA_DATASET_H_
#define QUAVER_COMPILER_DATA_DATASET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"

namespace quaver::compiler {

struct DatasetOptions {
  /// value = element * scale + offset. Unset: 1/255 for uint8 elements (pixels become 0 to 1),
  /// 1 for all others.
  std::optional<float> scale;
  float offset = 0;
  /// At most so many samples, spread evenly over the data (the same ones every time); 0: all.
  std::size_t limit = 0;
};

/// Samples for the inputs of `graph`: one path per input. A path is
///   - a NumPy array, .npy: float32, float64, uint8, int8, int32 or int64, in C order;
///   - an IDX file (the format of MNIST) of uint8, int8, int32, float32 or float64;
///   - a raw file, .bin: row-major float32 of whole samples, or one sample of uint8;
///   - a folder: its .npy, .idx*-ubyte and .bin files in order of their names.
/// Files may be compressed by gzip. Of an array, the first dimension counts samples; the others
/// must be the input's, NHWC or NCHW (NHWC where both fit), dimensions of 1 do not matter, and a
/// sample may also be one flat row in NHWC order.
/// Throws Error: unreadable or damaged files, other types, shapes that do not fit.
std::vector<Sample> LoadSamples(const std::vector<std::string>& paths, const Graph& graph,
                                const DatasetOptions& options = {});

/// Class numbers from an IDX or .npy file with one dimension; `limit` as in DatasetOptions, so that
/// labels and samples stay together. Throws Error as above.
std::vector<std::int32_t> LoadLabels(const std::string& path, std::size_t limit = 0);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_DATA_DATASET_H_
