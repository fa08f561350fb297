// Weights that are packed ahead of time are those that a session would pack, and are used in place.
#include "compiler/pack/pack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compile.h"
#include "compiler/emit/arena_sizes.h"
#include "compiler/emit/emit.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/pack/weights.h"
#include "kernels/layouts.h"
#include "platform/platform.h"
#include "quaver/quaver.hpp"
#include "runtime/arena_size.h"
#include "runtime/test_vector.h"
#include "tests/util/model_builder.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::compiler {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A file and its model. `shift`: bytes behind an address that is aligned to 64.
struct File {
  explicit File(const Bytes& content, std::size_t shift = 0)
      : bytes(content.data(), content.size(), shift) {
    const Result<Model> loaded = Model::Load(bytes.span());
    EXPECT_TRUE(loaded.ok()) << loaded.status().what;
    if (loaded.ok()) model = *loaded;
  }
  testing::AlignedBytes bytes;
  Model model;
};

/// A convolution, a depthwise one, a fully connected layer.
Bytes Plain() { return Compile(ImportTflite(testing::TinyConvNet(), "tiny.tflite")); }

std::vector<Isa> PackedIsas() {
  const std::set<Isa> isas = IsasThatPackWeights();
  return {isas.begin(), isas.end()};
}

std::vector<Isa> IsasOfThisCpu() {
  std::vector<Isa> isas;
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    if (platform::CpuIsas().Has(static_cast<Isa>(i))) isas.push_back(static_cast<Isa>(i));
  }
  return isas;
}

ArenaLayout ArenaOn(const Model& model, Isa isa) {
  PrepareTarget target;
  target.isas = IsaWithFallbacks(isa);
  return MeasureArena(*model.root(), target);
}

/// A session in an arena of its exact size.
struct Ready {
  Ready(const Model& model, Isa isa) {
    SessionOptions options;
    options.isa = IsaName(isa);
    arena = testing::AlignedBytes(*model.ArenaBytes(options));
    Result<Session> created = Session::Create(model, arena.span(), options);
    EXPECT_TRUE(created.ok()) << created.status().what;
    session = *created;
  }
  Bytes Run() {
    TestInputGenerator(7).Fill(session.Input(0));
    EXPECT_TRUE(session.Run().ok());
    const TensorView output = session.Output(0);
    const auto* bytes = static_cast<const std::uint8_t*>(output.data);
    return {bytes, bytes + output.bytes};
  }
  testing::AlignedBytes arena;
  Session session;
};

const std::uint8_t* PackedBuffer(const Model& model, const WeightsUse& use) {
  const fb::PackedWeights* entry = FindPacked(use.packed, use.layout);
  return entry == nullptr ? nullptr : BufferData(*model.root(), entry->buffer());
}

TEST(Pack, StoresWhatASessionWouldPack) {
  const File plain(Plain());
  const File packed(Pack(plain.model, PackedIsas()).bytes);
  int compared = 0;
  for (Isa isa : IsasOfThisCpu()) {
    Ready unpacked(plain.model, isa);
    const ArenaLayout layout = ArenaOn(plain.model, isa);
    const std::uint8_t* in_arena = unpacked.arena.data() + layout.packed_offset();
    for (const WeightsUse& use : WeightsOn(packed.model, isa)) {
      if (use.layout.plain()) continue;
      const auto bytes = static_cast<std::size_t>(kernels::PackedBytes(use.layout, use.shape));
      const std::uint8_t* in_file = PackedBuffer(packed.model, use);
      ASSERT_NE(in_file, nullptr) << use.kernel;
      EXPECT_EQ(std::memcmp(in_file, in_arena, bytes), 0) << use.kernel;
      in_arena += bytes;
      ++compared;
    }
    EXPECT_EQ(in_arena, unpacked.arena.data() + layout.packed_offset() + layout.packed_bytes);
  }
  EXPECT_EQ(compared, 3 * static_cast<int>(IsasOfThisCpu().size() - 1));
}

TEST(Pack, KnowsWhichKernelsTakePackedWeights) {
  for (Isa isa : {Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512Vnni, Isa::kNeon}) {
    EXPECT_EQ(IsasThatPackWeights().count(isa), 1U) << IsaName(isa);
  }
  for (Isa isa : {Isa::kScalar, Isa::kCortexM, Isa::kMve}) {
    EXPECT_EQ(IsasThatPackWeights().count(isa), 0U) << IsaName(isa);
  }
}

TEST(Pack, EveryTargetFindsItsLayouts) {
  const File plain(Plain());
  for (Isa isa : PackedIsas()) {
    SCOPED_TRACE(IsaName(isa));
    const PackedModel packed = Pack(plain.model, {isa});
    const File file(packed.bytes);
    ASSERT_EQ(packed.targets.size(), 1U);
    EXPECT_EQ(packed.targets[0].operators_with_weights, 3U);
    EXPECT_EQ(packed.targets[0].packed_operators, 3U);
    for (const WeightsUse& use : WeightsOn(file.model, isa)) {
      const std::uint8_t* found = PackedBuffer(file.model, use);
      ASSERT_NE(found, nullptr) << use.kernel;
      const Bytes expected = PackFor(plain.model, use, use.layout);
      EXPECT_EQ(std::memcmp(found, expected.data(), expected.size()), 0) << use.kernel;
    }
    EXPECT_EQ(CheckPackedWeights(file.model), 3U);
  }
}

/// Bytes of the arena's lines, where what lies before takes `begin`.
std::uint64_t Lines(std::uint64_t begin) { return (begin + 63) / 64 * 64; }

TEST(Pack, TheArenaHoldsNoWeights) {
  const File plain(Plain());
  const File packed(Pack(plain.model, PackedIsas()).bytes);
  for (Isa isa : PackedIsas()) {
    SCOPED_TRACE(IsaName(isa));
    const ArenaLayout before = MeasureForeignArena(*plain.model.root(), isa, 8);
    const ArenaLayout after = MeasureForeignArena(*packed.model.root(), isa, 8);
    EXPECT_GT(before.packed_bytes, 0U);
    EXPECT_EQ(after.packed_bytes, 0U);
    EXPECT_EQ(after.scratch_bytes(), before.scratch_bytes());
    EXPECT_EQ(after.total_bytes(), before.records_offset() + before.record_bytes);
    EXPECT_EQ(Lines(after.total_bytes()), before.total_bytes() - before.packed_bytes);
  }
}

TEST(Pack, TheFileSaysTheArenaOfEachTarget) {
  const File plain(Plain());
  const PackedModel packed = Pack(plain.model, {Isa::kAvx2});
  const File file(packed.bytes);
  int compared = 0;
  for (const fb::ArenaSize* size : *file.model.root()->arena_sizes()) {
    Isa isa = Isa::kScalar;
    ASSERT_TRUE(IsaFromName(size->isa()->c_str(), &isa));
    EXPECT_EQ(size->bytes(),
              MeasureForeignArena(*file.model.root(), isa, size->pointer_bytes()).total_bytes());
    if (isa == Isa::kAvx2) {
      EXPECT_EQ(size->bytes(), packed.targets[0].arena_bytes);
      EXPECT_EQ(packed.targets[0].unpacked_arena_bytes,
                MeasureForeignArena(*plain.model.root(), isa, 8).total_bytes());
      ++compared;
    }
  }
  EXPECT_EQ(compared, 1);
}

TEST(Pack, SessionsSayWhetherWeightsAreUsedInPlace) {
  const File plain(Plain());
  for (Isa isa : IsasOfThisCpu()) {
    if (isa == Isa::kScalar) continue;
    SessionOptions options;
    options.isa = IsaName(isa);
    EXPECT_EQ(*plain.model.PackedAtLoadBytes(options), ArenaOn(plain.model, isa).packed_bytes);
    EXPECT_GT(*plain.model.PackedAtLoadBytes(options), 0U);
    const File packed(Pack(plain.model, {isa}).bytes);
    EXPECT_EQ(*packed.model.PackedAtLoadBytes(options), 0U);
  }
  EXPECT_EQ(Model().PackedAtLoadBytes().status().code, StatusCode::kInvalidArgument);
}

/// Each target's file on each instruction set of this CPU, whether it fits or not, from each
/// address that the runtime accepts.
TEST(Pack, GivesTheSameBytesEverywhere) {
  const File plain(Plain());
  const Bytes expected = Ready(plain.model, Isa::kScalar).Run();
  std::vector<std::vector<Isa>> target_lists = {PackedIsas()};
  for (Isa isa : PackedIsas()) target_lists.push_back({isa});
  for (const std::vector<Isa>& targets : target_lists) {
    const Bytes packed = Pack(plain.model, targets).bytes;
    for (std::size_t shift = 0; shift < 64; shift += kModelAlignment) {
      const File file(packed, shift);
      for (Isa isa : IsasOfThisCpu()) {
        EXPECT_EQ(Ready(file.model, isa).Run(), expected)
            << IsaName(isa) << ", first target " << IsaName(targets[0]) << ", address " << shift;
      }
    }
  }
}

TEST(Pack, ReplacesWhatWasPackedBefore) {
  const File plain(Plain());
  const Bytes for_avx2 = Pack(plain.model, {Isa::kAvx2}).bytes;
  const File other(Pack(plain.model, {Isa::kNeon, Isa::kAvx512Vnni}).bytes);
  EXPECT_EQ(Pack(other.model, {Isa::kAvx2}).bytes, for_avx2);
  EXPECT_EQ(Pack(File(for_avx2).model, {Isa::kAvx2}).bytes, for_avx2);
}

// Notes of pairs say where a kernel jumps: no file may hold others than there are.
TEST(Pack, RefusesOtherNotesOfPairs) {
  File packed(Pack(File(Plain()).model, {Isa::kNeon}).bytes);
  int refused = 0;
  for (const WeightsUse& use : WeightsOn(packed.model, Isa::kNeon)) {
    if (!use.layout.pairs()) continue;
    const std::int32_t run = use.layout.dense() ? use.shape.depth : use.shape.run;
    const std::int32_t groups = (run + 3) / 4 * (use.shape.depth / run);
    const std::ptrdiff_t panel = PackedBuffer(packed.model, use) - packed.bytes.data();
    std::uint8_t& note = packed.bytes.data()[panel + 12 * 16 + groups * 4 * 16];
    const std::uint8_t right = note;
    note = 200;
    const Result<Model> loaded = Model::Load(packed.bytes.span());
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.status().code, StatusCode::kInvalidOperator);
    EXPECT_STREQ(loaded.status().what, "valid notes in a panel of packed pairs");
    note = right;
    EXPECT_TRUE(Model::Load(packed.bytes.span()).ok());
    ++refused;
  }
  EXPECT_EQ(refused, 2);
}

TEST(Pack, StoresASharedLayoutOnce) {
  const File plain(Plain());
  const PackedModel once = Pack(plain.model, {Isa::kAvx2});
  const PackedModel twice = Pack(plain.model, {Isa::kAvx2, Isa::kAvx2});
  EXPECT_EQ(once.bytes, twice.bytes);
  EXPECT_EQ(once.packed_bytes, once.targets[0].packed_bytes);
  // Different targets share where they can: never more than the sum, each layout of an operator
  // once.
  const PackedModel all = Pack(plain.model, PackedIsas());
  const File file(all.bytes);
  for (const WeightsUse& use : WeightsOn(file.model, Isa::kScalar)) {
    for (std::int32_t i = 0; i < Count(use.packed); ++i) {
      for (std::int32_t k = 0; k < i; ++k) {
        EXPECT_NE(std::memcmp(At(*use.packed, i)->layout(), At(*use.packed, k)->layout(),
                              sizeof(fb::WeightLayout)),
                  0);
      }
    }
  }
  std::uint64_t sum = 0;
  for (const PackedTarget& target : all.targets) sum += target.packed_bytes;
  EXPECT_LE(all.packed_bytes, sum);
}

/// A file that was packed with gaps between the rows of a window is packed again at load.
TEST(Pack, DensePanelsHaveLayoutsOfTheirOwn) {
  const File plain(Plain());
  for (const auto& [isa, gapped] : {std::pair{Isa::kNeonDot, kernels::kGemm16x4Signed},
                                    std::pair{Isa::kNeon, kernels::kGemm16x4Pairs}}) {
    SCOPED_TRACE(IsaName(isa));
    const File packed(Pack(plain.model, {isa}).bytes);
    const WeightsUse conv = WeightsOn(packed.model, isa).front();
    ASSERT_TRUE(conv.layout.dense());
    EXPECT_EQ(LayoutName(conv.layout), LayoutName(gapped) + " dense");
    EXPECT_NE(FindPacked(conv.packed, conv.layout), nullptr);
    EXPECT_EQ(FindPacked(conv.packed, gapped), nullptr);
    EXPECT_LT(kernels::PackedBytes(conv.layout, conv.shape),
              kernels::PackedBytes(gapped, conv.shape));
  }
}

/// Two layers with the same weights, biases and output stage.
TEST(Pack, StoresEqualOperatorsOnce) {
  const File plain(Plain());
  fb::ModelT model;
  plain.model.root()->UnPackTo(&model);
  auto copy = std::make_unique<fb::OperatorT>(*model.operators[2]);
  ASSERT_EQ(copy->params.type, fb::OperatorParams::FullyConnected);
  model.operators.insert(model.operators.begin() + 2, std::move(copy));
  model.test_vectors.clear();
  const PackedModel packed = Pack(File(Emit(model)).model, {Isa::kAvx2});
  EXPECT_EQ(packed.targets[0].packed_operators, 4U);
  EXPECT_EQ(packed.packed_bytes, Pack(plain.model, {Isa::kAvx2}).packed_bytes);
}

TEST(Pack, RefusesWhereNothingIsToPack) {
  const auto refusal = [](const Bytes& file, const std::vector<Isa>& targets) -> std::string {
    try {
      static_cast<void>(Pack(File(file).model, targets));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(refusal(Plain(), {Isa::kScalar}).find("scalar read plain weights"), std::string::npos);
  const Bytes movement = Compile(ImportTflite(testing::TinyMovement(), "movement.tflite"));
  EXPECT_NE(refusal(movement, {Isa::kAvx2}).find("no operator has weights"), std::string::npos);
}

TEST(CheckPackedWeights, FindsChangedBytes) {
  const File plain(Plain());
  EXPECT_EQ(CheckPackedWeights(plain.model), 0U);
  File file(Pack(plain.model, {Isa::kAvx512Vnni}).bytes);
  ASSERT_EQ(CheckPackedWeights(file.model), 3U);
  for (const WeightsUse& use : WeightsOn(file.model, Isa::kAvx512Vnni)) {
    const std::ptrdiff_t begin = PackedBuffer(file.model, use) - file.bytes.data();
    // A bias, and the first weight, which lies behind three rows of 32-bit numbers.
    for (const std::ptrdiff_t offset : {0, 12 * use.layout.nr}) {
      file.bytes.data()[begin + offset] ^= 1;
      try {
        static_cast<void>(CheckPackedWeights(file.model));
        ADD_FAILURE() << use.kernel << " has a changed byte " << offset;
      } catch (const Error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("operator " + std::to_string(use.operator_index)), std::string::npos);
        EXPECT_NE(text.find("byte " + std::to_string(offset)), std::string::npos) << text;
      }
      file.bytes.data()[begin + offset] ^= 1;
    }
  }
}

}  // namespace
}  // namespace quaver::compiler
