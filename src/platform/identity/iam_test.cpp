#include "platform/identity/iam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/identity/keyring.h"
#include "platform/records/temporary_database.h"

namespace millrace::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* kTrust = R"({"Statement":[]})";

/// Code and message of what `call` throws.
template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

class IamTest : public ::testing::Test {
 protected:
  IamTest() { Keyring(records_.database()).open(records_.directory() / "credentials.json"); }

  records::TemporaryDatabase records_;
  Iam iam_{records_.database()};
  aws::Caller operator_{
      .account = kDefaultAccount,
      .access_key = "AKIA1234567890123456",
      .arn = "arn:aws:sts::111122223333:assumed-role/MillraceExecutionRole/operator"};
};

TEST_F(IamTest, TheCallerIsAnAssumedRoleWhoseRoleExists) {
  const auto who = iam_.get_caller_identity({}, operator_);
  EXPECT_EQ(who.account, "111122223333");
  EXPECT_EQ(who.arn, operator_.arn);
  const auto role = iam_.get_role({.role_name = "MillraceExecutionRole"}, operator_).role;
  EXPECT_EQ(who.user_id, role.role_id + ":operator");
  EXPECT_EQ(role.arn, "arn:aws:iam::111122223333:role/MillraceExecutionRole");
  EXPECT_THAT(role.role_id, MatchesRegex("AROA[A-Z2-7]{16}"));
  EXPECT_THAT(uri_decode(role.assume_role_policy_document.value()).value(),
              HasSubstr("sagemaker.amazonaws.com"));
}

TEST_F(IamTest, ACallerWhoseRoleWasOnlyNamedGetsAnIdOfTheSession) {
  operator_.arn = "arn:aws:sts::111122223333:assumed-role/Unknown/SageMaker";
  EXPECT_EQ(iam_.get_caller_identity({}, operator_).user_id, "AROA1234567890123456:SageMaker");
}

TEST_F(IamTest, AnUnknownRoleIsNoSuchEntity) {
  EXPECT_EQ(refusal([&] { iam_.get_role({.role_name = "R"}, operator_); }),
            "NoSuchEntity: The role with name R cannot be found.");
}

TEST_F(IamTest, ARoleIsMadeOnceAndFoundWhateverItsCase) {
  const auto made =
      iam_.create_role(
              {.path = "/a/b/", .role_name = "Trainer", .assume_role_policy_document = kTrust},
              operator_)
          .role;
  EXPECT_EQ(made.arn, "arn:aws:iam::111122223333:role/a/b/Trainer");
  EXPECT_EQ(iam_.get_role({.role_name = "TRAINER"}, operator_).role, made);
  EXPECT_EQ(refusal([&] {
              iam_.create_role({.role_name = "trainer", .assume_role_policy_document = kTrust},
                               operator_);
            }),
            "EntityAlreadyExists: Role with name trainer already exists.");
}

TEST_F(IamTest, WhatARoleCannotHaveIsRefusedByName) {
  EXPECT_EQ(refusal([&] {
              iam_.create_role({.role_name = "R", .assume_role_policy_document = "{"}, operator_);
            }),
            "MalformedPolicyDocument: This policy contains invalid Json");
  EXPECT_THAT(
      refusal([&] {
        iam_.create_role(
            {.role_name = "R", .assume_role_policy_document = kTrust, .tags = {{{.key = "k"}}}},
            operator_);
      }),
      HasSubstr("InvalidInput: Tags is not supported"));
}

TEST_F(IamTest, RolesAreListedByNameInPagesAndByPath) {
  for (const char* name : {"b", "a", "c"}) {
    iam_.create_role({.path = "/x/", .role_name = name, .assume_role_policy_document = kTrust},
                     operator_);
  }
  const auto first = iam_.list_roles({.path_prefix = "/x/", .max_items = 2}, operator_);
  ASSERT_EQ(first.roles.size(), 2U);
  EXPECT_EQ(first.roles[0].role_name, "a");
  EXPECT_EQ(first.is_truncated, true);
  const auto second =
      iam_.list_roles({.path_prefix = "/x/", .marker = first.marker, .max_items = 2}, operator_);
  ASSERT_EQ(second.roles.size(), 1U);
  EXPECT_EQ(second.roles[0].role_name, "c");
  EXPECT_EQ(second.is_truncated, false);
  EXPECT_FALSE(second.marker);
  EXPECT_EQ(iam_.list_roles({}, operator_).roles.size(), 4U);
}

TEST_F(IamTest, ManagedPoliciesCanBeAttachedAndListed) {
  const std::string full = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess";
  const std::string service = "arn:aws:iam::aws:policy/service-role/Other";
  for (const std::string& arn : {full, service, full}) {
    iam_.attach_role_policy({.role_name = kDefaultRole, .policy_arn = arn}, operator_);
  }
  std::vector<std::string> names;
  const auto attached = iam_.list_attached_role_policies({.role_name = kDefaultRole}, operator_);
  for (const auto& policy : *attached.attached_policies) names.push_back(*policy.policy_name);
  EXPECT_THAT(names, ElementsAre("AmazonSageMakerFullAccess", "Other"));
  EXPECT_EQ(iam_.list_attached_role_policies(
                    {.role_name = kDefaultRole, .path_prefix = "/service-role/"}, operator_)
                .attached_policies->size(),
            1U);
  EXPECT_EQ(
      refusal([&] { iam_.attach_role_policy({.role_name = "R", .policy_arn = full}, operator_); }),
      "NoSuchEntity: The role with name R cannot be found.");
  EXPECT_THAT(refusal([&] {
                iam_.attach_role_policy(
                    {.role_name = kDefaultRole, .policy_arn = "arn:aws:iam::1:policy/mine"},
                    operator_);
              }),
              HasSubstr("does not exist or is not attachable"));
}

TEST_F(IamTest, AJobsKeyMayLookButNotChange) {
  operator_.job = "job";
  EXPECT_NO_THROW(iam_.get_role({.role_name = kDefaultRole}, operator_));
  EXPECT_EQ(refusal([&] {
              iam_.create_role({.role_name = "R", .assume_role_policy_document = kTrust},
                               operator_);
            }),
            "AccessDeniedException: User: " + operator_.arn +
                " is not authorized to perform: iam:CreateRole");
}

}  // namespace
}  // namespace millrace::identity
