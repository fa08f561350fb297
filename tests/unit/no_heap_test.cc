// Nothing is allocated while loading, creating and running: every way to the heap ends the test.
//
// malloc and its kin are defined here, so that the C library's own calls come here too; they serve
// from a static block, which nothing but this test's framework uses.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"
#include "tests/util/sample_models.h"

namespace {

constexpr std::size_t kHeapBytes = std::size_t{64} << 20;
constexpr std::size_t kHeader = 16;
alignas(64) unsigned char heap[kHeapBytes];
std::size_t heap_used = 0;
/// Calls of the heap while `trap` is set.
bool trap = false;
int trapped = 0;

/// Bump allocation; the size before each block serves realloc.
void* Allocate(std::size_t size, std::size_t alignment = kHeader) {
  if (trap) ++trapped;
  const std::size_t start = (heap_used + kHeader + alignment - 1) / alignment * alignment;
  if (size > kHeapBytes || start > kHeapBytes - size) {
    errno = ENOMEM;
    return nullptr;
  }
  heap_used = start + size;
  std::memcpy(heap + start - kHeader, &size, sizeof(size));
  return heap + start;
}

}  // namespace

// The C library's own parameter names are reserved ones.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {
void* malloc(std::size_t size) { return Allocate(size); }
void free(void* /*block*/) {
  if (trap) ++trapped;
}
void* calloc(std::size_t count, std::size_t size) {
  // The static block is zero, and no byte is given twice.
  return size != 0 && count > kHeapBytes / size ? nullptr : Allocate(count * size);
}
void* realloc(void* block, std::size_t size) {
  void* larger = Allocate(size);
  if (block == nullptr || larger == nullptr) return larger;
  std::size_t old = 0;
  std::memcpy(&old, static_cast<unsigned char*>(block) - kHeader, sizeof(old));
  std::memcpy(larger, block, old < size ? old : size);
  return larger;
}
void* memalign(std::size_t alignment, std::size_t size) { return Allocate(size, alignment); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return Allocate(size, alignment); }
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = Allocate(size, alignment);
  return *block == nullptr ? ENOMEM : 0;
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

// operator new of the C++ library calls malloc: it is trapped with it.

namespace quaver::testing {
namespace {

/// Everything that a device does with a model. No assertion of the framework in here: they
/// allocate.
Status UseModel(Span<const std::uint8_t> bytes, Span<std::uint8_t> arena,
                const SessionOptions& options = {}) {
  const Result<Model> model = Model::Load(bytes);
  if (!model.ok()) return model.status();
  const Result<std::size_t> arena_bytes = model->ArenaBytes(options);
  if (!arena_bytes.ok()) return arena_bytes.status();
  Result<Session> session = Session::Create(*model, {arena.data(), *arena_bytes}, options);
  if (!session.ok()) return session.status();
  TestInputGenerator generator(1);
  for (std::size_t i = 0; i < model->InputCount(); ++i) generator.Fill(session->Input(i));
  Status status = session->Run();
  if (!status.ok()) return status;
  status = session->Run([](void*, const Session&, const OperatorEvent&) {}, nullptr);
  if (!status.ok()) return status;
  session->ResetState();
  status = session->SelfTest();
  char text[200];
  status.Format(text, sizeof(text));
  return status;
}

TEST(NoHeap, TheTrapWorks) {
  trap = true;
  trapped = 0;
  void* volatile block = std::malloc(1);
  std::free(block);
  // Calls of the functions: a compiler may leave out new-expressions.
  void* volatile object = ::operator new(sizeof(int));
  ::operator delete(object);
  trap = false;
  EXPECT_EQ(trapped, 4);
}

TEST(NoHeap, EveryOperatorLoadsAndRunsWithoutIt) {
  AlignedBytes arena(1 << 16);
  for (const SampleModel& sample : SampleModels()) {
    AlignedBytes bytes = sample.make().Build();
    const Span<std::uint8_t> bytes_span = bytes.span();
    const Span<std::uint8_t> arena_span = arena.span();
    trapped = 0;
    trap = true;
    const Status status = UseModel(bytes_span, arena_span);
    trap = false;
    EXPECT_EQ(trapped, 0) << sample.name;
    // The models have no test vector: they were run up to that last step.
    EXPECT_EQ(status.code, StatusCode::kNoTestVector) << sample.name;
  }
}

/// Starting threads takes memory; running on them does not.
TEST(NoHeap, ThreadsRunWithoutIt) {
  const Result<ThreadPool> pool = ThreadPool::Create(2);
  if (pool.status().code == StatusCode::kNoThreads) GTEST_SKIP() << "this build has no threads";
  ASSERT_TRUE(pool.ok());
  SessionOptions options;
  options.threads = 2;
  options.pool = &*pool;
  AlignedBytes arena(1 << 16);
  AlignedBytes bytes = TwoLayerModel().Build();
  const Span<std::uint8_t> bytes_span = bytes.span();
  const Span<std::uint8_t> arena_span = arena.span();
  trapped = 0;
  trap = true;
  const Status status = UseModel(bytes_span, arena_span, options);
  trap = false;
  EXPECT_EQ(trapped, 0);
  EXPECT_EQ(status.code, StatusCode::kNoTestVector);
}

TEST(NoHeap, RefusalsDoWithoutItToo) {
  AlignedBytes bytes = TwoLayerModel().Build();
  AlignedBytes arena(16);
  const Span<std::uint8_t> whole = bytes.span();
  const Span<std::uint8_t> small = arena.span();
  trapped = 0;
  trap = true;
  const Status truncated = UseModel({whole.data(), whole.size() / 2}, small);
  const Result<Model> model = Model::Load(whole);
  const Result<Session> session = Session::Create(*model, small);
  trap = false;
  EXPECT_EQ(trapped, 0);
  EXPECT_EQ(truncated.code, StatusCode::kTruncated);
  EXPECT_EQ(session.status().code, StatusCode::kArenaTooSmall);
}

}  // namespace
}  // namespace quaver::testing
