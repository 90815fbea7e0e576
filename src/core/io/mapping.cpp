#include "core/io/mapping.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {

Mapping::Mapping(const std::filesystem::path& path) {
  const Fd fd = open_for_reading(path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw_errno("looking at " + path.string());
  if (status.st_size == 0) return;
  void* data = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE,
                      fd.get(), 0);
  if (data == MAP_FAILED) throw_errno("mapping " + path.string());
  data_ = static_cast<const char*>(data);
  size_ = static_cast<std::size_t>(status.st_size);
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace millrace
