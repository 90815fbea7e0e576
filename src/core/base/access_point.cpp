#include "core/base/access_point.h"

#include <algorithm>
#include <vector>

#include "core/base/arn.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::string_view kArnStart = "arn:";
constexpr std::string_view kAliasEnd = "--op-s3";
// "...:outpost", the id, "accesspoint" and the name.
constexpr std::size_t kSlashesInArn = 3;

}  // namespace

std::string AccessPointArn::text() const {
  return Arn{.service = "s3-outposts",
             .region = region,
             .account = account,
             .resource = "outpost/" + outpost + "/accesspoint/" + name}
      .text();
}

std::optional<AccessPointArn> parse_access_point_arn(std::string_view text) {
  const std::optional<Arn> arn = parse_arn(text);
  if (!arn || arn->service != "s3-outposts") return std::nullopt;
  std::string resource = arn->resource;
  std::replace(resource.begin(), resource.end(), ':', '/');
  const auto parts = split(resource, '/');
  if (parts.size() != 4 || parts[0] != "outpost" || parts[2] != "accesspoint" ||
      !is_outpost_id(parts[1]) || parts[3].empty()) {
    return std::nullopt;
  }
  return AccessPointArn{.region = arn->region,
                        .account = arn->account,
                        .outpost = std::string(parts[1]),
                        .name = std::string(parts[3])};
}

bool is_access_point_alias(std::string_view name) {
  return name.ends_with(kAliasEnd);
}

bool is_outpost_id(std::string_view text) {
  constexpr std::string_view kStart = "op-";
  constexpr std::size_t kDigits = 17;
  return text.size() == kStart.size() + kDigits && text.starts_with(kStart) &&
         text.find_first_not_of("0123456789abcdef", kStart.size()) == std::string_view::npos;
}

std::size_t bucket_length(std::string_view bucket_and_key) {
  std::size_t end = std::min(bucket_and_key.find('/'), bucket_and_key.size());
  if (!bucket_and_key.starts_with(kArnStart)) return end;
  const std::size_t first = end;
  for (std::size_t slashes = 0; slashes < kSlashesInArn && end < bucket_and_key.size(); ++slashes)
    end = std::min(bucket_and_key.find('/', end + 1), bucket_and_key.size());
  return parse_access_point_arn(bucket_and_key.substr(0, end)) ? end : first;
}

}  // namespace millrace
