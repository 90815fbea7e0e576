#include "platform/aws/bucket_names.h"

#include <algorithm>

#include "core/base/access_point.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/copy_source.h"

namespace millrace::aws {
namespace {

constexpr std::size_t kMostSegmentsOfArn = 4;
constexpr std::size_t kDigitsOfAccount = 12;

/// Whether the percent-encoded name could be an access point's, or try to be the store's own.
bool is_peculiar(std::string_view encoded) {
  return is_access_point_alias(encoded) || encoded.find_first_of("%:") != std::string_view::npos;
}

/// Behind as many segments of the path as the name at its front has: those of an ARN whose slashes
/// were not encoded, or one.
std::size_t end_of_name(std::string_view path) {
  std::size_t first = 0;
  std::size_t end = 0;
  for (std::size_t segments = 1; segments <= kMostSegmentsOfArn; ++segments) {
    if (end == path.size()) break;
    end = std::min(path.find('/', end + 1), path.size());
    if (segments == 1) first = end;
    const auto name = uri_decode(path.substr(1, end - 1));
    if (name && parse_access_point_arn(*name)) return end;
  }
  return first;
}

}  // namespace

std::string BucketNames::resolve(std::string_view name) {
  const bool is_arn = parse_access_point_arn(name).has_value();
  if (!is_arn && !is_access_point_alias(name)) {
    if (name.find(':') == std::string_view::npos) return std::string(name);
    throw Error(Blame::Customer, "NoSuchBucket", "The specified bucket does not exist");
  }
  const auto known =
      std::find_if(used_.begin(), used_.end(), [&](const Used& used) { return used.name == name; });
  if (known != used_.end()) return known->target.bucket;
  std::optional<AccessPointTarget> target = find_ ? find_(name) : std::nullopt;
  if (!target) {
    throw is_arn
        ? Error(Blame::Customer, "NoSuchAccessPoint", "The specified accesspoint does not exist")
        : Error(Blame::Customer, "NoSuchBucket", "The specified bucket does not exist");
  }
  used_.push_back({.name = std::string(name), .target = *std::move(target)});
  return used_.back().target.bucket;
}

std::string BucketNames::resolve_path(std::string path) {
  const std::size_t first = std::min(path.find('/', 1), path.size());
  if (first <= 1 || !is_peculiar(std::string_view(path).substr(1, first - 1))) return path;
  const std::size_t end = end_of_name(path);
  const auto name = uri_decode(std::string_view(path).substr(1, end - 1));
  if (!name) return path;  // the router says what is wrong with it
  return "/" + uri_encode(resolve(*name), Slash::Encode) + path.substr(end);
}

void BucketNames::resolve_copy_source(Json& document) {
  const auto member = document.find("CopySource");
  if (member == document.end() || !member->is_string()) return;
  const CopySource source = parse_copy_source(member->get_ref<const std::string&>());
  const std::string bucket = resolve(source.bucket);
  if (bucket == source.bucket) return;
  std::string text = uri_encode(bucket, Slash::Encode) + "/" + uri_encode(source.key, Slash::Keep);
  if (source.version_id) text += "?versionId=" + *source.version_id;
  *member = std::move(text);
}

const std::vector<std::string>* BucketNames::arns_of(std::string_view bucket) const {
  for (const Used& used : used_) {
    if (used.target.bucket == bucket) return &used.target.arns;
  }
  return nullptr;
}

void BucketNames::restore(Json& answer) const {
  if (!answer.is_object()) return;
  for (const Used& used : used_) {
    for (const char* member : {"Name", "Bucket", "Location"}) {
      const auto found = answer.find(member);
      if (found == answer.end() || !found->is_string()) continue;
      auto& text = found->get_ref<std::string&>();
      const std::size_t at = text.find(used.target.bucket);
      if (at != std::string::npos) text.replace(at, used.target.bucket.size(), used.name);
    }
  }
}

std::optional<std::string> access_point_of_host(std::string_view host) {
  const std::string name = to_lower(host.substr(0, host.find(':')));
  const auto labels = split(name, '.');
  if (labels.size() < 3 || !is_outpost_id(labels[1])) return std::nullopt;
  const std::string_view label = labels[0];
  if (is_access_point_alias(label)) return std::string(label);
  const std::size_t dash = label.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view account = label.substr(dash + 1);
  if (account.size() != kDigitsOfAccount ||
      account.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;  // a bucket with dots
  }
  return AccessPointArn{.region = {},
                        .account = std::string(account),
                        .outpost = std::string(labels[1]),
                        .name = std::string(label.substr(0, dash))}
      .text();
}

}  // namespace millrace::aws
