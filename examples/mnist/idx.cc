#include "idx.h"

#include <cstdio>
#ifdef MNIST_HAVE_ZLIB
#include <zlib.h>
#endif

namespace mnist {
namespace {

bool Exists(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  std::fclose(file);
  return true;
}

#ifdef MNIST_HAVE_ZLIB
/// Plain files as well: zlib hands them through.
bool ReadAll(const std::string& path, std::vector<std::uint8_t>* bytes) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  std::uint8_t chunk[1 << 16];
  int count = 0;
  while ((count = gzread(file, chunk, sizeof(chunk))) > 0) {
    bytes->insert(bytes->end(), chunk, chunk + count);
  }
  return gzclose_r(file) == Z_OK && count == 0;
}
constexpr bool kHaveZlib = true;
#else
bool ReadAll(const std::string& path, std::vector<std::uint8_t>* bytes) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  std::uint8_t chunk[1 << 16];
  std::size_t count = 0;
  while ((count = std::fread(chunk, 1, sizeof(chunk), file)) > 0) {
    bytes->insert(bytes->end(), chunk, chunk + count);
  }
  const bool good = std::ferror(file) == 0;
  std::fclose(file);
  return good;
}
constexpr bool kHaveZlib = false;
#endif

bool Parse(const std::vector<std::uint8_t>& bytes, Idx* idx) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8) return false;
  const std::size_t rank = bytes[3];
  const std::size_t header = 4 + 4 * rank;
  if (bytes.size() < header) return false;
  std::size_t count = 1;
  for (std::size_t d = 0; d < rank; ++d) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | bytes[4 + 4 * d + i];
    // Also keeps the product from overflowing.
    if (size == 0 || count > bytes.size() / size) return false;
    count *= size;
    idx->shape.push_back(size);
  }
  if (bytes.size() != header + count) return false;
  idx->elements.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return true;
}

}  // namespace

bool ReadIdx(const std::string& directory, const std::string& name, Idx* idx, std::string* error) {
  const std::string plain = directory + "/" + name;
  const std::string packed = plain + ".gz";
  const bool use_packed = !Exists(plain);
  if (use_packed && !Exists(packed)) {
    *error = plain + ": no such file, nor with .gz";
    return false;
  }
  if (use_packed && !kHaveZlib) {
    *error = packed + ": this program was built without zlib; unpack the file with gunzip";
    return false;
  }
  const std::string& path = use_packed ? packed : plain;
  std::vector<std::uint8_t> bytes;
  if (!ReadAll(path, &bytes)) {
    *error = path + ": cannot be read, or is damaged";
    return false;
  }
  if (!Parse(bytes, idx)) {
    *error = path + ": not an IDX file of unsigned bytes, or cut off";
    return false;
  }
  return true;
}

}  // namespace mnist
