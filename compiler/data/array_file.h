// Array files as they are: type, shape and elements.
#ifndef QUAVER_COMPILER_DATA_ARRAY_FILE_H_
#define QUAVER_COMPILER_DATA_ARRAY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace quaver::compiler {

enum class ElementType : std::uint8_t { kUInt8, kInt8, kInt32, kInt64, kFloat32, kFloat64 };

struct ArrayFile {
  ElementType type = ElementType::kUInt8;
  bool big_endian = false;
  std::vector<std::int64_t> dims;
  std::vector<std::uint8_t> bytes;  ///< The elements, row-major.
};

std::size_t ElementBytes(ElementType type);
const char* ElementName(ElementType type);
/// Element `i` as a number. Precondition: i is below the number of elements.
double ElementAt(const ArrayFile& array, std::size_t i);

/// The bytes of a file, uncompressed if it is a gzip file. Throws Error.
std::vector<std::uint8_t> ReadFile(const std::string& path);

bool IsNpy(const std::vector<std::uint8_t>& bytes);
bool IsIdx(const std::vector<std::uint8_t>& bytes);
/// Throw Error unless the header is whole and says as many elements as the file holds.
/// Preconditions: IsNpy, IsIdx.
ArrayFile ParseNpy(const std::vector<std::uint8_t>& bytes, const std::string& path);
ArrayFile ParseIdx(const std::vector<std::uint8_t>& bytes, const std::string& path);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_DATA_ARRAY_FILE_H_
