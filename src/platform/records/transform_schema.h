#pragma once

namespace millrace::records {

/// Transform jobs, version 10: the form of the other tables of hosting. `document` is JSON text
/// whose form belongs to platform/transform: the request, the model as it was, and what has become
/// of the job.
inline constexpr const char* kTransformSchema = R"sql(
CREATE TABLE transform_jobs (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE INDEX transform_jobs_by_creation ON transform_jobs (account, created_at, name_key);
CREATE INDEX transform_jobs_by_status ON transform_jobs (status, account, name_key);
)sql";

}  // namespace millrace::records
