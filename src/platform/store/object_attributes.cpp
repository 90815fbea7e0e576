#include <algorithm>

#include "platform/store/checksum_members.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

constexpr std::int64_t kMaxPartsPerPage = 1000;

wire::s3::GetObjectAttributesParts parts_of(const Object& object,
                                            const wire::s3::GetObjectAttributesRequest& request) {
  wire::s3::GetObjectAttributesParts page{
      .total_parts_count = static_cast<std::int64_t>(object.parts.size()),
      .part_number_marker = request.part_number_marker.value_or(0),
      .max_parts = std::clamp<std::int64_t>(request.max_parts.value_or(kMaxPartsPerPage), 0,
                                            kMaxPartsPerPage),
      .is_truncated = false};
  // As S3: parts are described only where they have checksums.
  if (!object.checksum) return page;
  page.parts.emplace();
  page.next_part_number_marker = 0;
  for (const StoredPart& part : object.parts) {
    if (part.number <= *page.part_number_marker) continue;
    if (static_cast<std::int64_t>(page.parts->size()) == *page.max_parts) {
      page.is_truncated = true;
      break;
    }
    wire::s3::ObjectPart entry{.part_number = part.number, .size = part.size};
    if (!part.checksum.empty()) set_checksum(entry, object.checksum->algorithm, part.checksum);
    page.parts->push_back(std::move(entry));
    page.next_part_number_marker = part.number;
  }
  return page;
}

}  // namespace

wire::s3::GetObjectAttributesOutput Store::get_object_attributes(
    const wire::s3::GetObjectAttributesRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  const std::shared_ptr<const OpenObject> open =
      open_object({.bucket = request.bucket,
                   .key = request.key,
                   .expected_owner = &request.expected_bucket_owner},
                  caller);
  const Object& object = open->object;
  using Attribute = wire::s3::ObjectAttributes;
  wire::s3::GetObjectAttributesOutput output{.last_modified = object.modified_at};
  for (const std::string& attribute : request.object_attributes) {
    if (attribute == Attribute::ETag) output.e_tag = object.etag;
    if (attribute == Attribute::ObjectSize) output.object_size = object.size;
    if (attribute == Attribute::StorageClass)
      output.storage_class = wire::s3::StorageClass::STANDARD;
    if (attribute == Attribute::Checksum && object.checksum) {
      output.checksum.emplace();
      set_checksum(*output.checksum, object.checksum);
    }
    if (attribute == Attribute::ObjectParts && !object.parts.empty())
      output.object_parts = parts_of(object, request);
  }
  return output;
}

}  // namespace millrace::store
