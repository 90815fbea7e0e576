#include "platform/runner/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

constexpr int kMaxDepth = 128;
constexpr std::int64_t kStatBlockBytes = 512;

/// What a walk does about a directory that it cannot read or that lies too deep.
enum class Obstacle { Throw, Skip };

/// nullopt, with errno set, when the directory cannot be read.
std::optional<std::vector<std::string>> names_in(int directory) {
  // fdopendir takes its descriptor over, the walk still needs its own.
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy),
                                                   ::closedir);
  if (!stream) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void walk(int directory, const std::string& prefix, int depth, Obstacle obstacle,
          const std::function<void(const TreeEntry&)>& visit) {
  if (depth > kMaxDepth) {
    if (obstacle == Obstacle::Skip) return;
    throw Error(Blame::Customer, "directories are nested deeper than the limit of " +
                                     std::to_string(kMaxDepth) + " levels, at '" +
                                     prefix.substr(0, 100) + "...'. Write a flatter tree.");
  }
  const std::optional<std::vector<std::string>> names = names_in(directory);
  if (!names) {
    if (obstacle == Obstacle::Skip) return;
    throw_errno("reading the job's directory '" + prefix + "'");
  }
  for (const std::string& name : *names) {
    TreeEntry entry{.path = prefix + name, .directory = directory, .name = name, .status = {}};
    if (::fstatat(directory, name.c_str(), &entry.status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    visit(entry);
    if (!S_ISDIR(entry.status.st_mode)) continue;
    const Fd below(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (below) {
      walk(below.get(), entry.path + "/", depth + 1, obstacle, visit);
    } else if (obstacle == Obstacle::Throw && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
      throw_errno("reading the job's directory '" + entry.path + "'");
    }
  }
}

}  // namespace

void walk_tree(const Fd& directory, const std::function<void(const TreeEntry&)>& visit) {
  walk(directory.get(), "", 1, Obstacle::Throw, visit);
}

std::int64_t disk_usage(const Fd& directory) {
  std::int64_t bytes = 0;
  walk(directory.get(), "", 1, Obstacle::Skip,
       [&](const TreeEntry& entry) { bytes += entry.status.st_blocks * kStatBlockBytes; });
  return bytes;
}

}  // namespace millrace::runner
