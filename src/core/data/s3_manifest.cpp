#include "core/data/s3_manifest.h"

#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace {
namespace {

constexpr std::string_view kScheme = "s3://";

[[noreturn]] void refuse(std::string_view origin, std::size_t element, std::string given,
                         std::string expected) {
  throw Error(
      Blame::Customer,
      Problem{.where = std::string(origin) + ", element " + std::to_string(element),
              .given = std::move(given),
              .expected = std::move(expected),
              .fix = R"(A manifest looks like [{"prefix": "s3://bucket/path/"}, "a", "b"].)"});
}

/// Whether a bucket and, behind a slash, at least one character of a key follow the scheme.
bool names_object(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return false;
  const std::size_t slash = uri.find('/', kScheme.size());
  return slash != std::string_view::npos && slash > kScheme.size() && slash + 1 < uri.size();
}

std::string prefix_of(const Json& first, std::string_view origin) {
  const auto prefix = first.find("prefix");
  if (first.size() != 1 || prefix == first.end() || !prefix->is_string())
    refuse(origin, 0, to_text(first), R"({"prefix": "s3://bucket/path/"})");
  auto uri = prefix->get<std::string>();
  const std::size_t bucket_end = uri.find('/', kScheme.size());
  if (!uri.starts_with(kScheme) || bucket_end == kScheme.size() || bucket_end == std::string::npos)
    refuse(origin, 0, uri, "a prefix such as s3://bucket/path/");
  return uri;
}

}  // namespace

S3Manifest parse_s3_manifest(std::string_view text, std::string_view origin) {
  const Json list = parse_json(text, origin, {.max_bytes = kMaxManifestBytes});
  if (!list.is_array()) refuse(origin, 0, to_text(list), "a JSON list");
  S3Manifest manifest;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& element = list[i];
    if (i == 0 && element.is_object()) {
      manifest.prefix = prefix_of(element, origin);
      continue;
    }
    if (!element.is_string() || element.get_ref<const std::string&>().empty()) {
      refuse(origin, i, to_text(element), "a key as text");
    }
    manifest.uris.push_back(manifest.prefix + element.get_ref<const std::string&>());
    if (!names_object(manifest.uris.back())) {
      refuse(origin, i, manifest.uris.back(),
             manifest.prefix.empty()
                 ? "an S3 URI such as s3://bucket/key, because no prefix stands first"
                 : "a key behind the prefix");
    }
  }
  if (manifest.uris.empty()) refuse(origin, list.size(), {}, "at least one key");
  return manifest;
}

}  // namespace millrace
