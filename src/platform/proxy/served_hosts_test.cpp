#include "platform/proxy/served_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::proxy {
namespace {

using testing::HasSubstr;

TEST(ServedHosts, AreTheServicesThatMillraceAnswersForInEveryRegion) {
  for (const char* host :
       {"sts.amazonaws.com", "sts.eu-west-3.amazonaws.com", "iam.amazonaws.com",
        "api.sagemaker.us-east-1.amazonaws.com", "runtime.sagemaker.us-east-1.amazonaws.com",
        "metrics.sagemaker.ap-southeast-2.amazonaws.com", "logs.us-gov-west-1.amazonaws.com",
        "monitoring.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com",
        "s3-control.us-east-1.amazonaws.com", "111122223333.s3-control.us-east-1.amazonaws.com",
        "s3-outposts.us-east-1.amazonaws.com",
        "data-111122223333.op-01234567890123456.s3-outposts.us-east-1.amazonaws.com",
        "logs.cn-north-1.amazonaws.com.cn", "STS.us-east-1.AmazonAWS.com", "sts.amazonaws.com."}) {
    EXPECT_EQ(refusal_of(host), std::nullopt) << host;
  }
}

TEST(ServedHosts, AreS3InAllItsForms) {
  for (const char* host :
       {"s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3-us-west-2.amazonaws.com",
        "s3.dualstack.us-east-1.amazonaws.com", "bucket.s3.amazonaws.com",
        "my.dotted.bucket.s3.eu-central-1.amazonaws.com", "bucket.s3-us-west-2.amazonaws.com",
        "bucket.s3.dualstack.us-east-1.amazonaws.com", "s3.s3.us-east-1.amazonaws.com"}) {
    EXPECT_EQ(refusal_of(host), std::nullopt) << host;
  }
}

TEST(ServedHosts, AreNothingElse) {
  for (const char* host :
       {"", ".", "example.com", "127.0.0.1", "::1", "localhost", "169.254.169.254", "amazonaws.com",
        "amazonaws.com.example.org", "sts.amazonaws.com.evil.org", "notamazonaws.com",
        "s3.amazonaws.com.de"}) {
    EXPECT_THAT(refusal_of(host).value_or("served"), HasSubstr("no host of AWS")) << host;
  }
  for (const char* host :
       {"ec2.us-east-1.amazonaws.com", "sts.us-east-1.evil.amazonaws.com",
        "bucket.s3.evil.amazonaws.com", "a b.s3.us-east-1.amazonaws.com",
        "-.op-1.s3-outposts.us-east-1.amazonaws.com", "12.s3-control.us-east-1.amazonaws.com",
        "lambda.us-east-1.amazonaws.com", ".amazonaws.com", "..s3.us-east-1.amazonaws.com",
        "bucket.s3-accelerate.amazonaws.com", "logs.amazonaws.com"}) {
    EXPECT_THAT(refusal_of(host).value_or("served"), HasSubstr("does not answer for")) << host;
  }
  EXPECT_THAT(refusal_of("763104351884.dkr.ecr.us-east-1.amazonaws.com").value_or("served"),
              HasSubstr("No image is pulled"));
}

}  // namespace
}  // namespace millrace::proxy
