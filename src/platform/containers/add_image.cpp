#include "platform/containers/add_image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "core/json/json.h"
#include "platform/containers/directory_layer.h"
#include "platform/containers/layer_source.h"
#include "platform/containers/root_user.h"

namespace millrace::containers {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kReadableFile = 0644;

std::string layer_name(const ExportedImage& image, std::size_t index) {
  const ExportedLayer& layer = image.layers[index];
  return "layer " + std::to_string(index + 1) + " of " + std::to_string(image.layers.size()) +
         " (" + (layer.digest.empty() ? layer.diff_id : layer.digest) + ")";
}

/// The image's directory while it is being made.
class NewImage {
 public:
  NewImage(const std::string& id, const Unpacking& unpacking)
      : id_(id), unpacking_(unpacking), output_(unpacking.store.place(id)) {
    for (const fs::path& made : {output_.path(), root()}) {
      fs::create_directory(made);
      give(made, unpacking.owner);
    }
  }
  [[nodiscard]] fs::path root() const { return output_.path() / "rootfs"; }
  void write(const fs::path& name, std::string_view text) {
    const fs::path file = output_.path() / name;
    write_all(create_for_writing(file).get(), text);
    ::chmod(file.c_str(), kReadableFile);
    give(file, unpacking_.owner);
  }
  void write_manifest(const std::string& digest, std::string_view text) {
    const fs::path name = unpacking_.store.manifest_place(id_, digest)
                              .lexically_relative(unpacking_.store.place(id_));
    fs::create_directory(output_.path() / name.parent_path());
    give(output_.path() / name.parent_path(), unpacking_.owner);
    write(name, text);
  }
  void commit() { output_.commit(); }

 private:
  const std::string id_;
  const Unpacking& unpacking_;
  PartialOutput output_;
};

/// What the platform mounts into the root file system of every program needs a place there.
void make_mount_points(RootTree& tree) {
  for (const char* directory : {"proc", "dev", "tmp", "run", "etc", "opt/ml"})
    tree.make_directory(directory);
  tree.make_file("etc/hosts", "");
  tree.make_file("etc/resolv.conf", "");
}

void describe_process(RootTree& tree, const ImageConfig& config, ImageRecord& record) {
  record.entrypoint = config.entrypoint;
  record.arguments = config.arguments;
  record.environment = config.environment;
  if (!config.working_directory.empty()) {
    record.working_directory =
        (config.working_directory.starts_with('/') ? "" : "/") + config.working_directory;
  }
  if (!tree.open(record.working_directory, O_PATH | O_DIRECTORY)) {
    tree.begin_layer("the working directory", RootTree::Whiteouts::Kept);
    MemorySource nothing("");
    tree.add({.name = record.working_directory, .kind = TarMember::Kind::Directory, .mode = 0755},
             nothing);
  }
  record.user = config.user;
  const RootUser user = find_user(tree, config.user);
  record.user_id = user.user_id;
  record.group_id = user.group_id;
  record.home = user.home;
  record.platform = platform_text(config.platform);
  record.created = config.created;
  record.bytes = tree.bytes();
  record.entries = tree.entries();
  record.dropped = tree.dropped();
}

/// Gives `take` every layer as it is stored, the lowest first, and its place in the list.
void each_layer(const ImageFiles& files, const ExportedImage& image, const char* doing,
                const std::function<void(ByteSource& stored, std::size_t index)>& take) {
  std::uint64_t total = 0;
  for (const ExportedLayer& layer : image.layers) total += layer.size;
  Progress progress(doing, total);
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    const std::optional<ImageFile> file = files.open(image.layers[i].file);
    if (!file) {
      refuse(files.origin() + ", " + layer_name(image, i), {}, "the file " + image.layers[i].file,
             "The export is not whole: export the image again.");
    }
    ProgressSource stored(*file->content, progress);
    take(stored, i);
  }
}

LayerExpectation expectation(const ExportedImage& image, std::size_t index,
                             const TreeLimits& limits) {
  const ExportedLayer& layer = image.layers[index];
  return {.where = layer_name(image, index),
          .digest = layer.digest,
          .diff_id = layer.diff_id,
          .size = layer.size,
          .max_bytes = limits.bytes};
}

void unpack_layer(RootTree& tree, ByteSource& stored, LayerExpectation expected) {
  const std::string where = expected.where;
  LayerSource source(stored, std::move(expected));
  tree.begin_layer(where, RootTree::Whiteouts::Applied);
  TarReader tar(source, where);
  for (auto member = tar.next_entry(); member; member = tar.next_entry()) tree.add(*member, tar);
  source.finish();
}

/// Of an image that is unpacked already: the manifest of another export of it is kept as well, once
/// that export's layers have turned out to be what the manifest says.
void add_manifest(const ImageFiles& files, const ExportedImage& image, const Unpacking& unpacking) {
  if (image.manifest.empty() || !unpacking.store.manifest_of(image.id, image.digest).empty())
    return;
  each_layer(files, image, "checking", [&](ByteSource& stored, std::size_t index) {
    LayerSource(stored, expectation(image, index, unpacking.limits)).finish();
  });
  const fs::path place = unpacking.store.manifest_place(image.id, image.digest);
  if (fs::create_directory(place.parent_path())) give(place.parent_path(), unpacking.owner);
  write_file_durably(place, image.manifest, kReadableFile);
  give(place, unpacking.owner);
}

/// The form in which an image's configuration is digested where we write it ourselves.
std::string config_text(const ImageConfig& config) {
  Json environment = Json::array();
  for (const auto& [name, value] : config.environment) environment.push_back(name + "=" + value);
  return to_text(Json{{"architecture", config.platform.architecture},
                      {"os", config.platform.os},
                      {"config",
                       {{"Entrypoint", config.entrypoint},
                        {"Env", environment},
                        {"WorkingDir", config.working_directory},
                        {"User", config.user}}},
                      {"rootfs", {{"type", "layers"}, {"diff_ids", config.diff_ids}}}});
}

}  // namespace

ImageRecord add_exported_image(const ImageFiles& files, const ExportedImage& image,
                               const std::string& kind, const Unpacking& unpacking) {
  ImageRecord record = unpacking.store.find(image.id).value_or(ImageRecord{});
  const bool known = !record.id.empty();
  record.id = image.id;
  record.digest = image.digest;
  record.media_type = image.media_type;
  record.kind = kind;
  record.source = files.origin();
  record.reference = image.reference;
  record.signature_beside = image.signature_beside;
  record.layers.clear();
  for (const ExportedLayer& layer : image.layers)
    record.layers.push_back({.digest = layer.digest, .diff_id = layer.diff_id, .size = layer.size});
  if (known) {
    add_manifest(files, image, unpacking);
    return record;
  }

  NewImage made(image.id, unpacking);
  RootTree tree(made.root(), unpacking.limits, unpacking.owner);
  each_layer(files, image, "unpacking", [&](ByteSource& stored, std::size_t index) {
    unpack_layer(tree, stored, expectation(image, index, unpacking.limits));
  });
  make_mount_points(tree);
  describe_process(tree, image.config, record);
  if (!image.manifest.empty()) made.write_manifest(image.digest, image.manifest);
  made.write("image.json", record_text(record));
  made.commit();
  return record;
}

ImageRecord add_root_file_system(const fs::path& directory, ImageConfig config,
                                 const Unpacking& unpacking) {
  const DirectoryLayer layer(directory);
  Progress progress("copying", 2 * layer.bytes());
  const std::string diff_id = layer.read(nullptr, progress);
  config.platform = this_platform();
  config.diff_ids = {diff_id};
  const std::string id = sha256_digest(config_text(config));
  if (auto known = unpacking.store.find(id)) return *known;

  NewImage made(id, unpacking);
  RootTree tree(made.root(), unpacking.limits, unpacking.owner);
  tree.begin_layer(directory.string(), RootTree::Whiteouts::Kept);
  if (layer.read(&tree, progress) != diff_id) {
    refuse(directory.string(), "a change while it was copied", "a directory that nobody writes to",
           "Add it again when nothing runs in it.");
  }
  make_mount_points(tree);
  ImageRecord record{.id = id,
                     .digest = id,
                     .kind = "rootfs",
                     .source = directory.string(),
                     .layers = {{.digest = {}, .diff_id = diff_id, .size = layer.bytes()}}};
  describe_process(tree, config, record);
  made.write("image.json", record_text(record));
  made.commit();
  return record;
}

}  // namespace millrace::containers
