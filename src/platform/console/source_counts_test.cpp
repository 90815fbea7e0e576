#include "platform/console/source_counts.h"

#include <gtest/gtest.h>

#include "platform/records/buckets.h"
#include "platform/records/objects.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

class SourceCountsTest : public ::testing::Test {
 protected:
  SourceCountsTest() {
    records_.database().write([](records::Connection& transaction) {
      records::BucketTable(transaction)
          .insert({.name = "b", .account = "1", .region = "us-east-1", .created_at = now()});
    });
  }
  void put(const std::string& key) {
    records_.database().write([&](records::Connection& transaction) {
      records::ObjectTable(transaction)
          .put({.bucket = "b",
                .key = key,
                .size = 10,
                .modified_at = now(),
                .etag = "e",
                .checksum = {},
                .content = key,
                .document = "{}",
                .parts = {}});
    });
  }

  records::TemporaryDatabase records_;
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::now();
  SourceCounts counts_{records_.database(), [this] { return at_; }};
};

TEST_F(SourceCountsTest, ARunningJobsAreCountedOnceAMinute) {
  put("train/a");
  put("other");
  EXPECT_EQ(counts_.count("1/job", false, "b", "train/").objects, 1);
  put("train/b");
  at_ += std::chrono::seconds(59);
  EXPECT_EQ(counts_.count("1/job", false, "b", "train/").objects, 1);
  at_ += std::chrono::seconds(1);
  EXPECT_EQ(counts_.count("1/job", false, "b", "train/").bytes, 20);
}

TEST_F(SourceCountsTest, AnEndedJobsAreCountedWhenItHasEndedAndNeverAgain) {
  put("train/a");
  EXPECT_EQ(counts_.count("1/job", false, "b", "train/").objects, 1);
  put("train/b");
  EXPECT_EQ(counts_.count("1/job", true, "b", "train/").objects, 2);
  put("train/c");
  at_ += std::chrono::hours(100);
  EXPECT_EQ(counts_.count("1/job", true, "b", "train/").objects, 2);
  EXPECT_EQ(counts_.count("1/later", true, "b", "train/").objects, 3);
}

}  // namespace
}  // namespace millrace::console
