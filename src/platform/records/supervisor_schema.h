#pragma once

namespace millrace::records {

/// One supervisor per host of a leased job, version 4; before, a job had one host and its
/// supervisor stood in the queue itself.
inline constexpr const char* kSupervisorSchema = R"sql(
CREATE TABLE supervisors (
  lease BIGINT NOT NULL REFERENCES instance_queue (id),
  host TEXT NOT NULL,
  pid BIGINT NOT NULL,
  started BIGINT NOT NULL,
  PRIMARY KEY (lease, host)
);
INSERT INTO supervisors (lease, host, pid, started)
  SELECT id, 'algo-1', supervisor_pid, supervisor_started FROM instance_queue
  WHERE supervisor_pid IS NOT NULL AND supervisor_started IS NOT NULL;
ALTER TABLE instance_queue DROP COLUMN supervisor_pid;
ALTER TABLE instance_queue DROP COLUMN supervisor_started;
ALTER TABLE instance_queue ADD COLUMN hosts BIGINT NOT NULL DEFAULT 1;
)sql";

}  // namespace millrace::records
