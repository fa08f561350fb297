// Aligned blocks for models and arenas.
#ifndef QUAVER_TOOLS_MEMORY_H_
#define QUAVER_TOOLS_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include "quaver/model.h"
#include "quaver/span.h"

namespace quaver::tools {

/// Exactly `size` zeroed bytes on the heap, aligned for a model or an arena. No slack behind them:
/// a memory checker sees the first byte too many.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t size)
      : data_(static_cast<std::uint8_t*>(::operator new(size, kAlignment))), size_(size) {
    if (size > 0) std::memset(data_.get(), 0, size);
  }
  explicit AlignedBytes(Span<const std::uint8_t> bytes) : AlignedBytes(bytes.size()) {
    if (size_ > 0) std::memcpy(data_.get(), bytes.data(), size_);
  }

  [[nodiscard]] std::uint8_t* data() { return data_.get(); }
  [[nodiscard]] const std::uint8_t* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{kArenaAlignment};
  static_assert(kArenaAlignment % kModelAlignment == 0);
  struct Free {
    void operator()(std::uint8_t* bytes) const { ::operator delete(bytes, kAlignment); }
  };

  std::unique_ptr<std::uint8_t, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_MEMORY_H_
