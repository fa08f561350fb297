// Loading samples and labels: formats, layouts, scaling, and broken files.
#include "compiler/data/dataset.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "compiler/ir/error.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

namespace fs = std::filesystem;

std::string IdxHeader(char type, const std::vector<int>& dims) {
  std::string bytes{'\0', '\0', type, static_cast<char>(dims.size())};
  for (int dim : dims) bytes += {'\0', '\0', static_cast<char>(dim >> 8), static_cast<char>(dim)};
  return bytes;
}

std::string Npy(const std::string& type, const std::string& shape, const std::string& data,
                const std::string& order = "False") {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         data;
}

std::string Raw(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

class Dataset : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("quaver_dataset_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes) const {
    std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static std::vector<Sample> Load(const std::string& path, const Shape& shape,
                                  const DatasetOptions& options = {}) {
    Graph graph;
    Tensor tensor;
    tensor.name = "x";
    tensor.shape = shape;
    graph.inputs = {graph.AddTensor(tensor)};
    return LoadSamples({path}, graph, options);
  }
  static std::string Refusal(const std::string& path, const Shape& shape = {1, 2, 2, 1}) {
    try {
      Load(path, shape);
    } catch (const Error& error) {
      return error.what();
    }
    return "not refused";
  }

  fs::path folder_;
};

TEST_F(Dataset, IdxPixelsBecomeZeroToOne) {
  const std::string path =
      Write("images", IdxHeader(8, {2, 2, 2}) + std::string("\x00\xFF\x80\x01\x02\x03\x04\x05", 8));
  const std::vector<Sample> samples = Load(path, {1, 2, 2, 1});
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0][0], (std::vector<float>{0, 1, 128 * (1.0F / 255), 1.0F / 255}));
  DatasetOptions options;
  options.scale = 2.0F;
  options.offset = -1.0F;
  EXPECT_EQ(Load(path, {1, 2, 2, 1}, options)[1][0], (std::vector<float>{3, 5, 7, 9}));
}

TEST_F(Dataset, EveryPixelIsItsQuantizedValuePlus128) {
  std::string pixels;
  for (int i = 0; i < 256; ++i) pixels += static_cast<char>(i);
  const std::vector<Sample> samples =
      Load(Write("ramp", IdxHeader(8, {1, 16, 16}) + pixels), {1, 16, 16, 1});
  for (int i = 0; i < 256; ++i) {
    const float value = samples[0][0][static_cast<std::size_t>(i)];
    EXPECT_EQ(std::round(value / (1.0F / 255)), static_cast<float>(i));
  }
  EXPECT_EQ(samples[0][0][255], 1.0F);
}

TEST_F(Dataset, GzipIsTransparent) {
  const std::string bytes = IdxHeader(8, {1, 2, 2}) + "abcd";
  const std::string path = (folder_ / "images-idx3-ubyte.gz").string();
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  EXPECT_EQ(Load(path, {1, 2, 2, 1}).size(), 1U);
  EXPECT_EQ(Load(folder_.string(), {1, 2, 2, 1}).size(), 1U) << "as the one file of a folder";

  std::string cut(fs::file_size(path) - 6, '\0');
  std::ifstream(path, std::ios::binary).read(cut.data(), static_cast<std::streamsize>(cut.size()));
  EXPECT_NE(Refusal(Write("cut.gz", cut)).find("cannot be read"), std::string::npos);
}

TEST_F(Dataset, NpyChannelsFirstOrLast) {
  // Element = 10 * channel + pixel, [N, C, H, W] = [1, 2, 1, 3].
  const std::vector<float> nhwc = {0, 10, 1, 11, 2, 12};
  const std::string first =
      Write("first.npy", Npy("<f4", "(1, 2, 1, 3)", Raw({0, 1, 2, 10, 11, 12})));
  const std::string last = Write("last.npy", Npy("<f4", "(1, 1, 3, 2)", Raw(nhwc)));
  const std::string flat = Write("flat.npy", Npy("<f4", "(1, 6)", Raw(nhwc)));
  for (const std::string& path : {first, last, flat}) {
    EXPECT_EQ(Load(path, {1, 1, 3, 2})[0][0], nhwc) << path;
  }
  EXPECT_EQ(Load(Write("bytes.npy", Npy("|i1", "(2, 2)", std::string("\x01\xFF\x7F\x80", 4))),
                 {1, 2})[1][0],
            (std::vector<float>{127, -128}));
}

TEST_F(Dataset, RawFilesAndFolders) {
  Write("b.bin", Raw({5, 6, 7, 8}));
  Write("a.bin", Raw({1, 2, 3, 4}));
  Write("c.bin", std::string("\x00\x33\x66\xFF", 4));
  Write("readme.txt", "not data");
  const std::vector<Sample> samples = Load(folder_.string(), {1, 2, 2, 1});
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0][0][0], 1);
  EXPECT_EQ(samples[1][0][0], 5);
  EXPECT_EQ(samples[2][0], (std::vector<float>{0, 51 * (1.0F / 255), 102 * (1.0F / 255), 1}));
}

TEST_F(Dataset, LimitSpreadsOverSamplesAndLabelsAlike) {
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += static_cast<char>(i);
  DatasetOptions options;
  options.scale = 1.0F;
  options.limit = 4;
  const std::vector<Sample> samples =
      Load(Write("x", IdxHeader(8, {10, 1}) + bytes), {1, 1}, options);
  const std::vector<std::int32_t> labels = LoadLabels(Write("y", IdxHeader(8, {10}) + bytes), 4);
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(labels, (std::vector<std::int32_t>{0, 2, 5, 7}));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(samples[i][0][0], static_cast<float>(labels[i]));
  }
}

TEST_F(Dataset, BrokenFilesAreRefused) {
  const auto expect = [&](const std::string& bytes, const std::string& name,
                          const std::string& part) {
    const std::string path = Write(name, bytes);
    const std::string message = Refusal(path);
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.find(path), 0U) << message;
  };
  expect(IdxHeader(8, {2, 2, 2}) + "abc", "cut", "8 bytes of elements, but the file holds 3");
  expect(std::string("\0\0\x08\x03\0\0", 6), "header", "header is cut off");
  expect(IdxHeader(8, {1, 3, 3}) + "123456789", "size", "[1, 3, 3]");
  expect(IdxHeader(11, {1, 2, 2}) + "12345678", "type", "element type 11");
  expect(std::string("\0\0\x08\x03", 4) + std::string(12, '\xFF'), "huge", "impossible size");
  expect(Npy("<f4", "(1, 2, 2)", Raw({1, 2, 3, 4}), "True"), "fortran.npy", "Fortran order");
  expect(Npy("<c8", "(1, 2, 2)", ""), "complex.npy", "'<c8' is not supported");
  expect(Npy("<f4", "(1, 2, 2", Raw({1, 2, 3, 4})), "shape.npy", "shape cannot be read");
  expect(Npy("<f4", "(1, 2, 2)", Raw({1, 2, 3})), "short.npy", "16 bytes of elements");
  expect(Npy("<f4", "(1, 2, 2)", "").substr(0, 30), "npy_header.npy", "header is cut off");
  expect("12345", "five.bin", "has 5 bytes");
  expect("\xFF\xD8\xFF\xE0", "photo.jpg", "neither a NumPy array");
  EXPECT_NE(Refusal((folder_ / "absent").string()).find("cannot be opened"), std::string::npos);
}

TEST_F(Dataset, FoldersWithoutDataAreRefused) {
  EXPECT_NE(Refusal(folder_.string()).find("holds no .npy"), std::string::npos);
}

TEST_F(Dataset, LabelsMustBeClassNumbers) {
  EXPECT_THROW(LoadLabels(Write("images", IdxHeader(8, {1, 2, 2}) + "abcd")), Error);
  EXPECT_THROW(LoadLabels(Write("floats.npy", Npy("<f4", "(2,)", Raw({1, 2})))), Error);
  EXPECT_THROW(LoadLabels(Write("text", "7\n2\n1\n")), Error);
}

TEST_F(Dataset, OnePathPerInput) {
  GraphBuilder builder;
  const TensorId a = builder.Input({1, 2});
  const TensorId b = builder.Input({1, 2});
  const Graph graph = builder.Finish({builder.Add(BinaryOp{}, {a, b})});
  const std::string two = Write("two.npy", Npy("<f4", "(2, 2)", Raw({1, 2, 3, 4})));
  const std::string one = Write("one.npy", Npy("<f4", "(1, 2)", Raw({5, 6})));
  EXPECT_EQ(LoadSamples({two, two}, graph).size(), 2U);
  EXPECT_THROW(LoadSamples({two}, graph), Error);
  EXPECT_THROW(LoadSamples({two, one}, graph), Error);
}

}  // namespace
}  // namespace quaver::compiler
