#include "platform/catalog/file_systems.h"

#include <system_error>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "platform/aws/access.h"

namespace millrace::catalog {
namespace {

namespace control = wire::control;
namespace fs = std::filesystem;
using records::Connection;
using records::FileSystemRow;
using records::FileSystemTable;

constexpr std::size_t kIdBytes = 8;  // "fs-" and 17 digits, as newer ids have

[[noreturn]] void refuse(const Problem& problem) {
  throw Error(Blame::Customer, "ValidationException", describe(problem));
}

[[noreturn]] void unknown(const std::string& id) {
  refuse({.where = "FileSystemId",
          .given = id,
          .expected = "a registered file system",
          .fix = "'millrace filesystems list' shows what there is."});
}

std::string new_id() {
  return "fs-0" + random_hex(kIdBytes);
}

control::RegisteredFileSystem wire_file_system(const FileSystemRow& row, std::int64_t jobs) {
  return {.file_system_id = row.id,
          .file_system_type = row.type,
          .path = row.path,
          .linked_s3_uri = row.linked_s3_uri,
          .mount_name = row.mount_name,
          .creation_time = row.created_at,
          .fetches = row.fetches,
          .bytes = row.fetched_bytes,
          .jobs_using = jobs};
}

}  // namespace

std::optional<FileSystemRow> FileSystems::find(const std::string& id) const {
  return database_.read(
      [&](Connection& connection) { return FileSystemTable(connection).find(id); });
}

std::vector<FileSystemRow> FileSystems::all() const {
  return database_.read([](Connection& connection) { return FileSystemTable(connection).list(); });
}

void FileSystems::check(const control::RegisterFileSystemRequest& request) const {
  std::error_code failure;
  const fs::path path = fs::canonical(request.path, failure);
  if (failure || !fs::is_directory(path, failure)) {
    refuse({.where = "Path",
            .given = request.path,
            .expected = "an existing directory of the daemon's machine",
            .fix = "Make it first, or check the spelling."});
  }
  const fs::path own = fs::weakly_canonical(data_dir_, failure);
  if (path == path.root_path() || holds(own, path) || holds(path, own)) {
    refuse({.where = "Path",
            .given = request.path,
            .expected = "a directory that is not '/' and neither holds the daemon's data directory "
                        "nor lies in it",
            .fix = "Give the data a directory of its own."});
  }
  if (request.file_system_type == control::FileSystemType::FSxLustre) {
    if (request.linked_s3_uri &&
        (!request.linked_s3_uri->starts_with("s3://") || request.linked_s3_uri->size() <= 5 ||
         (*request.linked_s3_uri)[5] == '/')) {
      refuse({.where = "LinkedS3Uri",
              .given = *request.linked_s3_uri,
              .expected = "a URI of the form s3://bucket/prefix",
              .fix = {}});
    }
    return;
  }
  if (request.linked_s3_uri) {
    refuse({.where = "LinkedS3Uri",
            .given = *request.linked_s3_uri,
            .expected = "no link: only FSxLustre file systems are linked to a bucket",
            .fix = "Give the type FSxLustre."});
  }
  if (request.mount_name) {
    refuse({.where = "MountName",
            .given = *request.mount_name,
            .expected = "no mount name: only FSxLustre file systems have one",
            .fix = "Leave it out."});
  }
}

control::RegisterFileSystemResponse FileSystems::register_file_system(
    const control::RegisterFileSystemRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:RegisterFileSystem");
  check(request);
  FileSystemRow row{.id = request.file_system_id.value_or(new_id()),
                    .type = request.file_system_type,
                    .path = fs::canonical(request.path).string(),
                    .linked_s3_uri = request.linked_s3_uri,
                    .mount_name = request.mount_name,
                    .created_at = now()};
  if (row.type == control::FileSystemType::FSxLustre && !row.mount_name)
    row.mount_name = kDefaultMountName;
  const bool inserted = database_.write(
      [&](Connection& transaction) { return FileSystemTable(transaction).insert(row); });
  if (!inserted) {
    throw Error(
        Blame::Customer, "ResourceInUse",
        "FileSystemId: '" + row.id +
            "' is registered already. Choose another id, or remove that file system first.");
  }
  return {.file_system = wire_file_system(row, 0)};
}

control::ListFileSystemsResponse FileSystems::list_file_systems(
    const control::ListFileSystemsRequest&, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:ListFileSystems");
  control::ListFileSystemsResponse response;
  database_.snapshot([&](Connection& connection) {
    FileSystemTable table(connection);
    for (const FileSystemRow& row : table.list())
      response.file_systems.push_back(wire_file_system(row, table.unfinished_jobs(row.id)));
  });
  return response;
}

control::DescribeFileSystemResponse FileSystems::describe_file_system(
    const control::DescribeFileSystemRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DescribeFileSystem");
  return database_.snapshot([&](Connection& connection) {
    FileSystemTable table(connection);
    const std::optional<FileSystemRow> row = table.find(request.file_system_id);
    if (!row) unknown(request.file_system_id);
    return control::DescribeFileSystemResponse{
        .file_system = wire_file_system(*row, table.unfinished_jobs(row->id))};
  });
}

control::DeregisterFileSystemResponse FileSystems::deregister_file_system(
    const control::DeregisterFileSystemRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DeregisterFileSystem");
  database_.write([&](Connection& transaction) {
    FileSystemTable table(transaction);
    if (const std::int64_t jobs = table.unfinished_jobs(request.file_system_id); jobs > 0) {
      throw Error(Blame::Customer, "ResourceInUse",
                  "FileSystemId: '" + request.file_system_id + "' is used by " +
                      std::to_string(jobs) + (jobs == 1 ? " job that has" : " jobs that have") +
                      " not ended. Stop them or wait for their end.");
    }
    if (!table.erase(request.file_system_id)) unknown(request.file_system_id);
  });
  return {};
}

control::CountFileSystemFetchesResponse FileSystems::count_fetches(
    const control::CountFileSystemFetchesRequest& request, const aws::Caller& caller) {
  constexpr const char* kAction = "millrace:CountFileSystemFetches";
  aws::require_supervisor(caller, request.job_name, kAction);
  database_.write([&](Connection& transaction) {
    FileSystemTable table(transaction);
    if (!table.is_used_by(request.file_system_id, caller.account, request.job_name))
      unknown(request.file_system_id);
    if (request.count_id && !table.remember_count(request.file_system_id, *request.count_id))
      return;
    table.add_fetches(request.file_system_id, request.fetches, request.bytes);
  });
  return {};
}

bool holds(const fs::path& outer, const fs::path& inner) {
  const fs::path relative = inner.lexically_relative(outer);
  return !relative.empty() && *relative.begin() != "..";
}

FileSystemPlace place_in(const FileSystemRow& file_system, const std::string& directory_path,
                         const std::string& where) {
  const auto bad = [&](std::string expected, std::string fix) {
    refuse({.where = where,
            .given = directory_path,
            .expected = std::move(expected),
            .fix = std::move(fix)});
  };
  if (!directory_path.starts_with('/')) bad("an absolute path", "Begin it with '/'.");
  std::vector<std::string> parts;
  for (const std::string_view part : split(directory_path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." || part.find('\0') != std::string_view::npos)
      bad("a path without '..'", "Name the directory itself.");
    parts.emplace_back(part);
  }
  if (file_system.mount_name) {
    if (parts.empty() || parts.front() != *file_system.mount_name) {
      bad("a path that begins with '/" + *file_system.mount_name + "', the mount name of " +
              file_system.id,
          "Put the mount name in front.");
    }
    parts.erase(parts.begin());
  }
  const std::string relative = join(parts, "/");
  return {.host_path =
              relative.empty() ? fs::path(file_system.path) : fs::path(file_system.path) / relative,
          .relative = relative};
}

}  // namespace millrace::catalog
