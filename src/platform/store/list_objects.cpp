#include "core/base/error.h"
#include "platform/store/list_encoding.h"
#include "platform/store/listing.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

constexpr const char* kStandard = wire::s3::StorageClass::STANDARD;

/// What both versions of the operation answer alike. `owner` is shown with each object when not
/// null.
template <class Output>
void fill(Output& output, const Listing& page, const ListEncoding& encoded,
          const std::string* owner) {
  output.is_truncated = page.truncated;
  if (!page.objects.empty()) output.contents.emplace().reserve(page.objects.size());
  for (const ListedObject& object : page.objects) {
    wire::s3::Object entry{.key = encoded(object.key),
                           .last_modified = object.modified_at,
                           .e_tag = '"' + object.etag + '"',
                           .size = object.size,
                           .storage_class = kStandard};
    if (const auto checksum = checksum_of(object.checksum)) {
      entry.checksum_algorithm = std::vector{checksum->algorithm};
      entry.checksum_type = checksum->type;
    }
    if (owner != nullptr) entry.owner = wire::s3::Owner{.display_name = *owner, .id = *owner};
    output.contents->push_back(std::move(entry));
  }
  if (!page.common_prefixes.empty()) output.common_prefixes.emplace();
  for (const std::string& prefix : page.common_prefixes)
    output.common_prefixes->push_back({.prefix = encoded(prefix)});
}

std::optional<std::string> encoded_if_given(const std::optional<std::string>& text,
                                            const ListEncoding& encoded) {
  if (!text || text->empty()) return std::nullopt;
  return encoded(*text);
}

}  // namespace

wire::s3::ListObjectsOutput Store::list_objects(const wire::s3::ListObjectsRequest& request,
                                                const aws::Caller& caller) {
  const ListEncoding encoded(request.encoding_type);
  const std::int64_t limit = page_size(request.max_keys, "max-keys");
  const records::BucketRow bucket =
      enter({.bucket = request.bucket, .expected_owner = &request.expected_bucket_owner}, caller);
  const Listing page = database_.read([&](records::Connection& connection) {
    return list_page(connection, {.bucket = request.bucket,
                                  .prefix = request.prefix.value_or(""),
                                  .delimiter = request.delimiter.value_or(""),
                                  .after = request.marker.value_or(""),
                                  .limit = limit});
  });
  wire::s3::ListObjectsOutput output{.marker = encoded(request.marker.value_or("")),
                                     .name = request.bucket,
                                     .prefix = encoded(request.prefix.value_or("")),
                                     .delimiter = encoded_if_given(request.delimiter, encoded),
                                     .max_keys = limit,
                                     .encoding_type = request.encoding_type};
  fill(output, page, encoded, &bucket.account);
  // As S3: without a delimiter the last key of the page is the marker of the next.
  if (page.truncated && output.delimiter) output.next_marker = encoded(page.last);
  return output;
}

wire::s3::ListObjectsV2Output Store::list_objects_v2(const wire::s3::ListObjectsV2Request& request,
                                                     const aws::Caller& caller) {
  const ListEncoding encoded(request.encoding_type);
  const std::int64_t limit = page_size(request.max_keys, "max-keys");
  const std::string after = request.continuation_token
                                ? continuation_of(*request.continuation_token)
                                : request.start_after.value_or("");
  const records::BucketRow bucket =
      enter({.bucket = request.bucket, .expected_owner = &request.expected_bucket_owner}, caller);
  const Listing page = database_.read([&](records::Connection& connection) {
    return list_page(connection, {.bucket = request.bucket,
                                  .prefix = request.prefix.value_or(""),
                                  .delimiter = request.delimiter.value_or(""),
                                  .after = after,
                                  .limit = limit});
  });
  wire::s3::ListObjectsV2Output output{
      .name = request.bucket,
      .prefix = encoded(request.prefix.value_or("")),
      .delimiter = encoded_if_given(request.delimiter, encoded),
      .max_keys = limit,
      .encoding_type = request.encoding_type,
      .key_count = static_cast<std::int64_t>(page.objects.size() + page.common_prefixes.size()),
      .continuation_token = request.continuation_token,
      .start_after = encoded_if_given(request.start_after, encoded)};
  fill(output, page, encoded, request.fetch_owner.value_or(false) ? &bucket.account : nullptr);
  if (page.truncated) output.next_continuation_token = continuation_token(page.last);
  return output;
}

}  // namespace millrace::store
