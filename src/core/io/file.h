#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/fd.h"
#include "core/io/byte_source.h"

namespace millrace {

/// Reads a descriptor (file, FIFO, socket) to its end.
class FdSource final : public ByteSource {
 public:
  explicit FdSource(Fd fd) : fd_(std::move(fd)) {}
  std::size_t read(std::span<char> buffer) override;

 private:
  Fd fd_;
};

/// Writes to a descriptor it owns.
class FdSink final : public ByteSink {
 public:
  explicit FdSink(Fd fd) : fd_(std::move(fd)) {}
  void write(std::span<const char> bytes) override;
  [[nodiscard]] const Fd& fd() const { return fd_; }

 private:
  Fd fd_;
};

/// Throws Error(Platform) naming the file when it cannot be opened.
Fd open_for_reading(const std::filesystem::path& path);
Fd create_for_writing(const std::filesystem::path& path);

/// All of `bytes`, however many calls it takes. Throws Error(Platform).
void write_all(int fd, std::string_view bytes);

/// The whole file; Error(Platform) when it cannot be read or is larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{1} << 30);

/// Replaces `path` so that a power cut leaves the old content or the new, never a mixture: temporary name in the same
/// directory, fdatasync, rename, fsync of the directory.
void write_file_durably(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);

/// fsync of a directory, after which a rename or creation inside it survives a power cut.
void sync_directory(const std::filesystem::path& directory);

}  // namespace millrace
