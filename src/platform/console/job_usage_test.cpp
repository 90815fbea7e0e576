#include "platform/console/job_usage.h"

#include <gtest/gtest.h>

#include "platform/console/call_for_test.h"
#include "platform/jobs/request_fixture.h"
#include "platform/records/buckets.h"
#include "platform/records/objects.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

constexpr const char* kAccount = CallForTest::kAccount;
constexpr const char* kArn =
    "arn:aws:s3-outposts:us-east-1:111122223333:outpost/op-01234567890123456/bucket/pictures";

/// Two objects below "train/" of a bucket that an access point leads to, and a job that reads them.
class JobUsageTest : public ::testing::Test {
 protected:
  JobUsageTest() {
    records_.database().write([](records::Connection& transaction) {
      records::BucketTable(transaction)
          .insert({.name = "op:pictures",
                   .account = kAccount,
                   .region = "us-east-1",
                   .created_at = now()});
      for (const char* key : {"train/a", "train/b"}) {
        records::ObjectTable(transaction)
            .put({.bucket = "op:pictures",
                  .key = key,
                  .size = 10,
                  .modified_at = now(),
                  .etag = "e",
                  .checksum = {},
                  .content = key,
                  .document = "{}",
                  .parts = {}});
      }
    });
  }

  /// What is told of the source of a job's channel.
  Json source(const std::string& job, const std::string& type, const std::string& uri) {
    jobs::JobRecord record{.account = kAccount,
                           .region = "us-east-1",
                           .created = now(),
                           .request = jobs::small_request(job),
                           .state = {}};
    record.request.input_data_config->front().data_source.s3_data_source = {
        {.s3_data_type = type, .s3_uri = uri}};
    records_.database().write([&](records::Connection& transaction) {
      records::JobTable(transaction, records::JobKind::Training).insert(jobs::row_of(record));
    });
    return told(job);
  }
  Json told(const std::string& job) {
    CallForTest asked("", {job});
    const Json answer = parse_json(std::get<std::string>(usage_.usage(asked.call).body), "answer");
    return answer["Channels"][0]["Source"];
  }

  records::TemporaryDatabase records_;
  bool allowed_ = true;
  std::vector<std::string> asked_;
  JobUsage usage_{records_.database(), [](Call&, const auto&, const auto&) {},
                  [this](const auto&, const std::string& action, const std::string& resource) {
                    asked_.push_back(action + " " + resource);
                    return allowed_;
                  },
                  [](std::string_view name) -> std::optional<aws::AccessPointTarget> {
                    if (name != "pictures-o0--op-s3") return std::nullopt;
                    return aws::AccessPointTarget{.bucket = "op:pictures", .arns = {kArn}};
                  }};
};

TEST_F(JobUsageTest, WhatAnAccessPointLeadsToIsCountedForWhoeverMayListIt) {
  const Json json = source("job", "S3Prefix", "s3://pictures-o0--op-s3/train/");
  EXPECT_EQ(json["Objects"], 2);
  EXPECT_EQ(json["Bytes"], 20);
  EXPECT_EQ(asked_, std::vector{std::string("s3-outposts:ListBucket ") + kArn});
  allowed_ = false;
  EXPECT_FALSE(told("job").contains("Objects"));
}

TEST_F(JobUsageTest, OfAManifestNothingIsCounted) {
  for (const char* type : {"ManifestFile", "AugmentedManifestFile"}) {
    const Json json = source(type, type, "s3://pictures-o0--op-s3/train/a");
    EXPECT_EQ(json["Type"], type);
    EXPECT_FALSE(json.contains("Objects")) << type;
    EXPECT_FALSE(json.contains("Bytes")) << type;
  }
}

}  // namespace
}  // namespace millrace::console
