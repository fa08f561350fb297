// IDX files, the format that MNIST comes in: 0, 0, type 8 (unsigned byte), rank, then the sizes of
// the dimensions (big-endian, 4 bytes each), then the elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mnist {

struct Idx {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> elements;
};

/// Reads DIRECTORY/NAME, or DIRECTORY/NAME.gz where the example was built with zlib.
/// On failure false, and `error` says why.
bool ReadIdx(const std::string& directory, const std::string& name, Idx* idx, std::string* error);

}  // namespace mnist
