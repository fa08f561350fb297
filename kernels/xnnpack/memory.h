// The memory that XNNPACK's allocator gives out: a block of the caller's, or, to learn how large
// that block has to be, the heap.
#ifndef QUAVER_KERNELS_XNNPACK_MEMORY_H_
#define QUAVER_KERNELS_XNNPACK_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace quaver::kernels::xnnpack {

/// What every block given out is aligned to, and rounded up to.
inline constexpr std::size_t kBlockAlignment = 64;

constexpr std::size_t RoundToBlock(std::size_t bytes) {
  return (bytes + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

/// Where XNNPACK's allocations of this thread come from while an object of this class lives.
/// Outside such a time they fail: nothing can be allocated while an operator runs.
class Memory {
 public:
  /// From a block aligned to kBlockAlignment, front to back; nothing is given back.
  Memory(std::uint8_t* block, std::size_t bytes);
  /// From the heap, to measure; all of it is given back at the end.
  Memory();
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Null where there is no more. Precondition: alignment is a power of two.
  void* Allocate(std::size_t bytes, std::size_t alignment = kBlockAlignment);
  /// All that was given out, in rounded blocks: alike for both kinds.
  [[nodiscard]] std::size_t used_bytes() const { return used_bytes_; }

  /// This thread's; null: none.
  static Memory* Current();

 private:
  struct HeapBlock {
    HeapBlock* next;
  };
  void* AllocateOnHeap(std::size_t bytes);

  std::uint8_t* block_ = nullptr;
  std::size_t block_bytes_ = 0;
  std::size_t used_bytes_ = 0;
  HeapBlock* heap_blocks_ = nullptr;
  Memory* outer_;
};

}  // namespace quaver::kernels::xnnpack

#endif  // QUAVER_KERNELS_XNNPACK_MEMORY_H_
