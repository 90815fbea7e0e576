#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/io/byte_source.h"
#include "core/json/json.h"
#include "generated/aws/runtime/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/aws/dispatch.h"
#include "platform/aws/error_response.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;
namespace runtime = wire::runtime;

constexpr std::size_t kLimit = 6'291'456;
const Credentials kKey{"AKIDEXAMPLE", "secret", ""};

/// A model that answers with what it was asked.
class Echo {
 public:
  runtime::InvokeEndpointOutput invoke(const runtime::InvokeEndpointInput& request,
                                       const Caller& caller) {
    if (request.target_variant == "broken") {
      throw DetailedError(
          Blame::Customer, "ModelError", "Received server error (500)",
          Json{{"OriginalStatusCode", 500}, {"OriginalMessage", "out of \"luck\""}});
    }
    if (request.target_variant == "unknown")
      throw Error(Blame::Customer, "ValidationException", "no");
    runtime::InvokeEndpointOutput answer{.content_type = request.accept,
                                         .invoked_production_variant = caller.account,
                                         .custom_attributes = request.custom_attributes};
    answer.body =
        request.endpoint_name + ":" + read_all(*request.body, 2 * kLimit, "the request's body");
    return answer;
  }
  wire::sagemaker::DescribeEndpointOutput describe(
      const wire::sagemaker::DescribeEndpointInput& request, const Caller&) {
    return {.endpoint_name = request.endpoint_name, .endpoint_status = "InService"};
  }
};

class RestJsonTest : public testing::Test {
 protected:
  RestJsonTest() {
    dispatch.add<runtime::ops::InvokeEndpoint>(&echo, &Echo::invoke);
    dispatch.add<wire::sagemaker::ops::DescribeEndpoint>(&echo, &Echo::describe);
  }

  static http::Outgoing call(std::string target, std::string body) {
    http::Outgoing out;
    out.method = "POST";
    out.target = std::move(target);
    out.headers.add("Host", "127.0.0.1:9000");
    out.content = std::move(body);
    return out;
  }

  http::Response send(http::Outgoing out) {
    sign(out, kKey, "eu-central-1", "sagemaker", payload_hash(out.content), now());
    MemorySource body(out.content);
    http::Request request{.method = out.method,
                          .path = out.target,
                          .query = {},
                          .headers = out.headers,
                          .content_length = out.content.size(),
                          .peer = "test",
                          .body = &body};
    return dispatch.handle(request);
  }

  static std::string text_of(const http::Response& response) {
    return std::get<std::string>(response.body);
  }

  Echo echo;
  Dispatch dispatch{{.keys = [](std::string_view key) -> std::optional<Identity> {
    if (key != kKey.access_key) return std::nullopt;
    Identity identity;
    identity.caller.account = "111122223333";
    identity.secret_key = kKey.secret_key;
    return identity;
  }}};
};

TEST_F(RestJsonTest, AnInvocationReachesItsHandlerWithPathHeadersAndBody) {
  http::Outgoing out = call("/endpoints/churn/invocations", "1,2\n");
  out.headers.add("Accept", "text/csv");
  out.headers.add("X-Amzn-SageMaker-Custom-Attributes", "trace=7");
  const http::Response response = send(out);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(response), "churn:1,2\n");
  EXPECT_EQ(response.headers.find("Content-Type"), "text/csv");
  EXPECT_EQ(response.headers.find("x-Amzn-Invoked-Production-Variant"), "111122223333");
  EXPECT_EQ(response.headers.find("X-Amzn-SageMaker-Custom-Attributes"), "trace=7");
  EXPECT_TRUE(response.headers.find("x-amzn-RequestId"));
}

TEST_F(RestJsonTest, TheServiceOfTheSameSigningNameIsStillAskedByItsTarget) {
  http::Outgoing out = call("/", R"({"EndpointName": "churn"})");
  out.headers.add("X-Amz-Target", "SageMaker.DescribeEndpoint");
  const http::Response response = send(out);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(text_of(response), HasSubstr("InService"));
}

TEST_F(RestJsonTest, AnErrorShowsTheMembersOfItsShape) {
  http::Outgoing out = call("/endpoints/churn/invocations", "1");
  out.headers.add("X-Amzn-SageMaker-Target-Variant", "broken");
  const http::Response response = send(out);
  EXPECT_EQ(response.status, 424);
  EXPECT_EQ(response.headers.find("x-amzn-ErrorType"), "ModelError");
  EXPECT_EQ(response.headers.find("Content-Type"), "application/json");
  const Json body = parse_json(text_of(response), "answer");
  EXPECT_EQ(body["Message"], "Received server error (500)");
  EXPECT_EQ(body["OriginalStatusCode"], 500);
  EXPECT_EQ(body["OriginalMessage"], "out of \"luck\"");
}

TEST_F(RestJsonTest, ARefusalHasTheNameThatTheRuntimeModels) {
  http::Outgoing out = call("/endpoints/churn/invocations", "1");
  out.headers.add("X-Amzn-SageMaker-Target-Variant", "unknown");
  EXPECT_EQ(send(out).headers.find("x-amzn-ErrorType"), "ValidationError");
  const http::Response named = send(call("/endpoints/bad_name/invocations", "1"));
  EXPECT_EQ(named.status, 400);
  EXPECT_EQ(named.headers.find("x-amzn-ErrorType"), "ValidationError");
  EXPECT_THAT(text_of(named), HasSubstr("endpointName"));
}

TEST_F(RestJsonTest, ABodyAboveTheModelsLimitIsTooLarge) {
  EXPECT_EQ(send(call("/endpoints/churn/invocations", std::string(kLimit, 'x'))).status, 200);
  const http::Response response =
      send(call("/endpoints/churn/invocations", std::string(kLimit + 1, 'x')));
  EXPECT_EQ(response.status, 413);
  EXPECT_THAT(text_of(response), HasSubstr("6291456"));
}

TEST_F(RestJsonTest, WhatIsNotServedIsRefusedByName) {
  const http::Response stream = send(call("/endpoints/churn/invocations-response-stream", "1"));
  EXPECT_EQ(stream.status, 400);
  EXPECT_THAT(text_of(stream),
              HasSubstr("operation InvokeEndpointWithResponseStream is not supported"));
  EXPECT_THAT(text_of(send(call("/endpoints/churn/async-invocations", ""))),
              HasSubstr("operation InvokeEndpointAsync is not supported"));
  EXPECT_THAT(text_of(send(call("/endpoints/churn/nonsense", ""))),
              HasSubstr("has no operation at POST '/endpoints/churn/nonsense'"));
}

TEST_F(RestJsonTest, AChangedBodyFailsTheSignature) {
  http::Outgoing out = call("/endpoints/churn/invocations", "1");
  sign(out, kKey, "eu-central-1", "sagemaker", payload_hash("2"), now());
  MemorySource body(out.content);
  http::Request request{.method = out.method,
                        .path = out.target,
                        .query = {},
                        .headers = out.headers,
                        .content_length = 1,
                        .peer = "test",
                        .body = &body};
  EXPECT_EQ(dispatch.handle(request).headers.find("x-amzn-ErrorType"), "InvalidSignatureException");
}

}  // namespace
}  // namespace millrace::aws
