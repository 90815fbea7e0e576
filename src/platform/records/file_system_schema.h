#pragma once

namespace millrace::records {

/// Tables of file systems, version 3. A use is written with the job and stays: whether the job
/// still runs is in its own row.
inline constexpr const char* kFileSystemSchema = R"sql(
CREATE TABLE file_systems (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  path TEXT NOT NULL,
  linked_s3_uri TEXT,
  mount_name TEXT,
  created_at BIGINT NOT NULL,
  fetches BIGINT NOT NULL,
  fetched_bytes BIGINT NOT NULL
);
CREATE TABLE file_system_uses (
  file_system TEXT NOT NULL REFERENCES file_systems (id),
  account TEXT NOT NULL,
  job_key TEXT NOT NULL,
  PRIMARY KEY (file_system, account, job_key)
);
)sql";

/// Version 5: the counts that have been added to fetches, so that one that comes twice is not.
inline constexpr const char* kFileSystemCountSchema = R"sql(
CREATE TABLE file_system_counts (
  file_system TEXT NOT NULL REFERENCES file_systems (id),
  count_id TEXT NOT NULL,
  PRIMARY KEY (file_system, count_id)
);
)sql";

}  // namespace millrace::records
