#include "platform/aws/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/http/server.h"
#include "core/io/byte_source.h"
#include "generated/aws/iam/operations.h"
#include "generated/aws/s3/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/aws/dispatch.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;
namespace s3 = wire::s3;

const Credentials kKey{"AKIDEXAMPLE", "secret", "token/+="};

std::optional<Identity> known_key(std::string_view access_key) {
  if (access_key != kKey.access_key) return std::nullopt;
  Identity identity;
  identity.caller.account = "111122223333";
  identity.secret_key = kKey.secret_key;
  identity.session_token = kKey.session_token;
  return identity;
}

/// A store of one object, and a role.
class Service {
 public:
  s3::PutObjectOutput put(const s3::PutObjectRequest& request, const Caller&) {
    content_ = read_all(*request.body, 1 << 24, "body");
    key_ = request.key;
    return {.e_tag = "\"e\""};
  }
  s3::GetObjectOutput get(const s3::GetObjectRequest& request, const Caller&) {
    if (request.key != key_)
      throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
    s3::GetObjectOutput answer{.e_tag = "\"e\"",
                               .metadata = std::map<std::string, std::string>{{"a", "b"}}};
    if (request.range) answer.http_status = 206;
    answer.body = request.range ? content_.substr(0, 2) : content_;
    return answer;
  }
  s3::HeadObjectOutput head(const s3::HeadObjectRequest& request, const Caller&) {
    if (request.key != key_)
      throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
    return {.content_length = static_cast<std::int64_t>(content_.size()), .e_tag = "\"e\""};
  }
  s3::ListObjectsV2Output list(const s3::ListObjectsV2Request& request, const Caller&) {
    return {.contents = std::vector<s3::Object>{{.key = key_}},
            .name = request.bucket,
            .prefix = request.prefix};
  }
  s3::DeleteObjectsOutput batch(const s3::DeleteObjectsRequest& request, const Caller&) {
    return {.deleted = std::vector<s3::DeletedObject>{{.key = request.delete_.objects.at(0).key}}};
  }
  wire::sagemaker::StopTrainingJobRequest stopped;
  wire::Empty stop(const wire::sagemaker::StopTrainingJobRequest& request, const Caller&) {
    stopped = request;
    return {};
  }
  wire::sagemaker::ListTrainingJobsResponse jobs(
      const wire::sagemaker::ListTrainingJobsRequest& request, const Caller&) {
    if (request.creation_time_after != from_millis(1714557600123)) {
      throw Error(Blame::Platform, "ServiceUnavailable", "the time was lost");
    }
    return {.next_token = "n"};
  }
  wire::iam::GetRoleResponse role(const wire::iam::GetRoleRequest& request, const Caller&) {
    return {.role = {.path = "/", .role_name = request.role_name, .role_id = "I", .arn = "A"}};
  }

 private:
  std::string key_;
  std::string content_;
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    dispatch.add<s3::ops::PutObject>(&service, &Service::put);
    dispatch.add<s3::ops::GetObject>(&service, &Service::get);
    dispatch.add<s3::ops::HeadObject>(&service, &Service::head);
    dispatch.add<s3::ops::ListObjectsV2>(&service, &Service::list);
    dispatch.add<s3::ops::DeleteObjects>(&service, &Service::batch);
    dispatch.add<wire::sagemaker::ops::StopTrainingJob>(&service, &Service::stop);
    dispatch.add<wire::sagemaker::ops::ListTrainingJobs>(&service, &Service::jobs);
    dispatch.add<wire::iam::ops::GetRole>(&service, &Service::role);
  }

  Service service;
  Dispatch dispatch{{.keys = known_key}};
  http::Server server{{.workers = 2},
                      [this](http::Request& request) { return dispatch.handle(request); }};
  Client client{{.host = "127.0.0.1", .port = server.port()}, kKey, "eu-central-1"};
};

template <class Call>
Error failure_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return {Blame::Platform, "none", "nothing was thrown"};
}

TEST_F(ClientTest, StreamsAnObjectThereAndBack) {
  std::string content(3'000'000, 'x');
  std::generate(content.begin(), content.end(),
                [i = 0]() mutable { return static_cast<char>(i++ * 31); });
  MemorySource source(content);
  SourcePayload payload(source, content.size());
  const std::string key = "dir/\xC3\xA4 b+c?.bin";
  EXPECT_EQ(client.call<s3::ops::PutObject>({.bucket = "b", .key = key, .body = &payload}).e_tag,
            "\"e\"");

  s3::GetObjectOutput answer = client.call<s3::ops::GetObject>({.bucket = "b", .key = key});
  EXPECT_EQ(answer.http_status, 200);
  EXPECT_EQ(answer.metadata->at("a"), "b");
  EXPECT_EQ(answer.content_length, 3'000'000);
  EXPECT_TRUE(read_all(stream_of(answer.body), 1 << 24, "object") == content);

  EXPECT_EQ(client.call<s3::ops::HeadObject>({.bucket = "b", .key = key}).content_length,
            3'000'000);
  s3::GetObjectOutput part =
      client.call<s3::ops::GetObject>({.bucket = "b", .key = key, .range = "bytes=0-1"});
  EXPECT_EQ(part.http_status, 206);
  EXPECT_EQ(read_all(stream_of(part.body), 10, "object"), content.substr(0, 2));
}

TEST_F(ClientTest, SpeaksXmlJsonAndQuery) {
  EXPECT_EQ(client.call<s3::ops::ListObjectsV2>({.bucket = "b", .prefix = "p q/"}).prefix, "p q/");
  EXPECT_EQ(
      client.call<s3::ops::DeleteObjects>({.bucket = "b", .delete_ = {.objects = {{.key = "<k>"}}}})
          .deleted->at(0)
          .key,
      "<k>");
  client.call<wire::sagemaker::ops::StopTrainingJob>({.training_job_name = "job"});
  EXPECT_EQ(service.stopped.training_job_name, "job");
  EXPECT_EQ(client
                .call<wire::sagemaker::ops::ListTrainingJobs>(
                    {.creation_time_after = from_millis(1714557600123)})
                .next_token,
            "n");
  EXPECT_EQ(client.call<wire::iam::ops::GetRole>({.role_name = "R"}).role.role_name, "R");
}

TEST_F(ClientTest, RefusalsComeBackWithCodeMessageAndBlame) {
  const Error xml =
      failure_of([&] { client.call<s3::ops::GetObject>({.bucket = "b", .key = "other"}); });
  EXPECT_EQ(xml.code(), "NoSuchKey");
  EXPECT_STREQ(xml.what(), "The specified key does not exist.");
  EXPECT_EQ(xml.blame(), Blame::Customer);

  const Error head =
      failure_of([&] { client.call<s3::ops::HeadObject>({.bucket = "b", .key = "other"}); });
  EXPECT_EQ(head.code(), "NotFound");

  const Error json = failure_of(
      [&] { client.call<wire::sagemaker::ops::StopTrainingJob>({.training_job_name = "a_b"}); });
  EXPECT_EQ(json.code(), "ValidationException");
  EXPECT_THAT(json.what(), HasSubstr("'trainingJobName'"));

  testing::internal::CaptureStderr();
  const Error ours = failure_of([&] { client.call<wire::sagemaker::ops::ListTrainingJobs>({}); });
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(ours.blame(), Blame::Platform);
  EXPECT_EQ(ours.code(), "ServiceUnavailable");
}

TEST_F(ClientTest, AWrongKeyIsRefusedByName) {
  Client stranger({.host = "127.0.0.1", .port = server.port()}, {"AKIDOTHER", "x", ""},
                  "eu-central-1");
  EXPECT_EQ(
      failure_of([&] { stranger.call<s3::ops::HeadObject>({.bucket = "b", .key = "k"}); }).code(),
      "AccessDenied");
  EXPECT_EQ(failure_of([&] { stranger.call<s3::ops::ListObjectsV2>({.bucket = "b"}); }).code(),
            "InvalidAccessKeyId");
}

TEST_F(ClientTest, AnAbsentServerIsThePlatformsFault) {
  Client nobody({.unix_socket = "/nonexistent/millrace.sock"}, kKey, "r");
  EXPECT_EQ(failure_of([&] { nobody.call<s3::ops::ListObjectsV2>({.bucket = "b"}); }).blame(),
            Blame::Platform);
}

}  // namespace
}  // namespace millrace::aws
