#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/bucket_names.h"

/// A path and, behind a line break, a Host, as requests bring them. Nobody reaches the store's own
/// name of a bucket, which has a colon, but through an access point.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  const aws::FindAccessPoint find = [](std::string_view) {
    return aws::AccessPointTarget{.bucket = "op-01234567890123456:b", .arns = {}};
  };
  aws::BucketNames names(find);
  try {
    const std::string path = names.resolve_path(std::string(input.substr(0, end)));
    if (!names.any() && path.starts_with('/')) {
      const std::string_view rest = std::string_view(path).substr(1);
      const auto bucket = uri_decode(rest.substr(0, rest.find('/')));
      MILLRACE_CHECK(!bucket || bucket->find(':') == std::string::npos);
    }
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
  }
  static_cast<void>(aws::access_point_of_host(input.substr(std::min(end + 1, input.size()))));
  return 0;
}
