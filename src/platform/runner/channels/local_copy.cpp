#include "platform/runner/channels/local_copy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

void copy_bytes(int from, int to, const std::filesystem::path& target) {
  if (::ioctl(to, FICLONE, from) == 0) return;
  constexpr std::size_t kStep = std::size_t{1} << 30;
  for (;;) {
    const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, kStep, 0);
    if (copied == 0) return;
    if (copied > 0) continue;
    if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS) {
      throw_errno("copying input file '" + target.filename().string() + "'");
    }
    // Between unlike file systems; whatever was copied before moved both positions along.
    FdSource source(Fd(::dup(from)));
    FdSink sink(Fd(::dup(to)));
    copy(source, sink);
    return;
  }
}

}  // namespace

bool copy_local(const std::filesystem::path& source, const std::filesystem::path& target) {
  const Fd from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from && errno == ENOENT) return false;
  if (!from)
    throw_errno("opening the object behind input file '" + target.filename().string() + "'");
  const Fd to(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!to) throw_errno("creating input file '" + target.filename().string() + "'");
  copy_bytes(from.get(), to.get(), target);
  return true;
}

bool link_or_copy(const std::filesystem::path& source, const std::filesystem::path& target) {
  if (::link(source.c_str(), target.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  if (errno == EEXIST) {
    // Names of one input differ; what is there is the directory of another input or an output.
    throw Error(Blame::Customer, "the input's file '" + target.filename().string() +
                                     "' lies where another input or an output has its directory. "
                                     "Choose another LocalPath for one of them.");
  }
  if (errno != EXDEV && errno != EMLINK && errno != EPERM && errno != EOPNOTSUPP &&
      errno != EACCES) {
    throw_errno("linking input file '" + target.filename().string() + "'");
  }
  return copy_local(source, target);
}

}  // namespace millrace::runner
