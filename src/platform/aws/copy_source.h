#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::aws {

struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id{};
};

/// The x-amz-copy-source header: "/bucket/key" percent-encoded, the slash in front optional,
/// perhaps with "?versionId=". The one reading of it, for who may copy and for what is copied
/// alike. An access point's ARN may stand for the bucket.
/// Throws Error(Customer) InvalidArgument, or NotImplemented for other ARNs.
CopySource parse_copy_source(std::string_view header);

}  // namespace millrace::aws
