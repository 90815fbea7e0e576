#include "platform/runner/channels/file.h"

#include <sys/stat.h>

#include <set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "platform/runner/channels/download.h"
#include "platform/runner/channels/local_copy.h"
#include "platform/runner/channels/object_names.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

/// One channel names at most this many objects: each costs a file and about 300 bytes of memory
/// here.
constexpr std::size_t kMaxObjects = 10'000'000;

class FileChannel final : public ChannelFeed {
 public:
  FileChannel(const wire::control::TicketChannel& channel, const ChannelSurroundings& around)
      : channel_(channel),
        around_(around),
        source_(parse_s3_uri(channel.s3_source->s3_uri, "channel '" + channel.channel_name + "', S3Uri")),
        directory_(around.workspace.readable_paths().channel(channel.channel_name)) {}

  void prepare(const std::stop_token& stop) override {
    const std::vector<wire::control::ObjectLocation> objects = locate(stop);
    std::vector<std::string> keys;
    std::vector<bool> empty;
    for (const auto& object : objects) {
      keys.push_back(object.key);
      empty.push_back(object.size == 0);
    }
    const std::vector<NamedObject> named =
        name_objects(channel_.channel_name, source_.key, keys, empty);
    if (named.empty() && !stop.stop_requested()) refuse_empty();

    fs::create_directory(directory_);
    std::vector<Download> elsewhere;
    for (const NamedObject& name : named) {
      if (stop.stop_requested()) return;
      const auto& object = objects[name.index];
      const fs::path target = directory_ / name.path;
      make_parents(fs::path(name.path).parent_path());
      // An object deleted since it was listed has no file any more; then the store says what has
      // become of it.
      if (object.path && link_or_copy(*object.path, target)) continue;
      elsewhere.push_back({.object = {.bucket = source_.bucket, .key = object.key},
                           .e_tag = object.e_tag,
                           .size = object.size,
                           .target = target});
    }
    download_all(elsewhere, around_.connect, around_.patience, stop);
  }

  std::vector<Bind> binds() override { return {}; }
  void finish() override {}

 private:
  std::vector<wire::control::ObjectLocation> locate(const std::stop_token& stop) {
    const std::unique_ptr<Daemon> daemon = around_.connect();
    wire::control::LocateObjectsRequest request{.bucket = source_.bucket, .prefix = source_.key};
    std::vector<wire::control::ObjectLocation> all;
    for (bool more = true; more && !stop.stop_requested();) {
      auto page = with_retry(around_.patience, stop, [&] {
        try {
          return daemon->locate(request);
        } catch (const Error& error) {
          throw Error(
              error.blame(), error.code(),
              "channel '" + channel_.channel_name + "', " + channel_.s3_source->s3_uri + ": " + error.what());
        }
      });
      all.insert(all.end(), std::make_move_iterator(page.objects.begin()),
                 std::make_move_iterator(page.objects.end()));
      if (all.size() > kMaxObjects) {
        throw Error(Blame::Customer, "channel '" + channel_.channel_name + "' has more than " +
                                         std::to_string(kMaxObjects) +
                                         " objects. Pack them into larger files.");
      }
      more = page.is_truncated && !all.empty();
      if (more) request.start_after = all.back().key;
    }
    return all;
  }

  [[noreturn]] void refuse_empty() const {
    throw Error(Blame::Customer, "channel '" + channel_.channel_name +
                                     "': No S3 objects found under S3 URL \"" + channel_.s3_source->s3_uri +
                                     "\" given in input data source. Upload the data first.");
  }

  void make_parents(const fs::path& relative) {
    if (relative.empty() || !made_.insert(relative.string()).second) return;
    make_parents(relative.parent_path());
    if (::mkdir((directory_ / relative).c_str(), 0755) != 0) {
      throw_errno("channel '" + channel_.channel_name + "': creating directory '" +
                  relative.string() + "'");
    }
  }

  const wire::control::TicketChannel channel_;
  const ChannelSurroundings around_;
  const ObjectName source_;
  const fs::path directory_;
  std::set<std::string> made_;
};

}  // namespace

std::unique_ptr<ChannelFeed> open_file_channel(const wire::control::TicketChannel& channel,
                                               const ChannelSurroundings& around) {
  return std::make_unique<FileChannel>(channel, around);
}

void separate_from_store(const fs::path& directory) {
  std::vector<fs::path> shared;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && entry.hard_link_count() > 1) shared.push_back(entry.path());
  }
  for (const fs::path& path : shared) {
    const fs::path copy = path.string() + "." + random_hex(6);
    copy_local(path, copy);
    fs::rename(copy, path);
  }
}

}  // namespace millrace::runner
