// Files for the tools of a system that has them: not part of the runtime.
#ifndef QUAVER_PLATFORM_FILE_H_
#define QUAVER_PLATFORM_FILE_H_

#include <cstdint>

#include "quaver/span.h"

namespace quaver::platform {

/// A file mapped for reading, aligned to a page; unmapped when it goes. An empty file is a mapping
/// of no bytes.
class MappedFile {
 public:
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept { *this = static_cast<MappedFile&&>(other); }
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  /// False where the file cannot be read; errno says why.
  [[nodiscard]] bool Map(const char* path);

  [[nodiscard]] Span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  void Unmap();

  Span<const std::uint8_t> bytes_;
};

}  // namespace quaver::platform

#endif  // QUAVER_PLATFORM_FILE_H_
