#include <random>
#include <thread>

#include "core/json/json.h"
#include "platform/aws/checksum.h"
#include "platform/store/store_fixture.h"

namespace millrace::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kSmallestPart = 5 << 20;

class MultipartTest : public StoreTest {
 protected:
  MultipartTest() { make_bucket(); }

  std::string begin(const std::string& key, wire::s3::CreateMultipartUploadRequest request = {}) {
    request.bucket = "bucket";
    request.key = key;
    return *store().create_multipart_upload(request, caller_).upload_id;
  }
  wire::s3::UploadPartOutput send(const std::string& key, const std::string& upload,
                                  std::int64_t number, std::string_view bytes,
                                  wire::s3::UploadPartRequest request = {},
                                  std::optional<aws::Checksum> sent = std::nullopt) {
    MemoryPayload payload(bytes);
    payload.sent = std::move(sent);
    request.bucket = "bucket";
    request.key = key;
    request.upload_id = upload;
    request.part_number = number;
    request.body = &payload;
    return store().upload_part(request, caller_);
  }
  wire::s3::CompleteMultipartUploadOutput complete(
      const std::string& key, const std::string& upload, std::vector<wire::s3::CompletedPart> parts,
      wire::s3::CompleteMultipartUploadRequest request = {}) {
    request.bucket = "bucket";
    request.key = key;
    request.upload_id = upload;
    request.multipart_upload = wire::s3::CompletedMultipartUpload{.parts = std::move(parts)};
    return store().complete_multipart_upload(request, caller_);
  }
  static wire::s3::CompletedPart part(std::int64_t number, const std::optional<std::string>& etag) {
    return {.e_tag = etag, .part_number = number};
  }
  static std::string bytes_like(unsigned seed, std::size_t size) {
    std::mt19937 random(seed);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }
};

TEST_F(MultipartTest, PartsBecomeOneObjectInTheOrderOfTheirNumbers) {
  const std::string first = bytes_like(1, kSmallestPart + 3);
  const std::string second = bytes_like(2, kSmallestPart);
  const std::string third = bytes_like(3, 17);
  const std::string upload = begin("k", {.content_type = "text/x",
                                         .metadata = std::map<std::string, std::string>{{"m", "1"}},
                                         .tagging = "t=1"});
  const auto c = send("k", upload, 9, third);
  const auto a = send("k", upload, 2, first);
  const auto b = send("k", upload, 3, second);
  EXPECT_EQ(a.e_tag, '"' + hex_md5(first) + '"');
  EXPECT_EQ(code_of([&] { get("k"); }), "NoSuchKey") << "nothing is there before the completion";
  const auto output = complete("k", upload, {part(2, a.e_tag), part(3, b.e_tag), part(9, c.e_tag)});
  const std::string etag =
      '"' + hex_md5(aws::md5(first) + aws::md5(second) + aws::md5(third)) + "-3\"";
  EXPECT_EQ(output.e_tag, etag);
  EXPECT_EQ(output.location, "/bucket/k");
  open();
  const auto object = get("k");
  EXPECT_EQ(bytes_in(object), first + second + third);
  EXPECT_EQ(object.e_tag, etag);
  EXPECT_EQ(object.content_type, "text/x");
  EXPECT_EQ(object.tag_count, 1);
  EXPECT_EQ(object.parts_count, std::nullopt);
  EXPECT_EQ(content_files(), 1U) << "the object is one file, the parts are gone";
  EXPECT_EQ(temporary_files(), 0U);

  const auto middle = get("k", {.part_number = 3});
  EXPECT_EQ(bytes_in(middle), second);
  EXPECT_EQ(middle.http_status, 206);
  EXPECT_EQ(middle.parts_count, 3);
  EXPECT_EQ(middle.content_range, "bytes " + std::to_string(first.size()) + "-" +
                                      std::to_string(first.size() + second.size() - 1) + "/" +
                                      std::to_string(first.size() + second.size() + third.size()));
  EXPECT_EQ(code_of([&] { get("k", {.part_number = 1}); }), "InvalidPartNumber");
  EXPECT_EQ(code_of([&] { get("k", {.range = "bytes=0-1", .part_number = 2}); }), "InvalidRequest");
}

TEST_F(MultipartTest, APartCanBeSentAgainAndTheLastOneCounts) {
  const std::string upload = begin("k");
  const auto old = send("k", upload, 1, "old");
  const auto fresh = send("k", upload, 1, "fresh");
  EXPECT_EQ(content_files(), 1U);
  EXPECT_EQ(code_of([&] { complete("k", upload, {part(1, old.e_tag)}); }), "InvalidPart");
  complete("k", upload, {part(1, fresh.e_tag)});
  EXPECT_EQ(bytes_of("k"), "fresh");
}

TEST_F(MultipartTest, PartsThatAreNotNamedAreDropped) {
  const std::string upload = begin("k");
  const auto a = send("k", upload, 1, "a");
  send("k", upload, 2, "b");
  complete("k", upload, {part(1, a.e_tag)});
  EXPECT_EQ(bytes_of("k"), "a");
  EXPECT_EQ(content_files(), 1U);
}

TEST_F(MultipartTest, WhatDoesNotFitIsRefusedAndTheUploadStaysOpen) {
  const std::string upload = begin("k");
  const auto a = send("k", upload, 1, "small");
  const auto b = send("k", upload, 2, "tail");
  EXPECT_EQ(code_of([&] {
              complete("k", upload, {part(1, a.e_tag), part(2, b.e_tag)});
            }),
            "EntityTooSmall");
  EXPECT_EQ(code_of([&] {
              complete("k", upload, {part(2, b.e_tag), part(1, a.e_tag)});
            }),
            "InvalidPartOrder");
  EXPECT_EQ(code_of([&] {
              complete("k", upload, {part(1, a.e_tag), part(1, a.e_tag)});
            }),
            "InvalidPartOrder");
  EXPECT_EQ(code_of([&] { complete("k", upload, {part(1, b.e_tag)}); }), "InvalidPart");
  EXPECT_EQ(code_of([&] { complete("k", upload, {part(3, a.e_tag)}); }), "InvalidPart");
  EXPECT_EQ(code_of([&] { complete("k", upload, {}); }), "MalformedXML");
  EXPECT_EQ(code_of([&] { complete("k", upload, {part(1, a.e_tag)}, {.mpu_object_size = 6}); }),
            "InvalidRequest");
  EXPECT_EQ(code_of([&] { complete("other", upload, {part(1, a.e_tag)}); }), "NoSuchUpload");
  EXPECT_EQ(code_of([&] { complete("k", "none", {part(1, a.e_tag)}); }), "NoSuchUpload");
  EXPECT_EQ(code_of([&] { send("k", upload, 0, "x"); }), "InvalidArgument");
  EXPECT_EQ(code_of([&] { send("k", upload, 10'001, "x"); }), "InvalidArgument");
  put("k", "there");
  EXPECT_EQ(code_of([&] { complete("k", upload, {part(1, a.e_tag)}, {.if_none_match = "*"}); }),
            "PreconditionFailed");
  EXPECT_EQ(bytes_of("k"), "there");
  // Entity tags count with and without quotes.
  complete("k", upload, {part(1, hex_md5("small"))}, {.mpu_object_size = 5});
  EXPECT_EQ(bytes_of("k"), "small");
}

TEST_F(MultipartTest, ACompletionAskedForAgainIsAnsweredAlike) {
  const std::string upload = begin("k", {.checksum_algorithm = "CRC32"});
  const auto a = send("k", upload, 1, "a");
  const auto first = complete("k", upload, {part(1, a.e_tag)});
  open();
  EXPECT_EQ(complete("k", upload, {part(1, a.e_tag)}), first);
  EXPECT_EQ(code_of([&] { send("k", upload, 2, "b"); }), "NoSuchUpload");
  EXPECT_EQ(code_of([&] {
              store().abort_multipart_upload({.bucket = "bucket", .key = "k", .upload_id = upload},
                                             caller_);
            }),
            "NoSuchUpload");
  EXPECT_FALSE(store().list_multipart_uploads({.bucket = "bucket"}, caller_).uploads);
}

TEST_F(MultipartTest, AnAbortedUploadLeavesNothing) {
  const std::string upload = begin("k");
  send("k", upload, 1, "a");
  store().abort_multipart_upload({.bucket = "bucket", .key = "k", .upload_id = upload}, caller_);
  EXPECT_EQ(content_files(), 0U);
  EXPECT_EQ(code_of([&] { send("k", upload, 1, "a"); }), "NoSuchUpload");
  EXPECT_EQ(content_files(), 0U);
  EXPECT_EQ(temporary_files(), 0U);
  open();
  EXPECT_EQ(code_of([&] {
              store().list_parts({.bucket = "bucket", .key = "k", .upload_id = upload}, caller_);
            }),
            "NoSuchUpload");
}

TEST_F(MultipartTest, PartsAreListedInPages) {
  const std::string upload = begin("k", {.checksum_algorithm = "SHA256"});
  for (const std::int64_t number : {5, 1, 3})
    send("k", upload, number, std::string(static_cast<std::size_t>(number), 'x'));
  open();
  auto page = store().list_parts(
      {.bucket = "bucket", .key = "k", .max_parts = 2, .upload_id = upload}, caller_);
  ASSERT_EQ(page.parts->size(), 2U);
  EXPECT_EQ(page.parts->at(1).part_number, 3);
  EXPECT_EQ(page.parts->at(1).size, 3);
  EXPECT_EQ(page.parts->at(1).checksum_sha256,
            aws::checksum_of(aws::ChecksumAlgorithm::Sha256, "xxx"));
  EXPECT_EQ(page.checksum_algorithm, "SHA256");
  EXPECT_EQ(page.checksum_type, "COMPOSITE");
  EXPECT_EQ(page.is_truncated, true);
  EXPECT_EQ(page.next_part_number_marker, 3);
  page = store().list_parts(
      {.bucket = "bucket", .key = "k", .part_number_marker = 3, .upload_id = upload}, caller_);
  ASSERT_EQ(page.parts->size(), 1U);
  EXPECT_EQ(page.is_truncated, false);
}

TEST_F(MultipartTest, UploadsAreListedByKeyAndIdInPages) {
  std::vector<std::pair<std::string, std::string>> expected;
  for (const char* key : {"a", "a", "a", "b/1", "b/2", "c"}) expected.emplace_back(key, begin(key));
  std::sort(expected.begin(), expected.end());
  for (const std::int64_t size : {1, 2, 4, 100}) {
    std::vector<std::pair<std::string, std::string>> found;
    wire::s3::ListMultipartUploadsRequest request{.bucket = "bucket", .max_uploads = size};
    for (;;) {
      const auto page = store().list_multipart_uploads(request, caller_);
      for (const auto& upload : *page.uploads) found.emplace_back(*upload.key, *upload.upload_id);
      if (!*page.is_truncated) break;
      request.key_marker = page.next_key_marker;
      request.upload_id_marker = page.next_upload_id_marker;
    }
    EXPECT_EQ(found, expected) << size;
  }
  const auto grouped =
      store().list_multipart_uploads({.bucket = "bucket", .delimiter = "/"}, caller_);
  EXPECT_EQ(grouped.uploads->size(), 4U);
  ASSERT_EQ(grouped.common_prefixes->size(), 1U);
  EXPECT_EQ(grouped.common_prefixes->at(0).prefix, "b/");
  EXPECT_EQ(
      store().list_multipart_uploads({.bucket = "bucket", .prefix = "b/"}, caller_).uploads->size(),
      2U);
  EXPECT_EQ(store()
                .list_multipart_uploads({.bucket = "bucket", .key_marker = "a"}, caller_)
                .uploads->size(),
            3U);
}

TEST_F(MultipartTest, PartsCanBeCopiedFromObjects) {
  const std::string bytes = bytes_like(4, kSmallestPart + 100);
  put("source", bytes);
  const std::string upload = begin("k", {.checksum_algorithm = "CRC32"});
  const auto copy = [&](std::int64_t number, std::optional<std::string> range,
                        const char* source = "/bucket/source") {
    return *store()
                .upload_part_copy({.bucket = "bucket",
                                   .copy_source = source,
                                   .copy_source_range = std::move(range),
                                   .key = "k",
                                   .part_number = number,
                                   .upload_id = upload},
                                  caller_)
                .copy_part_result;
  };
  const auto whole = copy(1, std::nullopt);
  EXPECT_EQ(whole.e_tag, '"' + hex_md5(bytes) + '"');
  EXPECT_EQ(whole.checksum_crc32, aws::checksum_of(aws::ChecksumAlgorithm::Crc32, bytes));
  const auto middle = copy(2, "bytes=10-19");
  EXPECT_EQ(code_of([&] { copy(3, "bytes=0-" + std::to_string(bytes.size())); }),
            "InvalidArgument");
  EXPECT_EQ(code_of([&] { copy(3, "bytes=5-"); }), "InvalidArgument");
  EXPECT_EQ(code_of([&] { copy(3, std::nullopt, "/bucket/none"); }), "NoSuchKey");
  complete("k", upload, {part(1, whole.e_tag), part(2, middle.e_tag)});
  EXPECT_EQ(bytes_of("k"), bytes + bytes.substr(10, 10));
}

TEST_F(MultipartTest, ChecksumsOfPartsMakeThatOfTheObject) {
  const std::string first = bytes_like(5, kSmallestPart);
  const std::string second = "tail";
  struct Case {
    const char* algorithm;
    const char* type;
    const char* expected_type;
  };
  for (const Case& c :
       {Case{"CRC32", nullptr, "COMPOSITE"}, Case{"CRC32C", "FULL_OBJECT", "FULL_OBJECT"},
        Case{"CRC64NVME", nullptr, "FULL_OBJECT"}, Case{"SHA1", nullptr, "COMPOSITE"},
        Case{"SHA256", "COMPOSITE", "COMPOSITE"}}) {
    const aws::ChecksumAlgorithm algorithm = *aws::checksum_algorithm(c.algorithm);
    wire::s3::CreateMultipartUploadRequest request{.checksum_algorithm = c.algorithm};
    if (c.type != nullptr) request.checksum_type = c.type;
    const std::string upload = begin("k", request);
    // The first part brings its checksum, the second leaves it to us.
    const std::string of_first = aws::checksum_of(algorithm, first);
    const std::string of_second = aws::checksum_of(algorithm, second);
    const auto a = send("k", upload, 1, first, {}, aws::Checksum{c.algorithm, of_first});
    const auto b = send("k", upload, 2, second);
    const bool whole = std::string_view(c.expected_type) == "FULL_OBJECT";
    const std::vector<aws::PartChecksum> parts = {{of_first, first.size()},
                                                  {of_second, second.size()}};
    const std::string expected = whole ? aws::checksum_of(algorithm, first + second)
                                       : aws::composite_checksum(algorithm, parts);
    const Json answer = complete("k", upload, {part(1, a.e_tag), part(2, b.e_tag)});
    EXPECT_EQ(answer.at(std::string("Checksum") + c.algorithm), expected);
    EXPECT_EQ(answer.at("ChecksumType"), c.expected_type);
    const Json head =
        store().head_object({.bucket = "bucket", .key = "k", .checksum_mode = "ENABLED"}, caller_);
    EXPECT_EQ(head.at(std::string("Checksum") + c.algorithm), expected);
    const Json part_head = store().head_object(
        {.bucket = "bucket", .key = "k", .part_number = 2, .checksum_mode = "ENABLED"}, caller_);
    EXPECT_EQ(part_head.at(std::string("Checksum") + c.algorithm), of_second);
    const auto attributes = store().get_object_attributes(
        {.bucket = "bucket", .key = "k", .max_parts = 1, .object_attributes = {"ObjectParts"}},
        caller_);
    EXPECT_EQ(attributes.object_parts->total_parts_count, 2);
    EXPECT_EQ(attributes.object_parts->is_truncated, true);
    EXPECT_EQ(attributes.object_parts->parts->at(0).size, static_cast<std::int64_t>(first.size()));
  }
}

TEST_F(MultipartTest, ChecksumsThatContradictAreRefused) {
  EXPECT_EQ(
      code_of([&] { begin("k", {.checksum_algorithm = "SHA1", .checksum_type = "FULL_OBJECT"}); }),
      "InvalidRequest");
  EXPECT_EQ(code_of([&] {
              begin("k", {.checksum_algorithm = "CRC64NVME", .checksum_type = "COMPOSITE"});
            }),
            "InvalidRequest");
  EXPECT_EQ(code_of([&] { begin("k", {.checksum_type = "COMPOSITE"}); }), "InvalidRequest");
  const std::string upload =
      begin("k", {.checksum_algorithm = "CRC32", .checksum_type = "FULL_OBJECT"});
  EXPECT_EQ(code_of([&] { send("k", upload, 1, "a", {.checksum_sha1 = "x"}); }), "InvalidRequest");
  const auto a = send("k", upload, 1, "a");
  auto named = part(1, a.e_tag);
  named.checksum_crc32 = "AAAAAA==";
  EXPECT_EQ(code_of([&] { complete("k", upload, {named}); }), "InvalidPart");
  EXPECT_EQ(
      code_of([&] { complete("k", upload, {part(1, a.e_tag)}, {.checksum_crc32 = "AAAAAA=="}); }),
      "BadDigest");
  EXPECT_EQ(
      code_of([&] { complete("k", upload, {part(1, a.e_tag)}, {.checksum_type = "COMPOSITE"}); }),
      "InvalidRequest");
  named.checksum_crc32 = a.checksum_crc32;
  complete("k", upload, {named},
           {.checksum_crc32 = aws::checksum_of(aws::ChecksumAlgorithm::Crc32, "a"),
            .checksum_type = "FULL_OBJECT"});
}

TEST_F(MultipartTest, PartsArriveInParallel) {
  constexpr int kParts = 8;
  const std::string upload = begin("k");
  std::vector<std::string> parts(kParts);
  std::vector<wire::s3::CompletedPart> completed(kParts);
  std::vector<std::thread> threads;
  for (int i = 0; i < kParts; ++i) {
    threads.emplace_back([&, i] {
      const auto at = static_cast<std::size_t>(i);
      parts[at] = bytes_like(static_cast<unsigned>(i), kSmallestPart);
      completed[at] = part(i + 1, send("k", upload, i + 1, parts[at]).e_tag);
    });
  }
  for (std::thread& thread : threads) thread.join();
  complete("k", upload, completed);
  std::string expected;
  for (const std::string& bytes : parts) expected += bytes;
  EXPECT_TRUE(bytes_of("k") == expected);
}

TEST_F(MultipartTest, OfTwoCompletionsAtOnceBothAreAnsweredOrOneIsRefused) {
  for (int round = 0; round < 10; ++round) {
    const std::string upload = begin("k");
    const auto a = send("k", upload, 1, "a" + std::to_string(round));
    std::vector<std::string> codes(2);
    std::vector<std::thread> threads;
    for (std::string& code : codes) {
      threads.emplace_back(
          [&] { code = code_of([&] { complete("k", upload, {part(1, a.e_tag)}); }); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(codes[0].empty() || codes[1].empty());
    for (const std::string& code : codes)
      EXPECT_TRUE(code.empty() || code == "NoSuchUpload") << code;
    EXPECT_EQ(bytes_of("k"), "a" + std::to_string(round));
    EXPECT_EQ(content_files(), 1U);
    EXPECT_EQ(temporary_files(), 0U);
  }
}

}  // namespace
}  // namespace millrace::store
