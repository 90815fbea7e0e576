#include "platform/store/file_slice.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"

namespace millrace::store {

std::size_t FileSlice::read(std::span<char> buffer) {
  const std::size_t wanted = std::min(buffer.size(), static_cast<std::size_t>(rest_.length));
  if (wanted == 0) return 0;
  for (;;) {
    const ssize_t got = ::pread(file_->get(), buffer.data(), wanted, rest_.offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading an object's content");
    if (got == 0) throw Error(Blame::Platform, "an object's content is shorter than its row says");
    rest_.offset += got;
    rest_.length -= got;
    return static_cast<std::size_t>(got);
  }
}

}  // namespace millrace::store
