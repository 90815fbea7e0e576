#pragma once

#include <string>
#include <string_view>

#include "generated/aws/sagemaker/types.h"
#include "platform/jobs/job_state.h"
#include "platform/records/jobs.h"

namespace millrace::jobs {

/// A training job as its row has it.
struct JobRecord {
  std::string account;
  std::string region;
  Time created{};
  wire::sagemaker::CreateTrainingJobRequest request;  ///< defaults filled in
  JobState state;

  [[nodiscard]] const std::string& name() const { return request.training_job_name; }
  [[nodiscard]] std::string arn() const;
};

/// arn:aws:sagemaker:<region>:<account>:training-job/<name in lower case>
std::string training_job_arn(std::string_view region, std::string_view account,
                             std::string_view name);

JobRecord record_of(const records::JobRow& row);
records::JobRow row_of(const JobRecord& record);

/// <S3OutputPath>/<job>/output, joined with exactly one slash.
std::string output_uri(const JobRecord& record);

wire::sagemaker::DescribeTrainingJobResponse describe(const JobRecord& record);

}  // namespace millrace::jobs
