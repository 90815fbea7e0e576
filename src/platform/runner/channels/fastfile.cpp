#include "platform/runner/channels/fastfile.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/contract/paths.h"
#include "core/io/tree.h"
#include "platform/runner/channels/file.h"
#include "platform/runner/channels/object_listing.h"
#include "platform/runner/channels/object_source.h"
#include "platform/runner/channels/touched_objects.h"
#include "platform/runner/mounts/object_view.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

class FastFileChannel final : public ChannelFeed {
 public:
  FastFileChannel(const wire::control::TicketChannel& channel, const ChannelSurroundings& around)
      : channel_(channel),
        around_(around),
        directory_(around.workspace.readable_paths().channel(channel.channel_name)) {}

  void prepare(const std::stop_token& stop) override {
    const ObjectSource source = list_source(channel_, around_.connect, around_.patience, stop);
    tell_touched(around_, channel_, source);
    if (stop.stop_requested()) return;
    std::vector<const ChannelObject*> objects = source.shared_objects();
    const std::vector<NamedObject> names =
        name_objects(channel_.channel_name, source.name_prefix(), keys_of(objects));
    fs::create_directory(directory_);
    ChannelMeter& meter = around_.channels.open(channel_.channel_name);
    meter.delivering.begin();
    if (link_all(objects, names)) {
      meter.delivering.end();
      meter.measured = wire::control::ChannelMeasure::Staged;
      meter.objects = static_cast<std::int64_t>(names.size());
      for (const NamedObject& name : names) meter.add(objects[name.index]->size);
      return;
    }
    meter.delivering.cancel();
    mount(objects, names, meter, stop);
  }

  std::vector<Bind> binds() override {
    if (!view_) return {};
    return {{.source = mount_point(), .target = ContractPaths{}.channel(channel_.channel_name)}};
  }
  void abort() override {
    if (view_) view_->abort();
  }
  void finish() override { view_.reset(); }

 private:
  [[nodiscard]] fs::path mount_point() const {
    return around_.workspace.mounts() / channel_.channel_name;
  }

  /// Whether every object could be linked into the directory; leaves it empty if not.
  bool link_all(const std::vector<const ChannelObject*>& objects,
                const std::vector<NamedObject>& names) {
    fs::path made;
    for (const NamedObject& name : names) {
      const fs::path target = directory_ / name.path;
      const auto& file = objects[name.index]->path;
      if (target.parent_path() != made) fs::create_directories(made = target.parent_path());
      if (file && ::link(file->c_str(), target.c_str()) == 0) continue;
      remove_tree(directory_);
      fs::create_directory(directory_);
      return false;
    }
    return true;
  }

  void mount(const std::vector<const ChannelObject*>& objects,
             const std::vector<NamedObject>& names, ChannelMeter& meter,
             const std::stop_token& stop) {
    std::vector<ViewedObject> viewed;
    for (const NamedObject& name : names) {
      const ChannelObject& object = *objects[name.index];
      viewed.push_back(
          {.path = name.path, .object = object.name, .e_tag = object.e_tag, .size = object.size});
    }
    fs::create_directory(mount_point());
    try {
      view_.emplace(
          std::move(viewed), mount_point(), around_.connect, around_.patience, ReadAheadLimits{},
          meter, [this](const ViewedObject& object, const Error& error) { fail(object, error); });
      meter.measured = wire::control::ChannelMeasure::Read;
      return;
    } catch (const Error& error) {
      around_.note("channel '" + channel_.channel_name +
                   "' is downloaded before the start, as in File mode: " + error.what());
    }
    fs::remove(directory_);
    const std::unique_ptr<ChannelFeed> file = open_file_channel(channel_, around_);
    file->prepare(stop);
    file->finish();
  }

  void fail(const ViewedObject& object, const Error& error) {
    around_.alarm.raise(std::make_exception_ptr(Error(
        error.blame(), error.code(),
        "channel '" + channel_.channel_name + "', " + object.object.uri() + ": " + error.what())));
  }

  const wire::control::TicketChannel channel_;
  const ChannelSurroundings around_;
  const fs::path directory_;
  std::optional<ObjectView> view_;
};

}  // namespace

std::unique_ptr<ChannelFeed> open_fastfile_channel(const wire::control::TicketChannel& channel,
                                                   const ChannelSurroundings& around) {
  return std::make_unique<FastFileChannel>(channel, around);
}

}  // namespace millrace::runner
