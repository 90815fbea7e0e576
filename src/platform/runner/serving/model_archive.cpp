#include "platform/runner/serving/model_archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/io/tar_reader.h"
#include "platform/runner/serving/archive_path.h"
#include "platform/runner/tree.h"
#include "platform/runner/write_while_room.h"

namespace millrace::runner {
namespace {

constexpr std::int64_t kMemberBytes = 4096;  // what even an empty one takes of a disk
constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
constexpr std::size_t kShownBytes = 200;
constexpr unsigned kExecutable = 0111;

/// Everything is done relative to a directory that was opened without following a link, so that no
/// member can use one that an earlier member has made.
class Unpacking {
 public:
  Unpacking(TarReader& tar, const std::string& origin, const std::filesystem::path& directory,
            std::int64_t max_bytes)
      : tar_(tar), origin_(origin), root_(directory), max_bytes_(max_bytes), block_(kBlockBytes) {}

  void add(const TarMember& member, const std::stop_token& stop) {
    where_ = origin_ + ", member '" + printable(member.name, kShownBytes) + "'";
    count(kMemberBytes);
    const std::string path = archive_path(member.name, where_);
    switch (member.kind) {
      case TarMember::Kind::Directory:
        open_directory(path);
        return;
      case TarMember::Kind::File:
        add_file(path, member, stop);
        return;
      case TarMember::Kind::SymbolicLink:
        add_symbolic_link(path, member.link);
        return;
      case TarMember::Kind::HardLink:
        add_hard_link(path, archive_path(member.link, where_ + ", its link"));
        return;
      case TarMember::Kind::Other:
        break;
    }
    refuse("is neither a file nor a directory nor a link");
  }

 private:
  /// Where a member goes.
  struct Place {
    Fd directory;
    std::string name;
  };

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Blame::Customer,
                where_ + " " + why + ". Pack the model again, from inside its directory.");
  }
  [[noreturn]] void fail() const {
    if (is_full()) {
      throw Error(Blame::Platform, where_ +
                                       ": the disk of this machine is full. Free some space on it, "
                                       "then create the endpoint again.");
    }
    throw_errno(where_);
  }

  void count(std::int64_t bytes) {
    used_ += bytes;
    if (used_ <= max_bytes_) return;
    throw Error(Blame::Customer, where_ + ": the unpacked model takes more than the volume of " +
                                     human_bytes(static_cast<std::uint64_t>(max_bytes_)) +
                                     ". Ask for a larger VolumeSizeInGB, or pack less.");
  }

  /// Made with everything above it where it is not there yet.
  Fd open_directory(const std::string& path) {
    Fd directory(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) fail();
    if (path.empty()) return directory;
    for (const std::string_view part : split(path, '/')) {
      const std::string name(part);
      if (::mkdirat(directory.get(), name.c_str(), 0755) == 0) {
        count(kMemberBytes);
      } else if (errno != EEXIST) {
        fail();
      }
      Fd next(
          ::openat(directory.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next && (errno == ELOOP || errno == ENOTDIR))
        refuse("lies behind '" + printable(name, kShownBytes) + "', which is no directory");
      if (!next) fail();
      directory = std::move(next);
    }
    return directory;
  }

  /// With nothing there.
  Place clear_place(const std::string& path) {
    if (path.empty()) refuse("takes the place of the model's directory itself");
    const std::size_t slash = path.rfind('/');
    Place place{
        .directory = open_directory(slash == std::string::npos ? "" : path.substr(0, slash)),
        .name = path.substr(slash == std::string::npos ? 0 : slash + 1)};
    if (::unlinkat(place.directory.get(), place.name.c_str(), 0) != 0 && errno != ENOENT) {
      if (errno == EISDIR) refuse("takes the place of a directory of the archive");
      fail();
    }
    return place;
  }

  void add_file(const std::string& path, const TarMember& member, const std::stop_token& stop) {
    constexpr auto kLargest = static_cast<std::uint64_t>(INT64_MAX / 2);
    count(static_cast<std::int64_t>(std::min(member.size, kLargest)));
    const Place place = clear_place(path);
    const mode_t mode = (member.mode & kExecutable) != 0 ? 0755 : 0644;
    const Fd file(::openat(place.directory.get(), place.name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file) fail();
    while (!stop.stop_requested()) {
      const std::size_t got = tar_.read(block_);
      if (got == 0) return;
      if (!write_while_room(file.get(), {block_.data(), got}, where_)) fail();
    }
  }

  void add_symbolic_link(const std::string& path, const std::string& target) {
    check_archive_link(path, target, where_);
    const Place place = clear_place(path);
    if (::symlinkat(target.c_str(), place.directory.get(), place.name.c_str()) != 0) fail();
  }

  void add_hard_link(const std::string& path, const std::string& target) {
    const std::size_t slash = target.rfind('/');
    const std::string above = slash == std::string::npos ? "." : target.substr(0, slash);
    const std::string name = target.substr(slash == std::string::npos ? 0 : slash + 1);
    const Fd from = open_beneath(root_, above, O_PATH | O_DIRECTORY);
    struct stat status {};
    if (!from || ::fstatat(from.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode)) {
      refuse("is a link to '" + printable(target, kShownBytes) +
             "', which is no file before it in the archive");
    }
    if (path == target) return;
    const Place place = clear_place(path);
    if (::linkat(from.get(), name.c_str(), place.directory.get(), place.name.c_str(), 0) != 0)
      fail();
  }

  TarReader& tar_;
  const std::string& origin_;
  const std::filesystem::path& root_;
  const std::int64_t max_bytes_;
  std::vector<char> block_;
  std::string where_;
  std::int64_t used_ = 0;
};

}  // namespace

void unpack_model(ByteSource& packed, const std::string& origin,
                  const std::filesystem::path& directory, std::int64_t max_bytes,
                  const std::stop_token& stop) {
  GzipSource unpacked(packed, origin);
  TarReader tar(unpacked, origin);
  Unpacking unpacking(tar, origin, directory, max_bytes);
  for (auto member = tar.next_entry(); member && !stop.stop_requested();
       member = tar.next_entry()) {
    unpacking.add(*member, stop);
  }
}

}  // namespace millrace::runner
