#include "compiler/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace quaver::compiler {
namespace {

bool LiveTogether(const Block& a, const Block& b) { return a.first <= b.last && b.first <= a.last; }

void ExpectValid(const std::vector<Block>& blocks, const Placement& placement) {
  ASSERT_EQ(placement.offsets.size(), blocks.size());
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(placement.offsets[i] % kPlanAlignment, 0U);
    end = std::max(end, placement.offsets[i] + blocks[i].bytes);
    for (std::size_t j = 0; j < i; ++j) {
      if (!LiveTogether(blocks[i], blocks[j])) continue;
      EXPECT_TRUE(placement.offsets[i] + blocks[i].bytes <= placement.offsets[j] ||
                  placement.offsets[j] + blocks[j].bytes <= placement.offsets[i])
          << "blocks " << i << " and " << j << " overlap";
    }
  }
  EXPECT_GE(placement.total_bytes, end);
  EXPECT_GE(placement.total_bytes, placement.lower_bound_bytes);
}

std::vector<Block> RandomBlocks(std::mt19937* random, std::size_t count, int times, int max_units) {
  std::vector<Block> blocks(count);
  for (Block& block : blocks) {
    block.first = static_cast<std::int32_t>((*random)() % static_cast<unsigned>(times));
    block.last = std::min(times, block.first + static_cast<std::int32_t>((*random)() % 4));
    block.bytes = 16 * (1 + (*random)() % static_cast<unsigned>(max_units));
  }
  return blocks;
}

/// The smallest total of all placements at multiples of 16 below `limit`, by trying every offset.
std::uint64_t Optimum(const std::vector<Block>& blocks, std::uint64_t limit,
                      std::vector<std::uint64_t>* offsets) {
  const std::size_t i = offsets->size();
  if (i == blocks.size()) {
    std::uint64_t total = 0;
    for (std::size_t j = 0; j < i; ++j) total = std::max(total, (*offsets)[j] + blocks[j].bytes);
    return total;
  }
  std::uint64_t best = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t offset = 0; offset + blocks[i].bytes <= limit; offset += 16) {
    bool free = true;
    for (std::size_t j = 0; j < i && free; ++j) {
      free = !LiveTogether(blocks[i], blocks[j]) || offset + blocks[i].bytes <= (*offsets)[j] ||
             (*offsets)[j] + blocks[j].bytes <= offset;
    }
    if (!free) continue;
    offsets->push_back(offset);
    best = std::min(best, Optimum(blocks, limit, offsets));
    offsets->pop_back();
  }
  return best;
}

TEST(PlaceBlocks, NoBlocksNeedNoMemory) {
  const Placement placement = PlaceBlocks({});
  EXPECT_EQ(placement.total_bytes, 0U);
  EXPECT_TRUE(placement.offsets.empty());
}

TEST(PlaceBlocks, ReusesMemoryOfTheDead) {
  // A chain a -> b -> c: a and c share.
  const Placement placement = PlaceBlocks({{-1, 0, 8000}, {0, 1, 8000}, {1, 2, 8000}});
  EXPECT_EQ(placement.total_bytes, 16000U);
  EXPECT_EQ(placement.lower_bound_bytes, 16000U);
}

TEST(PlaceBlocks, RoundsSizesUpToTheAlignment) {
  const Placement placement = PlaceBlocks({{0, 1, 1}, {1, 2, 17}});
  EXPECT_EQ(placement.total_bytes, 48U);
}

TEST(PlaceBlocks, RandomBlocksNeverOverlapAndStayNearTheBound) {
  std::mt19937 random(7);
  for (int round = 0; round < 12; ++round) {
    const std::vector<Block> blocks =
        RandomBlocks(&random, 10 + static_cast<std::size_t>(round) * 5, 30, 64);
    const Placement placement = PlaceBlocks(blocks);
    ExpectValid(blocks, placement);
    // Measured: at most 4 % above the bound on these; 15 % leaves room for other random blocks.
    EXPECT_LE(placement.total_bytes * 100, placement.lower_bound_bytes * 115);
  }
}

TEST(PlaceBlocks, FindsTheOptimumOfFewBlocks) {
  std::mt19937 random(11);
  for (int round = 0; round < 40; ++round) {
    const std::vector<Block> blocks = RandomBlocks(&random, 2 + random() % 4, 4, 4);
    const Placement placement = PlaceBlocks(blocks);
    ExpectValid(blocks, placement);
    std::vector<std::uint64_t> offsets;
    EXPECT_EQ(placement.total_bytes, Optimum(blocks, placement.total_bytes, &offsets));
  }
}

TEST(PlaceBlocks, IsDeterministic) {
  std::mt19937 random(3);
  const std::vector<Block> blocks = RandomBlocks(&random, 40, 30, 64);
  EXPECT_EQ(PlaceBlocks(blocks).offsets, PlaceBlocks(blocks).offsets);
}

std::uint64_t EndOnTop(const std::vector<Block>& blocks, const Placement& placement,
                       const Block& top) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (LiveTogether(blocks[i], top)) {
      below = std::max(below, placement.offsets[i] + blocks[i].bytes);
    }
  }
  return (below + kScratchAlignment - 1) / kScratchAlignment * kScratchAlignment + top.bytes;
}

TEST(PlaceBlocks, MakesRoomOnTop) {
  // The second time has room for scratch where its block is the lower one.
  const std::vector<Block> blocks = {{0, 0, 640}, {0, 1, 640}};
  const std::vector<Block> on_top = {{1, 1, 640}};
  const Placement placement = PlaceBlocks(blocks, on_top);
  EXPECT_EQ(placement.offsets[1], 0U);
  EXPECT_EQ(placement.total_bytes, 1280U);
  EXPECT_EQ(placement.end_bytes, 1280U);
}

TEST(PlaceBlocks, RandomBlocksOnTopEndWhereItSays) {
  std::mt19937 random(8);
  for (int round = 0; round < 30; ++round) {
    const std::vector<Block> blocks = RandomBlocks(&random, 3 + random() % 5, 12, 32);
    const std::vector<Block> on_top = RandomBlocks(&random, 5, 12, 16);
    const Placement placement = PlaceBlocks(blocks, on_top);
    ExpectValid(blocks, placement);
    std::uint64_t end = placement.total_bytes;
    for (const Block& top : on_top) end = std::max(end, EndOnTop(blocks, placement, top));
    EXPECT_EQ(placement.end_bytes, end);
    // Of few blocks every order is tried, so that no other placement ends before.
    const Placement alone = PlaceBlocks(blocks);
    std::uint64_t other = alone.total_bytes;
    for (const Block& top : on_top) other = std::max(other, EndOnTop(blocks, alone, top));
    EXPECT_LE(placement.end_bytes, other);
  }
}

/// A model of tensors of the given bytes, without operators yet.
fb::ModelT ModelOf(const std::vector<std::int32_t>& bytes) {
  fb::ModelT model;
  for (std::int32_t size : bytes) {
    auto tensor = std::make_unique<fb::TensorT>();
    tensor->shape = {size};
    model.tensors.push_back(std::move(tensor));
  }
  return model;
}

template <typename ParamsT>
void Append(fb::OperatorParams kind, ParamsT params, std::vector<std::int32_t> inputs,
            std::vector<std::int32_t> outputs, fb::ModelT* model) {
  auto op = std::make_unique<fb::OperatorT>();
  op->params.type = kind;
  op->params.value = new ParamsT(std::move(params));
  op->inputs = std::move(inputs);
  op->outputs = std::move(outputs);
  model->operators.push_back(std::move(op));
}

fb::AddSubT AddOf(std::int32_t count, std::int32_t stride2) {
  fb::AddSubT add;
  add.broadcast = std::make_unique<fb::BroadcastT>();
  add.broadcast->dims = {count};
  add.broadcast->strides1 = {1};
  add.broadcast->strides2 = {stride2};
  return add;
}

TEST(PlanMemory, TablesWriteInPlace) {
  fb::ModelT model = ModelOf({64, 64});
  Append(fb::OperatorParams::Lut8, fb::Lut8T(), {0}, {1}, &model);
  model.inputs = {0};
  model.outputs = {1};
  PlanMemory(&model);
  EXPECT_EQ(model.tensors[0]->arena_offset, model.tensors[1]->arena_offset);
  ASSERT_EQ(model.banks.size(), 1U);
  EXPECT_EQ(model.banks[0]->name, "arena");
  EXPECT_EQ(model.banks[0]->bytes, 64U);
}

TEST(PlanMemory, AnInputThatIsReadLaterIsNotOverwritten) {
  fb::ModelT model = ModelOf({64, 64, 64});
  Append(fb::OperatorParams::Lut8, fb::Lut8T(), {0}, {1}, &model);
  Append(fb::OperatorParams::Add, AddOf(64, 1), {1, 0}, {2}, &model);
  model.inputs = {0};
  model.outputs = {2};
  PlanMemory(&model);
  EXPECT_NE(model.tensors[0]->arena_offset, model.tensors[1]->arena_offset);
  EXPECT_EQ(model.tensors[2]->arena_offset, model.tensors[1]->arena_offset);
  EXPECT_EQ(model.banks[0]->bytes, 128U);
}

TEST(PlanMemory, ABroadcastInputIsNotOverwritten) {
  fb::ModelT model = ModelOf({64, 1, 64});
  Append(fb::OperatorParams::Lut8, fb::Lut8T(), {1}, {1}, &model);
  Append(fb::OperatorParams::Add, AddOf(64, 0), {0, 1}, {2}, &model);
  model.inputs = {0, 1};
  model.outputs = {2, 0};  // the first input is an output too: it must stay
  PlanMemory(&model);
  EXPECT_NE(model.tensors[2]->arena_offset, model.tensors[0]->arena_offset);
  EXPECT_NE(model.tensors[2]->arena_offset, model.tensors[1]->arena_offset);
}

TEST(PlanMemory, AViewKeepsItsTensorAlive) {
  fb::ModelT model = ModelOf({64, 64, 64, 64});
  model.tensors[2]->view_of = 1;
  Append(fb::OperatorParams::AveragePool2D, fb::Pool2DT(), {0}, {1}, &model);
  Append(fb::OperatorParams::AveragePool2D, fb::Pool2DT(), {2}, {3}, &model);
  model.inputs = {0};
  model.outputs = {3};
  PlanMemory(&model);
  EXPECT_EQ(model.tensors[2]->arena_offset, model.tensors[1]->arena_offset);
  EXPECT_NE(model.tensors[3]->arena_offset, model.tensors[1]->arena_offset);
  EXPECT_EQ(model.banks[0]->bytes, 128U);
  EXPECT_EQ(model.banks[0]->lower_bound_bytes, 128U);
}

// --- Transient tensors -------------------------------------------------------------------------

/// x => h => t, x + t => y => output, all of 64 bytes.
fb::ModelT ResidualBlock() {
  fb::ModelT model = ModelOf({64, 64, 64, 64, 64});
  Append(fb::OperatorParams::Conv2D, fb::Conv2DT(), {0}, {1}, &model);
  Append(fb::OperatorParams::Conv2D, fb::Conv2DT(), {1}, {2}, &model);
  Append(fb::OperatorParams::Add, AddOf(64, 1), {0, 2}, {3}, &model);
  Append(fb::OperatorParams::AveragePool2D, fb::Pool2DT(), {3}, {4}, &model);
  model.inputs = {0};
  model.outputs = {4};
  return model;
}

bool MarksT(fb::ModelT model) {
  MarkTransients(&model);
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    EXPECT_TRUE(i == 2 || model.tensors[i]->storage != fb::Storage::Transient) << i;
  }
  return model.tensors[2]->storage == fb::Storage::Transient;
}

TEST(MarkTransients, MarksWhatAnAdditionTakes) {
  EXPECT_TRUE(MarksT(ResidualBlock()));
  fb::ModelT other_side = ResidualBlock();
  other_side.operators[2]->inputs = {2, 0};
  EXPECT_TRUE(MarksT(std::move(other_side)));
}

TEST(MarkTransients, NotWhereAnybodyElseNeedsIt) {
  fb::ModelT output = ResidualBlock();
  output.outputs.push_back(2);
  EXPECT_FALSE(MarksT(std::move(output)));
  fb::ModelT read_again = ResidualBlock();
  Append(fb::OperatorParams::Lut8, fb::Lut8T(), {2}, {4}, &read_again);
  EXPECT_FALSE(MarksT(std::move(read_again)));
  fb::ModelT view = ResidualBlock();
  view.tensors[4]->view_of = 2;
  EXPECT_FALSE(MarksT(std::move(view)));
  fb::ModelT twice = ResidualBlock();
  twice.operators[2]->inputs = {2, 2};
  EXPECT_FALSE(MarksT(std::move(twice)));
}

TEST(MarkTransients, NotWhereTheOtherInputCannotBeOverwritten) {
  fb::ModelT read_later = ResidualBlock();
  read_later.operators[3]->inputs.push_back(0);
  EXPECT_FALSE(MarksT(std::move(read_later)));
  fb::ModelT is_read_by_the_maker = ResidualBlock();
  is_read_by_the_maker.operators[2]->inputs[0] = 1;
  EXPECT_FALSE(MarksT(std::move(is_read_by_the_maker)));
  fb::ModelT constant = ResidualBlock();
  constant.tensors[0]->storage = fb::Storage::Constant;
  constant.inputs.clear();
  EXPECT_FALSE(MarksT(std::move(constant)));
  fb::ModelT broadcast = ResidualBlock();
  broadcast.operators[2]->params.AsAdd()->broadcast->strides1 = {0};
  EXPECT_FALSE(MarksT(std::move(broadcast)));
}

TEST(MarkTransients, NotOfOperatorsThatCannot) {
  fb::ModelT maker = ResidualBlock();
  maker.operators[1]->params.Reset();
  maker.operators[1]->params.type = fb::OperatorParams::MaxPool2D;
  maker.operators[1]->params.value = new fb::Pool2DT();
  EXPECT_FALSE(MarksT(std::move(maker)));
  fb::ModelT between = ResidualBlock();
  std::swap(between.operators[0], between.operators[1]);
  EXPECT_FALSE(MarksT(std::move(between)));
}

TEST(PlanMemory, AResidualBlockNeedsTwoTensors) {
  fb::ModelT model = ResidualBlock();
  MarkTransients(&model);
  PlanMemory(&model, {0, 64, 0, 64});
  EXPECT_EQ(model.tensors[3]->arena_offset, model.tensors[0]->arena_offset);
  // The second convolution still reads h while the addition writes.
  EXPECT_NE(model.tensors[3]->arena_offset, model.tensors[1]->arena_offset);
  EXPECT_EQ(model.banks[0]->bytes, 128U);
}

TEST(PlanMemory, ScratchBeginsBehindWhatLives) {
  fb::ModelT model = ModelOf({64, 64, 16, 16});
  Append(fb::OperatorParams::Conv2D, fb::Conv2DT(), {0}, {1}, &model);
  Append(fb::OperatorParams::Conv2D, fb::Conv2DT(), {1}, {2}, &model);
  Append(fb::OperatorParams::Conv2D, fb::Conv2DT(), {2}, {3}, &model);
  model.inputs = {0};
  model.outputs = {3};
  PlanMemory(&model, {0, 0, 64});
  EXPECT_EQ(model.banks[0]->bytes, 128U);
  EXPECT_EQ(model.operators[0]->scratch_offset, 0xFFFFFFFFU);
  EXPECT_LE(model.operators[2]->scratch_offset, 64U);
  EXPECT_GE(model.operators[2]->scratch_offset, model.tensors[2]->arena_offset + 16);
  EXPECT_GE(model.operators[2]->scratch_offset, model.tensors[3]->arena_offset + 16);
}

}  // namespace
}  // namespace quaver::compiler
