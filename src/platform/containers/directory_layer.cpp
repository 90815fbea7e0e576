#include "platform/containers/directory_layer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <climits>
#include <map>
#include <utility>
#include <vector>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/io/tar_reader.h"
#include "platform/aws/digest.h"
#include "platform/containers/layer_source.h"
#include "platform/runner/tree.h"

namespace millrace::containers {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
constexpr unsigned kModeBits = 07777;

using Inode = std::pair<dev_t, ino_t>;

std::string link_target(const runner::TreeEntry& entry) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size =
      ::readlinkat(entry.directory, entry.name.c_str(), target.data(), target.size());
  if (size < 0) throw_errno("reading the link " + entry.path);
  target.resize(static_cast<std::size_t>(size));
  return target;
}

/// The member that a tar archive of the directory would have; `first` knows the first name of each
/// file that has several.
TarMember member_of(const runner::TreeEntry& entry, std::map<Inode, std::string>& first) {
  const struct stat& status = entry.status;
  TarMember member{
      .name = entry.path, .mode = status.st_mode & kModeBits, .modified = status.st_mtim.tv_sec};
  if (S_ISDIR(status.st_mode)) {
    member.kind = TarMember::Kind::Directory;
  } else if (S_ISLNK(status.st_mode)) {
    member.kind = TarMember::Kind::SymbolicLink;
    member.link = link_target(entry);
  } else if (!S_ISREG(status.st_mode)) {
    member.kind = TarMember::Kind::Other;
    member.type = '6';
  } else if (const auto [known, is_new] =
                 first.try_emplace({status.st_dev, status.st_ino}, entry.path);
             status.st_nlink > 1 && !is_new) {
    member.kind = TarMember::Kind::HardLink;
    member.link = known->second;
  } else {
    member.size = static_cast<std::uint64_t>(status.st_size);
  }
  return member;
}

/// Of what the tree will hold of the member: no owner and no time.
std::string header_text(const TarMember& member) {
  constexpr unsigned kPermissions = 0777;
  return std::to_string(static_cast<int>(member.kind)) + " " +
         std::to_string(member.mode & kPermissions) + " " + std::to_string(member.name.size()) +
         " " + member.name + " " + std::to_string(member.link.size()) + " " + member.link + "\n";
}

std::unique_ptr<ByteSource> content_of(const runner::TreeEntry& entry, const TarMember& member) {
  if (member.kind != TarMember::Kind::File) return std::make_unique<MemorySource>("");
  Fd file(::openat(entry.directory, entry.name.c_str(),
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) throw_errno("reading " + entry.path);
  return std::make_unique<FdSource>(std::move(file));
}

}  // namespace

DirectoryLayer::DirectoryLayer(const std::filesystem::path& directory)
    : path_(directory), directory_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!directory_) refuse("option --rootfs", directory.string(), "a directory", "Check the path.");
  runner::walk_tree(directory_, [&](const runner::TreeEntry& entry) {
    if (S_ISREG(entry.status.st_mode)) bytes_ += static_cast<std::uint64_t>(entry.status.st_size);
  });
}

std::string DirectoryLayer::read(RootTree* tree, Progress& progress) const {
  aws::Digest all(aws::Digest::Kind::Sha256);
  std::map<Inode, std::string> first;
  std::vector<char> block(kBlockBytes);
  runner::walk_tree(directory_, [&](const runner::TreeEntry& entry) {
    const TarMember member = member_of(entry, first);
    const std::unique_ptr<ByteSource> content = content_of(entry, member);
    ProgressSource shown(*content, progress);
    DigestSource digested(shown);
    if (tree != nullptr) tree->add(member, digested);
    while (digested.read(block) > 0) {
    }
    all.update(header_text(member));
    if (member.kind == TarMember::Kind::File) all.update(digested.digest());
  });
  return "sha256:" + to_hex(all.finish());
}

}  // namespace millrace::containers
