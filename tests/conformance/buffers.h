// Memory that shows a kernel's stray reads and writes.
#ifndef QUAVER_TESTS_CONFORMANCE_BUFFERS_H_
#define QUAVER_TESTS_CONFORMANCE_BUFFERS_H_

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace quaver::kernels {

/// In place of an offset: the bytes end where a page ends, behind which nothing may be accessed.
inline constexpr std::size_t kBeforePage = ~std::size_t{0};

/// A copy of bytes that ends where its allocation ends, so that AddressSanitizer sees a read of
/// one byte more; `offset` bytes past an address aligned to 64. Assembly, which it does not see,
/// ends the program there where the offset is kBeforePage.
class ExactBuffer {
 public:
  ExactBuffer(const void* bytes, std::size_t size, std::size_t offset) : ExactBuffer(size, offset) {
    if (size != 0) std::memcpy(data_, bytes, size);
  }
  /// Zeros.
  ExactBuffer(std::size_t size, std::size_t offset) : size_(size) {
    if (offset == kBeforePage) {
      AllocatePages();
    } else {
      memory_.reset(new (kAlignment) std::uint8_t[offset + size](),
                    [](std::uint8_t* memory) { ::operator delete[](memory, kAlignment); });
      data_ = memory_.get() + offset;
    }
  }
  [[nodiscard]] std::uint8_t* data() const { return data_; }
  [[nodiscard]] bool Equals(const void* bytes) const {
    return size_ == 0 || std::memcmp(data_, bytes, size_) == 0;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};

  void AllocatePages() {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t usable = (size_ + page - 1) / page * page;
    void* const pages =
        ::mmap(nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    auto* const begin = static_cast<std::uint8_t*>(pages);
    if (::mprotect(begin + usable, page, PROT_NONE) != 0) throw std::bad_alloc();
    memory_.reset(begin,
                  [bytes = usable + page](std::uint8_t* memory) { ::munmap(memory, bytes); });
    data_ = begin + (usable - size_);
  }

  std::shared_ptr<std::uint8_t> memory_;
  std::uint8_t* data_ = nullptr;
  std::size_t size_;
};

/// Bytes to be written, between guards that must keep their value; `offset` as above.
class GuardedBuffer {
 public:
  GuardedBuffer(std::size_t size, std::size_t offset)
      : bytes_(2 * kGuard + offset + size + 64, kPattern), size_(size) {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data()) + kGuard;
    begin_ = kGuard + (64 - address % 64) % 64 + offset;
  }
  [[nodiscard]] std::uint8_t* data() { return bytes_.data() + begin_; }
  [[nodiscard]] bool GuardsIntact() const {
    const auto intact = [](std::uint8_t byte) { return byte == kPattern; };
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(begin_);
    return std::all_of(bytes_.begin(), begin, intact) &&
           std::all_of(begin + static_cast<std::ptrdiff_t>(size_), bytes_.end(), intact);
  }

 private:
  static constexpr std::size_t kGuard = 64;
  static constexpr std::uint8_t kPattern = 0xA5;
  std::vector<std::uint8_t> bytes_;
  std::size_t begin_ = 0;
  std::size_t size_;
};

}  // namespace quaver::kernels

#endif  // QUAVER_TESTS_CONFORMANCE_BUFFERS_H_
