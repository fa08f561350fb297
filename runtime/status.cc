#include "quaver/status.h"

namespace quaver {
namespace {

struct StatusEntry {
  StatusCode code;
  const char* name;
  const char* advice;
};

constexpr StatusEntry kStatuses[] = {
#define QUAVER_X(name, number, text, advice) {StatusCode::k##name, text, advice},
    QUAVER_STATUS_LIST(QUAVER_X)
#undef QUAVER_X
};

const StatusEntry* Find(StatusCode code) {
  for (const StatusEntry& entry : kStatuses) {
    if (entry.code == code) return &entry;
  }
  return nullptr;
}

/// Appends to a buffer that may be too small; counts what would have been written.
class Writer {
 public:
  Writer(char* buffer, std::size_t size) : buffer_(buffer), size_(size) {}

  void Text(const char* text) {
    for (; *text != '\0'; ++text) Put(*text);
  }
  void Number(std::int64_t value) {
    char digits[20];
    int count = 0;
    // Negated in unsigned arithmetic: INT64_MIN has no positive counterpart.
    std::uint64_t rest = static_cast<std::uint64_t>(value);
    if (value < 0) {
      Put('-');
      rest = 0 - rest;
    }
    do {
      digits[count++] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    while (count > 0) Put(digits[--count]);
  }
  std::size_t Finish() {
    if (size_ > 0) buffer_[length_ < size_ ? length_ : size_ - 1] = '\0';
    return length_;
  }

 private:
  void Put(char c) {
    if (length_ + 1 < size_) buffer_[length_] = c;
    ++length_;
  }

  char* buffer_;
  std::size_t size_;
  std::size_t length_ = 0;
};

void Subject(Writer* writer, const char* kind, std::int32_t index, const char* name) {
  writer->Text(": ");
  writer->Text(kind);
  writer->Text(" ");
  writer->Number(index);
  if (name != nullptr && *name != '\0') {
    writer->Text(" (");
    writer->Text(name);
    writer->Text(")");
  }
}

}  // namespace

const char* StatusName(StatusCode code) {
  const StatusEntry* entry = Find(code);
  return entry == nullptr ? "unknown status" : entry->name;
}

std::size_t Status::Format(char* buffer, std::size_t size) const {
  Writer writer(buffer, size);
  writer.Text(StatusName(code));
  if (operator_index >= 0) Subject(&writer, "operator", operator_index, operator_name);
  if (tensor_index >= 0) Subject(&writer, "tensor", tensor_index, tensor_name);
  if (what != nullptr) {
    writer.Text(": ");
    writer.Text(what);
  }
  if (has_values) {
    writer.Text(": expected ");
    writer.Number(expected);
    writer.Text(", found ");
    writer.Number(found);
  }
  const StatusEntry* entry = Find(code);
  if (entry != nullptr && *entry->advice != '\0') {
    writer.Text("; ");
    writer.Text(entry->advice);
  }
  return writer.Finish();
}

}  // namespace quaver
