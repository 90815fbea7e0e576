#include "platform/cli/fetched_files.h"

#include <map>
#include <utility>

#include "core/base/random.h"
#include "core/base/refuse.h"
#include "core/io/file.h"
#include "platform/cli/connection.h"
#include "platform/runner/channels/object_source.h"
#include "platform/runner/channels/placed_objects.h"
#include "platform/runner/daemon_client.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;
using runner::ChannelObject;

constexpr std::string_view kManifestExtension = ".manifest";

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

/// Each bucket has a folder.
void place_by_bucket(const std::vector<ChannelObject>& objects, const fs::path& folder,
                     const std::string& option, const runner::ConnectDaemon& connect) {
  std::map<std::string, std::vector<const ChannelObject*>> by_bucket;
  for (const ChannelObject& object : objects) by_bucket[object.name.bucket].push_back(&object);
  for (const auto& [bucket, of_bucket] : by_bucket)
    place_objects(of_bucket, "", option, folder / bucket, connect, kPatience, {});
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

fs::path FetchedFiles::manifest(const std::string& path_or_uri,
                                const std::vector<std::string>& attributes,
                                const std::string& option) {
  std::string name = last_part(path_or_uri);
  if (!name.ends_with(kManifestExtension)) name += kManifestExtension;
  const fs::path file = next_folder(name), original = this->file(path_or_uri, option);
  if (!fs::is_regular_file(original))
    refuse("--" + option, path_or_uri, "an augmented manifest that is there", "Check the path.");
  fs::copy_file(original, file);

  wire::control::TicketChannel channel =
      channel_of({.type = "AugmentedManifestFile", .uri = path_or_uri}, option);
  channel.s3_source->attribute_names = attributes;
  FdSource lines(open_for_reading(file));
  const runner::ObjectSource source = list_manifest_lines(lines, channel, connect_, kPatience, {});
  place_by_bucket(source.objects(), file.parent_path() / "s3:", option, connect_);
  return file;
}

}  // namespace millrace::cli
