#include "platform/store/store_fixture.h"

namespace millrace::store {
namespace {

using ::testing::HasSubstr;
using BucketsTest = StoreTest;

TEST_F(BucketsTest, ABucketIsListedUntilItIsDeleted) {
  make_bucket("second");
  make_bucket("first");
  auto output = store().list_buckets({}, caller_);
  ASSERT_EQ(output.buckets->size(), 2U);
  EXPECT_EQ(output.buckets->at(0).name, "first");
  EXPECT_EQ(output.owner->id, caller_.account);
  store().delete_bucket({.bucket = "first"}, caller_);
  open();
  output = store().list_buckets({}, caller_);
  ASSERT_EQ(output.buckets->size(), 1U);
  EXPECT_EQ(code_of([&] { store().head_bucket({.bucket = "first"}, caller_); }), "NoSuchBucket");
  EXPECT_EQ(code_of([&] { store().delete_bucket({.bucket = "first"}, caller_); }), "NoSuchBucket");
}

TEST_F(BucketsTest, ListsPageAndFilterByPrefixAndRegion) {
  for (const std::string name : {"a-1", "a-2", "a-3", "b-1"}) make_bucket(name);
  auto page = store().list_buckets({.max_buckets = 2, .prefix = "a-"}, caller_);
  ASSERT_EQ(page.buckets->size(), 2U);
  ASSERT_TRUE(page.continuation_token);
  page = store().list_buckets(
      {.max_buckets = 2, .continuation_token = page.continuation_token, .prefix = "a-"}, caller_);
  ASSERT_EQ(page.buckets->size(), 1U);
  EXPECT_EQ(page.buckets->front().name, "a-3");
  EXPECT_EQ(page.continuation_token, std::nullopt);
  EXPECT_TRUE(store().list_buckets({.bucket_region = "mars-1"}, caller_).buckets->empty());
}

TEST_F(BucketsTest, NamesFollowTheRules) {
  for (const std::string name : {"ab", "Upper", "under_score", "-lead", "trail-", "a..b",
                                 "192.168.0.1", "xn--abc", "x-s3alias", "slash/ed"}) {
    EXPECT_EQ(code_of([&] { make_bucket(name); }), "InvalidBucketName") << name;
  }
  EXPECT_EQ(code_of([&] { make_bucket(std::string(64, 'a')); }), "InvalidBucketName");
  for (const std::string name : {"abc", "a.b-c.d", "1.2.3", "192.168.0.1x"}) make_bucket(name);
  make_bucket(std::string(63, 'a'));
  try {
    make_bucket("trail-");
    FAIL() << "made";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "The specified bucket is not valid: got \"trail-\"; a bucket name starts and ends "
                 "with a letter or digit.");
  }
}

TEST_F(BucketsTest, MakingOnesOwnBucketAgainSucceedsInTheFirstRegionOnly) {
  make_bucket();
  EXPECT_EQ(code_of([&] { make_bucket(); }), "BucketAlreadyOwnedByYou");
  caller_.region = "us-east-1";
  make_bucket("eastern");
  make_bucket("eastern");
  caller_.account = "111111111111";
  EXPECT_EQ(code_of([&] { make_bucket("eastern"); }), "BucketAlreadyExists");
}

TEST_F(BucketsTest, TheRegionIsTheClientsUnlessItNamesAnother) {
  make_bucket();
  EXPECT_EQ(store().get_bucket_location({.bucket = "bucket"}, caller_).location_constraint,
            "eu-test-1");
  EXPECT_EQ(store().head_bucket({.bucket = "bucket"}, caller_).bucket_region, "eu-test-1");
  EXPECT_EQ(code_of([&] {
              store().create_bucket(
                  {.bucket = "other",
                   .create_bucket_configuration = {{.location_constraint = "ap-test-1"}}},
                  caller_);
            }),
            "IllegalLocationConstraintException");
  caller_.region = "us-east-1";
  make_bucket("eastern");
  EXPECT_EQ(store().get_bucket_location({.bucket = "eastern"}, caller_).location_constraint,
            std::nullopt);
  store().create_bucket(
      {.bucket = "other", .create_bucket_configuration = {{.location_constraint = "ap-test-1"}}},
      caller_);
  EXPECT_EQ(store().get_bucket_location({.bucket = "other"}, caller_).location_constraint,
            "ap-test-1");
}

TEST_F(BucketsTest, OnlyAnEmptyBucketIsDeleted) {
  make_bucket();
  put("k", "x");
  EXPECT_EQ(code_of([&] { store().delete_bucket({.bucket = "bucket"}, caller_); }),
            "BucketNotEmpty");
  erase("k");
  const auto upload = store().create_multipart_upload({.bucket = "bucket", .key = "k"}, caller_);
  EXPECT_EQ(code_of([&] { store().delete_bucket({.bucket = "bucket"}, caller_); }),
            "BucketNotEmpty");
  store().abort_multipart_upload({.bucket = "bucket", .key = "k", .upload_id = *upload.upload_id},
                                 caller_);
  store().delete_bucket({.bucket = "bucket"}, caller_);
}

TEST_F(BucketsTest, AnotherAccountOrAnotherExpectedOwnerIsDenied) {
  make_bucket();
  put("k", "x");
  get("k");
  EXPECT_EQ(code_of([&] { get("k", {.expected_bucket_owner = "222222222222"}); }), "AccessDenied");
  get("k", {.expected_bucket_owner = caller_.account});
  EXPECT_EQ(code_of([&] { put("k", "y", {.expected_bucket_owner = "222222222222"}); }),
            "AccessDenied");
  caller_.account = "222222222222";
  EXPECT_EQ(code_of([&] { get("k"); }), "AccessDenied");
  EXPECT_EQ(code_of([&] { put("k", "y"); }), "AccessDenied");
  EXPECT_EQ(code_of([&] { keys(); }), "AccessDenied");
  EXPECT_TRUE(store().list_buckets({}, caller_).buckets->empty());
}

TEST_F(BucketsTest, AJobsKeysNeitherMakeNorDeleteBucketsAndReachOnlyWhatTheyAreGranted) {
  make_bucket();
  put("data/x", "x");
  put("secret/x", "x");
  open([](const aws::Caller& caller, std::string_view, std::string_view key, Access access) {
    return caller.job.empty() || key.starts_with(access == Access::Read ? "data/" : "out/");
  });
  caller_.job = "job";
  EXPECT_EQ(code_of([&] { make_bucket("other"); }), "AccessDenied");
  EXPECT_EQ(code_of([&] { store().delete_bucket({.bucket = "bucket"}, caller_); }), "AccessDenied");
  EXPECT_EQ(bytes_of("data/x"), "x");
  put("out/y", "y");
  for (const bool cached : {false, true}) {
    EXPECT_EQ(code_of([&] { get("secret/x"); }), "AccessDenied") << cached;
    caller_.job.clear();
    EXPECT_EQ(bytes_of("secret/x"), "x");
    caller_.job = "job";
  }
  EXPECT_EQ(code_of([&] { put("data/x", "y"); }), "AccessDenied");
  EXPECT_EQ(code_of([&] { erase("data/x"); }), "AccessDenied");
  EXPECT_EQ(code_of([&] {
              store().copy_object(
                  {.bucket = "bucket", .copy_source = "bucket/secret/x", .key = "out/z"}, caller_);
            }),
            "AccessDenied");
}

TEST_F(BucketsTest, VersioningWasNeverEnabled) {
  make_bucket();
  EXPECT_EQ(store().get_bucket_versioning({.bucket = "bucket"}, caller_).status, std::nullopt);
}

}  // namespace
}  // namespace millrace::store
