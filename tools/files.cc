#include "tools/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "tools/error.h"

namespace quaver::tools {
namespace {

namespace fs = std::filesystem;

std::string Reason(int error) { return std::generic_category().message(error); }

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  /// Closes now; errno of a delayed write error, or 0.
  int Close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result == 0 ? 0 : errno;
  }

 private:
  int fd_;
};

/// errno, or 0.
int WriteAll(int fd, Span<const std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

/// The file that `path` leads to through symbolic links, which are kept.
fs::path Resolve(const std::string& path) {
  std::error_code error;
  fs::path resolved = fs::weakly_canonical(path, error);
  return error ? fs::path(path) : resolved;
}

bool SameFile(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  return Resolve(a) == Resolve(b);
}

/// Exists, and bytes go through it instead of into it.
bool IsDeviceOrPipe(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::is_character_file(status) || fs::is_fifo(status) || fs::is_socket(status);
}

void CheckWritable(const std::string& path) {
  std::error_code error;
  if (path.empty()) throw UsageError("the output's name is empty; give a file name");
  if (fs::is_directory(path, error)) {
    throw Error(path + ": is a directory; give the name of a file to write");
  }
  if (fs::exists(path, error)) {
    if (::access(path.c_str(), W_OK) != 0) {
      throw Error(path + ": cannot write: " + Reason(errno) + "; choose another output");
    }
    if (IsDeviceOrPipe(path)) return;
  }
  fs::path directory = Resolve(path).parent_path();
  if (directory.empty()) directory = ".";
  if (!fs::is_directory(directory, error)) {
    throw Error(path + ": cannot write: no directory " + directory.string() + "; make it first");
  }
  if (::access(directory.c_str(), W_OK) != 0) {
    throw Error(path + ": cannot write to directory " + directory.string() + ": " + Reason(errno) +
                "; choose another output");
  }
}

[[noreturn]] void WriteFailed(const std::string& path, int error) {
  throw Error(path + ": cannot write: " + Reason(error) + "; nothing was changed");
}

/// Temporary files beside their targets; those that were not renamed are removed.
class Staging {
 public:
  Staging() = default;
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging() {
    for (const Entry& entry : entries_) {
      if (!entry.temporary.empty()) ::unlink(entry.temporary.c_str());
    }
  }

  void Write(const OutputFile& file) {
    const fs::path target = Resolve(file.path);
    const std::string temporary = target.string() + ".partial-" + std::to_string(::getpid());
    Descriptor output(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (output.get() < 0) WriteFailed(file.path, errno);
    entries_.push_back({temporary, target.string(), file.path});
    struct stat old {};
    // A file that is replaced keeps its permissions.
    if (::stat(target.c_str(), &old) == 0 && ::fchmod(output.get(), old.st_mode & 07777U) != 0) {
      WriteFailed(file.path, errno);
    }
    int error = WriteAll(output.get(), file.bytes);
    if (error == 0) error = output.Close();
    if (error != 0) WriteFailed(file.path, error);
  }

  void Commit() {
    for (Entry& entry : entries_) {
      if (::rename(entry.temporary.c_str(), entry.target.c_str()) != 0) {
        WriteFailed(entry.name, errno);
      }
      entry.temporary.clear();
    }
  }

 private:
  struct Entry {
    std::string temporary;
    std::string target;
    std::string name;
  };
  std::vector<Entry> entries_;
};

void WriteThrough(const OutputFile& file) {
  Descriptor output(::open(file.path.c_str(), O_WRONLY | O_CLOEXEC));
  int error = output.get() < 0 ? errno : WriteAll(output.get(), file.bytes);
  if (error == 0) error = output.Close();
  if (error != 0) throw Error(file.path + ": cannot write: " + Reason(error));
}

}  // namespace

std::vector<std::uint8_t> ReadFile(const std::string& path, std::size_t limit) {
  Descriptor input(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.get() < 0) {
    throw Error(path + ": cannot read: " + Reason(errno) + "; check the path");
  }
  struct stat info {};
  if (::fstat(input.get(), &info) != 0) throw Error(path + ": cannot read: " + Reason(errno));
  if (S_ISDIR(info.st_mode)) throw Error(path + ": is a directory; give a file");
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) {
    throw Error(path + ": is not a regular file; give a file");
  }
  std::vector<std::uint8_t> bytes;
  std::size_t size = 0;
  for (;;) {
    // One byte more than a regular file holds, so that one more read sees its end.
    const std::size_t expected = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
    const std::size_t chunk = expected > size ? expected - size + 1 : std::size_t{1} << 16;
    if (size > limit || expected > limit) {
      throw Error(path + ": is too large: expected at most " + std::to_string(limit) +
                  " bytes, found " +
                  (expected > limit ? std::to_string(expected) : std::string("more")) +
                  "; is this the right file?");
    }
    bytes.resize(size + chunk);
    const ssize_t count = ::read(input.get(), bytes.data() + size, chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(path + ": cannot read: " + Reason(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

void CheckOutputs(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string& output = outputs[i];
    CheckWritable(output);
    if (IsDeviceOrPipe(output)) continue;
    for (const std::string& input : inputs) {
      if (SameFile(output, input)) {
        throw UsageError(output + ": the output is also an input (" + input +
                         "); give another name so that the input is not lost");
      }
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (SameFile(output, outputs[j])) {
        throw UsageError(output + ": is named as two outputs; give each output its own file");
      }
    }
  }
}

void WriteFiles(const std::vector<OutputFile>& files) {
  Staging staging;
  for (const OutputFile& file : files) {
    if (!IsDeviceOrPipe(file.path)) staging.Write(file);
  }
  for (const OutputFile& file : files) {
    if (IsDeviceOrPipe(file.path)) WriteThrough(file);
  }
  staging.Commit();
}

void MakeDirectory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) {
    throw Error(path + ": cannot make the directory: " +
                (error ? error.message() : std::string("a file has this name")) +
                "; choose another output");
  }
}

}  // namespace quaver::tools
