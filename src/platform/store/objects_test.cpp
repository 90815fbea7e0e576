#include <map>
#include <random>

#include "platform/aws/checksum.h"
#include "platform/store/store_fixture.h"

namespace millrace::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ObjectsTest = StoreTest;

TEST_F(ObjectsTest, AnObjectComesBackAsItWasPut) {
  make_bucket();
  const auto put_output = put("a/b c+ü.txt", "hello",
                              {.cache_control = "no-cache",
                               .content_disposition = "inline",
                               .content_encoding = "gzip,aws-chunked",
                               .content_language = "en",
                               .content_type = "text/plain",
                               .expires = "Wed, 01 May 2024 10:00:00 GMT",
                               .metadata = std::map<std::string, std::string>{{"Owner", "alice"}}});
  EXPECT_EQ(put_output.e_tag, '"' + hex_md5("hello") + '"');
  for (const bool restarted : {false, true}) {
    if (restarted) open();
    const auto output = get("a/b c+ü.txt");
    EXPECT_EQ(bytes_in(output), "hello");
    EXPECT_EQ(output.content_length, 5);
    EXPECT_EQ(output.e_tag, put_output.e_tag);
    EXPECT_EQ(output.content_type, "text/plain");
    EXPECT_EQ(output.cache_control, "no-cache");
    EXPECT_EQ(output.content_disposition, "inline");
    EXPECT_EQ(output.content_encoding, "gzip");
    EXPECT_EQ(output.content_language, "en");
    EXPECT_EQ(output.expires, "Wed, 01 May 2024 10:00:00 GMT");
    EXPECT_EQ(output.metadata, (std::map<std::string, std::string>{{"owner", "alice"}}));
    EXPECT_EQ(output.http_status, std::nullopt);
    EXPECT_EQ(to_millis(*output.last_modified) % 1000, 0) << "HTTP dates and listings must agree";
  }
  EXPECT_EQ(get("a/b c+ü.txt", {.response_content_type = "text/x"}).content_type, "text/x");
}

TEST_F(ObjectsTest, TheBeginningOfAnObjectIsAtMostSoManyBytes) {
  make_bucket();
  put("some", "hello");
  put("none", "");
  const auto beginning = [&](const std::string& key, std::size_t bytes) {
    return store().beginning_of("bucket", key, bytes, caller_);
  };
  EXPECT_EQ(beginning("some", 4), "hell");
  EXPECT_EQ(beginning("some", 100), "hello");
  EXPECT_EQ(beginning("none", 100), "");
  EXPECT_EQ(code_of([&] { beginning("other", 1); }), "NoSuchKey");
}

TEST_F(ObjectsTest, WithoutATypeAnObjectIsAStreamOfOctets) {
  make_bucket();
  put("k", "");
  EXPECT_EQ(get("k").content_type, "binary/octet-stream");
  EXPECT_EQ(bytes_of("k"), "");
}

TEST_F(ObjectsTest, EverySizeAroundABlockSurvives) {
  make_bucket();
  std::mt19937 random(1);
  for (const std::size_t size :
       {1UL, 4095UL, 262'143UL, 262'144UL, 262'145UL, 524'288UL, 1'048'576UL, 3'000'001UL}) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    for (const bool tells_length : {true, false}) {
      MemoryPayload payload(bytes);
      payload.tells_length = tells_length;
      const auto output = put_payload("k", payload);
      EXPECT_EQ(output.e_tag, '"' + hex_md5(bytes) + '"') << size;
      EXPECT_EQ(bytes_of("k"), bytes) << size;
    }
  }
}

TEST_F(ObjectsTest, ABodyThatBreaksOffLeavesNothing) {
  make_bucket();
  put("k", "old");
  const std::string bytes(3'000'000, 'x');
  for (const std::size_t fails_at : {1UL, 300'000UL, 2'999'999UL}) {
    MemoryPayload payload(bytes);
    payload.fails_at = fails_at;
    EXPECT_EQ(code_of([&] { put_payload("k", payload); }), "IncompleteBody");
  }
  EXPECT_EQ(bytes_of("k"), "old");
  EXPECT_EQ(content_files(), 1U);
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(ObjectsTest, ContentMd5IsVerified) {
  make_bucket();
  EXPECT_EQ(code_of([&] { put("k", "hello", {.content_md5 = "1B2M2Y8AsgTpgAmY7PhCfg=="}); }),
            "BadDigest");
  EXPECT_EQ(code_of([&] { put("k", "hello", {.content_md5 = "AAAA"}); }), "InvalidDigest");
  EXPECT_EQ(code_of([&] { get("k"); }), "NoSuchKey");
  put("k", "hello", {.content_md5 = to_base64(aws::md5("hello"))});
  EXPECT_EQ(bytes_of("k"), "hello");
}

TEST_F(ObjectsTest, TheChecksumIsReturnedWhenAskedFor) {
  make_bucket();
  MemoryPayload payload("123456789");
  payload.sent = aws::Checksum{"CRC32", "y/Q5Jg=="};
  EXPECT_EQ(put_payload("sent", payload).checksum_crc32, "y/Q5Jg==");
  EXPECT_EQ(put("computed", "123456789", {.checksum_algorithm = "CRC32"}).checksum_crc32,
            "y/Q5Jg==");
  for (const char* key : {"sent", "computed"}) {
    EXPECT_EQ(get(key).checksum_crc32, std::nullopt);
    const auto output = get(key, {.checksum_mode = "ENABLED"});
    EXPECT_EQ(output.checksum_crc32, "y/Q5Jg==");
    EXPECT_EQ(output.checksum_type, "FULL_OBJECT");
    EXPECT_EQ(get(key, {.range = "bytes=0-1", .checksum_mode = "ENABLED"}).checksum_crc32,
              std::nullopt);
  }
}

TEST_F(ObjectsTest, AReaderKeepsTheObjectItOpened) {
  make_bucket();
  put("k", "old");
  const auto before = get("k");
  put("k", "newer");
  EXPECT_EQ(bytes_of("k"), "newer");
  erase("k");
  EXPECT_EQ(bytes_in(before), "old");
  EXPECT_EQ(content_files(), 0U);
}

TEST_F(ObjectsTest, MissingThingsHaveTheirCodes) {
  EXPECT_EQ(code_of([&] { get("k"); }), "NoSuchBucket");
  EXPECT_EQ(code_of([&] { put("k", "x"); }), "NoSuchBucket");
  EXPECT_EQ(code_of([&] { keys(); }), "NoSuchBucket");
  make_bucket();
  EXPECT_EQ(code_of([&] { get("k"); }), "NoSuchKey");
  EXPECT_EQ(code_of([&] { store().head_object({.bucket = "bucket", .key = "k"}, caller_); }),
            "NoSuchKey");
  EXPECT_EQ(code_of([&] { get("k", {.version_id = "x"}); }), "NoSuchVersion");
  EXPECT_EQ(code_of([&] { put(std::string(1025, 'k'), ""); }), "KeyTooLongError");
  put(std::string(1024, 'k'), "");
}

TEST_F(ObjectsTest, ConditionsFollowTheirPrecedence) {
  make_bucket();
  const std::string etag = *put("k", "x").e_tag;
  const Time modified = *get("k").last_modified;
  const Time later = modified + std::chrono::seconds(1);
  const Time earlier = modified - std::chrono::seconds(1);
  struct Case {
    wire::s3::GetObjectRequest request;
    const char* code;
  };
  const std::string other = "\"other\"";
  const std::vector<Case> cases = {
      {{.if_match = etag}, ""},
      {{.if_match = "*"}, ""},
      {{.if_match = hex_md5("x")}, ""},
      {{.if_match = other + ", " + etag}, ""},
      {{.if_match = other}, "PreconditionFailed"},
      {{.if_none_match = other}, ""},
      {{.if_none_match = etag}, "NotModified"},
      {{.if_none_match = "*"}, "NotModified"},
      {{.if_none_match = "W/" + etag}, "NotModified"},
      {{.if_modified_since = earlier}, ""},
      {{.if_modified_since = modified}, "NotModified"},
      {{.if_modified_since = later}, "NotModified"},
      {{.if_unmodified_since = modified}, ""},
      {{.if_unmodified_since = earlier}, "PreconditionFailed"},
      // The entity tag decides where both are given.
      {{.if_match = etag, .if_unmodified_since = earlier}, ""},
      {{.if_match = other, .if_unmodified_since = later}, "PreconditionFailed"},
      {{.if_modified_since = later, .if_none_match = other}, ""},
      {{.if_modified_since = earlier, .if_none_match = etag}, "NotModified"},
      {{.if_match = other, .if_none_match = etag}, "PreconditionFailed"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(code_of([&] { get("k", cases[i].request); }), cases[i].code) << "case " << i;
    const wire::s3::GetObjectRequest& request = cases[i].request;
    EXPECT_EQ(code_of([&] {
                store().head_object({.bucket = "bucket",
                                     .if_match = request.if_match,
                                     .if_modified_since = request.if_modified_since,
                                     .if_none_match = request.if_none_match,
                                     .if_unmodified_since = request.if_unmodified_since,
                                     .key = "k"},
                                    caller_);
              }),
              cases[i].code)
        << "HEAD, case " << i;
  }
}

TEST_F(ObjectsTest, WritesCanBeConditional) {
  make_bucket();
  EXPECT_EQ(code_of([&] { put("k", "1", {.if_match = "\"x\""}); }), "NoSuchKey");
  const std::string etag = *put("k", "1", {.if_none_match = "*"}).e_tag;
  EXPECT_EQ(code_of([&] { put("k", "2", {.if_none_match = "*"}); }), "PreconditionFailed");
  EXPECT_EQ(code_of([&] { put("k", "2", {.if_match = "\"x\""}); }), "PreconditionFailed");
  EXPECT_EQ(code_of([&] { put("k", "2", {.if_none_match = etag}); }), "NotImplemented");
  EXPECT_EQ(bytes_of("k"), "1");
  put("k", "2", {.if_match = etag});
  EXPECT_EQ(bytes_of("k"), "2");
  EXPECT_EQ(code_of([&] {
              store().delete_object({.bucket = "bucket", .key = "k", .if_match = etag}, caller_);
            }),
            "PreconditionFailed");
  EXPECT_EQ(content_files(), 1U);
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(ObjectsTest, RangesSelectBytes) {
  make_bucket();
  put("k", "0123456789");
  struct Case {
    const char* range;
    const char* bytes;
    const char* content_range;
  };
  for (const Case& c :
       {Case{"bytes=2-4", "234", "bytes 2-4/10"}, Case{"bytes=7-", "789", "bytes 7-9/10"},
        Case{"bytes=-3", "789", "bytes 7-9/10"}, Case{"bytes=8-99", "89", "bytes 8-9/10"},
        Case{"bytes=-99", "0123456789", "bytes 0-9/10"}, Case{"BYTES=0-0", "0", "bytes 0-0/10"}}) {
    const auto output = get("k", {.range = c.range});
    EXPECT_EQ(bytes_in(output), c.bytes);
    EXPECT_EQ(output.content_range, c.content_range);
    EXPECT_EQ(output.http_status, 206);
    EXPECT_EQ(store()
                  .head_object({.bucket = "bucket", .key = "k", .range = c.range}, caller_)
                  .content_length,
              output.content_length);
  }
  for (const char* ignored : {"bytes=4-2", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b", "bytes=-",
                              "bytes=+1-2", "bytes=1"}) {
    const auto output = get("k", {.range = ignored});
    EXPECT_EQ(bytes_in(output), "0123456789") << ignored;
    EXPECT_EQ(output.http_status, std::nullopt);
  }
  put("empty", "");
  for (const auto& [key, range] :
       std::vector<std::pair<const char*, const char*>>{{"k", "bytes=10-"},
                                                        {"k", "bytes=-0"},
                                                        {"k", "bytes=9223372036854775807-"},
                                                        {"empty", "bytes=0-"}}) {
    EXPECT_EQ(code_of([&] { get(key, {.range = range}); }), "InvalidRange") << range;
  }
}

TEST_F(ObjectsTest, ACopySharesTheBytesAndTakesOrReplacesTheDescription) {
  make_bucket();
  put("from", "data",
      {.content_type = "text/x",
       .metadata = std::map<std::string, std::string>{{"a", "1"}},
       .tagging = "t=1"});
  const auto copy = [&](const std::string& key, wire::s3::CopyObjectRequest request) {
    request.bucket = "bucket";
    request.key = key;
    if (request.copy_source.empty()) request.copy_source = "bucket/from";
    return store().copy_object(request, caller_);
  };
  EXPECT_EQ(copy("kept", {}).copy_object_result->e_tag, '"' + hex_md5("data") + '"');
  copy("replaced", {.copy_source = "/bucket/fr%6Fm?versionId=null",
                    .metadata = std::map<std::string, std::string>{{"b", "2"}},
                    .metadata_directive = "REPLACE",
                    .tagging_directive = "REPLACE",
                    .tagging = "u=2"});
  erase("from");
  EXPECT_EQ(bytes_of("kept"), "data");
  EXPECT_EQ(get("kept").metadata, (std::map<std::string, std::string>{{"a", "1"}}));
  EXPECT_EQ(get("kept").content_type, "text/x");
  EXPECT_EQ(get("kept").tag_count, 1);
  EXPECT_EQ(bytes_of("replaced"), "data");
  EXPECT_EQ(get("replaced").metadata, (std::map<std::string, std::string>{{"b", "2"}}));
  EXPECT_EQ(get("replaced").content_type, "binary/octet-stream");
  EXPECT_EQ(store().get_object_tagging({.bucket = "bucket", .key = "replaced"}, caller_).tag_set,
            (std::vector<wire::s3::Tag>{{.key = "u", .value = "2"}}));

  EXPECT_EQ(code_of([&] { copy("kept", {.copy_source = "bucket/kept"}); }), "InvalidRequest");
  copy("kept", {.copy_source = "bucket/kept", .metadata_directive = "REPLACE"});
  EXPECT_EQ(bytes_of("kept"), "data");
  EXPECT_EQ(get("kept").metadata, std::nullopt);
  EXPECT_EQ(copy("summed", {.checksum_algorithm = "CRC32", .copy_source = "bucket/kept"})
                .copy_object_result->checksum_crc32,
            aws::checksum_of(aws::ChecksumAlgorithm::Crc32, "data"));
  EXPECT_EQ(code_of([&] { copy("x", {.copy_source = "bucket/none"}); }), "NoSuchKey");
  EXPECT_EQ(code_of([&] { copy("x", {.copy_source = "none"}); }), "InvalidArgument");
  EXPECT_EQ(
      code_of([&] { copy("x", {.copy_source = "bucket/kept", .copy_source_if_match = "\"no\""}); }),
      "PreconditionFailed");
  EXPECT_EQ(code_of([&] {
              copy("x", {.copy_source = "bucket/kept",
                         .copy_source_if_none_match = '"' + hex_md5("data") + '"'});
            }),
            "PreconditionFailed");
  EXPECT_EQ(content_files(), 3U);
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(ObjectsTest, ABatchDeletesWhatItCanAndReportsTheRest) {
  make_bucket();
  put("a", "");
  put("b", "");
  auto output = store().delete_objects(
      {.bucket = "bucket",
       .delete_ = {.objects = {{.key = "a"}, {.key = "none"}, {.key = "b", .version_id = "x"}}}},
      caller_);
  ASSERT_EQ(output.deleted->size(), 2U);
  EXPECT_EQ(output.deleted->at(1).key, "none");
  ASSERT_EQ(output.errors->size(), 1U);
  EXPECT_EQ(output.errors->at(0).code, "NoSuchVersion");
  EXPECT_THAT(keys(), ElementsAre("b"));
  output = store().delete_objects(
      {.bucket = "bucket", .delete_ = {.objects = {{.key = "b"}}, .quiet = true}}, caller_);
  EXPECT_FALSE(output.deleted);
  EXPECT_THAT(keys(), IsEmpty());
  EXPECT_EQ(content_files(), 0U);
  EXPECT_EQ(code_of([&] { store().delete_objects({.bucket = "bucket"}, caller_); }),
            "MalformedXML");
}

TEST_F(ObjectsTest, TagsAreKeptReplacedAndLimited) {
  make_bucket();
  put("k", "", {.tagging = "team=a%20b&x=1+2&empty"});
  const auto tags = [&] {
    return store().get_object_tagging({.bucket = "bucket", .key = "k"}, caller_).tag_set;
  };
  EXPECT_EQ(tags(), (std::vector<wire::s3::Tag>{{"empty", ""}, {"team", "a b"}, {"x", "1 2"}}));
  const auto set = [&](std::vector<wire::s3::Tag> given) {
    store().put_object_tagging(
        {.bucket = "bucket", .key = "k", .tagging = {.tag_set = std::move(given)}}, caller_);
  };
  set({{"n", "2"}});
  EXPECT_EQ(tags(), (std::vector<wire::s3::Tag>{{"n", "2"}}));
  EXPECT_EQ(get("k").tag_count, 1);
  EXPECT_EQ(code_of([&] { set({{"n", "1"}, {"n", "2"}}); }), "InvalidTag");
  EXPECT_EQ(code_of([&] { set({{std::string(129, 'k'), ""}}); }), "InvalidTag");
  EXPECT_EQ(code_of([&] { set({{"k", std::string(257, 'v')}}); }), "InvalidTag");
  EXPECT_EQ(code_of([&] { set(std::vector<wire::s3::Tag>(11, {"k", ""})); }), "BadRequest");
  store().delete_object_tagging({.bucket = "bucket", .key = "k"}, caller_);
  EXPECT_THAT(tags(), IsEmpty());
}

TEST_F(ObjectsTest, WhatIsNotSupportedIsRefusedByName) {
  make_bucket();
  const auto refusal = [&](wire::s3::PutObjectRequest request) -> std::string {
    try {
      put("k", "x", std::move(request));
      return "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "NotImplemented");
      return error.what();
    }
  };
  EXPECT_THAT(refusal({.acl = "public-read"}), HasSubstr("x-amz-acl: public-read"));
  EXPECT_THAT(refusal({.server_side_encryption = "AES256"}),
              HasSubstr("x-amz-server-side-encryption"));
  EXPECT_THAT(refusal({.storage_class = "GLACIER"}), HasSubstr("x-amz-storage-class: GLACIER"));
  EXPECT_THAT(refusal({.website_redirect_location = "/"}),
              HasSubstr("x-amz-website-redirect-location"));
  EXPECT_THAT(refusal({.sse_customer_key = "k"}), HasSubstr("customer-key"));
  EXPECT_THAT(refusal({.object_lock_legal_hold_status = "ON"}),
              HasSubstr("x-amz-object-lock-legal-hold"));
  EXPECT_THAT(refusal({.grant_read = "id=1"}), HasSubstr("x-amz-grant-read"));
  put("k", "x", {.acl = "bucket-owner-full-control", .storage_class = "STANDARD"});
  EXPECT_EQ(code_of([&] {
              put("k", "x",
                  {.metadata = std::map<std::string, std::string>{{"m", std::string(2048, 'x')}}});
            }),
            "MetadataTooLarge");
}

TEST_F(ObjectsTest, AttributesAreThoseAskedFor) {
  make_bucket();
  put("k", "123456789", {.checksum_algorithm = "CRC32"});
  const auto output = store().get_object_attributes(
      {.bucket = "bucket",
       .key = "k",
       .object_attributes = {"ETag", "Checksum", "ObjectSize", "ObjectParts"}},
      caller_);
  EXPECT_EQ(output.e_tag, hex_md5("123456789"));
  EXPECT_EQ(output.object_size, 9);
  EXPECT_EQ(output.checksum->checksum_crc32, "y/Q5Jg==");
  EXPECT_EQ(output.checksum->checksum_type, "FULL_OBJECT");
  EXPECT_FALSE(output.object_parts);
  EXPECT_FALSE(output.storage_class);
}

TEST_F(ObjectsTest, AnObjectsFileHoldsExactlyItsBytesAndOutlivesItAsAHardLink) {
  make_bucket();
  put("p/1", "first");
  put("p/2", "second");
  put("q", "other");
  const auto located = store().locate_objects({.bucket = "bucket", .prefix = "p/"}, caller_);
  ASSERT_EQ(located.objects.size(), 2U);
  EXPECT_FALSE(located.is_truncated);
  EXPECT_EQ(located.objects[1].key, "p/2");
  EXPECT_EQ(located.objects[1].size, 6);
  EXPECT_EQ(located.objects[1].e_tag, '"' + hex_md5("second") + '"');
  const std::filesystem::path link = directory() / "link";
  std::filesystem::create_hard_link(*located.objects[1].path, link);
  put("p/2", "replaced");
  EXPECT_FALSE(std::filesystem::exists(*located.objects[1].path));
  std::ifstream file(link);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "second");
  EXPECT_EQ(store()
                .locate_objects({.bucket = "bucket", .prefix = "p/", .start_after = "p/1"}, caller_)
                .objects.size(),
            1U);

  aws::Caller container = caller_;
  container.job = "job";
  EXPECT_EQ(
      code_of([&] { store().locate_objects({.bucket = "bucket", .prefix = "p/"}, container); }),
      "AccessDenied");
  container.supervisor = true;
  EXPECT_EQ(store().locate_objects({.bucket = "bucket", .prefix = "p/"}, container).objects.size(),
            2U);
}

TEST_F(ObjectsTest, ExactlyTheNamedKeysAreLocatedAndMissingOnesLeftOut) {
  make_bucket();
  for (const char* key : {"a", "a/1", "b", "c"}) put(key, key);
  const auto located = store().locate_objects(
      {.bucket = "bucket", .prefix = "", .keys = std::vector<std::string>{"b", "gone", "a", "b"}},
      caller_);
  ASSERT_EQ(located.objects.size(), 2U);
  EXPECT_EQ(located.objects[0].key, "a");
  EXPECT_EQ(located.objects[1].key, "b");
  EXPECT_EQ(located.objects[1].e_tag, '"' + hex_md5("b") + '"');
  EXPECT_TRUE(std::filesystem::exists(located.objects[1].path.value()));
  EXPECT_FALSE(located.is_truncated);
  EXPECT_EQ(code_of([&] {
              store().locate_objects({.bucket = "bucket", .prefix = "a", .keys = {{"b"}}}, caller_);
            }),
            "InvalidArgument");
  EXPECT_EQ(code_of([&] {
              store().locate_objects({.bucket = "no-bucket", .prefix = "", .keys = {{"b"}}},
                                     caller_);
            }),
            "NoSuchBucket");
}

TEST_F(ObjectsTest, RandomOperationsAgreeWithAMap) {
  make_bucket();
  std::map<std::string, std::string> model;
  std::mt19937 random(7);
  const auto some_key = [&] {
    std::string key = "k" + std::to_string(random() % 20);
    if (random() % 3 == 0) key = "d" + std::to_string(random() % 3) + "/" + key;
    return key;
  };
  for (int step = 0; step < 600; ++step) {
    const std::string key = some_key();
    switch (random() % 8) {
      case 0:
      case 1:
      case 2: {
        const std::string bytes(random() % (step % 50 == 0 ? 700'000 : 500),
                                static_cast<char>('a' + random() % 26));
        put(key, bytes);
        model[key] = bytes;
        break;
      }
      case 3:
        erase(key);
        model.erase(key);
        break;
      case 4: {
        const std::string target = some_key();
        if (target == key) break;
        const std::string code = code_of([&] {
          store().copy_object({.bucket = "bucket", .copy_source = "bucket/" + key, .key = target},
                              caller_);
        });
        EXPECT_EQ(code, model.contains(key) ? "" : "NoSuchKey");
        if (model.contains(key)) model[target] = model[key];
        break;
      }
      case 5: {
        std::vector<std::string> expected;
        const std::string prefix = random() % 2 == 0 ? "d1/" : "";
        for (const auto& [name, bytes] : model) {
          if (name.starts_with(prefix)) expected.push_back(name);
        }
        EXPECT_EQ(keys({.prefix = prefix}), expected);
        break;
      }
      case 6:
        if (step % 100 == 6) open();
        break;
      default:
        if (model.contains(key)) {
          EXPECT_EQ(bytes_of(key), model[key]);
        } else {
          EXPECT_EQ(code_of([&] { get(key); }), "NoSuchKey");
        }
    }
  }
  open();
  EXPECT_EQ(content_files(), model.size());
  EXPECT_EQ(temporary_files(), 0U);
  for (const auto& [key, bytes] : model) EXPECT_EQ(bytes_of(key), bytes);
}

}  // namespace
}  // namespace millrace::store
