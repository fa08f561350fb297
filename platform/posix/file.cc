#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace quaver::platform {
namespace {

/// Maps an open file; closing it later does not unmap.
bool MapDescriptor(int descriptor, Span<const std::uint8_t>* bytes) {
  struct stat info {};
  if (fstat(descriptor, &info) != 0) return false;
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return false;
  }
  *bytes = {};
  if (info.st_size == 0) return true;
  const auto size = static_cast<std::size_t>(info.st_size);
  void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED) return false;
  *bytes = {static_cast<const std::uint8_t*>(address), size};
  return true;
}

}  // namespace

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  Unmap();
  bytes_ = other.bytes_;
  other.bytes_ = {};
  return *this;
}

MappedFile::~MappedFile() { Unmap(); }

bool MappedFile::Map(const char* path) {
  Unmap();
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool mapped = MapDescriptor(descriptor, &bytes_);
  const int error = errno;
  close(descriptor);
  errno = error;
  return mapped;
}

void MappedFile::Unmap() {
  if (!bytes_.empty()) munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
  bytes_ = {};
}

}  // namespace quaver::platform
