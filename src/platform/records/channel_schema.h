#pragma once

namespace millrace::records {

/// Version 17. What the channels of jobs have delivered: a row for each run of a supervisor, kept
/// for ever; `document` is JSON text whose form is that of HostChannels (models/control.json).
inline constexpr const char* kChannelSchema = R"sql(
CREATE TABLE channel_use (
  account TEXT NOT NULL,
  workload_key TEXT NOT NULL,
  run TEXT NOT NULL,
  host TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (account, workload_key, run)
);
)sql";

}  // namespace millrace::records
