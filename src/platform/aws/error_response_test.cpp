#include "platform/aws/error_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/json.h"
#include "generated/aws/cloudwatch/operations.h"
#include "generated/aws/iam/operations.h"
#include "generated/aws/sagemaker/operations.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;

std::string text_of(const http::Response& response) { return std::get<std::string>(response.body); }

Error customer(const char* code) { return {Blame::Customer, code, "the message"}; }

TEST(ErrorResponse, JsonNamesTypeAndMessage) {
  const WireError wire = wire_error(customer("ResourceInUse"), ErrorFamily::Json, &wire::sagemaker::kService, true);
  const http::Response response =
      error_response(wire, {.family = ErrorFamily::Json, .service = &wire::sagemaker::kService});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(text_of(response), R"({"__type":"ResourceInUse","Message":"the message"})");
}

TEST(ErrorResponse, UnmodelledJsonErrorsSpellMessageInLowerCase) {
  const WireError wire = wire_error(customer("ValidationException"), ErrorFamily::Json, &wire::sagemaker::kService, true);
  EXPECT_EQ(text_of(error_response(wire, {.family = ErrorFamily::Json, .service = &wire::sagemaker::kService})),
            R"({"__type":"ValidationException","message":"the message"})");
}

TEST(ErrorResponse, WithoutACodeBlameDecides) {
  const Error ours(Blame::Platform, "disk");
  const Error theirs(Blame::Customer, "input");
  EXPECT_EQ(wire_error(theirs, ErrorFamily::Json, nullptr, true).code, "ValidationException");
  EXPECT_EQ(wire_error(theirs, ErrorFamily::Query, nullptr, true).code, "ValidationError");
  EXPECT_EQ(wire_error(theirs, ErrorFamily::S3, nullptr, true).code, "InvalidRequest");
  EXPECT_EQ(wire_error(ours, ErrorFamily::Json, nullptr, true).code, "InternalFailure");
  EXPECT_EQ(wire_error(ours, ErrorFamily::Json, nullptr, true).status, 500);
  EXPECT_EQ(wire_error(ours, ErrorFamily::Query, nullptr, true).code, "InternalFailure");
  EXPECT_EQ(wire_error(ours, ErrorFamily::S3, nullptr, true).code, "InternalError");
  EXPECT_EQ(wire_error(ours, ErrorFamily::S3, nullptr, true).status, 500);
}

struct Expected {
  const char* code;
  const char* name;
  int status;
};

TEST(ErrorResponse, FailedSignaturesHaveEachProtocolsNames) {
  const Expected json[] = {{"InvalidAccessKeyId", "UnrecognizedClientException", 400},
                           {"SignatureDoesNotMatch", "InvalidSignatureException", 400},
                           {"RequestTimeTooSkewed", "InvalidSignatureException", 400},
                           {"AccessDenied", "AccessDeniedException", 400},
                           {"AuthorizationHeaderMalformed", "IncompleteSignatureException", 400}};
  for (const Expected& row : json) {
    const WireError wire = wire_error(customer(row.code), ErrorFamily::Json, nullptr, true);
    EXPECT_EQ(wire.code, row.name);
    EXPECT_EQ(wire.status, row.status) << row.code;
  }
  const Expected query[] = {{"InvalidAccessKeyId", "InvalidClientTokenId", 403},
                            {"SignatureDoesNotMatch", "SignatureDoesNotMatch", 403},
                            {"AccessDeniedException", "AccessDenied", 403}};
  for (const Expected& row : query) {
    const WireError wire = wire_error(customer(row.code), ErrorFamily::Query, nullptr, true);
    EXPECT_EQ(wire.code, row.name);
    EXPECT_EQ(wire.status, row.status) << row.code;
  }
  EXPECT_EQ(wire_error(customer("AccessDenied"), ErrorFamily::Json, nullptr, false).code,
            "MissingAuthenticationTokenException");
}

TEST(ErrorResponse, S3StatusFollowsTheCode) {
  const Expected rows[] = {{"NoSuchKey", "NoSuchKey", 404},
                           {"NoSuchUpload", "NoSuchUpload", 404},
                           {"BucketNotEmpty", "BucketNotEmpty", 409},
                           {"InvalidRange", "InvalidRange", 416},
                           {"PreconditionFailed", "PreconditionFailed", 412},
                           {"NotModified", "NotModified", 304},
                           {"NotImplemented", "NotImplemented", 501},
                           {"BadDigest", "BadDigest", 400},
                           {"InvalidAccessKeyId", "InvalidAccessKeyId", 403}};
  for (const Expected& row : rows) {
    EXPECT_EQ(wire_error(customer(row.code), ErrorFamily::S3, nullptr, true).status, row.status) << row.code;
  }
}

TEST(ErrorResponse, S3SaysWhatAndWhere) {
  const WireError wire = wire_error({Blame::Customer, "NoSuchKey", "The <key> is gone."}, ErrorFamily::S3, nullptr, true);
  const http::Response response = error_response(
      wire, {.family = ErrorFamily::S3, .request_id = "ID", .host_id = "HOST", .resource = "/b/k"});
  EXPECT_EQ(response.headers.find("Content-Type"), "application/xml");
  EXPECT_EQ(text_of(response),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The &lt;key&gt; is "
            "gone.</Message><Resource>/b/k</Resource><RequestId>ID</RequestId><HostId>HOST</HostId></Error>");
}

TEST(ErrorResponse, HeadAndNotModifiedHaveNoBody) {
  const WireError missing = wire_error(customer("NoSuchKey"), ErrorFamily::S3, nullptr, true);
  EXPECT_EQ(text_of(error_response(missing, {.family = ErrorFamily::S3, .head = true})), "");
  const WireError same = wire_error(customer("NotModified"), ErrorFamily::S3, nullptr, true);
  EXPECT_EQ(text_of(error_response(same, {.family = ErrorFamily::S3})), "");
}

TEST(ErrorResponse, QueryUsesTheModelsCodeAndStatus) {
  const WireError wire = wire_error(customer("NoSuchEntityException"), ErrorFamily::Query, &wire::iam::kService, true);
  EXPECT_EQ(wire.status, 404);
  const http::Response response =
      error_response(wire, {.family = ErrorFamily::Query, .service = &wire::iam::kService, .request_id = "ID"});
  EXPECT_THAT(text_of(response), HasSubstr("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>"
                                           "<Type>Sender</Type><Code>NoSuchEntity</Code><Message>the message</Message>"
                                           "</Error><RequestId>ID</RequestId></ErrorResponse>"));
}

TEST(ErrorResponse, AJsonClientInQueryModeGetsTheQueryCode) {
  const WireError wire = wire_error(customer("InvalidAccessKeyId"), ErrorFamily::Json, &wire::cloudwatch::kService, true);
  const http::Response response = error_response(
      wire, {.family = ErrorFamily::Json, .service = &wire::cloudwatch::kService, .query_mode = true});
  EXPECT_EQ(response.headers.find("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(response.headers.find("x-amzn-query-error"), "InvalidClientTokenId;Sender");
}

TEST(ErrorResponse, AnInternalErrorShowsTheRequestIdAndNothingElse) {
  const WireError wire = internal_error(ErrorFamily::Json, "0123");
  EXPECT_EQ(wire.status, 500);
  EXPECT_EQ(wire.code, "InternalFailure");
  EXPECT_THAT(wire.message, HasSubstr("request id 0123"));
}

}  // namespace
}  // namespace millrace::aws
