#include <chrono>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/copy_source.h"
#include "platform/store/byte_range.h"
#include "platform/store/checksum_members.h"
#include "platform/store/conditions.h"
#include "platform/store/file_slice.h"
#include "platform/store/receive.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

void check_part_number(std::int64_t number) {
  if (number < 1 || number > kMaxPartNumber) {
    throw Error(Blame::Customer, "InvalidArgument",
                "Part number must be an integer between 1 and 10000, inclusive");
  }
}

/// A part's checksum is by the algorithm of its upload, if that has one.
void check_algorithm(const Upload& upload, const std::optional<std::string>& given) {
  if (given && !upload.checksum_algorithm.empty() && *given != upload.checksum_algorithm) {
    throw Error(Blame::Customer, "InvalidRequest",
                "Checksum Type mismatch occurred, expected checksum Type: " +
                    to_lower(upload.checksum_algorithm) +
                    ", actual checksum Type: " + to_lower(*given));
  }
}

std::string row_checksum(std::string_view algorithm, std::string_view value) {
  return std::string(algorithm) + ' ' + wire::s3::ChecksumType::FULL_OBJECT + ' ' +
         std::string(value);
}

}  // namespace

void Store::put_part(const Upload& upload, NewContent content, records::PartRow row) {
  std::vector<std::string> released;
  row.upload = upload.id;
  row.content = content.id();
  commit(std::move(content), [&](records::Connection& connection) {
    // It may have been completed or aborted while the part arrived.
    find_upload(connection, upload.bucket, upload.key, upload.id);
    records::PartTable parts(connection);
    if (const auto old = parts.find(upload.id, row.number)) {
      released = {old->content};
      release(connection, released);
    }
    parts.put(row);
  });
  unlink(released);
}

wire::s3::UploadPartOutput Store::upload_part(const wire::s3::UploadPartRequest& request,
                                              const aws::Caller& caller) {
  refuse_unsupported(request);
  check_part_number(request.part_number);
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  const Upload upload = database_.read([&](records::Connection& connection) {
    return find_upload(connection, request.bucket, request.key, request.upload_id);
  });
  const std::optional<aws::Checksum> announced = given_checksum(request);
  if (announced) check_algorithm(upload, announced->algorithm);

  // The upload's algorithm is computed for parts that do not bring it, and so is one that is only
  // named.
  std::optional<aws::ChecksumAlgorithm> algorithm;
  if (!announced && !upload.checksum_algorithm.empty()) {
    algorithm = required_algorithm(upload.checksum_algorithm);
  } else if (!announced && request.checksum_algorithm) {
    algorithm = required_algorithm(*request.checksum_algorithm);
  }
  NewContent content = contents_.create(request.body->length());
  const Received received = receive_body(*request.body, content, request.content_md5, algorithm);

  std::optional<aws::Checksum> checksum = request.body->checksum();
  if (checksum) check_algorithm(upload, checksum->algorithm);
  if (!checksum && received.checksum) {
    checksum = aws::Checksum{.algorithm = aws::wire_name(*algorithm), .value = *received.checksum};
  }
  records::PartRow row{.number = request.part_number,
                       .size = received.size,
                       .modified_at = std::chrono::floor<std::chrono::seconds>(now()),
                       .etag = to_hex(received.md5)};
  if (checksum) row.checksum = row_checksum(checksum->algorithm, checksum->value);
  wire::s3::UploadPartOutput output{.e_tag = '"' + row.etag + '"'};
  if (checksum) set_checksum(output, checksum->algorithm, checksum->value);
  put_part(upload, std::move(content), std::move(row));
  return output;
}

wire::s3::UploadPartCopyOutput Store::upload_part_copy(
    const wire::s3::UploadPartCopyRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  check_part_number(request.part_number);
  const aws::CopySource source = aws::parse_copy_source(request.copy_source);
  check_version(source.version_id);
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);
  const Upload upload = database_.read([&](records::Connection& connection) {
    return find_upload(connection, request.bucket, request.key, request.upload_id);
  });
  const std::shared_ptr<const OpenObject> open =
      open_object({.bucket = source.bucket,
                   .key = source.key,
                   .expected_owner = &request.expected_source_bucket_owner},
                  caller);
  check_copy_source(copy_conditions(request), open->object.etag, open->object.modified_at);
  const ByteRange range = request.copy_source_range
                              ? parse_copy_range(*request.copy_source_range, open->object.size)
                              : ByteRange{.offset = 0, .length = open->object.size};

  // The bytes are read in any case, for the part's entity tag.
  NewContent content = contents_.create(static_cast<std::uint64_t>(range.length));
  FileSlice bytes(open->file, range);
  ReceiveOptions options{.length = static_cast<std::uint64_t>(range.length)};
  if (!upload.checksum_algorithm.empty())
    options.checksum = required_algorithm(upload.checksum_algorithm);
  const Received received = receive(bytes, content, options);
  records::PartRow row{.number = request.part_number,
                       .size = received.size,
                       .modified_at = std::chrono::floor<std::chrono::seconds>(now()),
                       .etag = to_hex(received.md5)};
  wire::s3::CopyPartResult result{.e_tag = '"' + row.etag + '"', .last_modified = row.modified_at};
  if (received.checksum) {
    row.checksum = row_checksum(upload.checksum_algorithm, *received.checksum);
    set_checksum(result, upload.checksum_algorithm, *received.checksum);
  }
  put_part(upload, std::move(content), std::move(row));
  return {.copy_part_result = std::move(result)};
}

}  // namespace millrace::store
