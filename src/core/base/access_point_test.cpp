#include "core/base/access_point.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr const char* kArn =
    "arn:aws:s3-outposts:us-west-2:111122223333:outpost/op-01234567890123456/accesspoint/data";

TEST(AccessPointArn, IsReadWithSlashesAndWithColons) {
  for (const char* text : {kArn,
                           "arn:aws:s3-outposts:us-west-2:111122223333:outpost:op-"
                           "01234567890123456:accesspoint:data"}) {
    const auto arn = parse_access_point_arn(text);
    ASSERT_TRUE(arn) << text;
    EXPECT_EQ(arn->region, "us-west-2");
    EXPECT_EQ(arn->account, "111122223333");
    EXPECT_EQ(arn->outpost, "op-01234567890123456");
    EXPECT_EQ(arn->name, "data");
    EXPECT_EQ(arn->text(), kArn);
  }
}

TEST(AccessPointArn, IsNothingElse) {
  const std::string start = "arn:aws:s3-outposts:us-west-2:111122223333:";
  for (const std::string& text :
       {std::string("data"), std::string("arn:aws:s3:::bucket"),
        start + "outpost/op-1/accesspoint/data", start + "outpost/op-01234567890123456/bucket/data",
        start + "outpost/op-01234567890123456/accesspoint/",
        start + "outpost/op-01234567890123456/accesspoint/data/key",
        std::string("arn:aws:s3:us-west-2:111122223333:accesspoint/data")}) {
    EXPECT_FALSE(parse_access_point_arn(text)) << text;
  }
}

TEST(BucketLength, EndsAtTheFirstSlashOrBehindTheArn) {
  EXPECT_EQ(bucket_length("bucket/key/x"), 6U);
  EXPECT_EQ(bucket_length("bucket"), 6U);
  EXPECT_EQ(bucket_length("/key"), 0U);
  const std::string arn(kArn);
  EXPECT_EQ(bucket_length(arn), arn.size());
  EXPECT_EQ(bucket_length(arn + "/key/x"), arn.size());
  EXPECT_EQ(bucket_length("arn:aws:s3:::bucket/a/b/c/d"), 19U);
}

TEST(OutpostId, IsSeventeenHexadecimalDigits) {
  EXPECT_TRUE(is_outpost_id("op-01ac5d28a6a232904"));
  for (const char* text : {"op-01ac5d28a6a23290", "op-01AC5d28a6a232904", "ec2", "op-", ""})
    EXPECT_FALSE(is_outpost_id(text)) << text;
}

}  // namespace
}  // namespace millrace
