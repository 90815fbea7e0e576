#include "platform/runner/channels/file.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/contract/paths.h"
#include "core/io/file.h"
#include "platform/runner/channels/download.h"
#include "platform/runner/channels/local_copy.h"
#include "platform/runner/channels/object_listing.h"
#include "platform/runner/channels/object_source.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

class FileChannel final : public ChannelFeed {
 public:
  FileChannel(const wire::control::TicketChannel& channel, const ChannelSurroundings& around)
      : channel_(channel),
        around_(around),
        directory_(around.workspace.readable_paths().channel(channel.channel_name)) {}

  void prepare(const std::stop_token& stop) override {
    const ObjectSource source = list_source(channel_, around_.connect, around_.patience, stop);
    const std::vector<const ChannelObject*> objects = source.shared_objects();
    const std::vector<NamedObject> named =
        name_objects(channel_.channel_name, source.name_prefix(), keys_of(objects));

    fs::create_directory(directory_);
    write_manifest(source.manifest());
    std::vector<Download> elsewhere;
    for (const NamedObject& name : named) {
      if (stop.stop_requested()) return;
      const ChannelObject& object = *objects[name.index];
      const fs::path target = directory_ / name.path;
      make_parents(fs::path(name.path).parent_path());
      // An object deleted since it was listed has no file any more; then the store says what has
      // become of it.
      if (object.path && link_or_copy(*object.path, target)) continue;
      elsewhere.push_back(
          {.object = object.name, .e_tag = object.e_tag, .size = object.size, .target = target});
    }
    download_all(elsewhere, "channel '" + channel_.channel_name + "'", around_.connect,
                 around_.patience, stop);
  }

  std::vector<Bind> binds() override { return {}; }
  void finish() override {}

 private:
  /// A channel of that name, which is unlikely, has the place.
  void write_manifest(const std::string& text) {
    const ContractPaths paths = around_.workspace.readable_paths();
    const fs::path file = paths.manifest(channel_.channel_name);
    const auto is_there = [&](const auto& other) {
      return paths.channel(other.channel_name) == file;
    };
    const auto& channels = around_.ticket.channels;
    if (text.empty() || std::any_of(channels.begin(), channels.end(), is_there)) return;
    write_all(create_for_writing(file).get(), text);
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
  const fs::path directory_;
  std::set<std::string> made_;
};

}  // namespace

std::unique_ptr<ChannelFeed> open_file_channel(const wire::control::TicketChannel& channel,
                                               const ChannelSurroundings& around) {
  if (channel.s3_source->s3_data_type == "AugmentedManifestFile") {
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + channel.channel_name + "', InputMode",
                        .given = channel.input_mode,
                        .expected = "Pipe for an AugmentedManifestFile",
                        .fix = {}});
  }
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
