#include "platform/cli/fetched_files.h"

#include <map>
#include <utility>

#include "core/base/random.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/lst.h"
#include "core/io/file.h"
#include "platform/cli/connection.h"
#include "platform/runner/channels/object_source.h"
#include "platform/runner/channels/placed_objects.h"
#include "platform/runner/daemon_client.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;
using runner::ChannelObject;

/// Who waits at a terminal wants to know soon that there is no daemon.
constexpr runner::Patience kPatience{.limit = std::chrono::seconds(5)};

wire::control::TicketChannel channel_of(const S3Source& source, const std::string& option) {
  return {.channel_name = option,
          .s3_source = wire::control::TicketS3Source{
              .s3_data_type = source.type, .s3_uri = source.uri, .shards = 1}};
}

/// "b" of s3://bucket/a/b and of s3://bucket/a/b/.
std::string last_part(const std::string& uri) {
  const std::string_view trimmed = std::string_view(uri).substr(0, uri.find_last_not_of('/') + 1);
  const std::string name(trimmed.substr(trimmed.rfind('/') + 1));
  return name.empty() || name == "." || name == ".." ? "data" : name;
}

/// The files of the images, by the manifest's objects: each bucket has a folder.
std::vector<std::string> place_images(const std::vector<ChannelObject>& objects,
                                      const fs::path& folder, const std::string& option,
                                      const runner::ConnectDaemon& connect) {
  std::map<std::string, std::vector<std::size_t>> by_bucket;
  for (std::size_t i = 0; i < objects.size(); ++i) by_bucket[objects[i].name.bucket].push_back(i);
  std::vector<std::string> paths(objects.size());
  for (const auto& [bucket, indices] : by_bucket) {
    std::vector<const ChannelObject*> of_bucket;
    for (const std::size_t i : indices) of_bucket.push_back(&objects[i]);
    for (const runner::NamedObject& named :
         place_objects(of_bucket, "", option, folder / bucket, connect, kPatience, {}))
      paths[indices[named.index]] = bucket + "/" + named.path;
  }
  return paths;
}

float label_of(std::string_view text, const std::string& where) {
  if (const std::optional<double> label = parse_double(trim(text)))
    return static_cast<float>(*label);
  refuse(where, text, "one class number as the label",
         "Name the attribute that holds it with --attributes source-ref,NAME.");
}

}  // namespace

bool is_s3_uri(const std::string& text) {
  return text.starts_with("s3://");
}

FetchedFiles::FetchedFiles(fs::path data_dir)
    : data_dir_(std::move(data_dir)),
      connect_([this] { return std::make_unique<runner::DaemonClient>(connect(data_dir_)); }) {}

fs::path FetchedFiles::next_folder(const std::string& name) {
  if (!folder_) {
    folder_.emplace(fs::temp_directory_path() / ("millrace-fetched-" + random_hex(16)));
    fs::create_directory(folder_->path());
    fs::permissions(folder_->path(), fs::perms::owner_all);
  }
  const fs::path parent = folder_->path() / std::to_string(folders_++);
  fs::create_directory(parent);
  return parent / name;
}

fs::path FetchedFiles::file(const std::string& path_or_uri, const std::string& option) {
  if (!is_s3_uri(path_or_uri)) return path_or_uri;
  const std::string name = last_part(path_or_uri);
  const fs::path folder = next_folder("file");
  const runner::ObjectSource source =
      list_source(channel_of({.uri = path_or_uri}, option), connect_, kPatience, {});
  for (const ChannelObject& object : source.objects()) {
    if (object.name.uri() != path_or_uri) continue;  // a longer key that begins like it
    place_objects({&object}, source.name_prefix(), option, folder, connect_, kPatience, {});
    return folder / name;
  }
  refuse(option, path_or_uri, "an object that is there", "List the bucket to see the keys it has.");
}

fs::path FetchedFiles::objects(const S3Source& from, const std::string& option) {
  const runner::ObjectSource source =
      list_source(channel_of(from, option), connect_, kPatience, {});
  const fs::path folder = next_folder(last_part(from.uri));
  const std::vector<runner::NamedObject> named = place_objects(
      source.shared_objects(), source.name_prefix(), option, folder, connect_, kPatience, {});
  return named.size() == 1 && named[0].path.find('/') == std::string::npos ? folder / named[0].path
                                                                           : folder;
}

FetchedManifest FetchedFiles::manifest(const std::string& path_or_uri,
                                       const std::vector<std::string>& attributes,
                                       const std::string& option) {
  wire::control::TicketChannel channel =
      channel_of({.type = "AugmentedManifestFile", .uri = path_or_uri}, option);
  channel.s3_source->attribute_names = attributes;
  FdSource lines(open_for_reading(file(path_or_uri, option)));
  const runner::ObjectSource source = list_manifest_lines(lines, channel, connect_, kPatience, {});
  const fs::path images = next_folder(last_part(path_or_uri));
  const std::vector<std::string> paths = place_images(source.objects(), images, option, connect_);

  StringSink text;
  LstWriter list(text);
  LstEntry entry;
  for (const std::uint32_t unit : source.share()) {
    const auto pieces = source.pieces(unit);
    entry.path = paths[std::get<std::uint32_t>(pieces[0])];
    entry.labels = {label_of(std::get<std::string>(pieces[1]),
                             option + ", entry " + std::to_string(entry.index) + " of " +
                                 path_or_uri + ", attribute '" + attributes[1] + "'")};
    list.write(entry);
    ++entry.index;
  }
  const fs::path list_file = next_folder("manifest.lst");
  write_file_durably(list_file, text.text());
  return {.images = images, .list = list_file};
}

}  // namespace millrace::cli
