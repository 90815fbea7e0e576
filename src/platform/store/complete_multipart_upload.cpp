#include <chrono>
#include <map>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/aws/digest.h"
#include "platform/store/checksum_members.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

constexpr std::int64_t kMinPartBytes = std::int64_t{5} << 20;

using Request = wire::s3::CompleteMultipartUploadRequest;

[[noreturn]] void refuse_part(std::int64_t number) {
  throw Error(Blame::Customer, "InvalidPart",
              "One or more of the specified parts could not be found. The part may not have been "
              "uploaded, or the "
              "specified entity tag may not match the part's entity tag: part " +
                  std::to_string(number));
}

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return etag;
}

/// The value of a part's checksum by the upload's algorithm; empty when the upload has none.
std::string value_of(const records::PartRow& row, const Upload& upload) {
  const auto checksum = row.checksum ? checksum_of(*row.checksum) : std::nullopt;
  return checksum && checksum->algorithm == upload.checksum_algorithm ? checksum->value
                                                                      : std::string();
}

bool agrees(const wire::s3::CompletedPart& named, const records::PartRow& row) {
  if (unquoted(named.e_tag.value_or("")) != row.etag) return false;
  const auto given = given_checksum(named);
  const auto known = row.checksum ? checksum_of(*row.checksum) : std::nullopt;
  // A checksum by an algorithm the part was not stored with cannot be compared.
  return !given || !known || given->algorithm != known->algorithm || given->value == known->value;
}

/// The parts the client names, in order, after all of S3's checks.
std::vector<records::PartRow> chosen_parts(const Request& request,
                                           const std::vector<records::PartRow>& uploaded) {
  if (!request.multipart_upload || !request.multipart_upload->parts ||
      request.multipart_upload->parts->empty()) {
    throw Error(Blame::Customer, "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our "
                "published schema: at least one "
                "part must be specified.");
  }
  std::map<std::int64_t, const records::PartRow*> by_number;
  for (const records::PartRow& row : uploaded) by_number[row.number] = &row;
  std::vector<records::PartRow> chosen;
  for (const wire::s3::CompletedPart& named : *request.multipart_upload->parts) {
    const std::int64_t number = named.part_number.value_or(0);
    if (!chosen.empty() && number <= chosen.back().number) {
      throw Error(
          Blame::Customer, "InvalidPartOrder",
          "The list of parts was not in ascending order. Parts must be ordered by part number.");
    }
    const auto found = by_number.find(number);
    if (found == by_number.end() || !agrees(named, *found->second)) refuse_part(number);
    chosen.push_back(*found->second);
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    if (chosen[i].size < kMinPartBytes) {
      throw Error(Blame::Customer, "EntityTooSmall",
                  "Your proposed upload is smaller than the minimum allowed size: part " +
                      std::to_string(chosen[i].number) + " has " + std::to_string(chosen[i].size) +
                      " bytes, and all but the last have at least " +
                      std::to_string(kMinPartBytes));
    }
  }
  return chosen;
}

/// "<MD5 of the parts' MD5s>-<number of parts>", as S3 makes it.
std::string multipart_etag(const std::vector<records::PartRow>& parts) {
  aws::Digest md5(aws::Digest::Kind::Md5);
  for (const records::PartRow& part : parts) md5.update(from_hex(part.etag).value_or(""));
  return to_hex(md5.finish()) + '-' + std::to_string(parts.size());
}

std::optional<StoredChecksum> checksum_of_parts(const Upload& upload,
                                                const std::vector<records::PartRow>& parts) {
  if (upload.checksum_algorithm.empty()) return std::nullopt;
  std::vector<aws::PartChecksum> values;
  for (const records::PartRow& part : parts) {
    values.push_back(
        {.value = value_of(part, upload), .length = static_cast<std::uint64_t>(part.size)});
  }
  const aws::ChecksumAlgorithm algorithm = required_algorithm(upload.checksum_algorithm);
  const bool whole = upload.checksum_type == wire::s3::ChecksumType::FULL_OBJECT;
  return StoredChecksum{upload.checksum_algorithm, upload.checksum_type,
                        whole ? aws::full_object_checksum(algorithm, values)
                              : aws::composite_checksum(algorithm, values)};
}

/// What the request says about the whole object.
void check_claims(const Request& request, const Upload& upload, const Object& object) {
  if (request.mpu_object_size && *request.mpu_object_size != object.size) {
    throw Error(Blame::Customer, "InvalidRequest",
                "The provided 'x-amz-mp-object-size' header value " +
                    std::to_string(*request.mpu_object_size) +
                    " does not match what was computed: " + std::to_string(object.size));
  }
  if (request.checksum_type && *request.checksum_type != upload.checksum_type) {
    throw Error(Blame::Customer, "InvalidRequest",
                "The upload was created using the " +
                    (upload.checksum_type.empty() ? std::string("no") : upload.checksum_type) +
                    " checksum mode. The complete request must use the same checksum mode.");
  }
  const auto claimed = given_checksum(request);
  if (!claimed) return;
  if (!object.checksum || object.checksum->algorithm != claimed->algorithm) {
    throw Error(Blame::Customer, "InvalidRequest",
                "The upload was not created with the checksum algorithm " + claimed->algorithm +
                    ". Name it in CreateMultipartUpload.");
  }
  if (object.checksum->value != claimed->value) {
    throw Error(
        Blame::Customer, "BadDigest",
        "The " + claimed->algorithm + " you specified did not match the calculated checksum.");
  }
}

wire::s3::CompleteMultipartUploadOutput answer(const Request& request, const std::string& etag,
                                               const std::optional<StoredChecksum>& checksum) {
  wire::s3::CompleteMultipartUploadOutput output{
      .location = '/' + request.bucket + '/' + uri_encode(request.key, Slash::Keep),
      .bucket = request.bucket,
      .key = request.key,
      .e_tag = '"' + etag + '"'};
  set_checksum(output, checksum);
  return output;
}

/// The outcome of a completed upload, for a client that asks again.
std::string outcome_of(const Object& object) {
  Json json = {{"etag", object.etag}};
  if (object.checksum) {
    json["checksum"] = {object.checksum->algorithm, object.checksum->type, object.checksum->value};
  }
  return to_text(json);
}

wire::s3::CompleteMultipartUploadOutput answer_again(const Request& request,
                                                     const std::string& outcome) {
  const Json json = parse_json(outcome, "an upload's outcome");
  std::optional<StoredChecksum> checksum;
  if (const auto found = json.find("checksum"); found != json.end()) {
    checksum = StoredChecksum{found->at(0), found->at(1), found->at(2)};
  }
  return answer(request, json.at("etag"), checksum);
}

}  // namespace

std::optional<NewContent> Store::joined(const std::vector<records::PartRow>& parts) {
  if (parts.size() == 1) return contents_.link(parts.front().content);
  std::int64_t size = 0;
  for (const records::PartRow& part : parts) size += part.size;
  NewContent whole = contents_.create(static_cast<std::uint64_t>(size));
  for (const records::PartRow& part : parts) {
    const std::optional<Fd> file = contents_.open(part.content);
    if (!file) return std::nullopt;
    whole.append(file->get(), 0, part.size);
  }
  return whole;
}

wire::s3::CompleteMultipartUploadOutput Store::complete_multipart_upload(
    const Request& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  const WriteConditions conditions{.if_match = request.if_match,
                                   .if_none_match = request.if_none_match};
  check_supported(conditions);
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);

  // The outcome of an earlier completion, if the upload has one for this key.
  std::optional<std::string> earlier;
  const auto look = [&](records::Connection& connection) -> std::optional<Upload> {
    const auto row = records::UploadTable(connection).find(request.upload_id);
    if (row && row->completed_at && row->bucket == request.bucket && row->key == request.key) {
      earlier = row->outcome;
      return std::nullopt;
    }
    return find_upload(connection, request.bucket, request.key, request.upload_id);
  };
  std::vector<records::PartRow> uploaded;
  const std::optional<Upload> upload = database_.snapshot([&](records::Connection& connection) {
    uploaded = records::PartTable(connection).list(request.upload_id, 0, kMaxPartNumber);
    return look(connection);
  });
  if (!upload) return answer_again(request, *earlier);

  const std::vector<records::PartRow> parts = chosen_parts(request, uploaded);
  Object object{.bucket = request.bucket,
                .key = request.key,
                .etag = multipart_etag(parts),
                .checksum = checksum_of_parts(*upload, parts),
                .description = upload->description};
  for (const records::PartRow& part : parts) {
    object.size += part.size;
    object.parts.push_back(
        {.number = part.number, .size = part.size, .checksum = value_of(part, *upload)});
  }
  check_claims(request, *upload, object);

  std::optional<NewContent> content = joined(parts);
  if (!content) {
    // A part was replaced, or the upload ended, since its row was read.
    const std::vector<records::PartRow> now_there = database_.read([&](records::Connection& connection) {
      return records::PartTable(connection).list(request.upload_id, 0, kMaxPartNumber);
    });
    const auto same_content = [](const records::PartRow& a, const records::PartRow& b) { return a.content == b.content; };
    if (std::equal(uploaded.begin(), uploaded.end(), now_there.begin(), now_there.end(), same_content)) {
      throw Error(Blame::Platform, "the file of a part is missing from the data directory; upload the part again");
    }
    return complete_multipart_upload(request, caller);
  }
  object.content = content->id();
  object.modified_at = std::chrono::floor<std::chrono::seconds>(now());
  std::vector<std::string> released;
  publish(object, std::move(*content), conditions, [&](records::Connection& connection) {
    if (!look(connection)) {
      throw Error(Blame::Customer, "NoSuchUpload",
                  "The specified upload was completed by another request meanwhile.");
    }
    records::PartTable table(connection);
    for (const records::PartRow& part : parts) {
      const auto current = table.find(request.upload_id, part.number);
      if (!current || current->content != part.content) refuse_part(part.number);
    }
    released = release_parts(connection, request.upload_id);
    records::UploadTable(connection).complete(request.upload_id, now(), outcome_of(object));
  });
  unlink(released);
  return answer(request, object.etag, object.checksum);
}

}  // namespace millrace::store
