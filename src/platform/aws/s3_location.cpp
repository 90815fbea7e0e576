#include "platform/aws/s3_location.h"

#include <string_view>

#include "core/base/access_point.h"
#include "platform/aws/refuse.h"

namespace millrace::aws {

S3Location parse_s3_uri(const std::string& uri, const std::string& where) {
  constexpr std::string_view kScheme = "s3://";
  if (!uri.starts_with(kScheme)) {
    refuse({.where = where,
            .given = uri,
            .expected = "a URI of the form s3://bucket/key",
            .fix = "Use the s3:// form."});
  }
  const std::string rest = uri.substr(kScheme.size());
  const std::size_t slash = bucket_length(rest);
  if (slash == rest.size()) return {.bucket = rest, .key = {}};
  return {.bucket = rest.substr(0, slash), .key = rest.substr(slash + 1)};
}

}  // namespace millrace::aws
