// quaver pack, and what the other commands say about packed models.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/isa.h"
#include "platform/platform.h"
#include "quaver_generated.h"
#include "tests/tools/command_fixture.h"

namespace quaver::testing {
namespace {

using Json = nlohmann::json;

class PackCommand : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("plain.qvr")});
    Write("in.bin", FileBytes(8 * 8 * 3, 77));
  }
  FileBytes Run(const std::string& model, const std::string& isa) {
    ExpectDone({"run", Path(model), "-i", Path("in.bin"), "-o", Path("out.bin"), "--isa", isa});
    return Read("out.bin");
  }
  Json Inspect(const std::string& model) {
    return Json::parse(ExpectDone({"inspect", Path(model), "--json"}));
  }
};

TEST_F(PackCommand, MakesAFileThatRunsEverywhere) {
  const std::string text =
      ExpectDone({"pack", Path("plain.qvr"), "--target", "avx2,neon", "-o", Path("packed.qvr")});
  EXPECT_TRUE(Contains(text, "avx2") && Contains(text, "neon")) << text;
  EXPECT_TRUE(Contains(text, "3 of 3")) << text;
  EXPECT_GT(Read("packed.qvr").size(), Read("plain.qvr").size());
  const IsaSet available = platform::CpuIsas();
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    const auto isa = static_cast<Isa>(i);
    if (!available.Has(isa)) continue;
    EXPECT_EQ(Run("packed.qvr", IsaName(isa)), Run("plain.qvr", IsaName(isa))) << IsaName(isa);
  }
}

TEST_F(PackCommand, TakesTfliteAndRepeatedTargets) {
  ExpectDone({"pack", Path("tiny.tflite"), "--target", "avx2", "--target", "neon", "-o",
              Path("tflite.qvr")});
  ExpectDone({"pack", Path("plain.qvr"), "--target=avx2,neon,avx2", "-o", Path("qvr.qvr")});
  EXPECT_EQ(Read("tflite.qvr"), Read("qvr.qvr"));
}

TEST_F(PackCommand, ReplacesTheTargetsOfAPackedFile) {
  ExpectDone({"pack", Path("plain.qvr"), "--target", "avx512vnni", "-o", Path("one.qvr")});
  ExpectDone({"pack", Path("plain.qvr"), "--target", "all", "-o", Path("all.qvr")});
  ExpectDone({"pack", Path("all.qvr"), "--target", "avx512vnni", "-o", Path("again.qvr")});
  EXPECT_EQ(Read("again.qvr"), Read("one.qvr"));
}

TEST_F(PackCommand, InspectSaysWhatIsInTheFileAndWhatIsUsed) {
  ExpectDone({"pack", Path("plain.qvr"), "--target", "all", "-o", Path("all.qvr")});
  const Json plain = Inspect("plain.qvr");
  const Json packed = Inspect("all.qvr");
  EXPECT_EQ(plain.at("packed_bytes"), 0);
  EXPECT_EQ(plain.at("packed_in_place_bytes"), 0);
  EXPECT_GT(packed.at("packed_bytes"), 0);
  EXPECT_EQ(packed.at("packed_at_load_bytes"), 0);
  EXPECT_EQ(packed.at("weights_bytes"), plain.at("weights_bytes"));
  EXPECT_EQ(packed.at("packed_in_place_bytes"), plain.at("packed_at_load_bytes"));
  EXPECT_EQ(packed.at("arena_bytes").get<std::uint64_t>(),
            plain.at("arena_bytes").get<std::uint64_t>() -
                plain.at("packed_at_load_bytes").get<std::uint64_t>());
  const Json& conv = packed.at("operators").at(0).at("weights");
  EXPECT_EQ(conv.at("in_place"), true);
  EXPECT_GE(conv.at("packed").size(), 3U);
  EXPECT_GT(conv.at("packed").at(0).at("bytes"), 0);
  const bool wants_plain = conv.at("wanted").at("layout") == "plain";
  EXPECT_EQ(plain.at("operators").at(0).at("weights").at("in_place"), wants_plain);
  const std::string text = ExpectDone({"inspect", Path("all.qvr")});
  EXPECT_TRUE(Contains(text, "the file, in place")) << text;
  EXPECT_TRUE(Contains(text, "gemm 8x2")) << text;
}

TEST_F(PackCommand, VerifyComparesPackedWithPlainWeights) {
  ExpectDone({"pack", Path("plain.qvr"), "--target", "avx2", "-o", Path("packed.qvr")});
  EXPECT_TRUE(Contains(ExpectDone({"verify", Path("packed.qvr")}), "ok: 3, as packed"));
  EXPECT_TRUE(
      Contains(ExpectDone({"verify", Path("plain.qvr")}), "packed weights            none"));
  FileBytes bytes = Read("packed.qvr");
  const auto* buffers = fb::GetModel(bytes.data())->buffers();
  const auto* last = buffers->Get(buffers->size() - 1)->data();
  // A bias of the fully connected layer: free, as far as memory safety is concerned.
  bytes[static_cast<std::size_t>(last->data() - bytes.data())] ^= 1;
  Write("damaged.qvr", bytes);
  ExpectDone({"inspect", Path("damaged.qvr")});
  ExpectRefused(kFailure, {"verify", Path("damaged.qvr")},
                {"damaged.qvr", "FullyConnected", "gemm 8x2", "byte 0", "pack the model again"});
}

TEST_F(PackCommand, EmbedTakesPackedModels) {
  ExpectDone({"pack", Path("plain.qvr"), "--target", "neon", "-o", Path("net.qvr")});
  ExpectDone({"embed", Path("net.qvr"), "-o", Path("packed")});
  ExpectDone({"embed", Path("plain.qvr"), "-o", Path("plain"), "--name", "net"});
  const auto neon_arena = [&](const std::string& header) {
    const FileBytes bytes = Read(header);
    const std::string text(bytes.begin(), bytes.end());
    const std::string name = "NET_ARENA_BYTES_NEON ";
    return std::stoul(text.substr(text.find(name) + name.size()));
  };
  EXPECT_LT(neon_arena("packed/net.h"), neon_arena("plain/net.h"));
}

TEST_F(PackCommand, BenchTellsTheTimeOfLoading) {
  ExpectDone({"pack", Path("plain.qvr"), "--target", "all", "-o", Path("all.qvr")});
  const Json json = Json::parse(ExpectDone({"bench", Path("all.qvr"), "--runs", "2", "--json"}));
  EXPECT_GT(json.at("load_us"), 0);
  EXPECT_GT(json.at("session_us"), 0);
  EXPECT_EQ(json.at("packed_at_load_bytes"), 0);
}

TEST_F(PackCommand, Refusals) {
  const std::string model = Path("plain.qvr");
  const std::string out = Path("out.qvr");
  ExpectRefused(kUsage, {"pack", model, "-o", out}, {"--target"});
  ExpectRefused(kUsage, {"pack", model, "--target", "avx2"}, {"--output"});
  ExpectRefused(kUsage, {"pack", model, "--target", "sse9", "-o", out},
                {"sse9", "scalar, avx2, avxvnni, avx512vnni", "neon", "all"});
  ExpectRefused(kUsage, {"pack", model, "--target", "avx2", "-o", model}, {"plain.qvr"});
  ExpectRefused(kFailure, {"pack", model, "--target", "scalar", "-o", out},
                {"plain.qvr", "scalar read plain weights", "nothing to pack"});
  ExpectRefused(kFailure, {"pack", Path("add.tflite"), "--target", "avx2", "-o", out},
                {"add.tflite", "no operator has weights"});
  ExpectRefused(kFailure, {"pack", Path("in.bin"), "--target", "avx2", "-o", out}, {"in.bin"});
  EXPECT_FALSE(Exists("out.qvr"));
}

}  // namespace
}  // namespace quaver::testing
