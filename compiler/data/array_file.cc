#include "compiler/data/array_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "compiler/ir/error.h"

namespace quaver::compiler {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 32;
constexpr char kNpyMagic[] = "\x93NUMPY";
constexpr std::size_t kNpyMagicBytes = 6;

template <typename T>
double Load(const std::uint8_t* from, bool big_endian) {
  std::uint8_t bytes[sizeof(T)];
  std::copy(from, from + sizeof(T), bytes);
  if (big_endian) std::reverse(bytes, bytes + sizeof(T));
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return static_cast<double>(value);
}

// Checks that `array.bytes` is as long as type and shape say.
void CheckSize(const ArrayFile& array, const std::string& path) {
  std::size_t expected = ElementBytes(array.type);
  for (std::int64_t dim : array.dims) {
    if (dim < 0 || static_cast<std::size_t>(dim) > kMostBytes ||
        (dim > 0 && expected > kMostBytes / static_cast<std::size_t>(dim))) {
      throw Error(path + ": the header says an impossible size; the file may be damaged");
    }
    expected *= static_cast<std::size_t>(dim);
  }
  if (expected != array.bytes.size()) {
    throw Error(path + ": the header says " + std::to_string(expected) +
                " bytes of elements, but the file holds " + std::to_string(array.bytes.size()) +
                "; it may be cut off");
  }
}

// The text after 'key': in the header's Python dictionary, up to its end.
std::string HeaderValue(const std::string& header, const std::string& key,
                        const std::string& path) {
  const std::string quoted = "'" + key + "'";
  const std::size_t at = header.find(quoted);
  const std::size_t colon = at == std::string::npos ? at : header.find(':', at + quoted.size());
  if (colon == std::string::npos) {
    throw Error(path + ": the NumPy header has no " + quoted + "; save it again with numpy.save");
  }
  const std::size_t start = header.find_first_not_of(' ', colon + 1);
  return start == std::string::npos ? "" : header.substr(start);
}

std::vector<std::int64_t> ParseShape(const std::string& text, const std::string& path) {
  std::vector<std::int64_t> dims;
  std::int64_t dim = -1;
  for (std::size_t i = 1; i < text.size() && text[0] == '('; ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      dim = std::max<std::int64_t>(dim, 0) * 10 + (c - '0');
      if (dim > static_cast<std::int64_t>(kMostBytes)) break;
    } else if (c == ',' || c == ')') {
      if (dim >= 0) dims.push_back(dim);
      dim = -1;
      if (c == ')') return dims;
    } else if (c != ' ') {
      break;
    }
  }
  throw Error(path + ": the NumPy header's shape cannot be read; save it again with numpy.save");
}

void ParseDescription(const std::string& text, const std::string& path, ArrayFile* array) {
  const std::string name = text.size() >= 5 ? text.substr(1, 3) : "";
  array->big_endian = name[0] == '>';
  const std::string kind = name.empty() ? "" : name.substr(1);
  static const std::pair<const char*, ElementType> types[] = {
      {"u1", ElementType::kUInt8}, {"i1", ElementType::kInt8},    {"i4", ElementType::kInt32},
      {"i8", ElementType::kInt64}, {"f4", ElementType::kFloat32}, {"f8", ElementType::kFloat64}};
  for (const auto& [code, type] : types) {
    if (kind == code) {
      array->type = type;
      return;
    }
  }
  throw Error(path + ": NumPy type " + text.substr(0, text.find(',')) +
              " is not supported; save it as float32 or uint8 (array.astype)");
}

}  // namespace

std::size_t ElementBytes(ElementType type) {
  switch (type) {
    case ElementType::kUInt8:
    case ElementType::kInt8:
      return 1;
    case ElementType::kInt32:
    case ElementType::kFloat32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kFloat64:
      return 8;
  }
  return 1;
}

const char* ElementName(ElementType type) {
  switch (type) {
    case ElementType::kUInt8:
      return "uint8";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kFloat64:
      return "float64";
  }
  return "";
}

double ElementAt(const ArrayFile& array, std::size_t i) {
  const std::uint8_t* at = array.bytes.data() + i * ElementBytes(array.type);
  switch (array.type) {
    case ElementType::kUInt8:
      return Load<std::uint8_t>(at, array.big_endian);
    case ElementType::kInt8:
      return Load<std::int8_t>(at, array.big_endian);
    case ElementType::kInt32:
      return Load<std::int32_t>(at, array.big_endian);
    case ElementType::kInt64:
      return Load<std::int64_t>(at, array.big_endian);
    case ElementType::kFloat32:
      return Load<float>(at, array.big_endian);
    case ElementType::kFloat64:
      return Load<double>(at, array.big_endian);
  }
  return 0;
}

std::vector<std::uint8_t> ReadFile(const std::string& path) {
  // zlib hands through what is not compressed.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (file == nullptr) {
    throw Error(path + ": cannot be opened (" + std::strerror(errno) + "); check the path");
  }
  std::vector<std::uint8_t> bytes;
  constexpr unsigned kChunk = 1 << 20;
  int count = 0;
  do {
    const std::size_t size = bytes.size();
    if (size > kMostBytes) throw Error(path + ": is larger than 4 GiB; split it");
    bytes.resize(size + kChunk);
    count = gzread(file.get(), bytes.data() + size, kChunk);
    bytes.resize(size + static_cast<std::size_t>(std::max(count, 0)));
  } while (count == static_cast<int>(kChunk));
  int code = Z_OK;
  const char* text = gzerror(file.get(), &code);
  if (count < 0 || code != Z_OK) {
    throw Error(path + ": cannot be read (" + (code == Z_ERRNO ? std::strerror(errno) : text) +
                "); it may be damaged or cut off");
  }
  return bytes;
}

bool IsNpy(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() > kNpyMagicBytes && std::memcmp(bytes.data(), kNpyMagic, kNpyMagicBytes) == 0;
}

bool IsIdx(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 0x08 &&
         bytes[2] <= 0x0E && bytes[3] >= 1 && bytes[3] <= 8;
}

// numpy/lib/format.py: magic, version, header length (2 bytes in version 1, else 4), a Python
// dictionary, the elements.
ArrayFile ParseNpy(const std::vector<std::uint8_t>& bytes, const std::string& path) {
  const bool version_1 = bytes[kNpyMagicBytes] == 1;
  const std::size_t fixed = kNpyMagicBytes + (version_1 ? 4 : 6);
  std::size_t length = 0;
  for (std::size_t i = fixed; i-- > kNpyMagicBytes + 2;) {
    length = length << 8 | (i < bytes.size() ? bytes[i] : 0xFFU);
  }
  if (bytes.size() < fixed || bytes.size() - fixed < length) {
    throw Error(path + ": the NumPy header is cut off; save it again with numpy.save");
  }
  const auto data = bytes.begin() + static_cast<std::ptrdiff_t>(fixed + length);
  const std::string header(bytes.begin() + static_cast<std::ptrdiff_t>(fixed), data);
  ArrayFile array;
  ParseDescription(HeaderValue(header, "descr", path), path, &array);
  if (HeaderValue(header, "fortran_order", path).rfind("False", 0) != 0) {
    throw Error(path + ": is in Fortran order; save it in C order (numpy.ascontiguousarray)");
  }
  array.dims = ParseShape(HeaderValue(header, "shape", path), path);
  array.bytes.assign(data, bytes.end());
  CheckSize(array, path);
  return array;
}

// yann.lecun.com/exdb/mnist: 0, 0, type, rank, the sizes and the elements, all big-endian.
ArrayFile ParseIdx(const std::vector<std::uint8_t>& bytes, const std::string& path) {
  ArrayFile array;
  array.big_endian = true;
  switch (bytes[2]) {
    case 0x08:
      array.type = ElementType::kUInt8;
      break;
    case 0x09:
      array.type = ElementType::kInt8;
      break;
    case 0x0C:
      array.type = ElementType::kInt32;
      break;
    case 0x0D:
      array.type = ElementType::kFloat32;
      break;
    case 0x0E:
      array.type = ElementType::kFloat64;
      break;
    default:
      throw Error(path + ": IDX element type " + std::to_string(bytes[2]) +
                  " is not supported, expected unsigned bytes (8) or floats (13)");
  }
  const std::size_t header = 4 + std::size_t{4} * bytes[3];
  if (bytes.size() < header) throw Error(path + ": the IDX header is cut off");
  for (std::size_t i = 4; i < header; i += 4) {
    array.dims.push_back(std::int64_t{bytes[i]} << 24 | std::int64_t{bytes[i + 1]} << 16 |
                         std::int64_t{bytes[i + 2]} << 8 | std::int64_t{bytes[i + 3]});
  }
  array.bytes.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  CheckSize(array, path);
  return array;
}

}  // namespace quaver::compiler
