// Several threads in one session: each unit of work is done once, and the bytes are those of one
// thread.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "quaver/quaver.hpp"
#include "runtime/shared_run.h"
#include "runtime/test_vector.h"
#include "runtime/work_split.h"
#include "tests/util/residual_model.h"

namespace quaver::testing {
namespace {

std::string Text(const Status& status) {
  char text[400];
  status.Format(text, sizeof(text));
  return text;
}

ThreadPool Pool(std::int32_t threads) {
  Result<ThreadPool> pool = ThreadPool::Create(threads);
  EXPECT_TRUE(pool.ok()) << Text(pool.status());
  return std::move(*pool);
}

// --- The pool -------------------------------------------------------------------------------

TEST(ThreadPool, HasAsManyThreadsAsAskedFor) {
  EXPECT_EQ(ThreadPool().ThreadCount(), 1);
  for (const std::int32_t threads : {1, 2, 3, kMaxThreads}) {
    EXPECT_EQ(Pool(threads).ThreadCount(), threads);
  }
}

TEST(ThreadPool, RefusesOtherCounts) {
  for (const std::int32_t threads : {-1, 0, kMaxThreads + 1}) {
    const Status status = ThreadPool::Create(threads).status();
    EXPECT_EQ(status.code, StatusCode::kInvalidArgument);
    EXPECT_EQ(status.found, threads);
  }
}

// --- A call whose units count themselves -----------------------------------------------------

constexpr std::int32_t kUnits = 1000;

/// Plain integers: a thread that came here without having taken the tile would be a race.
struct CountedCall : PreparedCall {
  std::vector<int> runs = std::vector<int>(kUnits, 0);
  std::vector<int> workers = std::vector<int>(kMaxThreads, 0);

  CountedCall(std::int32_t units, std::int32_t tiles_per_thread, std::int32_t grain_log2)
      : PreparedCall{&kType,
                     nullptr,
                     units,
                     0,
                     static_cast<std::uint8_t>(tiles_per_thread),
                     static_cast<std::uint8_t>(grain_log2)} {}

  static void Run(const PreparedCall& call, const kernels::Work& work) {
    // The kernels' contract is const too: they write through their parameters.
    auto& self = const_cast<CountedCall&>(static_cast<const CountedCall&>(call));
    EXPECT_LT(work.begin, work.end);
    EXPECT_EQ(work.begin % (1 << call.grain_log2), 0);
    for (std::int32_t unit = work.begin; unit < work.end; ++unit) {
      ++self.runs[static_cast<std::size_t>(unit)];
    }
    ++self.workers[static_cast<std::size_t>(work.worker)];
  }
  static const char* Name(const PreparedCall& /*call*/) { return "counted"; }
  static constexpr CallType kType = {&Run, &Name, nullptr};
};

struct SharedCall {
  SharedRun* shared;
  CountedCall* call;
  int times;

  static void Task(void* context) {
    auto* self = static_cast<SharedCall*>(context);
    for (int i = 0; i < self->times; ++i) self->shared->Share(*self->call);
  }
};

void CheckEachUnitIsRunOnce(std::int32_t threads) {
  const ThreadPool pool = Pool(threads);
  SharedRun shared(pool.threads(), threads);
  for (const std::int32_t units : {1, 3, 7, 65, kUnits}) {
    for (const std::int32_t tiles : {1, 2, 4}) {
      if (tiles * threads > 31) continue;
      for (const std::int32_t grain_log2 : {0, 4, 6}) {
        CountedCall call(units, tiles, grain_log2);
        constexpr int kTimes = 20;
        SharedCall task{&shared, &call, kTimes};
        shared.Run(&SharedCall::Task, &task);
        for (std::int32_t unit = 0; unit < kUnits; ++unit) {
          ASSERT_EQ(call.runs[static_cast<std::size_t>(unit)], unit < units ? kTimes : 0)
              << unit << " of " << units << ", " << tiles << " tiles a thread";
        }
      }
    }
  }
}

TEST(SharedRun, TwoThreadsRunEachUnitOnce) { CheckEachUnitIsRunOnce(2); }
TEST(SharedRun, ThreeThreadsRunEachUnitOnce) { CheckEachUnitIsRunOnce(3); }
TEST(SharedRun, MostThreadsRunEachUnitOnce) { CheckEachUnitIsRunOnce(kMaxThreads); }

TEST(SharedRun, CanHaveFewerThreadsThanItsPool) {
  const ThreadPool pool = Pool(4);
  SharedRun shared(pool.threads(), 2);
  CountedCall call(kUnits, 2, 0);
  SharedCall task{&shared, &call, 200};
  shared.Run(&SharedCall::Task, &task);
  EXPECT_EQ(call.runs, std::vector<int>(kUnits, 200));
  EXPECT_EQ(call.workers[2] + call.workers[3], 0);
}

// --- How work is divided ---------------------------------------------------------------------

TEST(WorkSplit, LeavesSmallCallsWhole) {
  EXPECT_EQ(SplitWork({100, 64, 1}, Isa::kScalar, 100, 4).tiles_per_thread, 0);
  EXPECT_EQ(SplitWork({1 << 20, 64, 1}, Isa::kScalar, 100, 1).tiles_per_thread, 0);
  EXPECT_EQ(SplitWork({1 << 20, 64, 1}, Isa::kScalar, 1, 4).tiles_per_thread, 0);
  EXPECT_GE(SplitWork({1 << 20, 64, 1}, Isa::kScalar, 100, 4).tiles_per_thread, 1);
}

TEST(WorkSplit, DividesOutputsAtCacheLines) {
  EXPECT_EQ(SplitWork({1 << 20, 64, 1}, Isa::kScalar, 100, 4).grain_log2, 0);
  EXPECT_EQ(SplitWork({1 << 20, 24, 1}, Isa::kScalar, 100, 4).grain_log2, 2);
  EXPECT_EQ(SplitWork({1 << 20, 1, 1}, Isa::kScalar, 10000, 4).grain_log2, 6);
}

TEST(WorkSplit, SharesFewUnitsAllTheSame) {
  const WorkSplit split = SplitWork({1 << 20, 1, 16}, Isa::kScalar, 64, 4);
  EXPECT_EQ(split.tiles_per_thread, 1);
  EXPECT_EQ(split.grain_log2, 4);
}

// --- Sessions --------------------------------------------------------------------------------

/// Large enough that every operator but the last is shared.
ModelBuilder LargeModel() {
  ModelBuilder b;
  const auto input = b.Input({1, 15, 16, 24});
  const auto conv_weights = b.Constant({32, 3, 3, 24}, SomeValues(32 * 9 * 24));
  const auto conv = b.Activation({1, 15, 16, 32}, "conv");
  fb::Conv2DT p;
  p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 1;
  p.bias = SomeBias(32);
  p.output = SomeStage(32);
  b.Operator(fb::OperatorParams::Conv2D, {input, conv_weights}, {conv}, std::move(p), "conv");
  const auto depthwise_weights = b.Constant({1, 3, 3, 32}, SomeValues(9 * 32, 2));
  const auto depthwise = b.Activation({1, 13, 14, 32}, "depthwise");
  fb::DepthwiseConv2DT d;
  d.bias = SomeBias(32);
  d.output = SomeStage(32);
  b.Operator(fb::OperatorParams::DepthwiseConv2D, {conv, depthwise_weights}, {depthwise},
             std::move(d), "depthwise");
  constexpr std::int32_t kDepth = 13 * 14 * 32;
  const auto weights = b.Constant({80, kDepth}, SomeValues(80 * kDepth, 3));
  const auto output = b.Activation({1, 80}, "output");
  fb::FullyConnectedT f;
  f.bias = SomeBias(80);
  f.output = SomeStage(80);
  b.Operator(fb::OperatorParams::FullyConnected, {depthwise, weights}, {output}, std::move(f),
             "fully connected");
  b.Output(output);
  return b;
}

SessionOptions Options(std::int32_t threads, const ThreadPool* pool, const char* isa = nullptr) {
  SessionOptions options;
  options.isa = isa;
  options.threads = threads;
  options.pool = pool;
  return options;
}

std::vector<std::uint8_t> OutputOf(const Model& model, const SessionOptions& options, int runs) {
  AlignedBytes arena(*model.ArenaBytes(options));
  Result<Session> session = Session::Create(model, arena.span(), options);
  EXPECT_TRUE(session.ok()) << Text(session.status());
  TensorView output;
  for (int run = 0; run < runs; ++run) {
    TestInputGenerator generator(7);
    for (std::size_t i = 0; i < model.InputCount(); ++i) generator.Fill(session->Input(i));
    const Status status = session->Run();
    EXPECT_TRUE(status.ok()) << Text(status);
  }
  output = session->Output(0);
  const auto* data = static_cast<const std::uint8_t*>(output.data);
  return {data, data + output.bytes};
}

TEST(SessionThreads, GiveTheBytesOfOne) {
  std::vector<AlignedBytes> models;
  models.push_back(LargeModel().Build());
  models.push_back(LargeResidualModel().Build());
  for (const SampleModel& sample : SampleModels()) models.push_back(sample.make().Build());
  for (const std::int32_t threads : {2, 3, 4}) {
    const ThreadPool pool = Pool(threads);
    for (AlignedBytes& bytes : models) {
      const Result<Model> model = Model::Load(bytes.span());
      ASSERT_TRUE(model.ok()) << Text(model.status());
      for (const char* isa : {static_cast<const char*>(nullptr), "scalar"}) {
        const std::vector<std::uint8_t> expected = OutputOf(*model, Options(1, nullptr, isa), 1);
        EXPECT_EQ(OutputOf(*model, Options(threads, &pool, isa), 3), expected) << threads;
      }
    }
  }
}

TEST(SessionThreads, ObserverRunsOnTheCallersThread) {
  AlignedBytes bytes = LargeModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << Text(model.status());
  const ThreadPool pool = Pool(3);
  AlignedBytes arena(*model->ArenaBytes(Options(3, &pool)));
  Result<Session> session = Session::Create(*model, arena.span(), Options(3, &pool));
  ASSERT_TRUE(session.ok());
  static thread_local int on_this_thread = 0;
  on_this_thread = 0;
  const Status status =
      session->Run([](void*, const Session&, const OperatorEvent&) { ++on_this_thread; }, nullptr);
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(on_this_thread, 3);
}

TEST(SessionThreads, NeedExactlyArenaBytes) {
  AlignedBytes bytes = LargeModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << Text(model.status());
  const ThreadPool pool = Pool(3);
  const SessionOptions options = Options(3, &pool);
  const std::size_t needed = *model->ArenaBytes(Options(3, nullptr));
  EXPECT_GT(needed, *model->ArenaBytes());
  AlignedBytes small(needed - 1);
  const Status refused = Session::Create(*model, small.span(), options).status();
  EXPECT_EQ(refused.code, StatusCode::kArenaTooSmall);
  EXPECT_EQ(refused.expected, static_cast<std::int64_t>(needed));

  constexpr std::uint8_t kGuard = 0xA5;
  AlignedBytes guarded(needed + 256);
  std::memset(guarded.data(), kGuard, guarded.size());
  Result<Session> session = Session::Create(*model, {guarded.data(), needed}, options);
  ASSERT_TRUE(session.ok());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(session->Run().ok());
  for (std::size_t i = needed; i < guarded.size(); ++i) ASSERT_EQ(guarded.data()[i], kGuard);
}

TEST(SessionThreads, NeedAPoolOfAsMany) {
  AlignedBytes bytes = TwoLayerModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << Text(model.status());
  AlignedBytes arena(1 << 16);
  const ThreadPool pool = Pool(2);
  for (const ThreadPool* given : {static_cast<const ThreadPool*>(nullptr), &pool}) {
    const Status status = Session::Create(*model, arena.span(), Options(3, given)).status();
    EXPECT_EQ(status.code, StatusCode::kInvalidArgument);
    EXPECT_EQ(status.expected, 3);
    EXPECT_EQ(status.found, given == nullptr ? 1 : 2);
    EXPECT_NE(Text(status).find("SessionOptions::pool"), std::string::npos) << Text(status);
  }
  EXPECT_EQ(model->ArenaBytes(Options(0, nullptr)).status().code, StatusCode::kInvalidArgument);
  EXPECT_EQ(model->ArenaBytes(Options(17, nullptr)).status().expected, kMaxThreads);
}

/// Two sessions, each run by a thread of its own, on one pool.
TEST(SessionThreads, SessionsShareAPool) {
  AlignedBytes bytes = LargeModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << Text(model.status());
  const ThreadPool pool = Pool(2);
  const std::vector<std::uint8_t> expected = OutputOf(*model, Options(1, nullptr), 1);
  std::vector<std::uint8_t> outputs[2];
  std::thread other([&] { outputs[1] = OutputOf(*model, Options(2, &pool), 10); });
  outputs[0] = OutputOf(*model, Options(2, &pool), 10);
  other.join();
  EXPECT_EQ(outputs[0], expected);
  EXPECT_EQ(outputs[1], expected);
}

}  // namespace
}  // namespace quaver::testing
