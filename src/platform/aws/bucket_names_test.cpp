#include "platform/aws/bucket_names.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

constexpr const char* kArn =
    "arn:aws:s3-outposts:us-west-2:111122223333:outpost/op-01234567890123456/accesspoint/data";
constexpr const char* kAlias = "data-o00112233445566778899--op-s3";
constexpr const char* kBucket = "op-01234567890123456:pictures";

/// One access point, known by its alias and its ARN.
class BucketNamesTest : public testing::Test {
 protected:
  const FindAccessPoint find = [](std::string_view name) -> std::optional<AccessPointTarget> {
    if (name != kArn && name != kAlias) return std::nullopt;
    return AccessPointTarget{.bucket = kBucket, .arns = {kArn, "arn of the bucket"}};
  };
  BucketNames names{find};

  std::string code_of(std::string_view name) {
    try {
      return names.resolve(name);
    } catch (const Error& error) {
      return error.code();
    }
  }
};

TEST_F(BucketNamesTest, ResolveAliasesAndArnsAndLeaveBuckets) {
  EXPECT_EQ(names.resolve("pictures"), "pictures");
  EXPECT_FALSE(names.any());
  EXPECT_EQ(names.resolve(kAlias), kBucket);
  EXPECT_EQ(names.resolve(kArn), kBucket);
  EXPECT_TRUE(names.any());
  EXPECT_EQ(names.arns_of(kBucket)->front(), kArn);
  EXPECT_EQ(names.arns_of("pictures"), nullptr);
}

TEST_F(BucketNamesTest, RefuseWhatIsNobodysAndTheStoresOwnNames) {
  EXPECT_EQ(code_of("other-o0--op-s3"), "NoSuchBucket");
  EXPECT_EQ(
      code_of(
          "arn:aws:s3-outposts:us-west-2:111122223333:outpost/op-01234567890123456/accesspoint/x"),
      "NoSuchAccessPoint");
  EXPECT_EQ(code_of(kBucket), "NoSuchBucket");
  EXPECT_EQ(code_of("arn:aws:s3:::pictures"), "NoSuchBucket");
}

TEST_F(BucketNamesTest, TakeTheNameOffTheFrontOfAPath) {
  const std::string inside = "/op-01234567890123456%3Apictures";
  const std::string arn(kArn);
  for (const auto& [path, resolved] :
       {std::pair<std::string, std::string>{"/pictures/a%20b", "/pictures/a%20b"},
        {"/", "/"},
        {"", ""},
        {"/" + std::string(kAlias), inside},
        {"/" + std::string(kAlias) + "/", inside + "/"},
        {"/" + std::string(kAlias) + "/a%2Fb/c", inside + "/a%2Fb/c"},
        {"/" + arn, inside},
        {"/" + arn + "/key/of/many/parts", inside + "/key/of/many/parts"},
        {"/arn%3Aaws%3As3-outposts%3Aus-west-2%3A111122223333%3Aoutpost%2Fop-01234567890123456%2F"
         "accesspoint%2Fdata/k",
         inside + "/k"},
        {"/a%2", "/a%2"}}) {
    EXPECT_EQ(names.resolve_path(path), resolved) << path;
  }
  EXPECT_THROW(names.resolve_path("/op-01234567890123456%3Apictures/k"), Error);
  EXPECT_THROW(names.resolve_path("/op-01234567890123456:pictures/k"), Error);
}

TEST_F(BucketNamesTest, ResolveTheSourceOfACopyAndPutTheNameBackIntoTheAnswer) {
  for (const std::string& source :
       {std::string(kAlias) + "/a b", std::string(kArn) + "/object/a b"}) {
    Json document{{"CopySource", source}};
    names.resolve_copy_source(document);
    EXPECT_EQ(document["CopySource"], "op-01234567890123456%3Apictures/a%20b") << source;
  }
  Json plain{{"CopySource", "/pictures/x?versionId=null"}};
  names.resolve_copy_source(plain);
  EXPECT_EQ(plain["CopySource"], "/pictures/x?versionId=null");
  Json answer{{"Name", kBucket}, {"Location", "/" + std::string(kBucket) + "/k"}, {"Prefix", "p"}};
  names.restore(answer);
  EXPECT_EQ(answer["Name"], kAlias);
  EXPECT_EQ(answer["Location"], "/" + std::string(kAlias) + "/k");
}

TEST(AccessPointOfHost, IsWhatStandsBeforeTheOutpost) {
  EXPECT_EQ(access_point_of_host("my-data-111122223333.op-01234567890123456.localhost:9000"),
            "arn:aws:s3-outposts::111122223333:outpost/op-01234567890123456/accesspoint/my-data");
  EXPECT_EQ(access_point_of_host(
                "data-o0--op-s3.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com"),
            "data-o0--op-s3");
  for (const char* host :
       {"bucket.localhost", "op-01234567890123456.localhost", "x.op-1.localhost",
        "x.op-01234567890123456.localhost", "my-photos.op-01234567890123456.localhost",
        "-1.op-01234567890123456.localhost", "", "127.0.0.1:9000"}) {
    EXPECT_EQ(access_point_of_host(host), std::nullopt) << host;
  }
}

}  // namespace
}  // namespace millrace::aws
