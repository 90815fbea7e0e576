#include "platform/runner/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

constexpr int kMaxDepth = 128;
constexpr std::int64_t kStatBlockBytes = 512;

std::vector<std::string> names_in(int directory) {
  // fdopendir takes its descriptor over, the walk still needs its own.
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy),
                                                   ::closedir);
  if (!stream) throw_errno("reading a directory of the job");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void walk(int directory, const std::string& prefix, int depth,
          const std::function<void(const TreeEntry&)>& visit) {
  if (depth > kMaxDepth) {
    throw Error(Blame::Customer, "directories are nested deeper than the limit of " +
                                     std::to_string(kMaxDepth) + " levels, at '" +
                                     prefix.substr(0, 100) + "...'. Write a flatter tree.");
  }
  for (const std::string& name : names_in(directory)) {
    TreeEntry entry{.path = prefix + name, .directory = directory, .name = name, .status = {}};
    if (::fstatat(directory, name.c_str(), &entry.status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    visit(entry);
    if (!S_ISDIR(entry.status.st_mode)) continue;
    const Fd below(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (below) {
      walk(below.get(), entry.path + "/", depth + 1, visit);
    } else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
      throw_errno("reading the job's directory '" + entry.path + "'");
    }
  }
}

/// An owner without root's rights cannot remove what lies in a directory he may not enter.
void make_directories_removable(const std::filesystem::path& path) noexcept {
  std::error_code failure;
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(path, failure))) return;
  ::chmod(path.c_str(), 0700);
  for (std::filesystem::directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    make_directories_removable(entry->path());
  }
}

}  // namespace

Fd open_beneath(const std::filesystem::path& root, const std::filesystem::path& relative,
                int flags) {
  const Fd base(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!base) return {};
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  return Fd(
      static_cast<int>(::syscall(SYS_openat2, base.get(), relative.c_str(), &how, sizeof how)));
}

void walk_tree(const Fd& directory, const std::function<void(const TreeEntry&)>& visit) {
  walk(directory.get(), "", 1, visit);
}

std::int64_t disk_usage(const Fd& directory) {
  std::int64_t bytes = 0;
  walk_tree(directory,
            [&](const TreeEntry& entry) { bytes += entry.status.st_blocks * kStatBlockBytes; });
  return bytes;
}

void remove_tree(const std::filesystem::path& path) noexcept {
  std::error_code failure;
  std::filesystem::remove_all(path, failure);
  if (!failure) return;
  make_directories_removable(path);
  std::filesystem::remove_all(path, failure);
}

}  // namespace millrace::runner
