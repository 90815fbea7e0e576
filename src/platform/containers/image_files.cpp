#include "platform/containers/image_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>

#include "core/base/fd.h"
#include "core/base/refuse.h"
#include "core/io/beneath.h"
#include "core/io/file.h"
#include "core/io/tar_reader.h"

namespace millrace::containers {
namespace {

namespace fs = std::filesystem;

/// Of what one archive may hold; an image has a few for each of its layers.
constexpr std::size_t kMaxMembers = 100'000;
constexpr std::uint64_t kTarBlock = 512;

class Directory final : public ImageFiles {
 public:
  explicit Directory(const fs::path& path) : path_(path), origin_(path.string()) {}

  std::optional<ImageFile> open(const std::string& path) const override {
    Fd file = open_beneath(path_, path, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (!file && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
      throw_errno("opening " + path + " of " + origin_);
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return ImageFile{.content = std::make_unique<FdSource>(std::move(file)),
                     .size = static_cast<std::uint64_t>(status.st_size)};
  }
  const std::string& origin() const override { return origin_; }

 private:
  const fs::path path_;
  const std::string origin_;
};

/// A stretch of a file that several read at once.
class Stretch final : public ByteSource {
 public:
  Stretch(int file, std::uint64_t begin, std::uint64_t end, const std::string& origin)
      : file_(file), at_(begin), end_(end), origin_(origin) {}

  std::size_t read(std::span<char> buffer) override {
    const std::size_t room =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end_ - at_));
    for (;;) {
      const ssize_t got = ::pread(file_, buffer.data(), room, static_cast<off_t>(at_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_errno("reading " + origin_);
      at_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
  }

 private:
  int file_;
  std::uint64_t at_;
  std::uint64_t end_;
  const std::string& origin_;
};

class Archive final : public ImageFiles {
 public:
  explicit Archive(const fs::path& path)
      : origin_(path.string()), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (!file_ || ::fstat(file_.get(), &status) != 0) {
      if (errno != ENOENT) throw_errno("opening " + origin_);
      refuse("option --docker-archive", origin_, "an existing file", "Check the path.");
    }
    if (!S_ISREG(status.st_mode)) {
      refuse("option --docker-archive", origin_, "a file",
             "A directory of images is given with --oci-layout.");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    refuse_compressed();
    list_members();
  }

  std::optional<ImageFile> open(const std::string& path) const override {
    const auto found = members_.find(path);
    if (found == members_.end()) return std::nullopt;
    const Member* member = &found->second;
    if (!member->link.empty()) {
      // Old exports hold a layer that two images share once, and a link to it.
      const auto target =
          members_.find((fs::path(path).parent_path() / member->link).lexically_normal().string());
      if (target == members_.end() || !target->second.link.empty()) return std::nullopt;
      member = &target->second;
    }
    return ImageFile{.content = std::make_unique<Stretch>(file_.get(), member->begin,
                                                          member->begin + member->size, origin_),
                     .size = member->size};
  }
  const std::string& origin() const override { return origin_; }

 private:
  struct Member {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::string link;  ///< of a symbolic one
  };

  void refuse_compressed() const {
    std::array<char, 4> magic{};
    Stretch start(file_.get(), 0, size_, origin_);
    const std::string_view bytes(magic.data(), read_full(start, magic));
    const char* program = nullptr;
    if (bytes.starts_with("\x1f\x8b")) program = "gunzip";
    if (bytes.starts_with("\x28\xb5\x2f\xfd")) program = "zstd -d";
    if (program == nullptr) return;
    refuse(origin_, "a compressed archive", "a tar archive, as `docker save` writes it",
           "Unpack it first: " + std::string(program) + " " + origin_);
  }

  /// A reader for each member, started where its header is, so that no content is read.
  void list_members() {
    for (std::uint64_t at = 0; at < size_;) {
      Stretch rest(file_.get(), at, size_, origin_);
      TarReader tar(rest, origin_);
      const std::optional<TarMember> member = tar.next_entry();
      if (!member) break;
      const std::uint64_t begin = at + tar.offset();
      if (member->size > size_ - begin) {
        refuse(origin_ + ", member '" + member->name + "'", std::to_string(member->size) + " bytes",
               "what the archive holds", "The archive is cut off: export the image again.");
      }
      if (members_.size() >= kMaxMembers)
        refuse(origin_, {}, "at most " + std::to_string(kMaxMembers) + " members");
      if (member->kind == TarMember::Kind::File) {
        members_[member->name] = {.begin = begin, .size = member->size, .link = {}};
      } else if (member->kind == TarMember::Kind::SymbolicLink) {
        members_[member->name] = {.begin = 0, .size = 0, .link = member->link};
      }
      at = begin + (member->size + kTarBlock - 1) / kTarBlock * kTarBlock;
    }
  }

  const std::string origin_;
  const Fd file_;
  std::uint64_t size_ = 0;
  std::map<std::string, Member> members_;
};

}  // namespace

std::unique_ptr<ImageFiles> files_of_directory(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) {
    refuse("option --oci-layout", path.string(), "a directory",
           "An archive of images is given with --docker-archive.");
  }
  return std::make_unique<Directory>(fs::canonical(path));
}

std::unique_ptr<ImageFiles> files_of_archive(const fs::path& path) {
  return std::make_unique<Archive>(path);
}

}  // namespace millrace::containers
