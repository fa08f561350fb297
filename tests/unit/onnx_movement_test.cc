// ONNX operators that move values or compute shapes, and the layout that the importer tracks.
#include <numeric>

#include "tests/unit/graph_builder.h"
#include "tests/unit/onnx_builder.h"

namespace quaver::compiler {
namespace {

using Dims = std::vector<std::int64_t>;

/// 0, 1, 2, ...: every element tells where it came from.
Array Count(Dims dims) {
  Array array = Noise(std::move(dims), 0);
  std::iota(array.values.begin(), array.values.end(), 0.0F);
  return array;
}

Array Reshape(Array array, Dims dims) {
  array.dims = std::move(dims);
  return array;
}

Array Transpose(const Array& x, const Dims& permutation) {
  Array y{{}, {}};
  for (std::int64_t d : permutation) y.dims.push_back(x.dims[static_cast<std::size_t>(d)]);
  Dims strides(x.dims.size(), 1);
  for (std::size_t d = strides.size(); d-- > 1;) strides[d - 1] = strides[d] * x.dims[d];
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i);
    std::int64_t from = 0;
    for (std::size_t d = y.dims.size(); d-- > 0;) {
      from += rest % y.dims[d] * strides[static_cast<std::size_t>(permutation[d])];
      rest /= y.dims[d];
    }
    y.values.push_back(x.values[static_cast<std::size_t>(from)]);
  }
  return y;
}

TEST(OnnxFlatten, PermutesTheWeightsNotTheImage) {
  const Array x = Noise({1, 3, 4, 5}, 1);
  const Array w = Noise({60, 7}, 2);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", w);
  builder.Node("Relu", {"x"}, "r").Node("Flatten", {"r"}, "f").Node("Relu", {"f"}, "g");
  builder.Node("Gemm", {"g", "w"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "ReLU Reshape ReLU FullyConnected");
  Array expected{{1, 7}, std::vector<float>(7, 0)};
  for (std::size_t k = 0; k < 60; ++k) {
    for (std::size_t n = 0; n < 7; ++n) {
      expected.values[n] += std::max(x.values[k], 0.0F) * w.values[k * 7 + n];
    }
  }
  ExpectNear(RunNchw(graph, {x})[0], expected);
}

TEST(OnnxFlatten, TransposesWhereTheValuesAreSeen) {
  const Array x = Count({2, 3, 4, 5});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Node("Flatten", {"x"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Reshape Reshape Transpose Reshape");
  ExpectNear(RunNchw(graph, {x})[0], Reshape(x, {2, 60}));
}

TEST(OnnxFlatten, MovesNothingOfOnePixelOrOneChannel) {
  for (const Dims& dims : {Dims{1, 8, 1, 1}, Dims{1, 1, 4, 2}}) {
    const Array x = Count(dims);
    OnnxBuilder builder;
    builder.Input("x", dims).Node("Flatten", {"x"}, "y").Output("y");
    const Graph graph = builder.Import();
    EXPECT_EQ(Kinds(graph), "Reshape");
    ExpectNear(RunNchw(graph, {x})[0], Reshape(x, {1, 8}));
  }
}

TEST(OnnxFlatten, ConstantsFollowTheOrderOfAFlattenedImage) {
  const Array x = Count({1, 3, 2, 2});
  const Array offset = Count({12});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("o", offset).Node("Flatten", {"x"}, "f");
  builder.Node("Add", {"f", "o"}, "y").Output("y");
  Array expected = Reshape(x, {1, 12});
  for (float& v : expected.values) v *= 2;
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

struct ReshapeCase {
  const char* name;
  Dims from, to;
  const char* kinds;  // "" where any will do
};

class OnnxReshape : public ::testing::TestWithParam<ReshapeCase> {};

TEST_P(OnnxReshape, KeepsOnnxOrder) {
  const ReshapeCase& c = GetParam();
  const Array x = Count(c.from);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("shape", c.to).Node("Reshape", {"x", "shape"}, "y").Output("y");
  const Graph graph = builder.Import();
  if (*c.kinds != 0) {
    EXPECT_EQ(Kinds(graph), c.kinds);
  }
  Dims dims = c.to;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 0) dims[d] = x.dims[d];
  }
  for (std::int64_t& dim : dims) {
    if (dim != -1) continue;
    dim = static_cast<std::int64_t>(x.values.size());
    for (std::int64_t other : c.to) dim /= other == -1 ? 1 : other == 0 ? x.dims[0] : other;
  }
  ExpectNear(RunNchw(graph, {x})[0], Reshape(x, dims));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OnnxReshape,
    ::testing::Values(ReshapeCase{"tokens", {1, 6, 4, 5}, {1, 6, 20}, ""},
                      ReshapeCase{"open", {2, 3, 4, 4}, {0, -1}, ""},
                      ReshapeCase{"image_to_image", {1, 6, 4, 4}, {1, 6, 2, 8}, "Reshape"},
                      ReshapeCase{"channels_split", {1, 6, 4, 5}, {1, 2, 3, 4, 5}, ""},
                      ReshapeCase{"channels_mixed", {1, 6, 4, 5}, {1, 4, 6, 5}, ""},
                      ReshapeCase{"row_to_image", {1, 12}, {1, 3, 2, 2}, ""},
                      ReshapeCase{"grey_image", {1, 12}, {1, 1, 3, 4}, "Reshape"},
                      ReshapeCase{"vector_to_pixel", {1, 12}, {1, 12, 1, 1}, "Reshape"}),
    [](const auto& test) { return test.param.name; });

TEST(OnnxShape, ExportedFlattenIsFolded) {
  // What PyTorch writes for x.view(x.size(0), -1).
  const Array x = Noise({0 + 1, 3, 2, 2}, 3);
  OnnxBuilder builder;
  builder.Input("x", {-1, 3, 2, 2}).Ints("zero", {0}).Ints("minus", {-1});
  builder.Node("Shape", {"x"}, "s")
      .Node("Gather", {"s", "zero"}, "n")
      .With("axis", std::int64_t{0});
  builder.Node("Concat", {"n", "minus"}, "shape").With("axis", std::int64_t{0});
  builder.Node("Reshape", {"x", "shape"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(graph.tensor(graph.inputs[0]).shape, (Shape{1, 2, 2, 3})) << "batch 1, NHWC";
  ExpectNear(RunNchw(graph, {x})[0], Reshape(x, {1, 12}));
}

TEST(OnnxTranspose, RenamesDimensionsAndMovesOnlyAtTheEnd) {
  const Array x = Count({1, 3, 4, 5});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Node("Relu", {"x"}, "r");
  builder.Node("Transpose", {"r"}, "t").With("perm", Dims{0, 2, 3, 1});
  builder.Ints("tokens", {1, 20, 3}).Node("Reshape", {"t", "tokens"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "ReLU Reshape") << "NHWC memory is the tokens already";
  ExpectNear(RunNchw(graph, {x})[0], Reshape(Transpose(x, {0, 2, 3, 1}), {1, 20, 3}));
}

TEST(OnnxTranspose, ChannelShuffle) {
  const Array x = Count({1, 6, 2, 3});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("split", {1, 2, 3, 2, 3}).Ints("merge", {1, 6, 2, 3});
  builder.Node("Reshape", {"x", "split"}, "s");
  builder.Node("Transpose", {"s"}, "t").With("perm", Dims{0, 2, 1, 3, 4});
  builder.Node("Reshape", {"t", "merge"}, "y").Output("y");
  const Array expected =
      Reshape(Transpose(Reshape(x, {1, 2, 3, 2, 3}), {0, 2, 1, 3, 4}), {1, 6, 2, 3});
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

TEST(OnnxTranspose, NhwcModelsKeepTheirBorders) {
  OnnxBuilder builder;
  builder.Input("x", {1, 4, 5, 3}).Floats("w", Noise({2, 3, 1, 1}, 4));
  builder.Node("Transpose", {"x"}, "nchw").With("perm", Dims{0, 3, 1, 2});
  builder.Node("Conv", {"nchw", "w"}, "c");
  builder.Node("Transpose", {"c"}, "y").With("perm", Dims{0, 2, 3, 1}).Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Conv2D");
  EXPECT_EQ(graph.tensor(graph.inputs[0]).shape, (Shape{1, 4, 5, 3}));
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{1, 4, 5, 2}));
}

TEST(OnnxConcat, AlongChannelsAndRows) {
  const Array x = Count({1, 2, 3, 4});
  const Array constant = Noise({1, 2, 3, 4}, 5);
  for (const std::int64_t axis : {1, 2}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("c", constant);
    builder.Node("Concat", {"x", "c"}, "y").With("axis", axis).Output("y");
    Array expected{{1, axis == 1 ? 4 : 2, axis == 2 ? 6 : 3, 4}, {}};
    const std::size_t run = axis == 1 ? 24 : 12;
    for (std::size_t at = 0; at < 24; at += run) {
      for (const Array& part : {x, constant}) {
        const auto first = part.values.begin() + static_cast<std::ptrdiff_t>(at);
        expected.values.insert(expected.values.end(), first,
                               first + static_cast<std::ptrdiff_t>(run));
      }
    }
    ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
  }
}

TEST(OnnxSplit, ThenConcatIsTheIdentity) {
  const Array x = Count({1, 7, 2, 3});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("sizes", {3, 4});
  builder.Nodes("Split", {"x", "sizes"}, {"a", "b"}).With("axis", std::int64_t{1});
  builder.Node("Concat", {"a", "b"}, "y").With("axis", std::int64_t{1}).Output("y");
  ExpectNear(RunNchw(builder.Import(), {x})[0], x);
}

TEST(OnnxSlice, StepsAndNegativeBounds) {
  const Array x = Count({1, 2, 6, 5});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("starts", {1, -4}).Ints("ends", {INT64_MAX, -1});
  builder.Ints("axes", {2, 3}).Ints("steps", {2, 1});
  builder.Node("Slice", {"x", "starts", "ends", "axes", "steps"}, "y").Output("y");
  Array expected{{1, 2, 3, 3}, {}};
  for (std::int64_t c = 0; c < 2; ++c) {
    for (const std::int64_t h : {1, 3, 5}) {
      for (const std::int64_t w : {1, 2, 3}) expected.values.push_back(x.at(0, c, h, w));
    }
  }
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

TEST(OnnxSlice, Backwards) {
  const Array x = Count({1, 7});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("starts", {-2}).Ints("ends", {INT64_MIN}).Ints("axes", {1});
  builder.Ints("steps", {-2}).Node("Slice", {"x", "starts", "ends", "axes", "steps"}, "y");
  builder.Output("y");
  ExpectNear(RunNchw(builder.Import(), {x})[0], {{1, 3}, {5, 3, 1}});
}

TEST(OnnxPad, PaddingComputedByPyTorch) {
  // F.pad(x, (1, 2)): reversed pairs, as torch.onnx turns (left, right, top, ...) into ONNX's.
  const Array x = Count({1, 3});
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("pairs", {1, 2, 0, 0}).Ints("two", {-1, 2});
  builder.Ints("starts", {-1}).Ints("ends", {INT64_MIN}).Ints("axes", {0}).Ints("steps", {-1});
  builder.Ints("flat", {-1});
  builder.Node("Reshape", {"pairs", "two"}, "p");
  builder.Node("Slice", {"p", "starts", "ends", "axes", "steps"}, "r");
  builder.Node("Transpose", {"r"}, "t").With("perm", Dims{1, 0});
  builder.Node("Reshape", {"t", "flat"}, "f").Node("Cast", {"f"}, "pads");
  builder.With("to", std::int64_t{onnx::TensorProto::INT64});
  builder.Node("Pad", {"x", "pads"}, "y").Output("y");
  ExpectNear(RunNchw(builder.Import(), {x})[0], {{1, 6}, {0, 0, 1, 2, 0, 0}});
}

TEST(OnnxPad, ConstantAndReflect) {
  const Array x = Count({1, 2, 3, 4});
  for (const char* mode : {"constant", "reflect"}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Ints("pads", {0, 0, 1, 2, 0, 0, 1, 0}).Floats("v", {{}, {-7}});
    builder.Node("Pad", {"x", "pads", "v"}, "y").With("mode", mode).Output("y");
    Array expected{{1, 2, 5, 6}, {}};
    for (std::int64_t c = 0; c < 2; ++c) {
      for (std::int64_t h = -1; h < 4; ++h) {
        for (std::int64_t w = -2; w < 4; ++w) {
          const bool inside = h >= 0 && h < 3 && w >= 0;
          const std::int64_t mirrored = h < 0 ? -h : h > 2 ? 4 - h : h;
          expected.values.push_back(
              inside || std::string(mode) == "reflect" ? x.at(0, c, mirrored, std::abs(w)) : -7);
        }
      }
    }
    ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
  }
}

TEST(OnnxResize, NearestByTwoInEveryUsualMode) {
  const Array x = Count({1, 2, 3, 2});
  struct Mode {
    const char *coordinates, *rounding;
  };
  for (const Mode mode : {Mode{"asymmetric", "floor"}, Mode{"half_pixel", "round_prefer_floor"},
                          Mode{"half_pixel", "round_prefer_ceil"}}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("scales", {{4}, {1, 1, 2, 2}});
    builder.Node("Resize", {"x", "", "scales"}, "y");
    builder.With("coordinate_transformation_mode", mode.coordinates);
    builder.With("nearest_mode", mode.rounding).Output("y");
    Array expected{{1, 2, 6, 4}, {}};
    for (std::int64_t c = 0; c < 2; ++c) {
      for (std::int64_t h = 0; h < 6; ++h) {
        for (std::int64_t w = 0; w < 4; ++w) expected.values.push_back(x.at(0, c, h / 2, w / 2));
      }
    }
    ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
  }
}

TEST(OnnxResize, LinearWithHalfPixels) {
  const Array x{{1, 1, 1, 2}, {0, 4}};
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("sizes", {1, 1, 1, 4});
  builder.Node("Resize", {"x", "", "", "sizes"}, "y").With("mode", "linear").Output("y");
  // Pixel centres at (i + 0.5) / 2 - 0.5 = -0.25, 0.25, 0.75, 1.25, clamped at the edges.
  ExpectNear(RunNchw(builder.Import(), {x})[0], {{1, 1, 1, 4}, {0, 1, 3, 4}});
}

TEST(OnnxDepthToSpace, IsTheInverseOfSpaceToDepth) {
  const Array x = Count({1, 2, 4, 6});
  OnnxBuilder builder;
  builder.Input("x", x.dims);
  builder.Node("SpaceToDepth", {"x"}, "d").With("blocksize", std::int64_t{2});
  builder.Node("DepthToSpace", {"d"}, "y").With("blocksize", std::int64_t{2});
  builder.Output("y").Output("d");
  const std::vector<Array> found = RunNchw(builder.Import(), {x});
  ExpectNear(found[0], x);
  // ONNX: channel (dy * 2 + dx) * C + c of a block holds pixel (dy, dx) of channel c.
  EXPECT_EQ(found[1].at(0, 3, 1, 2), x.at(0, 1, 2, 5));
}

TEST(OnnxBinary, BringsDifferentLayoutsTogether) {
  // A transposed image plus one that lies as imported.
  const Array x = Count({1, 3, 4, 4});
  OnnxBuilder builder;
  builder.Input("x", x.dims);
  builder.Node("Transpose", {"x"}, "t").With("perm", Dims{0, 1, 3, 2});
  builder.Node("Add", {"x", "t"}, "y").Output("y");
  Array expected = Transpose(x, {0, 1, 3, 2});
  for (std::size_t i = 0; i < x.values.size(); ++i) expected.values[i] += x.values[i];
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

TEST(OnnxGather, TakesOneSlice) {
  const Array x = Count({1, 4, 5});
  OnnxBuilder builder;
  builder.Input("x", x.dims);
  builder.Ints("i", {2});
  builder.model.mutable_graph()->mutable_initializer(0)->clear_dims();  // a scalar
  builder.Node("Gather", {"x", "i"}, "y").With("axis", std::int64_t{1}).Output("y");
  ExpectNear(RunNchw(builder.Import(), {x})[0], {{1, 5}, {10, 11, 12, 13, 14}});
}

}  // namespace
}  // namespace quaver::compiler
