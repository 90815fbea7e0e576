#include "platform/runner/channels/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/contract/paths.h"
#include "platform/runner/channels/object_listing.h"
#include "platform/runner/mounts/directory_mount.h"
#include "platform/runner/mounts/linked_objects.h"
#include "platform/runner/mounts/linked_view.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

/// "a/b" for "/a/b/" of an EFS file system and for "/mount/a/b" of an FSx one, whose first part is
/// the name that clients mount it by.
fs::path path_in(const wire::control::TicketFileSystem& file_system) {
  fs::path path;
  bool mount_name = file_system.file_system_type == "FSxLustre";
  for (const std::string_view part : split(file_system.directory_path, '/')) {
    if (part.empty() || part == "." || std::exchange(mount_name, false)) continue;
    path /= part;
  }
  return path;
}

/// Step by step, each below a directory that was opened beneath the root: a link that a job puts
/// there meanwhile leads nowhere else. Invalid, with errno set, as open_directory_beneath().
Fd make_directory_beneath(const Fd& root, const fs::path& relative) {
  Fd parent(::fcntl(root.get(), F_DUPFD_CLOEXEC, 0));
  fs::path path;
  for (const fs::path& part : relative) {
    path /= part;
    Fd next = open_directory_beneath(root, path);
    if (!next && errno == ENOENT) {
      if (::mkdirat(parent.get(), part.c_str(), 0755) != 0 && errno != EEXIST) return {};
      next = open_directory_beneath(root, path);
    }
    if (!next) return next;
    parent = std::move(next);
  }
  return parent;
}

class FileSystemChannel final : public ChannelFeed {
 public:
  FileSystemChannel(const wire::control::TicketChannel& channel, const ChannelSurroundings& around)
      : channel_(channel), file_system_(*channel.file_system), around_(around) {}

  void prepare(const std::stop_token& stop) override {
    const Fd root(::open(file_system_.host_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) {
      const std::string why = std::strerror(errno);
      throw Error(Blame::Platform,
                  place() + ": the directory that was registered for it cannot be opened (" + why +
                      "). Put it back, or register the file system again.");
    }
    const fs::path relative = path_in(file_system_);
    tell_touched(relative);
    std::map<std::string, ChannelObject> objects;
    if (file_system_.linked_s3_uri) objects = linked_below(relative, stop);
    if (stop.stop_requested()) return;
    Fd directory = open_directory_beneath(root, relative);
    if (!directory && errno == ENOENT && !objects.empty()) {
      directory = make_directory_beneath(root, relative);  // the bucket knows it
    }
    if (!directory) refuse_directory(errno);
    fs::create_directory(around_.workspace.readable_paths().channel(channel_.channel_name));
    fs::create_directory(mount_point());
    if (file_system_.linked_s3_uri) {
      open_linked(root, directory, std::move(objects));
    } else {
      plain_.emplace(directory, mount_point(), read_only());
    }
  }

  std::vector<Bind> binds() override {
    if (!plain_ && !view_) return {};
    return {{.source = plain_ ? plain_->source() : mount_point(),
             .target = ContractPaths{}.channel(channel_.channel_name),
             .writable = !read_only()}};
  }

  void abort() override {
    if (objects_) objects_->abort();
  }

  void finish() override {
    view_.reset();
    plain_.reset();
    if (objects_) tell(objects_->counts());
  }

 private:
  [[nodiscard]] bool read_only() const { return file_system_.access_mode != "rw"; }
  [[nodiscard]] fs::path mount_point() const {
    return around_.workspace.mounts() / channel_.channel_name;
  }
  [[nodiscard]] std::string place() const {
    return "channel '" + channel_.channel_name + "', file system " + file_system_.file_system_id;
  }

  [[noreturn]] void refuse_directory(int failure) const {
    const std::string where = place() + ", DirectoryPath";
    if (failure == EXDEV) {
      throw Error(
          Blame::Customer,
          Problem{
              .where = where,
              .given = file_system_.directory_path,
              .expected = "a directory inside the file system, and a symbolic link leads out of it",
              .fix = "Name the directory itself."});
    }
    if (failure == ENOENT || failure == ENOTDIR || failure == ELOOP) {
      throw Error(Blame::Customer, Problem{.where = where,
                                           .given = file_system_.directory_path,
                                           .expected = "a directory that exists",
                                           .fix = "Make it, or correct the path."});
    }
    errno = failure;
    throw_errno(where + " '" + file_system_.directory_path + "'");
  }

  void tell_touched(const fs::path& relative) const {
    const std::string by =
        "channel '" + channel_.channel_name + "', file system " + file_system_.file_system_id;
    fs::path directory = file_system_.host_path;
    if (!relative.empty()) directory /= relative;
    around_.residency.touch(
        wire::control::PlaceKind::FileSystem, directory.string(),
        read_only() ? wire::control::PlaceAccess::Read : wire::control::PlaceAccess::ReadWrite, by);
    if (file_system_.linked_s3_uri) {
      around_.residency.touch(wire::control::PlaceKind::S3, *file_system_.linked_s3_uri,
                              wire::control::PlaceAccess::Read, by + ", linked");
    }
  }

  /// The objects of the linked bucket that belong below the directory, by their paths in it.
  std::map<std::string, ChannelObject> linked_below(const fs::path& relative,
                                                    const std::stop_token& stop) {
    const ObjectName link = parse_s3_uri(*file_system_.linked_s3_uri, place() + ", LinkedS3Uri");
    std::string prefix = link.key;
    for (const std::string& part : {std::string(), relative.string()}) {
      prefix += part;
      if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
    }
    std::vector<ChannelObject> objects =
        list_objects(*around_.connect(), {.bucket = link.bucket, .key = prefix}, around_.patience,
                     stop, place() + ", linked to " + *file_system_.linked_s3_uri);
    std::map<std::string, ChannelObject> by_path;
    for (const NamedObject& name : name_objects(channel_.channel_name, prefix, keys_of(objects)))
      by_path.emplace(name.path, std::move(objects[name.index]));
    return by_path;
  }

  void open_linked(const Fd& root, const Fd& directory,
                   std::map<std::string, ChannelObject> objects) {
    objects_.emplace(root, directory, std::move(objects),
                     LinkedObjects::Options{.channel = channel_.channel_name,
                                            .file_system = file_system_.file_system_id,
                                            .connect = around_.connect,
                                            .patience = around_.patience,
                                            .on_failure = [this](const Error& error) {
                                              around_.alarm.raise(std::make_exception_ptr(error));
                                            }});
    try {
      view_.emplace(directory, *objects_, mount_point(), read_only());
    } catch (const Error& error) {
      throw Error(error.blame(), place() + ", which is linked to a bucket: " + error.what());
    }
  }

  void tell(const LinkedCounts& counts) {
    around_.note("file system " + file_system_.file_system_id + ", channel '" +
                 channel_.channel_name + "': " + std::to_string(counts.fetched) +
                 " objects fetched (" +
                 human_bytes(static_cast<std::uint64_t>(counts.fetched_bytes)) + "), " +
                 std::to_string(counts.found) + " found there");
    if (counts.fetched == 0) return;
    const std::unique_ptr<Daemon> daemon = around_.connect();
    // An answer may be lost; what is sent again is not counted again.
    const std::string count_id = random_hex(16);
    with_retry(around_.patience, {}, [&] {
      daemon->count_fetches({.job_name = around_.ticket.job_name,
                             .file_system_id = file_system_.file_system_id,
                             .count_id = count_id,
                             .fetches = counts.fetched,
                             .bytes = counts.fetched_bytes});
    });
  }

  const wire::control::TicketChannel channel_;
  const wire::control::TicketFileSystem file_system_;
  const ChannelSurroundings around_;
  std::optional<DirectoryMount> plain_;
  std::optional<LinkedObjects> objects_;
  std::optional<LinkedView> view_;
};

}  // namespace

std::unique_ptr<ChannelFeed> open_file_system_channel(const wire::control::TicketChannel& channel,
                                                      const ChannelSurroundings& around) {
  return std::make_unique<FileSystemChannel>(channel, around);
}

}  // namespace millrace::runner
