#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"
#include "platform/records/file_systems.h"

namespace millrace::catalog {

/// First component of a DirectoryPath where a registration names none, as Lustre's own default.
inline constexpr const char* kDefaultMountName = "fsx";

/// Directories of this machine that channels name by the id of a file system, registered by the
/// operator.
///
///     millrace filesystems add fs-0123456789abcdef0 --type EFS --path /srv/pictures
class FileSystems {
 public:
  /// `database` must outlive this. No file system may lie inside `data_dir` or hold it: its files
  /// are the daemon's own.
  FileSystems(records::Database& database, std::filesystem::path data_dir)
      : database_(database), data_dir_(std::move(data_dir)) {}

  [[nodiscard]] std::optional<records::FileSystemRow> find(const std::string& id) const;
  [[nodiscard]] std::vector<records::FileSystemRow> all() const;

  /// Throws Error(Customer): ValidationException for a path that is no directory, the root, or the
  /// daemon's, and for a link or a mount name of an EFS file system; ResourceInUse for an id that
  /// is taken.
  wire::control::RegisterFileSystemResponse register_file_system(
      const wire::control::RegisterFileSystemRequest& request, const aws::Caller& caller);
  wire::control::ListFileSystemsResponse list_file_systems(
      const wire::control::ListFileSystemsRequest& request, const aws::Caller& caller);
  wire::control::DescribeFileSystemResponse describe_file_system(
      const wire::control::DescribeFileSystemRequest& request, const aws::Caller& caller);
  /// Refused (ResourceInUse) while an unfinished job has a channel of it.
  wire::control::DeregisterFileSystemResponse deregister_file_system(
      const wire::control::DeregisterFileSystemRequest& request, const aws::Caller& caller);
  /// Only for the supervisor of a job that uses the file system.
  wire::control::CountFileSystemFetchesResponse count_fetches(
      const wire::control::CountFileSystemFetchesRequest& request, const aws::Caller& caller);

 private:
  void check(const wire::control::RegisterFileSystemRequest& request) const;

  records::Database& database_;
  const std::filesystem::path data_dir_;
};

/// True when `inner` is `outer` or lies below it; both absolute and without links.
bool holds(const std::filesystem::path& outer, const std::filesystem::path& inner);

/// Where a channel's DirectoryPath lies on this machine, and what it is called in the linked
/// bucket.
struct FileSystemPlace {
  std::filesystem::path host_path;
  std::string relative;  ///< below the file system's root, without slashes at its ends
};

/// Throws Error(Customer, ValidationException), naming `where`, for a path that is not absolute,
/// has a part "..", or does not begin with the mount name of an FSx file system.
FileSystemPlace place_in(const records::FileSystemRow& file_system,
                         const std::string& directory_path, const std::string& where);

}  // namespace millrace::catalog
