// Memory that shows a kernel's stray reads and writes.
#ifndef QUAVER_TESTS_CONFORMANCE_BUFFERS_H_
#define QUAVER_TESTS_CONFORMANCE_BUFFERS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace quaver::kernels {

/// A copy of bytes that ends where its allocation ends, so that AddressSanitizer sees a read of
/// one byte more; `offset` bytes past an address aligned to 64.
class ExactBuffer {
 public:
  ExactBuffer(const void* bytes, std::size_t size, std::size_t offset)
      : memory_(new (kAlignment) std::uint8_t[offset + size]), offset_(offset), size_(size) {
    if (size != 0) std::memcpy(data(), bytes, size);
  }
  [[nodiscard]] std::uint8_t* data() const { return memory_.get() + offset_; }
  [[nodiscard]] bool Equals(const void* bytes) const {
    return size_ == 0 || std::memcmp(data(), bytes, size_) == 0;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Delete {
    void operator()(std::uint8_t* memory) const { ::operator delete[](memory, kAlignment); }
  };
  std::unique_ptr<std::uint8_t[], Delete> memory_;
  std::size_t offset_, size_;
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
