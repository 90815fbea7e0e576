#include "core/base/error.h"
#include "core/base/random.h"
#include "platform/store/checksum_members.h"
#include "platform/store/list_encoding.h"
#include "platform/store/listing.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

using Type = wire::s3::ChecksumType;

[[noreturn]] void refuse_type(std::string_view type, std::string_view algorithm) {
  throw Error(Blame::Customer, "InvalidRequest",
              "The " + std::string(type) + " checksum type cannot be used with the " +
                  std::string(algorithm) + " checksum algorithm.");
}

/// The type asked for, or S3's default for the algorithm; empty without algorithm.
std::string checksum_type_of(const wire::s3::CreateMultipartUploadRequest& request) {
  if (!request.checksum_algorithm) {
    if (request.checksum_type) {
      throw Error(Blame::Customer, "InvalidRequest",
                  "The x-amz-checksum-type header can only be used with the "
                  "x-amz-checksum-algorithm header.");
    }
    return {};
  }
  const aws::ChecksumAlgorithm algorithm = required_algorithm(*request.checksum_algorithm);
  const bool whole_only = algorithm == aws::ChecksumAlgorithm::Crc64Nvme;
  const std::string type =
      request.checksum_type.value_or(whole_only ? Type::FULL_OBJECT : Type::COMPOSITE);
  if (type == Type::COMPOSITE ? whole_only : !aws::is_crc(algorithm))
    refuse_type(type, *request.checksum_algorithm);
  return type;
}

std::optional<std::string> if_not_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

wire::s3::CreateMultipartUploadOutput Store::create_multipart_upload(
    const wire::s3::CreateMultipartUploadRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  const Upload upload{.id = random_hex(24),
                      .bucket = request.bucket,
                      .key = request.key,
                      .initiated_at = now(),
                      .description = described(request),
                      .checksum_algorithm = request.checksum_algorithm.value_or(""),
                      .checksum_type = checksum_type_of(request)};
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  database_.write([&](records::Connection& connection) {
    require_bucket(connection, upload.bucket);
    records::UploadTable(connection).insert(row_of(upload));
  });
  return {.bucket = upload.bucket,
          .key = upload.key,
          .upload_id = upload.id,
          .checksum_algorithm = request.checksum_algorithm,
          .checksum_type = if_not_empty(upload.checksum_type)};
}

Upload Store::find_upload(records::Connection& connection, std::string_view bucket,
                          std::string_view key, std::string_view id) {
  std::optional<records::UploadRow> row = records::UploadTable(connection).find(id);
  if (!row || row->completed_at || row->bucket != bucket || row->key != key) {
    throw Error(Blame::Customer, "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload "
                "may have been aborted "
                "or completed.");
  }
  return upload_of(std::move(*row));
}

std::vector<std::string> Store::release_parts(records::Connection& connection,
                                              std::string_view upload) {
  records::PartTable parts(connection);
  std::vector<std::string> contents;
  for (const records::PartRow& part : parts.list(upload, 0, kMaxPartNumber))
    contents.push_back(part.content);
  parts.erase(upload);
  release(connection, contents);
  return contents;
}

wire::s3::AbortMultipartUploadOutput Store::abort_multipart_upload(
    const wire::s3::AbortMultipartUploadRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  std::vector<std::string> released;
  database_.write([&](records::Connection& connection) {
    find_upload(connection, request.bucket, request.key, request.upload_id);
    released = release_parts(connection, request.upload_id);
    records::UploadTable(connection).erase(request.upload_id);
  });
  unlink(released);
  return {};
}

wire::s3::ListPartsOutput Store::list_parts(const wire::s3::ListPartsRequest& request,
                                            const aws::Caller& caller) {
  refuse_unsupported(request);
  const std::int64_t limit = page_size(request.max_parts, "max-parts");
  const std::int64_t after = request.part_number_marker.value_or(0);
  const records::BucketRow bucket = enter({.bucket = request.bucket,
                                           .key = request.key,
                                           .expected_owner = &request.expected_bucket_owner},
                                          caller);
  Upload upload;
  std::vector<records::PartRow> rows;
  database_.snapshot([&](records::Connection& connection) {
    upload = find_upload(connection, request.bucket, request.key, request.upload_id);
    rows = records::PartTable(connection).list(upload.id, after, limit + 1);
  });
  wire::s3::ListPartsOutput output{
      .bucket = request.bucket,
      .key = request.key,
      .upload_id = request.upload_id,
      .part_number_marker = after,
      .next_part_number_marker = 0,
      .max_parts = limit,
      .is_truncated = static_cast<std::int64_t>(rows.size()) > limit && limit > 0,
      .initiator = wire::s3::Initiator{.id = bucket.account, .display_name = bucket.account},
      .owner = wire::s3::Owner{.display_name = bucket.account, .id = bucket.account},
      .storage_class = wire::s3::StorageClass::STANDARD,
      .checksum_algorithm = if_not_empty(upload.checksum_algorithm),
      .checksum_type = if_not_empty(upload.checksum_type)};
  if (static_cast<std::int64_t>(rows.size()) > limit) rows.resize(static_cast<std::size_t>(limit));
  if (!rows.empty()) output.parts.emplace();
  for (const records::PartRow& row : rows) {
    wire::s3::Part part{.part_number = row.number,
                        .last_modified = row.modified_at,
                        .e_tag = '"' + row.etag + '"',
                        .size = row.size};
    if (row.checksum) set_checksum(part, checksum_of(*row.checksum));
    output.parts->push_back(std::move(part));
    output.next_part_number_marker = row.number;
  }
  return output;
}

wire::s3::ListMultipartUploadsOutput Store::list_multipart_uploads(
    const wire::s3::ListMultipartUploadsRequest& request, const aws::Caller& caller) {
  const ListEncoding encoded(request.encoding_type);
  const std::int64_t limit = page_size(request.max_uploads, "max-uploads");
  const records::BucketRow bucket =
      enter({.bucket = request.bucket, .expected_owner = &request.expected_bucket_owner}, caller);
  const std::string prefix = request.prefix.value_or("");
  const std::string delimiter = request.delimiter.value_or("");
  const std::string key_marker = request.key_marker.value_or("");
  const std::string id_marker = request.upload_id_marker.value_or("");
  // With both markers the listing goes on among the uploads of the marked key.
  const bool within_key = !key_marker.empty() && !id_marker.empty() && key_marker >= prefix;
  const std::string from = within_key ? key_marker : first_key_after(key_marker, prefix, delimiter);

  wire::s3::ListMultipartUploadsOutput output{.bucket = request.bucket,
                                              .key_marker = encoded(key_marker),
                                              .upload_id_marker = id_marker,
                                              .prefix = encoded(prefix),
                                              .max_uploads = limit,
                                              .is_truncated = false,
                                              .encoding_type = request.encoding_type};
  if (!delimiter.empty()) output.delimiter = encoded(delimiter);
  if (limit == 0) return output;
  std::vector<wire::s3::MultipartUpload> uploads;
  std::vector<wire::s3::CommonPrefix> common_prefixes;
  std::string last_key;
  std::string last_id;
  using Kind = records::ScanStep::Kind;
  const auto visit = [&](const records::UploadRow& row) -> records::ScanStep {
    if (static_cast<std::int64_t>(uploads.size() + common_prefixes.size()) == limit) {
      output.is_truncated = true;
      return {.kind = Kind::Stop};
    }
    const std::string rolled_up(common_prefix(row.key, prefix, delimiter));
    if (!rolled_up.empty()) {
      common_prefixes.push_back({.prefix = encoded(rolled_up)});
      last_key = rolled_up;
      last_id.clear();
      std::string next = records::after_prefix(rolled_up);
      return next.empty() ? records::ScanStep{.kind = Kind::Stop}
                          : records::ScanStep{.kind = Kind::Seek, .from = std::move(next)};
    }
    const Upload upload = upload_of(row);
    last_key = upload.key;
    last_id = upload.id;
    uploads.push_back(
        {.upload_id = upload.id,
         .key = encoded(upload.key),
         .initiated = upload.initiated_at,
         .storage_class = wire::s3::StorageClass::STANDARD,
         .owner = wire::s3::Owner{.display_name = bucket.account, .id = bucket.account},
         .initiator = wire::s3::Initiator{.id = bucket.account, .display_name = bucket.account},
         .checksum_algorithm = if_not_empty(upload.checksum_algorithm),
         .checksum_type = if_not_empty(upload.checksum_type)});
    return {};
  };
  database_.read([&](records::Connection& connection) {
    records::UploadTable(connection)
        .scan(request.bucket, from, within_key ? id_marker : std::string(),
              records::after_prefix(prefix), visit);
  });
  if (*output.is_truncated) {
    output.next_key_marker = encoded(last_key);
    output.next_upload_id_marker = last_id;
  }
  if (!uploads.empty()) output.uploads = std::move(uploads);
  if (!common_prefixes.empty()) output.common_prefixes = std::move(common_prefixes);
  return output;
}

}  // namespace millrace::store
