#include "platform/runner/sandbox/overlay.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/paths.h"
#include "core/io/tree.h"
#include "platform/runner/tree.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

/// Separators of the options are escaped by a backslash (fs/overlayfs/params.c).
std::string escaped(const fs::path& path) {
  std::string text;
  for (const char c : path.native()) {
    if (c == '\\' || c == ',' || c == ':') text += '\\';
    text += c;
  }
  return text;
}

bool write_file_raw(const char* path, const char* text, std::size_t size) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  return file >= 0 && ::write(file, text, size) == static_cast<ssize_t>(size);
}

/// user_namespaces(7): a process may map the one id it has, once it gives up setgroups.
std::string map_to_itself(unsigned id) {
  return std::to_string(id) + " " + std::to_string(id) + " 1";
}

}  // namespace

Overlay::Overlay(const RootFileSystem& root)
    : merged_(root.changes / "merged"),
      user_map_(map_to_itself(::geteuid())),
      group_map_(map_to_itself(::getegid())) {
  // Afresh for every start, as a container's is; and what an earlier one left is not to be trusted
  // with the places where bubblewrap mounts.
  if (!remove_tree(root.changes)) {
    throw Error(Blame::Platform, "what an earlier start of the program left in " +
                                     root.changes.string() + " cannot be removed");
  }
  const fs::path upper = root.changes / "upper";
  const fs::path work = root.changes / "work";
  for (const fs::path& directory : {root.changes, upper, work, merged_})
    fs::create_directory(directory);
  // Others than the owner must be able to enter "/", as in every root file system.
  fs::permissions(upper, fs::perms(0755));
  for_root_ = "lowerdir=" + escaped(root.image) + ",upperdir=" + escaped(upper) +
              ",workdir=" + escaped(work);
  for_users_ = for_root_ + ",userxattr";
}

bool Overlay::mount() const {
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    constexpr std::string_view kDeny = "deny";
    if (!write_file_raw("/proc/self/setgroups", kDeny.data(), kDeny.size()) ||
        !write_file_raw("/proc/self/uid_map", user_map_.data(), user_map_.size()) ||
        !write_file_raw("/proc/self/gid_map", group_map_.data(), group_map_.size()))
      return false;
  }
  // What is mounted here stays here; what is unmounted outside goes here as well.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return false;
  // Whiteouts are marked by attributes that root alone may set, or by those that users may; a
  // kernel before 5.11 knows only the first.
  return ::mount("overlay", merged_.c_str(), "overlay", 0, for_users_.c_str()) == 0 ||
         ::mount("overlay", merged_.c_str(), "overlay", 0, for_root_.c_str()) == 0;
}

void check_bind_targets(const SandboxOrder& order) {
  for (const Bind& bind : order.binds) {
    const fs::path& contract = ContractPaths{}.base;
    const fs::path below = bind.target.lexically_relative(contract);
    // The job's own directory is mounted there before.
    if (!below.empty() && *below.begin() != "..") continue;
    const fs::path relative = bind.target.lexically_normal().relative_path();
    if (open_beneath(order.root->image, relative, O_PATH | O_DIRECTORY) || errno == ENOENT)
      continue;
    if (errno != ELOOP && errno != ENOTDIR)
      throw_errno("looking for " + bind.target.string() + " in the image");
    throw Error(Blame::Customer,
                Problem{.where = "the path '" + printable(bind.target.string(), 200) + "'",
                        .given = "a link or a file of the image on the way to it",
                        .expected = "a place that is a directory of the image, or is free",
                        .fix = "Choose a place below /opt/ml."});
  }
}

}  // namespace millrace::runner
