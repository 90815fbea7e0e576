#include "platform/aws/copy_source.h"

#include "core/base/access_point.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {

CopySource parse_copy_source(std::string_view header) {
  CopySource source;
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t at = header.find(kVersion); at != std::string_view::npos) {
    source.version_id = header.substr(at + kVersion.size());
    header = header.substr(0, at);
  }
  const std::optional<std::string> decoded = uri_decode(header);
  std::string_view path = decoded ? std::string_view(*decoded) : std::string_view();
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = bucket_length(path);
  if (slash == 0 || slash + 1 >= path.size()) {
    throw Error(Blame::Customer, "InvalidArgument",
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  source.bucket = path.substr(0, slash);
  source.key = path.substr(slash + 1);
  if (parse_access_point_arn(source.bucket)) {
    // <ARN>/object/<key>: what follows the ARN is part of the ARN of an object.
    constexpr std::string_view kObject = "object/";
    if (source.key.starts_with(kObject)) source.key.erase(0, kObject.size());
  } else if (source.bucket.starts_with("arn:")) {
    throw Error(Blame::Customer, "NotImplemented",
                "A header you provided implies functionality that is not implemented: "
                "x-amz-copy-source with an ARN that is not that of an access point on an Outpost");
  }
  return source;
}

}  // namespace millrace::aws
