// Files in, files out: messages that name the path, and outputs that appear whole or not at all.
#ifndef QUAVER_TOOLS_FILES_H_
#define QUAVER_TOOLS_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "quaver/span.h"

namespace quaver::tools {

/// FlatBuffers and protobuf files cannot be larger than 2 GiB.
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 31;

/// The whole file (or pipe). Throws Error: missing, a directory or device, unreadable, larger than
/// `limit`.
std::vector<std::uint8_t> ReadFile(const std::string& path, std::size_t limit = kMaxFileBytes);

struct OutputFile {
  std::string path;
  Span<const std::uint8_t> bytes;
};

/// Refuses, before any work is done: an output that is one of the inputs or named twice
/// (UsageError), or that cannot be written where it should go (Error).
void CheckOutputs(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs);

/// Writes each to a temporary file beside its target and renames them once all are written: if one
/// cannot be written, the targets are as they were. Devices and pipes are written directly.
/// Throws Error.
void WriteFiles(const std::vector<OutputFile>& files);

/// Makes `path` and its parents. Throws Error.
void MakeDirectory(const std::string& path);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_FILES_H_
