#include "platform/jobs/check_processing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "platform/jobs/request_fixture.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using ::testing::HasSubstr;
using Request = sm::CreateProcessingJobRequest;

Request small() {
  return {.processing_inputs = {{{.input_name = "in",
                                  .s3_input = {{.s3_uri = "s3://data/in/",
                                                .local_path = "/opt/ml/processing/input",
                                                .s3_data_type = "S3Prefix"}}}}},
          .processing_output_config =
              {{.outputs = {{.output_name = "out",
                             .s3_output = {{.s3_uri = "s3://out/x",
                                            .local_path = "/opt/ml/processing/output",
                                            .s3_upload_mode = "EndOfJob"}}}}}},
          .processing_job_name = "job",
          .processing_resources = {.cluster_config = {.instance_count = 1,
                                                      .instance_type = "ml.m5.large",
                                                      .volume_size_in_gb = 1}},
          .app_specification = {.image_uri = "shell"},
          .role_arn = "arn:aws:iam::111122223333:role/r"};
}

std::string told(const std::function<void(Request&)>& change) {
  Request request = small();
  change(request);
  return refusal([&] { check_processing(request); });
}

TEST(CheckProcessing, ASmallRequestIsAcceptedAndFilledIn) {
  EXPECT_EQ(told([](Request&) {}), "accepted");
  const Request filled = with_processing_defaults(small());
  EXPECT_EQ(filled.processing_inputs->at(0).s3_input->s3_input_mode, "File");
  EXPECT_EQ(filled.processing_inputs->at(0).s3_input->s3_data_distribution_type, "FullyReplicated");
  EXPECT_EQ(filled.processing_inputs->at(0).app_managed, false);
  EXPECT_EQ(filled.stopping_condition->max_runtime_in_seconds, 86400);
}

TEST(CheckProcessing, PlacesLieBelowTheDirectoryOfProcessing) {
  for (const char* path :
       {"", "/opt/ml/model", "opt/ml/processing/x", "/opt/ml/processing/../x", "/opt/ml",
        "/opt/ml/processing", "/opt/ml/processing/", "/opt/ml/processing//.", "/opt/ml/processing2",
        "/opt/ml/processing/a/../../model"}) {
    EXPECT_THAT(told([&](Request& r) { r.processing_inputs->at(0).s3_input->local_path = path; }),
                HasSubstr("input 'in': LocalPath"))
        << path;
    EXPECT_THAT(told([&](Request& r) {
                  r.processing_output_config->outputs.at(0).s3_output->local_path = path;
                }),
                HasSubstr("output 'out': LocalPath"))
        << path;
  }
  for (const char* path : {"/opt/ml/processing/a/b/", "/opt/ml/processing//a"}) {
    EXPECT_EQ(told([&](Request& r) { r.processing_inputs->at(0).s3_input->local_path = path; }),
              "accepted")
        << path;
  }
  EXPECT_EQ(told([](Request& r) {
              r.processing_inputs->at(0).app_managed = true;
              r.processing_inputs->at(0).s3_input->local_path.reset();
            }),
            "accepted");
}

TEST(CheckProcessing, EveryInputAndOutputHasAPlaceOfItsOwn) {
  for (const char* path :
       {"/opt/ml/processing/input", "/opt/ml/processing//input/", "/opt/ml/processing/./input"}) {
    EXPECT_THAT(told([&](Request& r) {
                  r.processing_output_config->outputs.at(0).s3_output->local_path = path;
                }),
                HasSubstr("output 'out': LocalPath"))
        << path;
    EXPECT_THAT(told([&](Request& r) {
                  auto second = r.processing_inputs->front();
                  second.input_name = "second";
                  second.s3_input->local_path = path;
                  r.processing_inputs->push_back(second);
                }),
                HasSubstr("not that of input 'in'"))
        << path;
  }
  EXPECT_EQ(told([](Request& r) {
              r.processing_output_config->outputs.at(0).s3_output->local_path =
                  "/opt/ml/processing/input/results";
            }),
            "accepted")
      << "inside of another";
}

TEST(CheckProcessing, NamesBecomeFilesAndAreUsedOnce) {
  for (const char* name : {"", ".", "..", "a/b"}) {
    EXPECT_THAT(told([&](Request& r) { r.processing_inputs->at(0).input_name = name; }),
                HasSubstr("ProcessingInputs.InputName"))
        << name;
  }
  EXPECT_THAT(
      told([](Request& r) { r.processing_inputs->push_back(r.processing_inputs->front()); }),
      HasSubstr("the name 'in' is used twice"));
}

TEST(CheckProcessing, WhatIsNotServedIsRefusedByName) {
  const std::pair<const char*, std::function<void(Request&)>> members[] = {
      {"S3InputMode Pipe",
       [](Request& r) { r.processing_inputs->at(0).s3_input->s3_input_mode = "Pipe"; }},
      {"S3CompressionType Gzip",
       [](Request& r) { r.processing_inputs->at(0).s3_input->s3_compression_type = "Gzip"; }},
      {"DatasetDefinition",
       [](Request& r) { r.processing_inputs->at(0).dataset_definition.emplace(); }},
      {"FeatureStoreOutput",
       [](Request& r) {
         r.processing_output_config->outputs.at(0).feature_store_output.emplace();
       }},
      {"ProcessingOutputConfig.KmsKeyId",
       [](Request& r) { r.processing_output_config->kms_key_id = "k"; }},
      {"VolumeKmsKeyId",
       [](Request& r) { r.processing_resources.cluster_config.volume_kms_key_id = "k"; }},
      {"EnableInterContainerTrafficEncryption",
       [](Request& r) {
         r.network_config = {{.enable_inter_container_traffic_encryption = true}};
       }},
      {"ExperimentConfig", [](Request& r) { r.experiment_config.emplace(); }}};
  for (const auto& [name, change] : members) {
    EXPECT_THAT(told(change), HasSubstr(std::string(name) + " is not supported")) << name;
  }
  EXPECT_THAT(told([](Request& r) { r.processing_resources.cluster_config.instance_count = 21; }),
              HasSubstr("ResourceLimitExceeded"));
  EXPECT_THAT(
      told([](Request& r) { r.app_specification.container_arguments = {{std::string(1, '\0')}}; }),
      HasSubstr("NUL"));
}

}  // namespace
}  // namespace millrace::jobs
