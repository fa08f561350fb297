#include "kernels/xnnpack/memory.h"

#include <xnnpack.h>

#include <cstdlib>
#include <new>

#include "kernels/xnnpack/xnnpack.h"

namespace quaver::kernels::xnnpack {
namespace {

thread_local Memory* current = nullptr;

void* AlignedAllocate(void* /*context*/, std::size_t alignment, std::size_t bytes) {
  return current == nullptr ? nullptr : current->Allocate(bytes, alignment);
}

void* Allocate(void* context, std::size_t bytes) {
  return AlignedAllocate(context, kBlockAlignment, bytes);
}

/// XNNPACK grows a buffer when an operator is set up for a larger input than before; ours are set
/// up once, so there is never an old one.
void* Reallocate(void* context, void* old, std::size_t bytes) {
  return old == nullptr ? Allocate(context, bytes) : nullptr;
}

void Deallocate(void* /*context*/, void* /*memory*/) {}

// XNNPACK keeps the first allocator that a process gives it.
constexpr xnn_allocator kAllocator = {nullptr,     &Allocate,        &Reallocate,
                                      &Deallocate, &AlignedAllocate, &Deallocate};

}  // namespace

bool Initialize() { return xnn_initialize(&kAllocator) == xnn_status_success; }

Memory::Memory(std::uint8_t* block, std::size_t bytes)
    : block_(block), block_bytes_(bytes), outer_(current) {
  current = this;
}

Memory::Memory() : outer_(current) { current = this; }

Memory::~Memory() {
  current = outer_;
  while (heap_blocks_ != nullptr) {
    HeapBlock* next = heap_blocks_->next;
    std::free(heap_blocks_);
    heap_blocks_ = next;
  }
}

Memory* Memory::Current() { return current; }

void* Memory::Allocate(std::size_t bytes, std::size_t alignment) {
  if (alignment > kBlockAlignment || bytes > SIZE_MAX / 2) return nullptr;
  const std::size_t rounded_bytes = RoundToBlock(bytes);
  void* memory = nullptr;
  if (block_ == nullptr) {
    memory = AllocateOnHeap(rounded_bytes);
  } else if (rounded_bytes <= block_bytes_ - used_bytes_) {
    memory = block_ + used_bytes_;
  }
  if (memory != nullptr) used_bytes_ += rounded_bytes;
  return memory;
}

/// The list's link lies in a line of its own before the block.
void* Memory::AllocateOnHeap(std::size_t bytes) {
  void* memory = std::aligned_alloc(kBlockAlignment, kBlockAlignment + bytes);
  if (memory == nullptr) return nullptr;
  heap_blocks_ = new (memory) HeapBlock{heap_blocks_};
  return static_cast<std::uint8_t*>(memory) + kBlockAlignment;
}

}  // namespace quaver::kernels::xnnpack
