#pragma once

namespace millrace::records {

/// When a job that waits for instances or holds some is told that its time is over, version 6.
inline constexpr const char* kExpirySchema = R"sql(
ALTER TABLE instance_queue ADD COLUMN expires_at BIGINT;
)sql";

}  // namespace millrace::records
