#include "platform/runner/channels/placed_objects.h"

#include <sys/stat.h>

#include <set>

#include "core/base/error.h"
#include "platform/runner/channels/download.h"
#include "platform/runner/channels/local_copy.h"
#include "platform/runner/channels/object_listing.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

/// Makes the folders that names need, each once.
class Folders {
 public:
  Folders(const fs::path& root, const std::string& what) : root_(root), what_(what) {}

  void make(const fs::path& relative) {
    if (relative.empty() || !made_.insert(relative.string()).second) return;
    make(relative.parent_path());
    if (::mkdir((root_ / relative).c_str(), 0755) != 0)
      throw_errno(what_ + ": creating directory '" + relative.string() + "'");
  }

 private:
  const fs::path& root_;
  const std::string& what_;
  std::set<std::string> made_;
};

}  // namespace

std::vector<NamedObject> place_objects(const std::vector<const ChannelObject*>& objects,
                                       const std::string& prefix, const std::string& channel,
                                       const fs::path& directory, const ConnectDaemon& connect,
                                       const Patience& patience, const std::stop_token& stop,
                                       ChannelMeter* meter) {
  const std::string what = "channel '" + channel + "'";
  std::vector<NamedObject> named = name_objects(channel, prefix, keys_of(objects));
  fs::create_directories(directory);
  Folders folders(directory, what);
  std::vector<Download> elsewhere;
  for (const NamedObject& name : named) {
    if (stop.stop_requested()) return named;
    const ChannelObject& object = *objects[name.index];
    const fs::path target = directory / name.path;
    folders.make(fs::path(name.path).parent_path());
    // An object deleted since it was listed has no file any more; then the store says what has
    // become of it.
    if (object.path && link_or_copy(*object.path, target)) {
      if (meter != nullptr) meter->add(object.size);
      continue;
    }
    elsewhere.push_back(
        {.object = object.name, .e_tag = object.e_tag, .size = object.size, .target = target});
  }
  download_all(elsewhere, what, connect, patience, stop, meter);
  return named;
}

}  // namespace millrace::runner
