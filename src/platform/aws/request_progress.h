#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/aws/caller.h"
#include "platform/aws/dispatch.h"
#include "platform/aws/error_response.h"
#include "platform/aws/request_id.h"
#include "platform/aws/resource_access.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// What is known about a request while it is being answered, for its answer and for the log.
struct RequestProgress {
  ErrorFamily family = ErrorFamily::S3;
  const Service* service = nullptr;
  std::string_view operation = "unknown";
  std::string id = new_request_id();
  const Admission* admission = nullptr;  ///< of a request that was let in without a signature
  bool signed_request = false;           ///< or let in
  std::optional<Caller> caller;          ///< once its signature was found good
  std::vector<ResourceAccess> accesses;
};

}  // namespace millrace::aws
