#include "platform/cli/add_container.h"

#include <sys/stat.h>
#include <unistd.h>

#include <iostream>
#include <optional>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "generated/aws/control/operations.h"
#include "platform/cli/connection.h"
#include "platform/cli/daemon_files.h"
#include "platform/containers/add_image.h"

namespace millrace::cli {
namespace {

namespace control = wire::control;

constexpr std::uint64_t kGigabyte = 1'000'000'000;

/// nullopt where what this process makes is the daemon's own anyway.
std::optional<containers::Owner> owner_of(const std::filesystem::path& data_dir) {
  struct stat status {};
  if (::stat(data_dir.c_str(), &status) != 0) throw_errno("opening " + data_dir.string());
  if (status.st_uid == ::geteuid()) return std::nullopt;
  if (::geteuid() == 0) return containers::Owner{.user = status.st_uid, .group = status.st_gid};
  refuse("option --data-dir", data_dir.string(), "a directory of this user",
         "Run the command as the user whom the daemon runs as, or as root.");
}

containers::ImageConfig config_of(const ContainerOptions& options) {
  containers::ImageConfig config = options.config;
  for (const std::string& variable : options.environment) {
    const std::size_t equals = variable.find('=');
    if (equals == 0 || equals == std::string::npos) refuse("option --env", variable, "NAME=VALUE");
    config.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return config;
}

containers::ImageRecord unpack(const ContainerOptions& options,
                               const containers::Unpacking& unpacking) {
  if (!options.root.empty()) {
    return containers::add_root_file_system(
        std::filesystem::absolute(options.root).lexically_normal(), config_of(options), unpacking);
  }
  const bool is_archive = !options.archive.empty();
  const auto files =
      is_archive ? containers::files_of_archive(std::filesystem::absolute(options.archive))
                 : containers::files_of_directory(std::filesystem::absolute(options.layout));
  const containers::ExportedImage image =
      containers::find_image(*files, options.reference, containers::this_platform());
  return containers::add_exported_image(*files, image, is_archive ? "docker-archive" : "oci-layout",
                                        unpacking);
}

control::ImageExport export_of(const containers::ImageRecord& record) {
  control::ImageExport from{.digest = record.digest,
                            .source_kind = record.kind,
                            .source = record.source,
                            .signature_beside = record.signature_beside};
  if (!record.media_type.empty()) from.media_type = record.media_type;
  if (!record.reference.empty()) from.reference = record.reference;
  return from;
}

}  // namespace

void add_container(const std::filesystem::path& data_dir, const std::string& name,
                   const ContainerOptions& options) {
  aws::Client client = connect(data_dir);
  const std::filesystem::path directory = std::filesystem::absolute(data_dir).lexically_normal();
  const std::optional<containers::Owner> owner = owner_of(directory);
  const containers::ImageStore store(DaemonFiles{directory}.images());
  // Until it has its name: what has none may be swept away.
  const Fd lock = store.lock_for_adding(
      owner, [] { std::cerr << "waiting for another image that is being added\n"; });
  const containers::ImageRecord record = unpack(
      options,
      {.store = store, .limits = {.bytes = options.max_gigabytes * kGigabyte}, .owner = owner});
  client.call<control::ops::RegisterImage>(
      {.image_name = name, .image_id = record.id, .export_ = export_of(record)});
  std::cout << "TrainingImage \"" << name << "\" is " << record.digest << " ("
            << human_bytes(record.bytes) << ")\n";
  for (const std::string& sentence : record.dropped) std::cout << "  " << sentence << '\n';
}

}  // namespace millrace::cli
