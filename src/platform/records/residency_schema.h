#pragma once

namespace millrace::records {

/// Version 13. What supervisors have said of the places and networks their programs touched: a row
/// for each run of a supervisor, kept for ever; `document` is JSON text whose form is that of
/// HostResidency (models/control.json). And processing jobs, in the form of training_jobs.
inline constexpr const char* kResidencySchema = R"sql(
CREATE TABLE residency (
  account TEXT NOT NULL,
  workload_key TEXT NOT NULL,
  run TEXT NOT NULL,
  host TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, workload_key, run)
);
CREATE TABLE processing_jobs (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  ended_at BIGINT,
  request TEXT NOT NULL,
  state TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  PRIMARY KEY (account, name_key)
);
CREATE INDEX processing_jobs_table ON processing_jobs
  (account, created_at, name_key, status, algorithm, modified_at, ended_at, region);
CREATE INDEX processing_jobs_by_change ON processing_jobs (account, modified_at);
CREATE INDEX processing_jobs_by_creation ON processing_jobs (account, created_at, name_key);
CREATE INDEX processing_jobs_by_status ON processing_jobs (account, status, name_key);
)sql";

}  // namespace millrace::records
