#include "compiler/data/dataset.h"

#include <algorithm>
#include <filesystem>

#include "compiler/data/array_file.h"
#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

using Dims = std::vector<std::int64_t>;

Dims WithoutUnits(const Dims& dims) {
  Dims kept;
  for (std::int64_t dim : dims) {
    if (dim != 1) kept.push_back(dim);
  }
  return kept;
}

std::string DimsString(const Dims& dims) { return ShapeString(Shape(dims.begin(), dims.end())); }

std::int64_t Product(const Dims& dims) {
  std::int64_t product = 1;
  for (std::int64_t dim : dims) product *= dim;
  return product;
}

bool HasSuffix(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

// Without the ending of a compressed file.
std::string PlainName(const std::string& path) {
  return HasSuffix(path, ".gz") ? path.substr(0, path.size() - 3) : path;
}

// The shape of one row of the data, one entry of the input's batch: [H, W, C] of an image.
Dims RowDims(const Tensor& input) {
  const Shape& shape = input.shape;
  if (shape.size() < 2) return Dims(shape.begin(), shape.end());
  return Dims(shape.begin() + 1, shape.end());
}

// How an array's rows become rows of the input.
struct Layout {
  std::int64_t rows = 0;
  bool channels_first = false;
};

// Whether `dims` is one row of the input; sets `channels_first`.
bool MatchRow(const Dims& dims, const Dims& row, bool* channels_first) {
  *channels_first = false;
  const Dims found = WithoutUnits(dims);
  if (found == WithoutUnits(row) || found == WithoutUnits({Product(row)})) return true;
  if (row.size() != 3) return false;
  *channels_first = true;
  return found == WithoutUnits({row[2], row[0], row[1]});
}

Layout MatchArray(const ArrayFile& array, const Tensor& input, const std::string& path) {
  const Dims row = RowDims(input);
  Layout layout;
  if (!array.dims.empty()) {
    layout.rows = array.dims[0];
    if (MatchRow(Dims(array.dims.begin() + 1, array.dims.end()), row, &layout.channels_first)) {
      return layout;
    }
  }
  layout.rows = 1;
  if (MatchRow(array.dims, row, &layout.channels_first)) return layout;
  Dims expected = row;
  expected.insert(expected.begin(), array.dims.empty() ? 1 : array.dims[0]);
  throw Error(path + ": has shape " + DimsString(array.dims) + ", but input '" + input.name +
              "' of the model needs " + DimsString(expected) +
              (row.size() == 3 ? " (NHWC, or the same as NCHW)" : "") +
              "; resize or reshape the data");
}

ArrayFile LoadArray(const std::string& path, const Tensor& input) {
  std::vector<std::uint8_t> bytes = ReadFile(path);
  if (IsNpy(bytes)) return ParseNpy(bytes, path);
  const bool raw = HasSuffix(PlainName(path), ".bin");
  if (!raw && IsIdx(bytes)) return ParseIdx(bytes, path);
  if (!raw) {
    throw Error(path +
                ": is neither a NumPy array (.npy), an IDX file nor raw floats (.bin); "
                "convert it, for example with numpy.save");
  }
  const Dims row = RowDims(input);
  const auto elements = static_cast<std::size_t>(Product(row));
  ArrayFile array;
  array.type = bytes.size() == elements ? ElementType::kUInt8 : ElementType::kFloat32;
  const std::size_t row_bytes = elements * ElementBytes(array.type);
  if (bytes.empty() || bytes.size() % row_bytes != 0) {
    throw Error(path + ": has " + std::to_string(bytes.size()) + " bytes, but a sample of input '" +
                input.name + "' " + DimsString(row) + " has " + std::to_string(elements) +
                " as uint8 or " + std::to_string(elements * 4) + " as float32");
  }
  array.dims = row;
  array.dims.insert(array.dims.begin(), static_cast<std::int64_t>(bytes.size() / row_bytes));
  array.bytes = std::move(bytes);
  return array;
}

// Element `i` of an NHWC row in a row that may be NCHW.
std::size_t SourceElement(std::size_t i, const Dims& row, bool channels_first) {
  if (!channels_first) return i;
  const auto pixels = static_cast<std::size_t>(row[0] * row[1]);
  const auto channels = static_cast<std::size_t>(row[2]);
  return i % channels * pixels + i / channels;
}

// The samples `chosen` (numbers within the array) as floats, appended to `samples`.
void AppendSamples(const ArrayFile& array, const Layout& layout, const Tensor& input,
                   const DatasetOptions& options, const std::vector<std::size_t>& chosen,
                   std::vector<std::vector<float>>* samples) {
  const Dims row = RowDims(input);
  const auto row_elements = static_cast<std::size_t>(Product(row));
  const auto elements = static_cast<std::size_t>(input.elements());
  const float scale = options.scale.value_or(array.type == ElementType::kUInt8 ? 1.0F / 255 : 1.0F);
  for (std::size_t sample : chosen) {
    std::vector<float> values(elements);
    for (std::size_t i = 0; i < elements; ++i) {
      const std::size_t at = sample * elements + i / row_elements * row_elements +
                             SourceElement(i % row_elements, row, layout.channels_first);
      values[i] = static_cast<float>(ElementAt(array, at)) * scale + options.offset;
    }
    samples->push_back(std::move(values));
  }
}

// `limit` of `total`, spread evenly; all of them if limit is 0.
std::vector<std::size_t> Spread(std::size_t total, std::size_t limit) {
  const std::size_t count = limit == 0 ? total : std::min(limit, total);
  std::vector<std::size_t> chosen(count);
  for (std::size_t i = 0; i < count; ++i) chosen[i] = i * total / count;
  return chosen;
}

std::vector<std::string> FilesOf(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    const std::string name = PlainName(entry.path().filename().string());
    if (HasSuffix(name, ".npy") || HasSuffix(name, ".bin") || HasSuffix(name, "-ubyte")) {
      files.push_back(entry.path().string());
    }
  }
  if (error) throw Error(path + ": cannot be read (" + error.message() + ")");
  if (files.empty()) {
    throw Error(path +
                ": holds no .npy, IDX (-ubyte) or .bin files; convert the data, for example "
                "with numpy.save");
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t SampleCount(const Layout& layout, const Tensor& input, const std::string& path) {
  const std::int64_t batch = input.shape.size() < 2 ? 1 : input.shape[0];
  if (layout.rows % batch != 0) {
    throw Error(path + ": has " + std::to_string(layout.rows) + " rows, but input '" + input.name +
                "' takes " + std::to_string(batch) + " at a time");
  }
  return static_cast<std::size_t>(layout.rows / batch);
}

std::vector<std::vector<float>> LoadInput(const std::string& path, const Tensor& input,
                                          const DatasetOptions& options) {
  std::vector<std::vector<float>> samples;
  const std::vector<std::string> files = FilesOf(path);
  // In a folder the limit spreads over the files, in a file over its rows.
  const std::size_t file_limit = files.size() > 1 ? options.limit : 0;
  for (std::size_t f : Spread(files.size(), file_limit)) {
    const ArrayFile array = LoadArray(files[f], input);
    const Layout layout = MatchArray(array, input, files[f]);
    const std::size_t count = SampleCount(layout, input, files[f]);
    AppendSamples(array, layout, input, options, Spread(count, options.limit), &samples);
  }
  if (options.limit != 0 && samples.size() > options.limit) {
    std::vector<std::vector<float>> kept;
    for (std::size_t i : Spread(samples.size(), options.limit)) {
      kept.push_back(std::move(samples[i]));
    }
    samples = std::move(kept);
  }
  if (samples.empty()) throw Error(path + ": holds no samples");
  return samples;
}

}  // namespace

std::vector<Sample> LoadSamples(const std::vector<std::string>& paths, const Graph& graph,
                                const DatasetOptions& options) {
  if (paths.size() != graph.inputs.size()) {
    throw Error("the model has " + std::to_string(graph.inputs.size()) + " inputs, but " +
                std::to_string(paths.size()) + " data paths were given; give one per input");
  }
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::vector<std::vector<float>> values =
        LoadInput(paths[i], graph.tensor(graph.inputs[i]), options);
    if (i == 0) samples.resize(values.size());
    if (values.size() != samples.size()) {
      throw Error(paths[i] + ": has " + std::to_string(values.size()) + " samples, but " +
                  paths[0] + " has " + std::to_string(samples.size()));
    }
    for (std::size_t s = 0; s < samples.size(); ++s) samples[s].push_back(std::move(values[s]));
  }
  return samples;
}

std::vector<std::int32_t> LoadLabels(const std::string& path, std::size_t limit) {
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  if (!IsNpy(bytes) && !IsIdx(bytes)) {
    throw Error(path + ": is neither an IDX file nor a NumPy array, expected one of class numbers");
  }
  const ArrayFile array = IsNpy(bytes) ? ParseNpy(bytes, path) : ParseIdx(bytes, path);
  if (WithoutUnits(array.dims).size() > 1 || array.dims.empty() ||
      array.type == ElementType::kFloat32 || array.type == ElementType::kFloat64) {
    throw Error(path + ": has shape " + DimsString(array.dims) + " of " + ElementName(array.type) +
                ", expected one row of integer class numbers");
  }
  std::vector<std::int32_t> labels;
  for (std::size_t i : Spread(array.bytes.size() / ElementBytes(array.type), limit)) {
    const double label = ElementAt(array, i);
    if (label < 0 || label > 1e6) {
      throw Error(path + ": class " + std::to_string(label) + " at " + std::to_string(i) +
                  ", expected 0 to 1000000");
    }
    labels.push_back(static_cast<std::int32_t>(label));
  }
  return labels;
}

}  // namespace quaver::compiler
