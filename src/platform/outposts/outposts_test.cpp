#include <gtest/gtest.h>

#include "core/base/access_point.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "platform/outposts/access_points.h"
#include "platform/outposts/buckets.h"
#include "platform/outposts/endpoints.h"
#include "platform/outposts/page.h"
#include "platform/outposts/registry.h"
#include "platform/outposts/resource_names.h"
#include "platform/outposts/resource_policy.h"
#include "platform/records/outposts.h"
#include "platform/records/temporary_database.h"

namespace millrace::outposts {
namespace {

constexpr const char* kAccount = "111122223333";

aws::Caller caller(const std::string& region = "us-west-2") {
  return {.account = kAccount,
          .access_key = "AKIA",
          .arn = "arn:aws:sts::111122223333:assumed-role/Trainer/anna",
          .region = region,
          .job = {}};
}

class OutpostsTest : public testing::Test {
 protected:
  records::TemporaryDatabase temporary;
  Registry registry{temporary.database(), temporary.directory()};
  Endpoints endpoints{temporary.database()};
  Buckets buckets{temporary.database()};
  AccessPoints points{temporary.database()};
  const std::string outpost = *registry.list_with_s3({}, caller()).outposts->front().outpost_id;

  template <class Call>
  static std::string code_of(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return "done";
  }

  std::string make_bucket(const std::string& name) {
    return *buckets.create({.bucket = name, .outpost_id = outpost}, caller()).bucket_arn;
  }
  wire::s3control::CreateAccessPointResult make_point(const std::string& name,
                                                      const std::string& bucket) {
    return points.create(
        {.account_id = kAccount,
         .name = name,
         .bucket = bucket,
         .vpc_configuration = wire::s3control::VpcConfiguration{.vpc_id = "vpc-01234567"}},
        caller());
  }
};

TEST_F(OutpostsTest, AnInstallationHasOneOutpostFromItsFirstStartOn) {
  EXPECT_TRUE(is_outpost_id(outpost));
  const Registry again(temporary.database(), temporary.directory());
  const auto listed = registry.list({}, caller()).outposts;
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].outpost_id, outpost);
}

TEST_F(OutpostsTest, TheOnlyOutpostStays) {
  EXPECT_EQ(code_of([&] { registry.deregister_outpost({.outpost_id = outpost}, caller()); }),
            "ResourceInUse");
}

TEST(EndpointStatus, FollowsTheTimeSinceItsCreationAndDeletion) {
  const Time made = from_millis(1'000'000);
  records::OutpostEndpointRow row;
  row.created_at = made;
  EXPECT_EQ(endpoint_status(row, made), "Pending");
  EXPECT_EQ(endpoint_status(row, made + kSettling), "Available");
  row.deleted_at = made + std::chrono::hours(1);
  EXPECT_EQ(endpoint_status(row, *row.deleted_at), "Deleting");
  EXPECT_EQ(endpoint_status(row, *row.deleted_at + kSettling), "");
}

TEST_F(OutpostsTest, AnAliasIsShorterThanWhatClientsTakeForAmazons) {
  for (const std::string name : {"abc", "trainingdata", "a-name-of-eighteen-xx",
                                 "a-name-of-fifty-characters-which-is-the-most-there"}) {
    const std::string alias = new_alias(name);
    EXPECT_LT(alias.size(), 50U) << alias;
    EXPECT_TRUE(is_access_point_alias(alias)) << alias;
    EXPECT_EQ(alias.find("--"), alias.size() - 7) << alias;
    EXPECT_NE(new_alias(name), alias);
  }
}

TEST_F(OutpostsTest, AnAccessPointIsFoundByAliasAndByArnInItsOwnRegionAlone) {
  const std::string bucket = make_bucket("pictures");
  const auto made = make_point("data", bucket);
  const std::string inside = outpost + ":pictures";
  for (const std::string& name : {*made.alias, *made.access_point_arn}) {
    const auto target = points.find(name);
    ASSERT_TRUE(target) << name;
    EXPECT_EQ(target->bucket, inside);
    EXPECT_EQ(target->arns, (std::vector<std::string>{*made.access_point_arn, bucket}));
  }
  std::string elsewhere = *made.access_point_arn;
  elsewhere.replace(elsewhere.find("us-west-2"), 9, "eu-west-1");
  EXPECT_FALSE(points.find(elsewhere));
  EXPECT_EQ(code_of([&] {
              buckets.remove({.account_id = kAccount, .bucket = "pictures", .outpost_id = outpost},
                             caller("eu-west-1"));
            }),
            "NoSuchBucket");
  temporary.database().read([&](records::Connection& connection) {
    EXPECT_EQ(records::store_bucket(connection, *made.alias), inside);
    EXPECT_EQ(records::store_bucket(connection, "pictures"), "pictures");
    EXPECT_EQ(records::store_bucket(connection, inside), "");
    EXPECT_EQ(records::store_bucket(connection, "nobody--op-s3"), "");
  });
}

TEST_F(OutpostsTest, WhatHasPartsIsNotDeletedBeforeThem) {
  const std::string bucket = make_bucket("pictures");
  const auto point = make_point("data", bucket);
  const auto delete_bucket = [&] {
    return code_of([&] { buckets.remove({.account_id = kAccount, .bucket = bucket}, caller()); });
  };
  const std::string endpoint = *endpoints
                                    .create({.outpost_id = outpost,
                                             .subnet_id = "subnet-01234567",
                                             .security_group_id = "sg-01234567"},
                                            caller())
                                    .endpoint_arn;
  const auto delete_endpoint = [&] {
    return code_of([&] {
      endpoints.remove(
          {.endpoint_id = endpoint.substr(endpoint.rfind('/') + 1), .outpost_id = outpost},
          caller());
    });
  };
  EXPECT_EQ(delete_bucket(), "BucketHasAccessPointsAttached");
  EXPECT_EQ(delete_endpoint(), "ConflictException");
  points.remove({.account_id = kAccount, .name = *point.access_point_arn}, caller());
  EXPECT_EQ(delete_bucket(), "done");
  EXPECT_EQ(delete_bucket(), "NoSuchBucket");
  EXPECT_EQ(delete_endpoint(), "done");
  EXPECT_EQ(delete_endpoint(), "ResourceNotFoundException");
}

TEST_F(OutpostsTest, KeysOfJobsManageNothing) {
  aws::Caller job = caller();
  job.job = "job";
  EXPECT_EQ(code_of([&] { buckets.create({.bucket = "pictures", .outpost_id = outpost}, job); }),
            "AccessDeniedException");
  EXPECT_EQ(code_of([&] { registry.register_outpost({.outpost_id = outpost}, job); }),
            "AccessDeniedException");
}

TEST(ResourceName, IsAnArnOrANameWithItsOutpost) {
  const ResourceName by_arn = resource_named(
      "bucket",
      "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-01234567890123456/bucket/pictures",
      std::nullopt, caller());
  EXPECT_EQ(by_arn.region, "eu-west-1");
  EXPECT_EQ(by_arn.outpost, "op-01234567890123456");
  EXPECT_EQ(by_arn.name, "pictures");
  const ResourceName by_name =
      resource_named("bucket", "pictures", "op-01234567890123456", caller());
  EXPECT_EQ(by_name.region, "us-west-2");
  EXPECT_EQ(by_name.outpost, "op-01234567890123456");
  EXPECT_THROW(resource_named("bucket", "pictures", std::nullopt, caller()), Error);
  EXPECT_THROW(resource_named("bucket", "arn:aws:s3:::pictures", std::nullopt, caller()), Error);
  EXPECT_THROW(
      resource_named("bucket",
                     "arn:aws:s3-outposts:eu-west-1:999999999999:outpost/op-01234567890123456/"
                     "bucket/pictures",
                     std::nullopt, caller()),
      Error);
}

TEST_F(OutpostsTest, APolicyDeniesWhomItNamesAndSaysNothingAboutItself) {
  const std::string bucket = make_bucket("pictures");
  const std::string policy =
      R"({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": {"AWS":
         "arn:aws:iam::111122223333:role/Trainer"}, "Action": "s3-outposts:*", "Resource": ["*"]}})";
  buckets.put_policy({.account_id = kAccount, .bucket = bucket, .policy = policy}, caller());
  const ResourcePolicies policies(temporary.database());
  const auto asked = [&](const aws::Caller& who, const std::string& action,
                         const std::string& resource) {
    return code_of([&] { policies.check(who, {{action, resource}}); });
  };
  EXPECT_EQ(asked(caller(), "s3-outposts:GetObject", bucket + "/object/k"), "AccessDenied");
  EXPECT_EQ(asked(caller(), "s3-outposts:DeleteBucketPolicy", bucket), "done");
  aws::Caller other = caller();
  other.arn = "arn:aws:sts::111122223333:assumed-role/Other/anna";
  EXPECT_EQ(asked(other, "s3-outposts:GetObject", bucket + "/object/k"), "done");
  EXPECT_EQ(asked(caller(), "s3:GetObject", "arn:aws:s3:::pictures/k"), "done");
}

TEST(Page, GoesOnBehindItsToken) {
  const std::vector<std::string> rows{"a", "b", "c"};
  const auto key = [](const std::string& row) { return row; };
  const auto first = page_of(rows, key, std::nullopt, 2, 100);
  EXPECT_EQ(first.rows, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(first.next_token, "b");
  const auto second = page_of(rows, key, first.next_token, 2, 100);
  EXPECT_EQ(second.rows, (std::vector<std::string>{"c"}));
  EXPECT_EQ(second.next_token, std::nullopt);
  EXPECT_EQ(page_of(rows, key, std::nullopt, 0, 100).rows.size(), 3U);
}

}  // namespace
}  // namespace millrace::outposts
