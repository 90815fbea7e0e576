#pragma once

namespace millrace::records {

/// Container images among the registered ones, version 11: what is known of them as JSON, empty for
/// executables.
inline constexpr const char* kContainerSchema = R"sql(
ALTER TABLE images ADD COLUMN container TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace millrace::records
