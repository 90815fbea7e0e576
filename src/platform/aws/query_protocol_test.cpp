#include "platform/aws/query_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/time.h"
#include "generated/aws/iam/operations.h"
#include "generated/aws/sts/operations.h"

namespace millrace::aws {
namespace {

namespace iam = wire::iam;
using testing::HasSubstr;

TEST(QueryProtocol, ARequestArrivesAsItWasSent) {
  const iam::CreateRoleRequest create{
      .role_name = "Trainer",
      .assume_role_policy_document = "{\"Statement\": [1 + 1 & more]}",
      .max_session_duration = 3600,
      .tags = std::vector<iam::Tag>{{.key = "team", .value = "a b"}, {.key = "x", .value = "\xC3\xA4"}}};
  Json document;
  to_json(document, create);
  const std::string form = query_outgoing(iam::kService, iam::ops::CreateRole::kOperation, document);
  EXPECT_THAT(form, HasSubstr("Action=CreateRole&Version=2010-05-08&"));
  EXPECT_THAT(form, HasSubstr("&Tags.member.1.Key=team&Tags.member.1.Value=a%20b&Tags.member.2.Key=x"));
  const Json received = query_request(iam::ops::CreateRole::kOperation, Parameters(form));
  EXPECT_EQ(received.get<iam::CreateRoleRequest>(), create);
}

TEST(QueryProtocol, AnAnswerArrivesAsItWasSent) {
  const iam::ListRolesResponse answer{.roles = {{.path = "/",
                                                 .role_name = "R<1>",
                                                 .role_id = "AROA",
                                                 .arn = "arn:aws:iam::111122223333:role/R",
                                                 .create_date = from_millis(1714557600000)}},
                                      .is_truncated = false};
  Json document;
  to_json(document, answer);
  const std::string body = query_response(iam::kService, iam::ops::ListRoles::kOperation, document, "id-1");
  EXPECT_THAT(body, HasSubstr("<ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"));
  EXPECT_THAT(body, HasSubstr("<ListRolesResult><Roles><member><Path>/</Path><RoleName>R&lt;1&gt;</RoleName>"));
  EXPECT_THAT(body, HasSubstr("<CreateDate>2024-05-01T10:00:00.000Z</CreateDate>"));
  EXPECT_THAT(body, HasSubstr("<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"));
  EXPECT_EQ(query_reply(iam::ops::ListRoles::kOperation, body).get<iam::ListRolesResponse>(), answer);
}

TEST(QueryProtocol, AnOperationWithoutOutputHasOnlyMetadata) {
  const std::string body = query_response(iam::kService, iam::ops::AttachRolePolicy::kOperation, Json::object(), "id-2");
  EXPECT_THAT(body, HasSubstr("<AttachRolePolicyResponse"));
  EXPECT_THAT(body, testing::Not(HasSubstr("Result>")));
}

TEST(QueryProtocol, ListsEndAtTheFirstGap) {
  const Json document = query_request(iam::ops::CreateRole::kOperation,
                                      Parameters("RoleName=R&Tags.member.1.Key=a&Tags.member.3.Key=c"));
  EXPECT_EQ(document["Tags"].size(), 1U);
}

TEST(QueryProtocol, SaysWhichParameterIsOfTheWrongKind) {
  try {
    static_cast<void>(query_request(iam::ops::CreateRole::kOperation, Parameters("MaxSessionDuration=long")));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "ValidationError");
    EXPECT_STREQ(error.what(), "Parameter 'MaxSessionDuration' must be a 32-bit whole number, not 'long'.");
  }
}

TEST(QueryProtocol, GetCallerIdentityTakesNothing) {
  EXPECT_EQ(query_request(wire::sts::ops::GetCallerIdentity::kOperation, Parameters("Action=GetCallerIdentity")),
            Json::object());
}

}  // namespace
}  // namespace millrace::aws
