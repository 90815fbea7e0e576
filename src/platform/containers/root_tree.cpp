#include "platform/containers/root_tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/io/tree.h"
#include "platform/runner/write_while_room.h"

namespace millrace::containers {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
constexpr std::uint64_t kEntryBytes = 4096;  // what even an empty one takes of a disk
constexpr std::size_t kShownBytes = 200;
constexpr std::size_t kMaxNameBytes = 255;
constexpr unsigned kPermissions = 0777;
constexpr unsigned kSetIds = 06000;
/// As the tree's owner has no rights beyond those of the files, unlike root in a container.
constexpr unsigned kOwnerUses = 0600;
constexpr unsigned kOwnerEnters = 0700;

// OCI image specification, layer.md; the rest of the second kind is what AUFS kept for itself.
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kMetadata = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

Fd open_in(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return Fd(static_cast<int>(
      ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how)));
}

std::pair<std::string, std::string> parent_and_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

mode_t directory_mode(const TarMember& member) {
  // The sticky bit, which /tmp has, does no harm.
  return (member.mode & (kPermissions | S_ISVTX)) | kOwnerEnters;
}

}  // namespace

RootTree::RootTree(const std::filesystem::path& root, TreeLimits limits, std::optional<Owner> owner)
    : root_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
      limits_(limits),
      owner_(owner),
      block_(kBlockBytes) {
  if (!root_) throw_errno("opening " + root.string());
}

void RootTree::begin_layer(std::string where, Whiteouts whiteouts) {
  layer_ = std::move(where);
  where_ = layer_;
  whiteouts_ = whiteouts;
  made_.clear();
}

void RootTree::refuse_member(const std::string& given, const std::string& expected) const {
  refuse(where_, given, expected, "The image is damaged or malicious; it is not added.");
}

void RootTree::fail() const {
  if (runner::is_full())
    throw Error(Blame::Platform,
                where_ + ": the disk is full. Free some space on it, then add the image again.");
  throw_errno(where_);
}

void RootTree::count(std::uint64_t bytes) {
  if (bytes > limits_.bytes || (used_ += bytes) > limits_.bytes) {
    refuse(where_, "more than " + human_bytes(limits_.bytes) + " so far",
           "an image within the limit", "Allow more with --max-size, if you trust the image.");
  }
}

void RootTree::count_entry() {
  if (++entries_ > limits_.entries)
    refuse_member(std::to_string(entries_) + " members and directories above them",
                  "at most " + std::to_string(limits_.entries));
}

void RootTree::drop(const std::string& what) {
  Dropped& dropped = dropped_[what];
  if (dropped.count++ == 0) dropped.first = where_;
}

std::vector<std::string> RootTree::dropped() const {
  std::vector<std::string> sentences;
  for (const auto& [what, dropped] : dropped_) {
    sentences.push_back(what + ": " + std::to_string(dropped.count) + ", the first in " +
                        dropped.first);
  }
  return sentences;
}

std::string RootTree::key_of(const Place& place) const {
  struct stat status {};
  if (::fstat(place.directory.get(), &status) != 0) fail();
  return std::to_string(status.st_ino) + "/" + place.name;
}

std::optional<Fd> RootTree::find_directory(const std::string& path) const {
  Fd directory = open_in(root_.get(), path, O_PATH | O_DIRECTORY);
  if (directory) return directory;
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return std::nullopt;
  fail();
}

Fd RootTree::open_directory(const std::string& path, int links) {
  Fd directory = open_in(root_.get(), path, O_PATH | O_DIRECTORY);
  if (directory) return directory;
  if (errno == ENOTDIR || errno == ELOOP)
    refuse_member(printable(path, kShownBytes), "directories above the member");
  if (errno != ENOENT) fail();
  const auto [above, name] = parent_and_name(path);
  const Place place{.directory = open_directory(above, links), .name = name};
  if (::mkdirat(place.directory.get(), name.c_str(), 0755) != 0) {
    if (errno != EEXIST) fail();
    // A link to a directory that is still to be made, as /var/run is to /run.
    if (links == 0) refuse_member(printable(path, kShownBytes), "fewer links to links");
    return open_directory(target_of_link(place, above), links - 1);
  }
  count_entry();
  count(kEntryBytes);
  made_.insert(key_of(place));
  own(place, {.name = {}, .mode = 0755});
  directory = open_in(root_.get(), path, O_PATH | O_DIRECTORY);
  if (!directory) fail();
  return directory;
}

std::string RootTree::target_of_link(const Place& place, const std::string& above) const {
  std::string target(PATH_MAX, '\0');
  const ssize_t size =
      ::readlinkat(place.directory.get(), place.name.c_str(), target.data(), target.size());
  if (size < 0) fail();
  target.resize(static_cast<std::size_t>(size));
  const std::filesystem::path from = "/" + (target.starts_with('/') ? "" : above);
  return (from / target).lexically_normal().relative_path().string();
}

RootTree::Place RootTree::place_of(const std::string& path) {
  const auto [above, name] = parent_and_name(path);
  return {.directory = open_directory(above), .name = name};
}

void RootTree::clear(const Place& place) const {
  if (::unlinkat(place.directory.get(), place.name.c_str(), 0) == 0 || errno == ENOENT) return;
  if (!remove_tree("/proc/self/fd/" + std::to_string(place.directory.get()) + "/" + place.name))
    fail();
}

void RootTree::own(const Place& place, const TarMember& member) const {
  if (owner_ && ::fchownat(place.directory.get(), place.name.c_str(), owner_->user, owner_->group,
                           AT_SYMLINK_NOFOLLOW) != 0)
    fail();
  const timespec time{.tv_sec = member.modified, .tv_nsec = 0};
  const timespec times[] = {time, time};
  ::utimensat(place.directory.get(), place.name.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

void RootTree::remove_lower(const Fd& directory) {
  for (const std::string& name : names_in(directory.get())) {
    const Place place{.directory = Fd(::openat(directory.get(), ".", O_PATH | O_CLOEXEC)),
                      .name = name};
    if (!made_.contains(key_of(place))) {
      clear(place);
      continue;
    }
    const Fd below(
        ::openat(directory.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (below) remove_lower(below);
  }
}

void RootTree::white_out(const std::string& above, const std::string& name) {
  std::optional<Fd> directory = find_directory(above);
  if (name == kOpaque) {
    if (directory) remove_lower(*directory);
    return;
  }
  if (name.starts_with(kMetadata)) return;
  const std::string hidden = name.substr(kWhiteout.size());
  if (hidden.empty() || hidden == "." || hidden == "..")
    refuse_member(name, "a whiteout of something in its directory");
  if (!directory) return;
  const Place place{.directory = std::move(*directory), .name = hidden};
  if (!made_.contains(key_of(place))) {
    clear(place);
    return;
  }
  // Of a directory that this layer has as well, what lower layers put in it.
  const Fd below(::openat(place.directory.get(), hidden.c_str(),
                          O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (below) remove_lower(below);
}

void RootTree::add_directory(const Place& place, const TarMember& member) {
  if (::mkdirat(place.directory.get(), place.name.c_str(), kOwnerEnters) != 0) {
    if (errno != EEXIST) fail();
    struct stat status {};
    if (::fstatat(place.directory.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      fail();
    if (!S_ISDIR(status.st_mode)) {
      clear(place);
      if (::mkdirat(place.directory.get(), place.name.c_str(), kOwnerEnters) != 0) fail();
    }
  }
  if (::fchmodat(place.directory.get(), place.name.c_str(), directory_mode(member), 0) != 0) fail();
}

void RootTree::add_file(const Place& place, const TarMember& member, ByteSource& content) {
  clear(place);
  const Fd file(::openat(place.directory.get(), place.name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerUses));
  if (!file) fail();
  for (std::size_t got = content.read(block_); got > 0; got = content.read(block_)) {
    if (!runner::write_while_room(file.get(), {block_.data(), got}, where_)) fail();
  }
  if ((member.mode & kSetIds) != 0) drop("set-user-id or set-group-id bits were taken away");
  if (::fchmod(file.get(), (member.mode & kPermissions) | kOwnerUses) != 0) fail();
}

void RootTree::add_hard_link(const Place& place, const TarMember& member) {
  const std::string target = path_of(member.link);
  const auto [above, name] = parent_and_name(target);
  const std::optional<Fd> from = find_directory(above);
  struct stat status {};
  if (!from || ::fstatat(from->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
      S_ISDIR(status.st_mode)) {
    refuse_member("a link to '" + printable(member.link, kShownBytes) + "'",
                  "a link to a file before it in the image");
  }
  struct stat here {};
  if (::fstatat(place.directory.get(), place.name.c_str(), &here, AT_SYMLINK_NOFOLLOW) == 0 &&
      here.st_ino == status.st_ino)
    return;
  clear(place);
  if (::linkat(from->get(), name.c_str(), place.directory.get(), place.name.c_str(), 0) != 0)
    fail();
}

std::string RootTree::path_of(const std::string& name) const {
  std::string path;
  for (const std::string_view part : split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." || part.find('\0') != std::string_view::npos)
      refuse_member(name, "a name inside the image");
    if (part.size() > kMaxNameBytes) refuse_member(name, "parts of at most 255 bytes");
    if (!path.empty()) path += '/';
    path += part;
  }
  if (path.size() >= PATH_MAX) refuse_member(name, "a path of less than 4096 bytes");
  return path;
}

void RootTree::add(const TarMember& member, ByteSource& content) {
  where_ = layer_ + ", member '" + printable(member.name, kShownBytes) + "'";
  count_entry();
  const std::string path = path_of(member.name);
  if (path.empty()) return;  // the root itself
  const auto [above, name] = parent_and_name(path);
  if (whiteouts_ == Whiteouts::Applied && name.starts_with(kWhiteout)) {
    white_out(above, name);
    return;
  }
  count(kEntryBytes);
  if (member.kind == TarMember::Kind::Other) {
    constexpr std::string_view kDevicesAndFifos = "346";
    if (kDevicesAndFifos.find(member.type) == std::string_view::npos)
      refuse_member("tar type '" + printable(std::string(1, member.type), 8) + "'",
                    "a file, a directory or a link");
    drop("device nodes and FIFOs were left out");
    return;
  }
  const Place place = place_of(path);
  switch (member.kind) {
    case TarMember::Kind::Directory:
      add_directory(place, member);
      break;
    case TarMember::Kind::File:
      count(member.size);
      bytes_ += member.size;
      add_file(place, member, content);
      break;
    case TarMember::Kind::SymbolicLink:
      if (member.link.empty() || member.link.size() >= PATH_MAX ||
          member.link.find('\0') != std::string::npos)
        refuse_member(printable(member.link, kShownBytes), "a link to a path");
      clear(place);
      if (::symlinkat(member.link.c_str(), place.directory.get(), place.name.c_str()) != 0) fail();
      break;
    case TarMember::Kind::HardLink:
      add_hard_link(place, member);
      break;
    case TarMember::Kind::Other:
      break;
  }
  made_.insert(key_of(place));
  if (member.kind != TarMember::Kind::HardLink) own(place, member);
}

void RootTree::make_directory(const std::string& path) {
  where_ = "directory '/" + path + "'";
  Fd directory(::openat(root_.get(), ".", O_PATH | O_CLOEXEC));
  for (const std::string_view part : split(path, '/')) {
    const Place place{.directory = std::move(directory), .name = std::string(part)};
    struct stat status {};
    const bool there =
        ::fstatat(place.directory.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && !S_ISDIR(status.st_mode)) {
      drop("links and files gave way to directories that something is mounted on");
      clear(place);
    }
    if (!there || !S_ISDIR(status.st_mode)) {
      if (::mkdirat(place.directory.get(), place.name.c_str(), 0755) != 0) fail();
      own(place, {.name = {}, .mode = 0755});
    }
    directory = Fd(::openat(place.directory.get(), place.name.c_str(),
                            O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) fail();
  }
}

void RootTree::make_file(const std::string& path, const std::string& content) {
  where_ = "file '/" + path + "'";
  const auto [above, name] = parent_and_name(path);
  const Place place{.directory = open_directory(above), .name = name};
  struct stat status {};
  const bool there =
      ::fstatat(place.directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && S_ISREG(status.st_mode)) return;
  if (there) {
    drop("links and directories gave way to files that something is mounted on");
    clear(place);
  }
  TarMember member{.name = path, .size = content.size(), .mode = 0644};
  MemorySource source(content);
  add_file(place, member, source);
  own(place, member);
}

Fd RootTree::open(const std::string& path, int flags) const {
  return open_in(root_.get(), path, flags);
}

}  // namespace millrace::containers
