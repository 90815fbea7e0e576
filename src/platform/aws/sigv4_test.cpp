#include "platform/aws/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/byte_source.h"
#include "platform/aws/authenticate.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;

// The key of every example in the S3 documentation, "Authenticating Requests: Using the
// Authorization Header".
constexpr const char* kAccessKey = "AKIAIOSFODNN7EXAMPLE";
constexpr const char* kSecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr const char* kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Time example_time() {
  return *parse_amz_date("20130524T000000Z");
}

std::optional<Identity> example_keys(std::string_view access_key) {
  if (access_key == kAccessKey) {
    return Identity{Caller{.account = "123456789012",
                           .access_key = "",
                           .arn = "arn:aws:iam::123456789012:root",
                           .region = "",
                           .job = ""},
                    kSecretKey, ""};
  }
  if (access_key == "ASIATEMPORARY")
    return Identity{Caller{}, "temporary-secret", "token-of-the-session"};
  return std::nullopt;
}

/// A request without body.
struct Example {
  explicit Example(std::string method, std::string target = "/test.txt") {
    request.method = std::move(method);
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) request.query = target.substr(mark + 1);
    request.body = &nothing;
    request.content_length = 0;
  }
  Example& header(std::string name, std::string value) {
    request.headers.add(std::move(name), std::move(value));
    return *this;
  }
  /// As the documentation's examples are signed.
  Example& authorization(const std::string& signed_headers, const std::string& signature) {
    return header("Authorization", std::string("AWS4-HMAC-SHA256 Credential=") + kAccessKey +
                                       "/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
                                       signed_headers + ",Signature=" + signature);
  }
  Caller verify(Time now = example_time(), std::string_view body = "") const {
    return verify_buffered(request, body, example_keys, now);
  }
  /// "Code: message" of the refusal.
  [[nodiscard]] std::string refusal(Time now = example_time(), std::string_view body = "") const {
    try {
      verify(now, body);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.code() + ": " + error.what();
    }
    return "verified";
  }

  MemorySource nothing{""};
  http::Request request;
};

Example documented_get() {
  Example get("GET");
  get.header("Host", "examplebucket.s3.amazonaws.com")
      .header("Range", "bytes=0-9")
      .header("x-amz-content-sha256", kEmptyHash)
      .header("x-amz-date", "20130524T000000Z")
      .authorization("host;range;x-amz-content-sha256;x-amz-date",
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  return get;
}

/// A request signed by our own signer, to be spoilt afterwards.
Example self_signed(std::string service = "s3", std::string secret = kSecretKey,
                    std::string token = "", std::string access_key = kAccessKey) {
  http::Outgoing out{.method = "GET",
                     .target = "/bucket/key",
                     .headers = {},
                     .content = "",
                     .stream = nullptr,
                     .stream_length = {}};
  out.headers.add("Host", "127.0.0.1:9000");
  sign(out, {std::move(access_key), std::move(secret), std::move(token)}, "eu-west-1", service,
       kEmptyHash, example_time());
  Example example(out.method, out.target);
  example.request.headers = out.headers;
  return example;
}

TEST(SigV4, VerifiesTheDocumentedGetOfARange) {
  const Caller caller = documented_get().verify();
  EXPECT_EQ(caller.account, "123456789012");
  EXPECT_EQ(caller.access_key, kAccessKey);
  EXPECT_EQ(caller.region, "us-east-1");
}

TEST(SigV4, VerifiesTheDocumentedPutWithASignedDateAndAnEncodedKey) {
  Example put("PUT", "/test%24file.text");
  put.header("Host", "examplebucket.s3.amazonaws.com")
      .header("Date", "Fri, 24 May 2013 00:00:00 GMT")
      .header("x-amz-date", "20130524T000000Z")
      .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
      .header("x-amz-content-sha256",
              "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
      .authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(put.refusal(example_time(), "Welcome to Amazon S3."), "verified");
  EXPECT_THAT(put.refusal(example_time(), "Welcome to Amazon S4."),
              HasSubstr("XAmzContentSHA256Mismatch: "));
}

TEST(SigV4, VerifiesTheDocumentedQueriesWithAndWithoutValues) {
  Example lifecycle("GET", "/?lifecycle");
  lifecycle.header("Host", "examplebucket.s3.amazonaws.com")
      .header("x-amz-date", "20130524T000000Z")
      .header("x-amz-content-sha256", kEmptyHash)
      .authorization("host;x-amz-content-sha256;x-amz-date",
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(lifecycle.refusal(), "verified");

  Example list("GET", "/?prefix=J&max-keys=2");
  list.header("Host", "examplebucket.s3.amazonaws.com")
      .header("x-amz-date", "20130524T000000Z")
      .header("x-amz-content-sha256", kEmptyHash)
      .authorization("host;x-amz-content-sha256;x-amz-date",
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  EXPECT_EQ(list.refusal(), "verified");
}

constexpr const char* kDocumentedPresigned =
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%"
    "2Fus-east-1%2Fs3%2F"
    "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-"
    "Signature="
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

TEST(SigV4, VerifiesTheDocumentedPresignedUrlUntilItExpires) {
  Example get("GET", kDocumentedPresigned);
  get.header("Host", "examplebucket.s3.amazonaws.com");
  EXPECT_EQ(get.refusal(), "verified");
  EXPECT_EQ(get.refusal(example_time() + std::chrono::hours(24)), "verified");
  EXPECT_EQ(get.refusal(example_time() + std::chrono::hours(24) + std::chrono::seconds(1)),
            "AccessDenied: Request has expired");
  EXPECT_EQ(get.refusal(example_time() - std::chrono::minutes(16)),
            "AccessDenied: Request is not yet valid");
}

TEST(SigV4, PresignsTheDocumentedUrl) {
  const std::string target = presign({.method = "GET",
                                      .host = "examplebucket.s3.amazonaws.com",
                                      .target = "/test.txt",
                                      .region = "us-east-1",
                                      .service = "s3",
                                      .expires = std::chrono::hours(24)},
                                     {kAccessKey, kSecretKey, ""}, example_time());
  EXPECT_EQ(target, kDocumentedPresigned);
}

TEST(SigV4, RefusesToPresignForMoreThanAWeek) {
  EXPECT_THROW(
      presign(
          {.host = "h", .target = "/", .region = "r", .expires = std::chrono::hours(24 * 7 + 1)},
          {kAccessKey, kSecretKey, ""}, example_time()),
      Error);
}

TEST(SigV4, RefusesAnyChangeOfWhatWasSigned) {
  const auto expect_refused = [](const std::function<void(http::Request&)>& change) {
    Example example = self_signed();
    ASSERT_EQ(example.refusal(), "verified");
    change(example.request);
    EXPECT_THAT(
        example.refusal(),
        HasSubstr("SignatureDoesNotMatch: The request signature we calculated does not match"));
  };
  expect_refused([](http::Request& request) { request.method = "PUT"; });
  expect_refused([](http::Request& request) { request.path = "/bucket/Key"; });
  expect_refused([](http::Request& request) { request.path = "/bucket//key"; });
  expect_refused([](http::Request& request) { request.query = "acl"; });
  expect_refused([](http::Request& request) { request.headers.set("Host", "127.0.0.1:9001"); });
  expect_refused(
      [](http::Request& request) { request.headers.set("X-Amz-Date", "20130524T000001Z"); });
  expect_refused(
      [](http::Request& request) { request.headers.add("X-Amz-Date", "20130524T000000Z"); });
}

TEST(SigV4, RefusesTheSignatureOfAnotherSecret) {
  EXPECT_THAT(self_signed("s3", "another").refusal(), HasSubstr("SignatureDoesNotMatch"));
}

TEST(SigV4, RefusesAnUnknownKey) {
  EXPECT_EQ(
      self_signed("s3", kSecretKey, "", "AKIAUNKNOWN").refusal(),
      "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.");
}

TEST(SigV4, AsksForTheSessionTokenOfATemporaryKey) {
  EXPECT_EQ(
      self_signed("s3", "temporary-secret", "token-of-the-session", "ASIATEMPORARY").refusal(),
      "verified");
  const std::string refused = "InvalidToken: The provided token is malformed or otherwise invalid.";
  EXPECT_EQ(self_signed("s3", "temporary-secret", "", "ASIATEMPORARY").refusal(), refused);
  EXPECT_EQ(self_signed("s3", "temporary-secret", "another-token", "ASIATEMPORARY").refusal(),
            refused);
  EXPECT_EQ(self_signed("s3", kSecretKey, "stray-token").refusal(), refused);
}

TEST(SigV4, AllowsFifteenMinutesOfSkewToS3AndFiveToOthers) {
  const Example s3 = self_signed("s3");
  EXPECT_EQ(s3.refusal(example_time() + std::chrono::minutes(15)), "verified");
  EXPECT_EQ(s3.refusal(example_time() - std::chrono::minutes(15)), "verified");
  EXPECT_THAT(s3.refusal(example_time() + std::chrono::minutes(16)),
              HasSubstr("RequestTimeTooSkewed: The difference"));
  EXPECT_THAT(s3.refusal(example_time() - std::chrono::minutes(16)),
              HasSubstr("RequestTimeTooSkewed: The difference"));

  const Example sagemaker = self_signed("sagemaker");
  EXPECT_EQ(sagemaker.refusal(example_time() + std::chrono::minutes(5)), "verified");
  EXPECT_EQ(sagemaker.refusal(example_time() + std::chrono::minutes(6)),
            "RequestTimeTooSkewed: Signature expired: 20130524T000000Z is now earlier than "
            "20130524T000100Z "
            "(20130524T000600Z - 5 min.)");
  EXPECT_EQ(sagemaker.refusal(example_time() - std::chrono::minutes(6)),
            "RequestTimeTooSkewed: Signature not yet current: 20130524T000000Z is still later than "
            "20130523T235900Z "
            "(20130523T235400Z + 5 min.)");
}

TEST(SigV4, WantsHostAndEveryAmzHeaderSigned) {
  Example example = self_signed();
  example.header("x-amz-acl", "public-read");
  EXPECT_EQ(
      example.refusal(),
      "AccessDenied: There were headers present in the request which were not signed: x-amz-acl");

  Example hostless("GET");
  hostless.header("Host", "h")
      .header("x-amz-date", "20130524T000000Z")
      .authorization("x-amz-date", std::string(64, '0'));
  EXPECT_EQ(
      hostless.refusal(),
      "AuthorizationHeaderMalformed: 'Host' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST(SigV4, NamesWhatIsWrongWithAnAuthorizationHeader) {
  const auto refusal = [](const std::string& authorization) {
    Example example("GET");
    example.header("Host", "h")
        .header("x-amz-date", "20130524T000000Z")
        .header("Authorization", authorization);
    return example.refusal();
  };
  const std::string start = "AWS4-HMAC-SHA256 ";
  const std::string credential =
      "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
  const std::string names = "SignedHeaders=host;x-amz-date";
  const std::string signature = "Signature=" + std::string(64, 'a');
  EXPECT_THAT(refusal(start + credential + ", " + names + ", " + signature),
              HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(refusal("AWS AKIAIOSFODNN7EXAMPLE:signature"),
              HasSubstr("InvalidRequest: The authorization mechanism \"AWS\" is not supported. "
                        "Please use AWS4-HMAC-SHA256."));
  EXPECT_THAT(refusal("AWS4-ECDSA-P256-SHA256 Credential=a"),
              HasSubstr("\"AWS4-ECDSA-P256-SHA256\" is not supported"));
  EXPECT_THAT(refusal(start + names + ", " + signature),
              HasSubstr("AuthorizationHeaderMalformed: "));
  EXPECT_THAT(refusal(start + names + ", " + signature), HasSubstr("Credential is missing"));
  EXPECT_THAT(refusal(start + credential + ", " + signature),
              HasSubstr("SignedHeaders is missing"));
  EXPECT_THAT(refusal(start + credential + ", " + names), HasSubstr("Signature is missing"));
  EXPECT_THAT(refusal(start + credential + ", " + names + ", Signature=abc"),
              HasSubstr("Signature is not 64"));
  EXPECT_THAT(refusal(start + credential + ", SignedHeaders=Host;x-amz-date, " + signature),
              HasSubstr("SignedHeaders is not a list"));
  EXPECT_THAT(refusal(start + credential + ", " + credential + ", " + signature),
              HasSubstr("the authorization component \"Credential=AKIA"));
  EXPECT_THAT(refusal(start + "Credential=AKIA/20130524/us-east-1/aws4_request, " + names + ", " +
                      signature),
              HasSubstr("the Credential is mal-formed; expecting "
                        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."));
  EXPECT_THAT(refusal(start + "Credential=AKIA/20130525/us-east-1/s3/aws4_request, " + names +
                      ", " + signature),
              HasSubstr("Invalid credential date \"20130525\". This date is not the same as "
                        "X-Amz-Date: \"20130524\"."));
}

TEST(SigV4, NamesWhatIsWrongWithAPresignedQuery) {
  const auto refusal = [](std::string_view from, std::string_view to) {
    std::string target = kDocumentedPresigned;
    const std::size_t at = target.find(from);
    EXPECT_NE(at, std::string::npos);
    target.replace(at, from.size(), to);
    Example example("GET", target);
    example.header("Host", "examplebucket.s3.amazonaws.com");
    return example.refusal();
  };
  EXPECT_THAT(refusal("&X-Amz-Expires=86400", ""), HasSubstr("X-Amz-Expires is missing"));
  EXPECT_THAT(refusal("&X-Amz-SignedHeaders=host", ""),
              HasSubstr("AuthorizationQueryParametersError: Query-string"));
  EXPECT_THAT(refusal("Expires=86400", "Expires=604801"),
              HasSubstr("X-Amz-Expires must be less than a week"));
  EXPECT_THAT(refusal("Expires=86400", "Expires=-1"),
              HasSubstr("X-Amz-Expires must be non-negative"));
  EXPECT_THAT(refusal("Expires=86400", "Expires=soon"),
              HasSubstr("X-Amz-Expires should be a number"));
  EXPECT_THAT(refusal("Date=20130524T000000Z", "Date=yesterday"),
              HasSubstr("X-Amz-Date must be in the ISO8601"));
  EXPECT_THAT(refusal("HMAC-SHA256", "HMAC-MD5"), HasSubstr("X-Amz-Algorithm only supports"));
  EXPECT_THAT(refusal("%2Faws4_request", ""),
              HasSubstr("Error parsing the X-Amz-Credential parameter"));
  EXPECT_THAT(refusal("Expires=86400", "Expires=86401"), HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(refusal("/test.txt", "/best.txt"), HasSubstr("SignatureDoesNotMatch"));
}

TEST(SigV4, RefusesUnsignedAndDoublySignedRequests) {
  Example unsigned_get("GET");
  unsigned_get.header("Host", "h");
  EXPECT_THAT(unsigned_get.refusal(), HasSubstr("AccessDenied: Access Denied."));
  EXPECT_EQ(credential_scope(unsigned_get.request), std::nullopt);

  Example both = documented_get();
  both.request.query = std::string(kDocumentedPresigned).substr(10);
  EXPECT_THAT(both.refusal(), HasSubstr("InvalidArgument: Only one auth mechanism allowed"));
}

TEST(SigV4, TellsTheScopeBeforeVerifying) {
  const std::optional<Scope> from_header = credential_scope(self_signed("monitoring").request);
  ASSERT_TRUE(from_header);
  EXPECT_EQ(from_header->access_key, kAccessKey);
  EXPECT_EQ(from_header->date, "20130524");
  EXPECT_EQ(from_header->region, "eu-west-1");
  EXPECT_EQ(from_header->service, "monitoring");
  EXPECT_EQ(credential_scope(Example("GET", kDocumentedPresigned).request)->region, "us-east-1");
}

// From botocore 1.29.27: SigV4Auth for "execute-api", region us-west-2, GET with a repeated,
// unsorted query, a path that needs normalising and a header with runs of blanks.
TEST(SigV4, AgreesWithBotocoreOnPathsQueriesAndBlanks) {
  Example get("GET", "/a/./b/../k%20e%2By//z~?b=2&a=x%20y%2Fz&a=1&a-b=0&B=3");
  get.header("Host", "example.com:8080")
      .header("My-Header", "  a   b  c ")
      .header("X-Amz-Date", "20130524T000000Z")
      .header("Authorization",
              "AWS4-HMAC-SHA256 "
              "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-west-2/execute-api/aws4_request, "
              "SignedHeaders=host;my-header;x-amz-date, "
              "Signature=0bd64d16c4b2bbf72b179664a3b05496486ff228ac9773456429cdc12819bf32");
  EXPECT_EQ(get.refusal(), "verified");
}

}  // namespace
}  // namespace millrace::aws
