#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/aws/caller.h"
#include "platform/aws/resource_access.h"

namespace millrace::aws {

/// One request of a caller whose signature was good, as it was answered. Views are valid during the
/// call only.
struct AuditEntry {
  Time at{};
  const Caller& caller;
  const std::vector<ResourceAccess>& accesses;  ///< what it wanted to do to what
  std::string_view peer;
  std::string_view request_id;
  int status = 200;
  std::string_view error;  ///< the code of a refusal or failure; empty when it was done
};

/// Called by many threads at once, before the answer leaves.
using Audit = std::function<void(const AuditEntry&)>;

}  // namespace millrace::aws
