#include <benchmark/benchmark.h>

#include "core/base/check.h"
#include "core/base/time.h"
#include "generated/aws/s3/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/aws/dispatch.h"

namespace millrace::aws {
namespace {

namespace s3 = wire::s3;

const Credentials kKey{"AKIDEXAMPLE", "secret", ""};

/// A service that costs nothing, so that the path around it is what is measured.
class Nothing {
 public:
  s3::HeadObjectOutput head(const s3::HeadObjectRequest&, const Caller&) {
    return {.accept_ranges = "bytes",
            .last_modified = from_millis(1714557600000),
            .content_length = 10240,
            .e_tag = "\"0123456789abcdef0123456789abcdef\"",
            .content_type = "binary/octet-stream",
            .metadata = std::map<std::string, std::string>{}};
  }
  s3::ListObjectsV2Output list(const s3::ListObjectsV2Request& request, const Caller&) {
    s3::ListObjectsV2Output answer{.is_truncated = false, .contents = std::vector<s3::Object>(1000), .name = request.bucket};
    for (s3::Object& object : *answer.contents) {
      object = {.key = "some/prefix/part-00000.rec",
                .last_modified = from_millis(1714557600000),
                .e_tag = "\"0123456789abcdef0123456789abcdef\"",
                .size = 1 << 20,
                .storage_class = "STANDARD"};
    }
    return answer;
  }
  wire::sagemaker::CreateTrainingJobResponse create(const wire::sagemaker::CreateTrainingJobRequest&, const Caller&) {
    return {.training_job_arn = "arn"};
  }
};

struct World {
  World() {
    dispatch.add<s3::ops::HeadObject>(&nothing, &Nothing::head);
    dispatch.add<s3::ops::ListObjectsV2>(&nothing, &Nothing::list);
    dispatch.add<wire::sagemaker::ops::CreateTrainingJob>(&nothing, &Nothing::create);
  }
  Nothing nothing;
  Dispatch dispatch{{.keys = [](std::string_view) -> std::optional<Identity> {
    return Identity{.caller = {.account = "111122223333"}, .secret_key = "secret"};
  }}};
};

void run(benchmark::State& state, http::Outgoing out, std::string_view service) {
  World world;
  out.headers.set("Host", "127.0.0.1:9000");
  out.headers.add("User-Agent", "Boto3/1.26 Python/3.11 Linux Botocore/1.29");
  out.headers.add("Accept-Encoding", "identity");
  sign(out, kKey, "us-east-1", service, payload_hash(out.content), now());
  http::Request request;
  request.method = out.method;
  const std::size_t question = out.target.find('?');
  request.path = out.target.substr(0, question);
  if (question != std::string::npos) request.query = out.target.substr(question + 1);
  request.headers = out.headers;
  request.content_length = out.content.size();
  for (auto _ : state) {
    MemorySource body(out.content);
    request.body = &body;
    const http::Response response = world.dispatch.handle(request);
    MILLRACE_CHECK(response.status == 200);
  }
}

void signed_head(benchmark::State& state) {
  http::Outgoing out;
  out.method = "HEAD";
  out.target = "/my-bucket/some/prefix/part-00000.rec";
  run(state, std::move(out), "s3");
}
BENCHMARK(signed_head);

void signed_list_of_1000(benchmark::State& state) {
  http::Outgoing out;
  out.method = "GET";
  out.target = "/my-bucket?list-type=2&prefix=some%2Fprefix&encoding-type=url";
  run(state, std::move(out), "s3");
}
BENCHMARK(signed_list_of_1000);

void signed_create_training_job(benchmark::State& state) {
  http::Outgoing out;
  out.method = "POST";
  out.target = "/";
  out.headers.add("X-Amz-Target", "SageMaker.CreateTrainingJob");
  out.content = R"({"TrainingJobName": "job-1", "RoleArn": "arn:aws:iam::111122223333:role/Trainer",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "HyperParameters": {"epochs": "10", "learning_rate": "0.1", "num_classes": "10", "image_shape": "3,28,28"},
    "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix",
      "S3Uri": "s3://bucket/train", "S3DataDistributionType": "FullyReplicated"}}}],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60}})";
  run(state, std::move(out), "sagemaker");
}
BENCHMARK(signed_create_training_job);

}  // namespace
}  // namespace millrace::aws
