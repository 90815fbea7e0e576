#include "core/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"

namespace millrace {

std::size_t FdSource::read(std::span<char> buffer) {
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw_errno("reading");
  }
}

void FdSink::write(std::span<const char> bytes) { write_all(fd_.get(), {bytes.data(), bytes.size()}); }

Fd open_for_reading(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw_errno("opening " + path.string());
  return fd;
}

Fd create_for_writing(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) throw_errno("creating " + path.string());
  return fd;
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      throw_errno("writing");
    }
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  Fd fd = open_for_reading(path);
  struct stat status {};
  const bool sized = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
  FdSource source(std::move(fd));
  std::string text;
  if (sized && static_cast<std::size_t>(status.st_size) <= max_bytes) {
    // In one piece: grown step by step, a large file would be copied as often as it doubles.
    text.resize(static_cast<std::size_t>(status.st_size));
    text.resize(read_full(source, text));
  }
  const std::string rest = read_all(source, max_bytes - text.size(), path.string());  // what has come meanwhile
  return text.append(rest);
}

void write_file_durably(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const std::filesystem::path temporary = path.string() + "." + random_hex(6) + ".tmp";
  {
    Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd) throw_errno("creating " + temporary.string());
    try {
      write_all(fd.get(), content);
      if (::fdatasync(fd.get()) != 0) throw_errno("syncing " + temporary.string());
      if (::rename(temporary.c_str(), path.c_str()) != 0) throw_errno("renaming to " + path.string());
    } catch (...) {
      ::unlink(temporary.c_str());
      throw;
    }
  }
  sync_directory(path.parent_path());
}

void sync_directory(const std::filesystem::path& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) throw_errno("syncing directory " + directory.string());
}

}  // namespace millrace
