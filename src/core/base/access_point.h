#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// The ARN of an access point of S3 on Outposts, which may stand wherever a bucket's name may:
/// arn:aws:s3-outposts:<region>:<account>:outpost/<outpost>/accesspoint/<name>, also with colons
/// for the slashes.
struct AccessPointArn {
  std::string region;
  std::string account;
  std::string outpost;  ///< op-01234567890123456
  std::string name;

  [[nodiscard]] std::string text() const;
};

/// nullopt for anything but the whole ARN of an access point.
std::optional<AccessPointArn> parse_access_point_arn(std::string_view text);

/// Whether a name has the form of an access point's alias, which no bucket's name may have.
bool is_access_point_alias(std::string_view name);

/// Whether the text is "op-" and 17 hexadecimal digits.
bool is_outpost_id(std::string_view text);

/// How much of "bucket/key" is the bucket: up to the first slash, or all of an access point's ARN,
/// which holds slashes itself.
std::size_t bucket_length(std::string_view bucket_and_key);

}  // namespace millrace
