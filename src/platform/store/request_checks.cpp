#include "platform/store/request_checks.h"

#include <algorithm>
#include <cstddef>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::store {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, .../UsingMetadata.html,
// .../object-tagging.html
constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxMetadataBytes = 2048;
constexpr std::size_t kMaxTags = 10;
constexpr std::size_t kMaxTagKey = 128;
constexpr std::size_t kMaxTagValue = 256;

/// As in HTML forms, where a plus is a space.
std::string form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  const std::optional<std::string> decoded = uri_decode(spaced);
  if (!decoded) {
    throw Error(Blame::Customer, "InvalidArgument",
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
                "parameters without tag "
                "name duplicates.");
  }
  return *decoded;
}

}  // namespace

void refuse_header(std::string_view header) {
  throw Error(Blame::Customer, "NotImplemented",
              "A header you provided implies functionality that is not implemented: " +
                  std::string(header));
}

void check_key(std::string_view key) {
  if (key.size() > kMaxKeyBytes) {
    throw Error(Blame::Customer, "KeyTooLongError",
                "Your key is too long: " + std::to_string(key.size()) + " bytes, the limit is " +
                    std::to_string(kMaxKeyBytes));
  }
}

void check_version(const std::optional<std::string>& version_id) {
  if (version_id && *version_id != "null") {
    throw Error(Blame::Customer, "NoSuchVersion",
                "The specified version does not exist: buckets here are not versioned, their only "
                "version is null.");
  }
}

void refuse_unless(const std::optional<std::string>& value, std::string_view supported,
                   std::string_view header) {
  if (value && *value != supported) refuse_header(std::string(header) + ": " + *value);
}

std::optional<std::string> stored_encoding(const std::optional<std::string>& content_encoding) {
  if (!content_encoding) return std::nullopt;
  std::vector<std::string> kept;
  for (const std::string_view coding : split(*content_encoding, ',')) {
    if (!trim(coding).empty() && !equal_ignoring_case(trim(coding), "aws-chunked"))
      kept.emplace_back(trim(coding));
  }
  if (kept.empty()) return std::nullopt;
  return join(kept, ",");
}

std::map<std::string, std::string> stored_metadata(
    const std::optional<std::map<std::string, std::string>>& metadata) {
  std::map<std::string, std::string> stored;
  if (!metadata) return stored;
  std::size_t bytes = 0;
  for (const auto& [name, value] : *metadata) {
    bytes += name.size() + value.size();
    stored[to_lower(name)] = value;
  }
  if (bytes > kMaxMetadataBytes) {
    throw Error(
        Blame::Customer, "MetadataTooLarge",
        "Your metadata headers exceed the maximum allowed metadata size: " + std::to_string(bytes) +
            " bytes, the limit is " + std::to_string(kMaxMetadataBytes));
  }
  return stored;
}

std::vector<wire::s3::Tag> parse_tagging_header(std::string_view header) {
  std::vector<wire::s3::Tag> tags;
  for (const std::string_view pair : split(header, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    tags.push_back(
        {.key = form_decode(pair.substr(0, equals)),
         .value = equals < pair.size() ? form_decode(pair.substr(equals + 1)) : std::string()});
  }
  return checked_tags(std::move(tags));
}

std::vector<wire::s3::Tag> checked_tags(std::vector<wire::s3::Tag> tags) {
  if (tags.size() > kMaxTags)
    throw Error(Blame::Customer, "BadRequest", "Object tags cannot be greater than 10");
  std::sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (tags[i].key.empty() || utf8_length(tags[i].key) > kMaxTagKey) {
      throw Error(Blame::Customer, "InvalidTag",
                  "The TagKey you have provided is invalid: it has 1 to 128 characters");
    }
    if (utf8_length(tags[i].value) > kMaxTagValue) {
      throw Error(Blame::Customer, "InvalidTag",
                  "The TagValue you have provided is invalid: it has at most 256 characters");
    }
    if (i > 0 && tags[i].key == tags[i - 1].key) {
      throw Error(Blame::Customer, "InvalidTag", "Cannot provide multiple Tags with the same key");
    }
  }
  return tags;
}

}  // namespace millrace::store
