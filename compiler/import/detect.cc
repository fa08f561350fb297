#include <algorithm>
#include <cctype>
#include <cstring>

#include "compiler/import/import.h"

namespace quaver::compiler {
namespace {

struct Signature {
  std::size_t offset;
  const char* bytes;
  std::size_t size;
  const char* description;
};

template <std::size_t N>
constexpr Signature At(std::size_t offset, const char (&bytes)[N], const char* description) {
  return {offset, bytes, N - 1, description};
}

constexpr Signature kSignatures[] = {
    At(4, "TFL3", "a TensorFlow Lite model"),
    At(4, "QVR1", "a Quaver model"),
    At(0, "\xFF\xD8\xFF", "a JPEG image"),
    At(0, "\x89PNG\r\n", "a PNG image"),
    At(0, "GIF8", "a GIF image"),
    At(0, "BM", "a BMP image"),
    At(8, "WEBP", "a WebP image"),
    At(8, "WAVE", "a WAV recording"),
    At(0, "PK\x03\x04", "a ZIP archive (a PyTorch .pt, a Keras .keras or a .npz file is one)"),
    At(0, "\x1F\x8B", "a gzip file"),
    At(0, "\x89HDF\r\n", "an HDF5 file (a Keras .h5 model is one)"),
    At(0, "\x93NUMPY", "a NumPy array"),
    At(0, "GGUF", "a GGUF model"),
    At(0, "%PDF", "a PDF document"),
    At(0,
       "\x7F"
       "ELF",
       "an ELF program"),
};

bool Matches(Span<const std::uint8_t> bytes, const Signature& signature) {
  return bytes.size() >= signature.offset + signature.size &&
         std::memcmp(bytes.data() + signature.offset, signature.bytes, signature.size) == 0;
}

const char* KnownKind(Span<const std::uint8_t> bytes) {
  for (const Signature& signature : kSignatures) {
    if (Matches(bytes, signature)) return signature.description;
  }
  return nullptr;
}

/// An ONNX file has no signature. It is the protobuf message ModelProto, which writers begin with
/// field 1, ir_version, a small varint; the next field is the producer's name (2), version (3),
/// domain (4), model version (5), text (6), the graph (7) or the operator sets (8).
bool LooksLikeOnnx(Span<const std::uint8_t> bytes) {
  constexpr std::uint8_t kIrVersionTag = 0x08;
  constexpr std::uint8_t kMostIrVersion = 64;
  if (bytes.size() < 3 || bytes[0] != kIrVersionTag) return false;
  if (bytes[1] < 1 || bytes[1] > kMostIrVersion) return false;
  constexpr std::uint8_t kNextTags[] = {0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42};
  return std::find(std::begin(kNextTags), std::end(kNextTags), bytes[2]) != std::end(kNextTags);
}

bool IsText(Span<const std::uint8_t> bytes) {
  const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 512);
  return std::all_of(bytes.begin(), bytes.begin() + looked_at, [](std::uint8_t byte) {
    return (byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

bool EndsWith(const std::string& path, const std::string& ending) {
  return path.size() >= ending.size() &&
         std::equal(ending.rbegin(), ending.rend(), path.rbegin(), [](char want, char have) {
           return want == std::tolower(static_cast<unsigned char>(have));
         });
}

}  // namespace

FileKind DetectKind(Span<const std::uint8_t> bytes, const std::string& path) {
  if (Matches(bytes, At(4, "QVR1", ""))) return FileKind::kQuaver;
  if (Matches(bytes, At(4, "TFL3", ""))) return FileKind::kTflite;
  if (KnownKind(bytes) == nullptr && LooksLikeOnnx(bytes)) return FileKind::kOnnx;
  if (EndsWith(path, ".qvr")) return FileKind::kQuaver;
  if (EndsWith(path, ".tflite")) return FileKind::kTflite;
  if (EndsWith(path, ".onnx")) return FileKind::kOnnx;
  return FileKind::kUnknown;
}

std::string DescribeBytes(Span<const std::uint8_t> bytes) {
  if (bytes.empty()) return "an empty file";
  if (const char* kind = KnownKind(bytes)) return kind;
  if (LooksLikeOnnx(bytes)) return "an ONNX model";
  if (IsText(bytes)) return "a text file";
  return "data of an unknown kind";
}

}  // namespace quaver::compiler
