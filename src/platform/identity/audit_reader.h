#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/json/json.h"

namespace millrace::identity {

/// Which lines of an audit log (AuditLog) are wanted.
struct AuditQuery {
  Time since{};
  Time until{};  ///< not included
  /// Only lines whose text holds one of these: what makes reading a long log cheap, as a line is
  /// parsed only then.
  std::vector<std::string> parts;
};

struct AuditReading {
  std::int64_t damaged = 0;    ///< lines with one of the parts that could not be read
  bool has_first_day = false;  ///< the file of the day of `since` is there
};

/// Calls `visit` with each wanted line, a JSON object as AuditLog writes them, in the order of the
/// log. Throws Error(Platform) when a file that is there cannot be read.
AuditReading read_audit(const std::filesystem::path& directory, const AuditQuery& query,
                        const std::function<void(Time at, const Json& line)>& visit);

}  // namespace millrace::identity
