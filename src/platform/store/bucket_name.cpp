#include "platform/store/bucket_name.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::store {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool looks_like_an_address(std::string_view name) {
  const auto parts = split(name, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
         });
}

/// The rule that is broken; empty when all are kept.
std::string_view broken_rule(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return "has 3 to 63 characters";
  if (!std::all_of(name.begin(), name.end(),
                   [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; })) {
    return "has lower case letters, digits, dots and hyphens only";
  }
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back()))
    return "starts and ends with a letter or digit";
  if (name.find("..") != std::string_view::npos) return "has no two dots in a row";
  if (looks_like_an_address(name)) return "is not formatted as an IP address";
  for (const std::string_view prefix : {"xn--", "sthree-", "amzn-s3-demo-"}) {
    if (name.starts_with(prefix))
      return "does not start with xn--, sthree- or amzn-s3-demo-, which are reserved";
  }
  for (const std::string_view suffix :
       {"-s3alias", "--ol-s3", "--op-s3", ".mrap", "--x-s3", "--table-s3"}) {
    if (name.ends_with(suffix))
      return "does not end with -s3alias, --ol-s3, --op-s3, .mrap, --x-s3 or --table-s3, which are "
             "reserved";
  }
  return {};
}

}  // namespace

void check_bucket_name(std::string_view name) {
  const std::string_view rule = broken_rule(name);
  if (rule.empty()) return;
  throw Error(Blame::Customer, "InvalidBucketName",
              "The specified bucket is not valid: got \"" + printable(name, 70) +
                  "\"; a bucket name " + std::string(rule) + ".");
}

}  // namespace millrace::store
