#include "platform/identity/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::identity {
namespace {

using ::testing::HasSubstr;

std::string policy_text(const std::string& statements) {
  return R"({"Version": "2012-10-17", "Statement": [)" + statements + "]}";
}

std::string refusal(const std::string& document) {
  try {
    parse_policy(document);
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

Verdict verdict(const std::string& statements, const std::string& action,
                const std::string& resource) {
  return verdict_of({parse_policy(policy_text(statements))}, {action, resource});
}

TEST(Policy, AllowsWhatAStatementNamesAndNothingElse) {
  const std::string reads =
      R"({"Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"], "Resource": "arn:aws:s3:::data/*"})";
  EXPECT_EQ(verdict(reads, "s3:GetObject", "arn:aws:s3:::data/train/a"), Verdict::Allowed);
  EXPECT_EQ(verdict(reads, "s3:PutObject", "arn:aws:s3:::data/train/a"), Verdict::NotMentioned);
  EXPECT_EQ(verdict(reads, "s3:GetObject", "arn:aws:s3:::data2/a"), Verdict::NotMentioned);
  EXPECT_EQ(verdict(reads, "s3:ListBucket", "arn:aws:s3:::data"), Verdict::NotMentioned)
      << "the bucket is not one of its objects";
}

TEST(Policy, ADenialWinsWhereverItStands) {
  const std::string all = R"({"Effect": "Allow", "Action": "*", "Resource": "*"})";
  const std::string secret =
      R"({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::data/secret/*"})";
  for (const std::string& statements : {all + "," + secret, secret + "," + all}) {
    EXPECT_EQ(verdict(statements, "s3:GetObject", "arn:aws:s3:::data/secret/a"), Verdict::Denied);
    EXPECT_EQ(verdict(statements, "s3:GetObject", "arn:aws:s3:::data/a"), Verdict::Allowed);
  }
}

TEST(Policy, APrefixIsAllowedAsAWholeAndDeniedByAnyPart) {
  const std::string all = R"({"Effect": "Allow", "Action": "*", "Resource": "*"})";
  const std::string secret =
      R"({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::data/train/secret/*"})";
  const std::string both = all + "," + secret;
  EXPECT_EQ(verdict(both, "s3:GetObject", "arn:aws:s3:::data/train/*"), Verdict::Denied);
  EXPECT_EQ(verdict(both, "s3:GetObject", "arn:aws:s3:::data/train/secret/x/*"), Verdict::Denied);
  EXPECT_EQ(verdict(both, "s3:GetObject", "arn:aws:s3:::data/test/*"), Verdict::Allowed);
  const std::string part =
      R"({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::data/train/a*"})";
  EXPECT_EQ(verdict(part, "s3:GetObject", "arn:aws:s3:::data/train/*"), Verdict::NotMentioned);
}

TEST(Policy, WildcardsMatchAsIamHasThem) {
  const auto allowed = [](const std::string& pattern, const std::string& resource) {
    return verdict(
               R"({"Effect": "Allow", "Action": "S3:getobject", "Resource": ")" + pattern + "\"}",
               "s3:GetObject", resource) == Verdict::Allowed;
  };
  EXPECT_TRUE(allowed("*", "arn:aws:s3:::b/k"));
  EXPECT_TRUE(allowed("arn:aws:s3:::b/?.csv", "arn:aws:s3:::b/1.csv"));
  EXPECT_FALSE(allowed("arn:aws:s3:::b/?.csv", "arn:aws:s3:::b/12.csv"));
  EXPECT_TRUE(allowed("arn:aws:s3:::*/train/*.rec", "arn:aws:s3:::b/x/train/y.rec"));
  EXPECT_FALSE(allowed("arn:aws:s3:::b/K", "arn:aws:s3:::b/k")) << "resources keep their case";
}

TEST(Policy, AHostilePatternIsMatchedInTime) {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "*a";
  EXPECT_EQ(verdict(R"({"Effect": "Allow", "Action": "*", "Resource": ")" + pattern + "b\"}",
                    "s3:GetObject", std::string(1024, 'a')),
            Verdict::NotMentioned);
}

TEST(Policy, WhatIsNotUnderstoodIsRefusedByName) {
  const auto with = [](const std::string& member) {
    return refusal(
        policy_text(R"({"Effect": "Allow", "Action": "*", "Resource": "*", )" + member + "}"));
  };
  EXPECT_THAT(with(R"("Condition": {"IpAddress": {}})"),
              HasSubstr("MalformedPolicyDocument: Statement[0].Condition is not supported"));
  EXPECT_THAT(with(R"("NotAction": "s3:*")"), HasSubstr("Statement[0].NotAction"));
  EXPECT_THAT(with(R"("Principal": "*")"), HasSubstr("Statement[0].Principal"));
  EXPECT_THAT(refusal(policy_text(R"({"Effect": "Allow", "Action": "*", "Resource": "${aws:x}"})")),
              HasSubstr("Statement[0].Resource holds the policy variable '${aws:x}'"));
}

TEST(Policy, WhatIsMissingOrMalformedIsNamed) {
  EXPECT_THAT(refusal("{"), HasSubstr("The policy is no JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(refusal(R"({"Statement": []})"), HasSubstr("needs \"Version\""));
  EXPECT_THAT(refusal(policy_text("")), HasSubstr("at least one Statement"));
  EXPECT_THAT(refusal(policy_text(R"({"Action": "*", "Resource": "*"})")), HasSubstr("an Effect"));
  EXPECT_THAT(refusal(policy_text(R"({"Effect": "Maybe", "Action": "*", "Resource": "*"})")),
              HasSubstr("Statement[0].Effect must be Allow or Deny"));
  EXPECT_THAT(refusal(policy_text(R"({"Effect": "Allow", "Resource": "*"})")),
              HasSubstr("an Action"));
  EXPECT_THAT(
      refusal(policy_text(R"({"Effect": "Allow", "Action": "GetObject", "Resource": "*"})")),
      HasSubstr("'GetObject' must be * or <service>:<operation>"));
  EXPECT_THAT(refusal(policy_text(R"({"Effect": "Allow", "Action": 3, "Resource": "*"})")),
              HasSubstr("Statement[0].Action must be a string"));
  EXPECT_THAT(refusal(std::string(5000, ' ')), HasSubstr("the limit is 2048"));
}

TEST(ResourcePolicy, SpeaksToThePrincipalsThatItNames) {
  const auto named = [](const std::string& principal) {
    const aws::Caller caller{.account = "111122223333",
                             .access_key = "AKIA",
                             .arn = "arn:aws:sts::111122223333:assumed-role/Trainer/Anna",
                             .region = "us-east-1",
                             .job = {},
                             .user = "anna"};
    const Policy policy = parse_resource_policy(
        policy_text(R"({"Effect": "Deny", "Principal": )" + principal +
                    R"(, "Action": "s3-outposts:GetObject", "Resource": "*"})"));
    return !statements_for(policy, caller).statements.empty();
  };
  for (const char* principal :
       {R"("*")", R"({"AWS": "*"})", R"({"AWS": "111122223333"})",
        R"({"AWS": ["arn:aws:iam::999999999999:root", "arn:aws:iam::111122223333:root"]})",
        R"({"AWS": "arn:aws:iam::111122223333:user/Anna"})",
        R"({"AWS": "arn:aws:iam::111122223333:role/Trainer"})",
        R"({"AWS": "arn:aws:sts::111122223333:assumed-role/Trainer/Anna"})"}) {
    EXPECT_TRUE(named(principal)) << principal;
  }
  for (const char* principal :
       {R"({"AWS": "999999999999"})", R"({"AWS": "arn:aws:iam::111122223333:user/Berta"})",
        R"({"AWS": "arn:aws:iam::111122223333:role/Train"})"}) {
    EXPECT_FALSE(named(principal)) << principal;
  }
}

TEST(ResourcePolicy, NeedsAPrincipalThatIsUnderstood) {
  const auto refused = [](const std::string& principal) {
    try {
      parse_resource_policy(policy_text(R"({"Effect": "Deny", )" + principal +
                                        R"("Action": "s3:*", "Resource": "*"})"));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refused(""), HasSubstr("needs a Principal"));
  EXPECT_THAT(refused(R"("Principal": "anna", )"), HasSubstr("must be"));
  EXPECT_THAT(refused(R"("Principal": {}, )"), HasSubstr("must be"));
  EXPECT_THAT(refused(R"("Principal": {"Service": "x"}, )"), HasSubstr("Service"));
  EXPECT_THAT(refusal(policy_text(
                  R"({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"})")),
              HasSubstr("Principal"))
      << "a user's policy is about its user";
}

}  // namespace
}  // namespace millrace::identity
