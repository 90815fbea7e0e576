#include "platform/runner/channels/file.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/contract/paths.h"
#include "core/io/file.h"
#include "platform/runner/channels/local_copy.h"
#include "platform/runner/channels/object_source.h"
#include "platform/runner/channels/placed_objects.h"
#include "platform/runner/channels/touched_objects.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

class FileChannel final : public ChannelFeed {
 public:
  FileChannel(const wire::control::TicketChannel& channel, const ChannelSurroundings& around)
      : channel_(channel),
        around_(around),
        directory_(around.workspace.readable_paths().channel(channel.channel_name)) {
    if (channel.local_path) directory_ = place(around.workspace.readable_paths());
  }

  void prepare(const std::stop_token& stop) override {
    const ObjectSource source = list_source(channel_, around_.connect, around_.patience, stop);
    tell_touched(around_, channel_, source);
    if (channel_.local_path && is_small(source)) {
      own_ = true;
      directory_ = place(around_.workspace.writable_paths());
    }
    ChannelMeter& meter = around_.channels.open(channel_.channel_name);
    meter.measured = wire::control::ChannelMeasure::Staged;
    meter.delivering.begin();
    const std::vector<const ChannelObject*> objects = source.shared_objects();
    const std::vector<NamedObject> placed =
        place_objects(objects, source.name_prefix(), channel_.channel_name, directory_,
                      around_.connect, around_.patience, stop, &meter);
    meter.delivering.end();
    if (!stop.stop_requested()) meter.objects = static_cast<std::int64_t>(placed.size());
    if (own_) separate_from_store(directory_);
    if (!stop.stop_requested() && !channel_.local_path) write_manifest(source.manifest());
  }

  std::vector<Bind> binds() override {
    if (!channel_.local_path) return {};
    return {{.source = directory_, .target = place({}), .writable = own_}};
  }
  void finish() override {}

 private:
  /// Input of a processing job: programs unpack archives and build beside their code, so that what
  /// is small is theirs to write to.
  static constexpr std::int64_t kOwnBytes = std::int64_t{64} << 20;

  static bool is_small(const ObjectSource& source) {
    std::int64_t bytes = 0;
    for (const ChannelObject* object : source.shared_objects()) bytes += object->size;
    return bytes <= kOwnBytes;
  }
  /// Where LocalPath is below `paths`.
  [[nodiscard]] fs::path place(const ContractPaths& paths) const {
    const fs::path below =
        fs::path(*channel_.local_path).lexically_normal().lexically_relative(ContractPaths{}.base);
    return paths.base / (below.has_filename() ? below : below.parent_path());
  }

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

  const wire::control::TicketChannel channel_;
  const ChannelSurroundings around_;
  fs::path directory_;
  bool own_ = false;  ///< the files are copies, and the program may write to them
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
