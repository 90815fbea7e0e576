#include "platform/jobs/check_places.h"

#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/aws/s3_location.h"
#include "platform/jobs/refuse.h"

namespace millrace::jobs {
namespace {

/// How much of a manifest is looked at before its job is accepted.
constexpr std::size_t kManifestHeadBytes = 64 * 1024;

/// The first line of `text`, or all of it where it has one line and `whole` says that nothing is
/// missing; nullopt when the line goes on behind `text`.
std::optional<std::string_view> first_line(std::string_view text, bool whole) {
  const std::size_t end = text.find('\n');
  if (end != std::string_view::npos) return text.substr(0, end);
  return whole ? std::optional(text) : std::nullopt;
}

bool is_prefix_entry(const Json& entry) {
  return entry.is_object() && entry.contains("prefix") && entry.at("prefix").is_string();
}

/// True for text that is no JSON, or not of the form that `holds` asks for.
template <class Holds>
bool is_other_json(std::string_view text, Holds&& holds) {
  try {
    return !holds(parse_json(text, "manifest"));
  } catch (const Error&) {
    return true;
  }
}

void check_manifest(const NamedObjects& named, const aws::S3Location& place,
                    const ObjectLookup& objects, const aws::Caller& caller) {
  const std::string text = objects.beginning(caller, place.bucket, place.key, kManifestHeadBytes);
  const bool whole = text.size() < kManifestHeadBytes;
  const std::string_view head = trim(text);
  if (named.data_type == "ManifestFile") {
    const bool wrong =
        !head.starts_with('[') ||
        (whole && is_other_json(head, [](const Json& list) {
           return !list.empty() && (is_prefix_entry(list.front()) || list.front().is_string());
         }));
    if (!wrong) return;
    refuse({.where = named.where,
            .given = named.uri,
            .expected = "a manifest: a JSON list of {\"prefix\": \"s3://bucket/path/\"} and names "
                        "behind that prefix, or of full URIs",
            .fix = "Use S3DataType S3Prefix for the data themselves."});
  }
  const std::optional<std::string_view> line = first_line(head, whole);
  const bool wrong =
      !head.starts_with('{') ||
      (line && is_other_json(*line, [](const Json& json) { return json.is_object(); }));
  if (!wrong) return;
  refuse({.where = named.where,
          .given = named.uri,
          .expected = "an augmented manifest: one JSON object on every line",
          .fix = "Write each object on a line of its own."});
}

}  // namespace

void refuse_no_objects(const std::string& uri, const std::string& bucket, const std::string& role,
                       const std::string& region) {
  refuse("No S3 objects found under S3 URL \"" + uri +
         "\" given in input data source. Please ensure that the bucket exists in the selected "
         "region (" +
         region + "), that objects exist under that S3 prefix, and that the role \"" + role +
         "\" has \"s3:ListBucket\" permissions on bucket \"" + bucket + "\".");
}

void check_objects(const NamedObjects& named, const ObjectLookup& objects,
                   const aws::Caller& caller) {
  const aws::S3Location place = aws::parse_s3_uri(named.uri, named.where);
  const bool is_prefix = named.data_type == "S3Prefix";
  const bool found = is_prefix ? objects.has_object(place.bucket, place.key)
                               : objects.has_key(place.bucket, place.key);
  if (!found) refuse_no_objects(named.uri, place.bucket, named.role_arn, caller.region);
  if (!is_prefix) check_manifest(named, place, objects, caller);
}

/// The public service finds a missing bucket out after the training; nobody wants to lose a model
/// to a typing error.
void check_bucket(const std::string& uri, const std::string& where, const ObjectLookup& objects) {
  const aws::S3Location place = aws::parse_s3_uri(uri, where);
  if (objects.has_bucket(place.bucket)) return;
  refuse({.where = where,
          .given = uri,
          .expected = "a bucket that exists",
          .fix = "Create the bucket '" + place.bucket + "' or name another one."});
}

}  // namespace millrace::jobs
