#include "platform/aws/sigv2.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

constexpr const char* kKey = "AKIAIOSFODNN7EXAMPLE";

std::optional<Identity> example_key(std::string_view key) {
  if (key != kKey) return std::nullopt;
  return Identity{.caller = {.account = "111122223333"},
                  .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                  .session_token = {}};
}

/// Signed by botocore 1.29 (HmacV1QueryAuth) for http://127.0.0.1:9000/bucket/a%20b, expiring at 1600000000.
http::Request presigned(std::string signature, std::string extra = {}) {
  http::Request request;
  request.method = "GET";
  request.path = "/bucket/a%20b";
  request.query = "AWSAccessKeyId=" + std::string(kKey) + "&Signature=" + signature + "&Expires=1600000000" + extra;
  request.headers.add("Host", "127.0.0.1:9000");
  return request;
}

std::string code_of(const http::Request& request, Time now, const std::string& resource_path) {
  try {
    verify_sigv2(request, resource_path, example_key, now);
  } catch (const Error& error) {
    return error.code();
  }
  return "accepted";
}

std::string code_of(const http::Request& request, Time now) { return code_of(request, now, request.path); }

const Time kBefore = from_millis(1'599'999'999'000);

TEST(SigV2, AcceptsWhatBotocorePresigns) {
  EXPECT_EQ(code_of(presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D"), kBefore), "accepted");
  EXPECT_EQ(code_of(presigned("feeQeH2HVQT%2FsKNMyVmOBX8KK5A%3D", "&response-content-type=text%2Fplain"), kBefore), "accepted");
}

TEST(SigV2, RefusesOtherPathsParametersMethodsAndTimes) {
  http::Request other = presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D");
  other.path = "/bucket/other";
  EXPECT_EQ(code_of(other, kBefore), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D", "&response-content-type=text%2Fplain"), kBefore), "SignatureDoesNotMatch");
  http::Request put = presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D");
  put.method = "PUT";
  EXPECT_EQ(code_of(put, kBefore), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D"), kBefore + std::chrono::minutes(1)), "AccessDenied");
}

TEST(SigV2, OpensTheResourceItNamesAndNoOtherThroughTheHost) {
  http::Request elsewhere = presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D");
  elsewhere.headers.set("Host", "victim.localhost");
  EXPECT_EQ(code_of(elsewhere, kBefore, "/victim/bucket/a%20b"), "SignatureDoesNotMatch");

  http::Request virtual_host = presigned("jXdFxXsvEvP8CJfdlGQPPtYaO90%3D");
  virtual_host.path = "/a%20b";
  virtual_host.headers.set("Host", "bucket.localhost");
  EXPECT_EQ(code_of(virtual_host, kBefore, "/bucket/a%20b"), "accepted");
}

TEST(SigV2, IsOnlySeenWhereAllThreeParametersAre) {
  EXPECT_EQ(sigv2_scope(presigned("x"))->access_key, kKey);
  http::Request without;
  without.query = "AWSAccessKeyId=x&Expires=1";
  EXPECT_EQ(sigv2_scope(without), std::nullopt);
}

}  // namespace
}  // namespace millrace::aws
