#pragma once

namespace millrace::records {

/// Version 18. What a transform job reads, as one of its supervisors has listed it: `objects` is a
/// JSON array of S3 URIs, a page of at most a thousand; a job that has ended has none. And the last
/// report with figures of each instance, by which one that comes twice is known.
inline constexpr const char* kRunSchema = R"sql(
CREATE TABLE transform_inputs (
  account TEXT NOT NULL,
  name_key TEXT NOT NULL,
  listing TEXT NOT NULL,
  page BIGINT NOT NULL,
  objects TEXT NOT NULL,
  PRIMARY KEY (account, name_key, listing, page)
);
CREATE TABLE metric_reports (
  account TEXT NOT NULL,
  workload_key TEXT NOT NULL,
  host TEXT NOT NULL,
  report TEXT NOT NULL,
  PRIMARY KEY (account, workload_key, host)
);
)sql";

}  // namespace millrace::records
