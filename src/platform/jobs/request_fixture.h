#pragma once

#include <string>

#include "core/base/error.h"
#include "generated/aws/sagemaker/types.h"

namespace millrace::jobs {

/// For tests: the smallest request that is accepted, on the image "churn", with one File channel.
inline wire::sagemaker::CreateTrainingJobRequest small_request(const std::string& name = "job-1") {
  wire::sagemaker::CreateTrainingJobRequest request{
      .training_job_name = name,
      .algorithm_specification = {{.training_image = "registry.local/churn:3",
                                   .training_input_mode = "File"}},
      .role_arn = "arn:aws:iam::111122223333:role/service-role/trainer",
      .output_data_config = {.s3_output_path = "s3://models/churn"},
      .resource_config = {{.instance_type = "ml.m5.large",
                           .instance_count = 1,
                           .volume_size_in_gb = 10}},
      .stopping_condition = {{.max_runtime_in_seconds = 600}}};
  request.input_data_config = {
      {{.channel_name = "train",
        .data_source = {
            .s3_data_source = {{.s3_data_type = "S3Prefix", .s3_uri = "s3://data/train/"}}}}}};
  return request;
}

/// Code and message of the Error that `call` throws; "accepted" when it throws none.
template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

}  // namespace millrace::jobs
