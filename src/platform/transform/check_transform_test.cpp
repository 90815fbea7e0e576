#include "platform/transform/check_transform.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/base/error.h"

namespace millrace::transform {
namespace {

namespace sm = wire::sagemaker;
using Request = sm::CreateTransformJobRequest;

Request request() {
  return {.transform_job_name = "score",
          .model_name = "churn",
          .transform_input = {.data_source = {.s3_data_source = {.s3_data_type = "S3Prefix",
                                                                 .s3_uri = "s3://b/in/"}},
                              .content_type = "text/csv",
                              .split_type = "Line"},
          .transform_output = {.s3_output_path = "s3://b/out", .assemble_with = "Line"},
          .transform_resources = {.instance_type = "ml.m5.large", .instance_count = 1}};
}

std::string refusal(const std::function<void(Request&)>& change) {
  Request changed = request();
  change(changed);
  try {
    check_transform(changed);
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

void expect_refused(const char* words, const std::function<void(Request&)>& change) {
  const std::string text = refusal(change);
  EXPECT_NE(text.find(words), std::string::npos) << text;
}

TEST(CheckTransform, AnOrdinaryRequestIsAccepted) {
  EXPECT_EQ(refusal([](Request&) {}), "accepted");
  EXPECT_EQ(refusal([](Request& r) {
              r.data_processing = {
                  {.input_filter = "$[1:]", .output_filter = "$[0,-1]", .join_source = "Input"}};
              r.batch_strategy = "MultiRecord";
              r.max_payload_in_mb = 6;
              r.max_concurrent_transforms = 4;
            }),
            "accepted");
}

TEST(CheckTransform, WhatIsNotServedIsRefusedByName) {
  expect_refused("S3DataType AugmentedManifestFile is not supported", [](Request& r) {
    r.transform_input.data_source.s3_data_source.s3_data_type = "AugmentedManifestFile";
  });
  expect_refused("DataCaptureConfig is not supported",
                 [](Request& r) { r.data_capture_config = {{.destination_s3_uri = "s3://b/c"}}; });
  expect_refused("ExperimentConfig is not supported",
                 [](Request& r) { r.experiment_config.emplace(); });
  expect_refused("TransformOutput.KmsKeyId is not supported",
                 [](Request& r) { r.transform_output.kms_key_id = "key"; });
  expect_refused("TransformResources.VolumeKmsKeyId is not supported",
                 [](Request& r) { r.transform_resources.volume_kms_key_id = "key"; });
  expect_refused("ResourceLimitExceeded",
                 [](Request& r) { r.transform_resources.instance_count = 21; });
}

TEST(CheckTransform, PayloadsTogetherAreAtMostAHundredMegabytes) {
  expect_refused("MaxPayloadInMB: got \"101\"", [](Request& r) { r.max_payload_in_mb = 101; });
  expect_refused("got \"11 * 10\"", [](Request& r) {
    r.max_payload_in_mb = 10;
    r.max_concurrent_transforms = 11;
  });
  EXPECT_EQ(refusal([](Request& r) {
              r.max_payload_in_mb = 10;
              r.max_concurrent_transforms = 10;
            }),
            "accepted");
}

TEST(CheckTransform, HeaderFieldsCannotHoldLineEnds) {
  expect_refused("TransformInput.ContentType",
                 [](Request& r) { r.transform_input.content_type = "text/csv\r\nX: y"; });
  expect_refused("TransformOutput.Accept",
                 [](Request& r) { r.transform_output.accept = "text/csv\n"; });
}

TEST(CheckTransform, FiltersAndJoinsNeedTextOfOneFormat) {
  const auto processed = [](const std::function<void(Request&)>& change) {
    return [change](Request& r) {
      r.data_processing = {{.join_source = "Input"}};
      change(r);
    };
  };
  expect_refused("which DataProcessing can filter and join",
                 processed([](Request& r) { r.transform_input.content_type = "image/png"; }));
  expect_refused("which DataProcessing can filter and join",
                 processed([](Request& r) { r.transform_input.content_type.reset(); }));
  expect_refused("DataProcessing with SplitType RecordIO",
                 processed([](Request& r) { r.transform_input.split_type = "RecordIO"; }));
  expect_refused("AssembleWith to Line",
                 processed([](Request& r) { r.transform_output.assemble_with = "None"; }));
  expect_refused("TransformOutput.Accept: got \"application/json\"",
                 processed([](Request& r) { r.transform_output.accept = "application/json"; }));
  expect_refused("DataProcessing with MaxPayloadInMB 0",
                 processed([](Request& r) { r.max_payload_in_mb = 0; }));
  expect_refused("DataProcessing.InputFilter: got \"$.name\"",
                 processed([](Request& r) { r.data_processing->input_filter = "$.name"; }));
  expect_refused("recursive descent",
                 processed([](Request& r) { r.data_processing->output_filter = "$..x"; }));
  EXPECT_EQ(refusal(processed([](Request& r) {
              r.transform_input.content_type = "application/jsonlines";
              r.transform_output.accept = "application/json";
              r.data_processing->input_filter = "$.features";
            })),
            "accepted");
}

TEST(CheckTransform, DefaultsAreWrittenDownAsTheServiceDoes) {
  const Request whole = with_defaults(request());
  EXPECT_EQ(whole.transform_input.compression_type, "None");
  EXPECT_EQ(whole.data_processing->input_filter, "$");
  EXPECT_EQ(whole.data_processing->join_source, "None");
  EXPECT_EQ(whole.model_client_config->invocations_timeout_in_seconds, 600);
  EXPECT_EQ(whole.model_client_config->invocations_max_retries, 3);
  EXPECT_FALSE(processes(whole));
}

}  // namespace
}  // namespace millrace::transform
