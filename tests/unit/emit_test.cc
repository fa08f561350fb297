#include "compiler/emit/emit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace quaver::compiler {
namespace {

fb::ModelT SampleModel() {
  fb::ModelT model;
  model.format_version = 1;
  model.name = "sample";
  for (std::int32_t i = 0; i < 3; ++i) {
    auto tensor = std::make_unique<fb::TensorT>();
    tensor->name = "t" + std::to_string(i);
    tensor->shape = {1, 5 + i};
    model.tensors.push_back(std::move(tensor));
  }
  for (const std::size_t bytes : std::initializer_list<std::size_t>{1, 63, 64, 65, 1000}) {
    auto buffer = std::make_unique<fb::BufferT>();
    buffer->data.assign(bytes, static_cast<std::uint8_t>(bytes));
    model.buffers.push_back(std::move(buffer));
  }
  auto op = std::make_unique<fb::OperatorT>();
  auto* lut = new fb::Lut8T();
  lut->table.assign(256, 3);
  op->params.type = fb::OperatorParams::Lut8;
  op->params.value = lut;
  op->inputs = {0};
  op->outputs = {1};
  model.operators.push_back(std::move(op));
  model.inputs = {0};
  model.outputs = {1};
  auto bank = std::make_unique<fb::MemoryBankT>();
  bank->bytes = 32;
  model.banks.push_back(std::move(bank));
  for (const auto& [isa, pointer, bytes] :
       {std::tuple{"scalar", 4, 100}, {"scalar", 8, 200}, {"avx2", 8, 300}}) {
    auto size = std::make_unique<fb::ArenaSizeT>();
    size->isa = isa;
    size->pointer_bytes = static_cast<std::uint8_t>(pointer);
    size->bytes = static_cast<std::uint32_t>(bytes);
    model.arena_sizes.push_back(std::move(size));
  }
  return model;
}

TEST(Emit, VerifiesAndHasTheIdentifier) {
  const std::vector<std::uint8_t> bytes = Emit(SampleModel());
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  EXPECT_TRUE(fb::VerifyModelBuffer(verifier));
  EXPECT_EQ(std::memcmp(bytes.data() + 4, "QVR1", 4), 0);
  EXPECT_EQ(bytes.size() % 64, 0U);
}

TEST(Emit, AlignsBuffersTo64BytesOfTheFile) {
  const std::vector<std::uint8_t> bytes = Emit(SampleModel());
  for (const fb::Buffer* buffer : *fb::GetModel(bytes.data())->buffers()) {
    EXPECT_EQ((buffer->data()->data() - bytes.data()) % 64, 0);
  }
}

TEST(Emit, RoundTripsAndRepeats) {
  const fb::ModelT model = SampleModel();
  const std::vector<std::uint8_t> bytes = Emit(model);
  EXPECT_EQ(Emit(model), bytes);
  fb::ModelT back;
  fb::GetModel(bytes.data())->UnPackTo(&back);
  EXPECT_EQ(Emit(back), bytes);
  EXPECT_EQ(back.buffers[3]->data, model.buffers[3]->data);
  EXPECT_EQ(back.operators[0]->params.AsLut8()->table, model.operators[0]->params.AsLut8()->table);
}

class EmbedTest : public testing::Test {
 protected:
  void SetUp() override {
    // CTest runs the cases of this fixture at the same time.
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("quaver_embed_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
    const std::vector<std::uint8_t> bytes = Emit(SampleModel());
    embedded_ = Embed(bytes, "key-words");
    Write("key_words.h", embedded_.header);
    Write("key_words.c", embedded_.source);
    Write("key_words.cc", embedded_.source);
    Write(
        "main.c",
        "#include \"key_words.h\"\n"
        "static const int32_t shape[KEY_WORDS_INPUT_0_RANK] = KEY_WORDS_INPUT_0_SHAPE;\n"
        "int main(void) {\n"
        "  if (KEY_WORDS_MODEL_BYTES != " +
            std::to_string(bytes.size()) +
            ") return 1;\n"
            "  if ((uintptr_t)key_words_model % 64 != 0) return 2;\n"
            "  if (key_words_model[4] != 'Q') return 3;\n"
            "  if (shape[0] != 1 || shape[1] != 5 || KEY_WORDS_INPUT_0_BYTES != 5) return 4;\n"
            "#ifdef __x86_64__\n"
            "  if (KEY_WORDS_ARENA_BYTES != 300) return 5;\n"
            "#else\n"
            "  if (KEY_WORDS_ARENA_BYTES != (sizeof(void*) == 8 ? 200 : 100)) return 5;\n"
            "#endif\n"
            "  return KEY_WORDS_ARENA_BYTES_AVX2 != 300 || KEY_WORDS_ARENA_BYTES_SCALAR != 200 ||\n"
            "         KEY_WORDS_ARENA_BYTES_SCALAR_32 != 100;\n"
            "}\n");
    std::filesystem::copy_file(directory_ / "main.c", directory_ / "main.cc",
                               std::filesystem::copy_options::overwrite_existing);
  }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }

  [[nodiscard]] int CompileAndRun(const std::string& compiler, const std::string& suffix) const {
    const std::string path = directory_.string() + "/";
    const std::string program = path + "program_" + suffix;
    const std::string command = compiler + " -Wall -Wextra -Werror -o " + program + " " + path +
                                "main." + suffix + " " + path + "key_words." + suffix;
    if (std::system(command.c_str()) != 0) return -1;  // NOLINT: a test's fixed command
    return std::system(program.c_str());               // NOLINT
  }

  std::filesystem::path directory_;
  EmbeddedModel embedded_;
};

TEST_F(EmbedTest, CompilesAsC) { EXPECT_EQ(CompileAndRun("cc -std=c11 -pedantic", "c"), 0); }

TEST_F(EmbedTest, CompilesAsCpp) { EXPECT_EQ(CompileAndRun("c++ -std=c++17 -pedantic", "cc"), 0); }

TEST_F(EmbedTest, NamesTheOperators) { EXPECT_EQ(embedded_.operators, "Lut8"); }

}  // namespace
}  // namespace quaver::compiler
