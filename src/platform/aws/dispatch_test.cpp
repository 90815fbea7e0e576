#include "platform/aws/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/http/client.h"
#include "generated/aws/cloudwatch/operations.h"
#include "generated/aws/iam/operations.h"
#include "generated/aws/s3/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "generated/aws/sts/operations.h"
#include "platform/aws/digest.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace s3 = wire::s3;
namespace sagemaker = wire::sagemaker;

const Credentials kKey{"AKIDEXAMPLE", "secret", ""};

std::optional<Identity> known_key(std::string_view access_key) {
  if (access_key != kKey.access_key) return std::nullopt;
  Identity identity;
  identity.caller.account = "111122223333";
  identity.caller.access_key = access_key;
  identity.caller.arn = "arn:aws:sts::111122223333:assumed-role/Trainer/alice";
  identity.secret_key = kKey.secret_key;
  return identity;
}

/// A body that fails the test when someone reads it.
class Untouchable final : public ByteSource {
 public:
  std::size_t read(std::span<char>) override {
    ADD_FAILURE() << "the body was read";
    return 0;
  }
};

/// An endless body, as a client without conscience sends it.
class Endless final : public ByteSource {
 public:
  std::size_t read(std::span<char> buffer) override {
    std::fill(buffer.begin(), buffer.end(), ' ');
    given += buffer.size();
    return buffer.size();
  }
  std::size_t given = 0;
};

class Jobs {
 public:
  sagemaker::CreateTrainingJobResponse create(const sagemaker::CreateTrainingJobRequest& request,
                                              const Caller& caller) {
    if (request.training_job_name == "taken")
      throw Error(Blame::Customer, "ResourceInUse", "The name is taken.");
    if (request.training_job_name == "disk") throw Error(Blame::Platform, "disk is on fire");
    if (request.training_job_name == "logic") throw std::logic_error("secret detail");
    if (request.training_job_name == "int") throw 42;
    return {.training_job_arn = "arn:aws:sagemaker:" + caller.region + ":" + caller.account +
                                ":training-job/" + request.training_job_name};
  }
  wire::Empty stop(const sagemaker::StopTrainingJobRequest&, const Caller&) { return {}; }
};

class Objects {
 public:
  s3::PutObjectOutput put(const s3::PutObjectRequest& request, const Caller&) {
    metadata = request.metadata.value_or(std::map<std::string, std::string>());
    stored = read_all(*request.body, 1 << 20, "body");
    length = request.body->length();
    return {.e_tag = "\"" + request.key + "\""};
  }
  s3::GetObjectOutput get(const s3::GetObjectRequest& request, const Caller&) {
    if (request.key == "missing")
      throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
    if (request.if_none_match) throw Error(Blame::Customer, "NotModified", "Not Modified");
    s3::GetObjectOutput answer{.content_length = 5, .e_tag = "\"e\"", .content_type = "text/plain"};
    answer.body = std::string("hello");
    if (request.range) answer.http_status = 206;
    return answer;
  }
  s3::HeadObjectOutput head(const s3::HeadObjectRequest& request, const Caller&) {
    if (request.key == "missing")
      throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
    return {.content_length = 5, .e_tag = "\"" + request.bucket + "/" + request.key + "\""};
  }
  s3::ListObjectsV2Output list(const s3::ListObjectsV2Request& request, const Caller&) {
    return {.is_truncated = false, .name = request.bucket, .key_count = 0};
  }
  wire::Empty erase(const s3::DeleteBucketRequest&, const Caller&) {
    deleted = true;
    return {};
  }
  s3::CompleteMultipartUploadOutput complete(const s3::CompleteMultipartUploadRequest& request,
                                             const Caller&) {
    return {.e_tag = "\"joined\"", .checksum_crc32 = request.checksum_crc32};
  }
  s3::DeleteObjectsOutput batch(const s3::DeleteObjectsRequest& request, const Caller&) {
    s3::DeleteObjectsOutput answer;
    for (const auto& object : request.delete_.objects)
      answer.deleted.emplace().push_back({.key = object.key});
    return answer;
  }

  s3::CopyObjectOutput copy(const s3::CopyObjectRequest& request, const Caller&) {
    copied_from = request.copy_source;
    return {};
  }

  std::string stored;
  std::string copied_from;
  std::map<std::string, std::string> metadata;
  std::optional<std::uint64_t> length;
  bool deleted = false;
};

class Who {
 public:
  wire::sts::GetCallerIdentityResponse identity(const wire::sts::GetCallerIdentityRequest&,
                                                const Caller& caller) {
    return {.account = caller.account, .arn = caller.arn};
  }
  wire::iam::GetRoleResponse role(const wire::iam::GetRoleRequest& request, const Caller&) {
    throw Error(Blame::Customer, "NoSuchEntity",
                "The role with name " + request.role_name + " cannot be found.");
  }
};

class DispatchTest : public testing::Test {
 protected:
  DispatchTest() {
    dispatch.add<sagemaker::ops::CreateTrainingJob>(&jobs, &Jobs::create);
    dispatch.add<sagemaker::ops::StopTrainingJob>(&jobs, &Jobs::stop);
    dispatch.add<s3::ops::PutObject>(&objects, &Objects::put);
    dispatch.add<s3::ops::CopyObject>(&objects, &Objects::copy);
    dispatch.add<s3::ops::GetObject>(&objects, &Objects::get);
    dispatch.add<s3::ops::HeadObject>(&objects, &Objects::head);
    dispatch.add<s3::ops::ListObjectsV2>(&objects, &Objects::list);
    dispatch.add<s3::ops::DeleteBucket>(&objects, &Objects::erase);
    dispatch.add<s3::ops::CompleteMultipartUpload>(&objects, &Objects::complete);
    dispatch.add<s3::ops::DeleteObjects>(&objects, &Objects::batch);
    dispatch.add<wire::sts::ops::GetCallerIdentity>(&who, &Who::identity);
    dispatch.add<wire::iam::ops::GetRole>(&who, &Who::role);
  }

  static http::Outgoing json_call(std::string_view target, std::string body) {
    http::Outgoing out;
    out.method = "POST";
    out.target = "/";
    out.headers.add("Host", "127.0.0.1:9000");
    out.headers.add("Content-Type", "application/x-amz-json-1.1");
    out.headers.add("X-Amz-Target", std::string(target));
    out.content = std::move(body);
    return out;
  }

  static http::Outgoing s3_call(std::string method, std::string target, std::string body = "") {
    http::Outgoing out;
    out.method = std::move(method);
    out.target = std::move(target);
    out.headers.add("Host", "127.0.0.1:9000");
    out.content = std::move(body);
    return out;
  }

  static http::Outgoing query_call(std::string form) {
    http::Outgoing out = s3_call("POST", "/", std::move(form));
    out.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    return out;
  }

  http::Response send(http::Outgoing out, std::string_view service) {
    sign(out, kKey, "eu-central-1", service, payload_hash(out.content), now());
    return send_unsigned(out);
  }

  http::Response send_unsigned(const http::Outgoing& out) {
    MemorySource body(out.content);
    return send_body(out, body, out.content.size());
  }

  http::Response send_body(const http::Outgoing& out, ByteSource& body,
                           std::optional<std::uint64_t> length) {
    http::Request request;
    request.method = out.method;
    const std::size_t question = out.target.find('?');
    request.path = out.target.substr(0, question);
    if (question != std::string::npos) request.query = out.target.substr(question + 1);
    request.headers = out.headers;
    request.content_length = length;
    request.peer = "test";
    request.body = &body;
    return dispatch.handle(request);
  }

  /// A version 2 URL; `parameters` are x-amz-... ones in the order of their names.
  static http::Outgoing presigned(
      const std::string& method, const std::string& path,
      const std::vector<std::pair<std::string, std::string>>& parameters) {
    const std::string expires = std::to_string(to_millis(now()) / 1000 + 600);
    std::string lines;
    std::string query;
    for (const auto& [name, value] : parameters) {
      lines += name + ":" + value + "\n";
      query += "&" + name + "=" + uri_encode(value, Slash::Encode);
    }
    const std::string signature =
        to_base64(hmac_sha1(kKey.secret_key, method + "\n\n\n" + expires + "\n" + lines + path));
    return s3_call(method, path + "?AWSAccessKeyId=" + kKey.access_key + "&Expires=" + expires +
                               "&Signature=" + uri_encode(signature, Slash::Encode) + query);
  }

  static std::string text_of(const http::Response& response) {
    return std::get<std::string>(response.body);
  }

  static std::string job(std::string_view name) {
    return R"({"TrainingJobName": ")" + std::string(name) +
           R"(", "RoleArn": "arn:aws:iam::111122223333:role/T", "OutputDataConfig": {"S3OutputPath": "s3://b"}})";
  }

  Jobs jobs;
  Objects objects;
  Who who;
  Dispatch dispatch{{.keys = known_key, .base_hosts = {"store.example.com"}}};
};

TEST_F(DispatchTest, AJsonOperationReachesItsHandlerWithTheCaller) {
  const http::Response response =
      send(json_call("SageMaker.CreateTrainingJob", job("a")), "sagemaker");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(response),
            R"({"TrainingJobArn":"arn:aws:sagemaker:eu-central-1:111122223333:training-job/a"})");
  EXPECT_EQ(response.headers.find("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(response.headers.find("x-amzn-RequestId")->size(), 36U);
}

TEST_F(DispatchTest, AnOperationWithoutOutputAnswersNothing) {
  const http::Response response =
      send(json_call("SageMaker.StopTrainingJob", R"({"TrainingJobName":"a"})"), "sagemaker");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(response), "");
}

TEST_F(DispatchTest, ConstraintsAreCheckedBeforeTheHandler) {
  const http::Response response =
      send(json_call("SageMaker.CreateTrainingJob", job("my_job")), "sagemaker");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(text_of(response), HasSubstr(R"("__type":"ValidationException")"));
  EXPECT_THAT(text_of(response), HasSubstr("Value 'my_job' at 'trainingJobName'"));
}

TEST_F(DispatchTest, AnErrorOfTheHandlerIsTheAnswer) {
  const http::Response response =
      send(json_call("SageMaker.CreateTrainingJob", job("taken")), "sagemaker");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_of(response), R"({"__type":"ResourceInUse","Message":"The name is taken."})");
}

TEST_F(DispatchTest, OurOwnFailuresAre500AndKeepForeignTextBack) {
  testing::internal::CaptureStderr();
  const http::Response ours =
      send(json_call("SageMaker.CreateTrainingJob", job("disk")), "sagemaker");
  const http::Response foreign =
      send(json_call("SageMaker.CreateTrainingJob", job("logic")), "sagemaker");
  const http::Response odd =
      send(json_call("SageMaker.CreateTrainingJob", job("int")), "sagemaker");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(ours.status, 500);
  EXPECT_THAT(text_of(ours), HasSubstr("InternalFailure"));
  EXPECT_EQ(foreign.status, 500);
  EXPECT_THAT(text_of(foreign), Not(HasSubstr("secret detail")));
  EXPECT_EQ(odd.status, 500);
  EXPECT_THAT(log, HasSubstr("event=request-failed request_id="));
  EXPECT_THAT(log, HasSubstr("service=sagemaker operation=CreateTrainingJob code=InternalFailure "
                             "message=\"disk is on"));
  EXPECT_THAT(log, HasSubstr("message=\"secret detail\""));
}

TEST_F(DispatchTest, BadJsonIsASerializationException) {
  for (const char* body : {"{", "[]", "\"text\"", "{\"a\": \xFF}", "{} {}"}) {
    const http::Response response =
        send(json_call("SageMaker.CreateTrainingJob", body), "sagemaker");
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(text_of(response), HasSubstr(R"("__type":"SerializationException")")) << body;
  }
}

TEST_F(DispatchTest, AWideJsonObjectIsRefusedQuickly) {
  std::string body = "{";
  for (int i = 0; i < 2000; ++i) body += "\"k" + std::to_string(i) + "\": 1,";
  body += "\"end\": 1}";
  EXPECT_THAT(text_of(send(json_call("SageMaker.CreateTrainingJob", body), "sagemaker")),
              HasSubstr("more members in one object than the limit of 1000"));
}

TEST_F(DispatchTest, OperationsNobodyAnswersAreNamed) {
  const http::Response model = send(json_call("SageMaker.CreateModel", "{}"), "sagemaker");
  EXPECT_EQ(model.status, 400);
  EXPECT_THAT(text_of(model), HasSubstr(R"("__type":"UnknownOperationException")"));
  EXPECT_THAT(text_of(model), HasSubstr("operation CreateModel is not supported by Millrace"));

  const http::Response unbound = send(json_call("SageMaker.ListTrainingJobs", "{}"), "sagemaker");
  EXPECT_THAT(text_of(unbound),
              HasSubstr("operation ListTrainingJobs is not supported by Millrace"));

  const http::Response invented = send(json_call("SageMaker.Dance", "{}"), "sagemaker");
  EXPECT_THAT(text_of(invented), HasSubstr("Amazon SageMaker Service has no operation 'Dance'"));

  const http::Response policy = send(s3_call("PUT", "/b?policy", "{}"), "s3");
  EXPECT_EQ(policy.status, 501);
  EXPECT_THAT(text_of(policy), HasSubstr("<Code>NotImplemented</Code>"));
  EXPECT_THAT(text_of(policy), HasSubstr("operation PutBucketPolicy is not supported by Millrace"));

  const http::Response metrics =
      send(query_call("Action=PutDashboard&Version=2010-08-01"), "monitoring");
  EXPECT_EQ(metrics.status, 400);
  EXPECT_THAT(text_of(metrics), HasSubstr("<Code>InvalidAction</Code>"));
  EXPECT_THAT(text_of(metrics), HasSubstr("operation PutDashboard is not supported by Millrace"));

  http::Outgoing json_metrics = json_call("GraniteServiceVersion20100801.PutDashboard", "{}");
  json_metrics.headers.add("X-Amzn-Query-Mode", "true");
  const http::Response json_answer = send(json_metrics, "monitoring");
  EXPECT_EQ(json_answer.headers.find("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(json_answer.headers.find("x-amzn-query-error"), "InvalidAction;Sender");

  const http::Response service = send(json_call("DynamoDB_20120810.ListTables", "{}"), "dynamodb");
  EXPECT_THAT(text_of(service), HasSubstr("service 'dynamodb' is not offered by Millrace"));
}

TEST_F(DispatchTest, AnUnknownSubResourceNeverBecomesThePlainOperation) {
  const http::Response response = send(s3_call("DELETE", "/b?metadataTable="), "s3");
  EXPECT_EQ(response.status, 501);
  EXPECT_THAT(text_of(response), HasSubstr("sub-resource 'metadataTable'"));
  EXPECT_FALSE(objects.deleted);
  EXPECT_EQ(send(s3_call("DELETE", "/b?x-id=DeleteBucket"), "s3").status, 204);
  EXPECT_TRUE(objects.deleted);
}

TEST_F(DispatchTest, UnsignedRequestsAreRefusedInTheirShape) {
  const http::Response json = send_unsigned(json_call("SageMaker.CreateTrainingJob", job("a")));
  EXPECT_EQ(json.status, 400);
  EXPECT_THAT(text_of(json), HasSubstr("MissingAuthenticationTokenException"));
  const http::Response query =
      send_unsigned(query_call("Action=GetCallerIdentity&Version=2011-06-15"));
  EXPECT_EQ(query.status, 403);
  EXPECT_THAT(text_of(query), HasSubstr("<Code>MissingAuthenticationToken</Code>"));
  const http::Response object = send_unsigned(s3_call("GET", "/b/k"));
  EXPECT_EQ(object.status, 403);
  EXPECT_THAT(text_of(object), HasSubstr("<Code>AccessDenied</Code>"));
}

TEST_F(DispatchTest, AWrongKeyHasEachProtocolsCode) {
  http::Outgoing json = json_call("SageMaker.CreateTrainingJob", job("a"));
  sign(json, {"AKIDOTHER", "x", ""}, "r", "sagemaker", payload_hash(json.content), now());
  EXPECT_THAT(text_of(send_unsigned(json)), HasSubstr("UnrecognizedClientException"));
  http::Outgoing query = query_call("Action=GetCallerIdentity&Version=2011-06-15");
  sign(query, {"AKIDEXAMPLE", "wrong", ""}, "r", "sts", payload_hash(query.content), now());
  const http::Response refused = send_unsigned(query);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(text_of(refused), HasSubstr("<Code>SignatureDoesNotMatch</Code>"));
}

TEST_F(DispatchTest, AGigabyteForAJsonOperationIsRefusedUnread) {
  http::Outgoing out = json_call("SageMaker.CreateTrainingJob", "");
  sign(out, kKey, "r", "sagemaker", payload_hash("x"), now());
  Untouchable body;
  const http::Response response = send_body(out, body, std::uint64_t{1} << 30);
  EXPECT_EQ(response.status, 413);
  EXPECT_THAT(text_of(response), HasSubstr(R"("__type":"RequestEntityTooLarge")"));
  EXPECT_THAT(text_of(response),
              HasSubstr("1073741824 bytes is larger than the limit of 16777216 bytes"));
}

TEST_F(DispatchTest, AKeyNobodyHasIsRefusedBeforeTheBodyIsRead) {
  http::Outgoing json = json_call("SageMaker.CreateTrainingJob", "");
  sign(json, {"AKIDOTHER", "x", ""}, "r", "sagemaker", payload_hash("x"), now());
  http::Outgoing query = query_call("");
  sign(query, {"AKIDOTHER", "x", ""}, "r", "sts", payload_hash("x"), now());
  Untouchable body;
  EXPECT_THAT(text_of(send_body(json, body, 1000)), HasSubstr("UnrecognizedClientException"));
  EXPECT_THAT(text_of(send_body(query, body, 1000)), HasSubstr("InvalidClientTokenId"));
}

std::string gzipped(std::string_view text) {
  StringSink packed;
  GzipSink sink(packed);
  sink.write({text.data(), text.size()});
  sink.finish();
  return packed.text();
}

TEST_F(DispatchTest, ACompressedDocumentIsUnpackedAfterItsSignatureWasVerified) {
  http::Outgoing form = query_call(gzipped("Action=GetCallerIdentity&Version=2011-06-15"));
  form.headers.add("Content-Encoding", "gzip");
  EXPECT_THAT(text_of(send(form, "sts")), HasSubstr("<GetCallerIdentityResult>"));

  http::Outgoing damaged = json_call("SageMaker.CreateTrainingJob", "no gzip");
  damaged.headers.add("Content-Encoding", "gzip");
  const std::string refusal = text_of(send(damaged, "sagemaker"));
  EXPECT_THAT(refusal, HasSubstr("SerializationException"));
  EXPECT_THAT(refusal, HasSubstr("request body: "));
}

TEST_F(DispatchTest, ACompressedDocumentMayNotGrowBeyondTheLimit) {
  http::Outgoing bomb =
      json_call("SageMaker.CreateTrainingJob", gzipped(std::string((16U << 20) + 1, ' ')));
  bomb.headers.add("Content-Encoding", "gzip");
  EXPECT_THAT(text_of(send(bomb, "sagemaker")), HasSubstr("RequestEntityTooLarge"));
}

TEST_F(DispatchTest, ABodyThatTakesTooLongIsCutOff) {
  const Dispatch impatient{{.keys = known_key, .document_timeout = std::chrono::milliseconds(0)}};
  http::Outgoing out = json_call("SageMaker.CreateTrainingJob", "");
  sign(out, kKey, "r", "sagemaker", payload_hash("x"), now());
  Endless body;
  http::Request request;
  request.method = out.method;
  request.path = out.target;
  request.headers = out.headers;
  request.body = &body;
  const http::Response response = impatient.handle(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(text_of(response), HasSubstr("RequestTimeout"));
  EXPECT_LE(body.given, std::size_t{64} << 10);
}

TEST_F(DispatchTest, AnEndlessChunkedBodyIsCutOffAtTheLimit) {
  http::Outgoing out = json_call("SageMaker.CreateTrainingJob", "");
  sign(out, kKey, "r", "sagemaker", payload_hash("x"), now());
  Endless body;
  EXPECT_EQ(send_body(out, body, std::nullopt).status, 413);
  EXPECT_LE(body.given, std::size_t{17} << 20);
}

TEST_F(DispatchTest, AQueryOperationAnswersXml) {
  const http::Response response =
      send(query_call("Action=GetCallerIdentity&Version=2011-06-15"), "sts");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("Content-Type"), "text/xml");
  EXPECT_THAT(text_of(response), HasSubstr("<GetCallerIdentityResult>"));
  EXPECT_THAT(text_of(response),
              HasSubstr("<Arn>arn:aws:sts::111122223333:assumed-role/Trainer/alice</Arn>"));
  EXPECT_THAT(text_of(response),
              HasSubstr("<RequestId>" + std::string(*response.headers.find("x-amzn-RequestId"))));
}

TEST_F(DispatchTest, AQueryErrorHasTheModelsStatus) {
  const http::Response missing =
      send(query_call("Action=GetRole&Version=2010-05-08&RoleName=R"), "iam");
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(text_of(missing),
              HasSubstr("<Code>NoSuchEntity</Code><Message>The role with name R cannot be found."));
  const http::Response invalid = send(query_call("Action=GetRole&Version=2010-05-08"), "iam");
  EXPECT_EQ(invalid.status, 400);
  EXPECT_THAT(text_of(invalid), HasSubstr("<Code>ValidationError</Code>"));
  EXPECT_THAT(text_of(invalid), HasSubstr("Value null at 'roleName' failed to satisfy constraint"));
}

TEST_F(DispatchTest, AStreamedBodyReachesTheHandlerUnread) {
  const http::Response response = send(s3_call("PUT", "/b/dir/key", "content"), "s3");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("ETag"), "\"dir/key\"");
  EXPECT_EQ(objects.stored, "content");
  EXPECT_EQ(objects.length, 7U);
  EXPECT_EQ(response.headers.find("x-amz-request-id")->size(), 16U);
  EXPECT_TRUE(response.headers.find("x-amz-id-2"));
}

TEST_F(DispatchTest, AStreamedAnswerKeepsItsBodyAndStatus) {
  const http::Response whole = send(s3_call("GET", "/b/k"), "s3");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(text_of(whole), "hello");
  EXPECT_EQ(whole.headers.find("Content-Type"), "text/plain");
  EXPECT_EQ(whole.headers.find("Content-Length"), std::nullopt);
  http::Outgoing ranged = s3_call("GET", "/b/k");
  ranged.headers.add("Range", "bytes=0-1");
  EXPECT_EQ(send(ranged, "s3").status, 206);
}

TEST_F(DispatchTest, HeadAnnouncesTheLengthAndItsErrorsHaveNoBody) {
  const http::Response found = send(s3_call("HEAD", "/b/k"), "s3");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.announced_length, 5U);
  EXPECT_EQ(text_of(found), "");
  const http::Response missing = send(s3_call("HEAD", "/b/missing"), "s3");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(text_of(missing), "");
}

TEST_F(DispatchTest, NotModifiedHasNoBody) {
  http::Outgoing out = s3_call("GET", "/b/k");
  out.headers.add("If-None-Match", "\"e\"");
  const http::Response response = send(out, "s3");
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(text_of(response), "");
}

TEST_F(DispatchTest, AnS3ErrorNamesTheResource) {
  const http::Response response = send(s3_call("GET", "/b/missing"), "s3");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(text_of(response), HasSubstr("<Code>NoSuchKey</Code>"));
  EXPECT_THAT(text_of(response), HasSubstr("<Resource>/b/missing</Resource>"));
}

TEST_F(DispatchTest, TheBucketMayBeInTheHost) {
  for (const char* host :
       {"b.localhost:9000", "b.store.example.com", "b.s3.eu-central-1.amazonaws.com"}) {
    http::Outgoing out = s3_call("HEAD", "/dir/k");
    out.headers.set("Host", host);
    EXPECT_EQ(send(out, "s3").headers.find("ETag"), "\"b/dir/k\"") << host;
  }
}

TEST_F(DispatchTest, APresignedUrlOfVersion2OpensNoOtherBucketThroughTheHost) {
  http::Outgoing out = presigned("GET", "/a/k", {});
  EXPECT_EQ(send_unsigned(out).status, 200);
  out.headers.set("Host", "victim.localhost");
  const http::Response refused = send_unsigned(out);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(text_of(refused), HasSubstr("<Code>SignatureDoesNotMatch</Code>"));
}

TEST_F(DispatchTest, HeadersThatAPresignerMovedIntoTheQueryCount) {
  EXPECT_EQ(send_unsigned(presigned("PUT", "/b/k", {{"x-amz-meta-colour", "red"}})).status, 200);
  EXPECT_EQ(objects.metadata, (std::map<std::string, std::string>{{"colour", "red"}}));

  EXPECT_EQ(send_unsigned(presigned("PUT", "/b/k", {{"x-amz-copy-source", "/from/there"}})).status,
            200);
  EXPECT_EQ(objects.copied_from, "/from/there");

  // No checksum: it would be held against a body that the URL's maker did not know.
  EXPECT_EQ(send_unsigned(presigned("PUT", "/b/k", {{"x-amz-checksum-crc32", "AAAAAA=="}})).status,
            200);
}

TEST_F(DispatchTest, AQueryCannotSmuggleLinesIntoHeaders) {
  const http::Response refused =
      send_unsigned(presigned("PUT", "/b/k", {{"x-amz-meta-colour", "red\r\nSet-Cookie: a=b"}}));
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(text_of(refused), HasSubstr("<Code>InvalidArgument</Code>"));
}

TEST_F(DispatchTest, ParametersOfARequestSignedInAHeaderStayParameters) {
  EXPECT_EQ(send(s3_call("PUT", "/b/k?x-amz-meta-colour=red", "x"), "s3").status, 200);
  EXPECT_TRUE(objects.metadata.empty());
}

TEST_F(DispatchTest, AnXmlBodyIsReadAndAnsweredInXml) {
  const http::Response response = send(
      s3_call("POST", "/b?delete", "<Delete><Object><Key>a&amp;b</Key></Object></Delete>"), "s3");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      text_of(response),
      HasSubstr("<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Deleted><Key>"
                "a&amp;b</Key></Deleted></DeleteResult>"));
  EXPECT_THAT(text_of(send(s3_call("POST", "/b?delete", ""), "s3")),
              HasSubstr("<Code>MissingRequestBodyError</Code>"));
  EXPECT_THAT(text_of(send(s3_call("POST", "/b?delete", "<Delete>"), "s3")),
              HasSubstr("<Code>MalformedXML</Code>"));
}

TEST_F(DispatchTest, AnObjectsChecksumIsNotHeldAgainstTheDocument) {
  const std::string parts =
      "<CompleteMultipartUpload><Part><ETag>e</ETag><PartNumber>1</PartNumber></Part>"
      "</CompleteMultipartUpload>";
  http::Outgoing complete = s3_call("POST", "/b/k?uploadId=u", parts);
  complete.headers.add("x-amz-checksum-crc32", "AAAAAA==");
  const http::Response joined = send(complete, "s3");
  EXPECT_EQ(joined.status, 200) << text_of(joined);
  EXPECT_THAT(text_of(joined), HasSubstr("<ChecksumCRC32>AAAAAA==</ChecksumCRC32>"));

  http::Outgoing batch =
      s3_call("POST", "/b?delete", "<Delete><Object><Key>a</Key></Object></Delete>");
  batch.headers.add("x-amz-checksum-crc32", "AAAAAA==");
  EXPECT_THAT(text_of(send(batch, "s3")), HasSubstr("<Code>BadDigest</Code>"));
}

TEST_F(DispatchTest, ADocumentIsHeldAgainstItsContentMd5) {
  const std::string body = "<Delete><Object><Key>a</Key></Object></Delete>";
  const auto answer = [&](const std::string& content_md5) {
    http::Outgoing out = s3_call("POST", "/b?delete", body);
    out.headers.add("Content-MD5", content_md5);
    return send(out, "s3");
  };
  EXPECT_EQ(answer(to_base64(md5(body))).status, 200);
  EXPECT_THAT(text_of(answer(to_base64(md5("other")))), HasSubstr("<Code>BadDigest</Code>"));
  EXPECT_THAT(text_of(answer("nonsense")), HasSubstr("<Code>InvalidDigest</Code>"));
}

TEST_F(DispatchTest, AMethodThatAPathDoesNotHaveIsNotAllowed) {
  const http::Response response = send(s3_call("POST", "/b/k", "x"), "s3");
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(text_of(response), HasSubstr("<Code>MethodNotAllowed</Code>"));
}

TEST_F(DispatchTest, AMalformedEscapeIsAnInvalidUri) {
  EXPECT_THAT(text_of(send(s3_call("GET", "/b/k?x=%4"), "s3")),
              HasSubstr("<Code>InvalidURI</Code>"));
}

TEST_F(DispatchTest, ARequestThatWasLetInNeedsNoSignatureAndIsCheckedOtherwise) {
  const Admission session{.service = "sagemaker",
                          .caller = {.account = "111122223333", .region = "eu-west-1"}};
  const auto admitted = [&](const http::Outgoing& out, const Admission& admission) {
    MemorySource body(out.content);
    http::Request request;
    request.method = out.method;
    request.path = out.target;
    request.headers = out.headers;
    request.content_length = out.content.size();
    request.body = &body;
    return dispatch.handle(request, admission);
  };
  const auto stop = json_call("SageMaker.StopTrainingJob", R"({"TrainingJobName":"a"})");
  EXPECT_EQ(admitted(stop, session).status, 200);
  EXPECT_EQ(send_unsigned(stop).status, 400);  // without it, the signature is missed as ever
  EXPECT_EQ(admitted(json_call("SageMaker.StopTrainingJob", "{}"), session).status, 400);

  const Admission store{.service = "s3", .caller = session.caller};
  auto put = s3_call("PUT", "/bucket/key", "hello");
  EXPECT_EQ(admitted(put, store).status, 200);
  EXPECT_EQ(objects.stored, "hello");
  // A bucket stands in the path, whatever the host is called.
  put.headers.set("Host", "other.localhost:9000");
  EXPECT_EQ(admitted(put, store).headers.find("ETag"), "\"key\"");
  put.headers.add("x-amz-checksum-crc32", "AAAAAA==");
  EXPECT_EQ(admitted(put, store).status, 400);
  EXPECT_EQ(admitted(put, {.service = "nowhere", .caller = session.caller}).status, 501);
}

}  // namespace
}  // namespace millrace::aws
