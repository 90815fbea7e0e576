#include "platform/store/copy_source.h"

#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/store/request_checks.h"

namespace millrace::store {

CopySource parse_copy_source(std::string_view header) {
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t at = header.find(kVersion); at != std::string_view::npos) {
    check_version(std::string(header.substr(at + kVersion.size())));
    header = header.substr(0, at);
  }
  if (header.starts_with("arn:")) refuse_header("x-amz-copy-source with an ARN");
  const std::optional<std::string> decoded = uri_decode(header);
  std::string_view path = decoded ? std::string_view(*decoded) : std::string_view();
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) {
    throw Error(Blame::Customer, "InvalidArgument",
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  return {.bucket = std::string(path.substr(0, slash)), .key = std::string(path.substr(slash + 1))};
}

}  // namespace millrace::store
