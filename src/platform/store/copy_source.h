#pragma once

#include <string>
#include <string_view>

#include "platform/store/conditions.h"

namespace millrace::store {

struct CopySource {
  std::string bucket;
  std::string key;
};

/// The x-amz-copy-source header: "/bucket/key" percent-encoded, the slash in front optional,
/// "?versionId=null" allowed. Throws Error(Customer) InvalidArgument, NoSuchVersion, or
/// NotImplemented for the ARN of an access point.
CopySource parse_copy_source(std::string_view header);

template <class Request>
ReadConditions copy_conditions(const Request& request) {
  return {.if_match = request.copy_source_if_match,
          .if_none_match = request.copy_source_if_none_match,
          .if_modified_since = request.copy_source_if_modified_since,
          .if_unmodified_since = request.copy_source_if_unmodified_since};
}

}  // namespace millrace::store
