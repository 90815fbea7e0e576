#include "platform/jobs/training_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/training_jobs_fixture.h"
#include "platform/records/instance_queue.h"

namespace millrace::jobs {
namespace {

using ::testing::IsEmpty;

TEST_F(TrainingJobsTest, AnAcceptedJobIsDescribedAsItWasSentWithDefaults) {
  sm::CreateTrainingJobRequest request = small_request("Churn-2");
  request.hyper_parameters = {{{"a", "\"1\""}, {"b", ""}}};
  request.environment = {{{"K", "v"}}};
  request.vpc_config = {{.security_group_ids = {"sg-1"}, .subnets = {"s-1"}}};
  request.debug_hook_config = {{.s3_output_path = "s3://b/d", .collection_configurations = {{}}}};
  request.profiler_config = {{.s3_output_path = "s3://b/d", .disable_profiler = false}};
  request.retry_strategy = {{.maximum_retry_attempts = 2}};
  EXPECT_EQ(jobs_.create(request, operator_).training_job_arn,
            "arn:aws:sagemaker:us-west-2:111122223333:training-job/churn-2");
  const auto job = describe("Churn-2");
  EXPECT_EQ(job.training_job_name, "Churn-2");
  EXPECT_EQ(job.training_job_arn, "arn:aws:sagemaker:us-west-2:111122223333:training-job/churn-2");
  EXPECT_EQ(job.training_job_status, "InProgress");
  EXPECT_EQ(job.secondary_status, "Starting");
  EXPECT_EQ(job.hyper_parameters, request.hyper_parameters);
  EXPECT_EQ(job.environment, request.environment);
  EXPECT_EQ(job.vpc_config, request.vpc_config);
  EXPECT_EQ(job.debug_hook_config, request.debug_hook_config);
  EXPECT_EQ(job.profiler_config, request.profiler_config);
  EXPECT_EQ(job.profiling_status, "Enabled");
  EXPECT_EQ(job.retry_strategy, request.retry_strategy);
  EXPECT_EQ(job.role_arn, request.role_arn);
  EXPECT_EQ(job.resource_config, request.resource_config);
  EXPECT_EQ(job.output_data_config->kms_key_id, "");
  EXPECT_EQ(job.enable_network_isolation, false);
  EXPECT_EQ(job.model_artifacts.s3_model_artifacts,
            "s3://models/churn/Churn-2/output/model.tar.gz");
  EXPECT_EQ(job.secondary_status_transitions->at(0).status_message, "Starting the training job");
  EXPECT_FALSE(job.training_start_time || job.billable_time_in_seconds || job.failure_reason ||
               job.final_metric_data_list);
}

TEST_F(TrainingJobsTest, ANameIsUsedOnceWhateverItsCase) {
  jobs_.create(small_request("first"), operator_);
  EXPECT_EQ(
      refusal([&] { jobs_.create(small_request("First"), operator_); }),
      "ResourceInUse: Training job names must be unique within an AWS account and region, and a "
      "training job with "
      "this name already exists (arn:aws:sagemaker:us-west-2:111122223333:training-job/first)");
}

TEST_F(TrainingJobsTest, AnUnknownJobIsAValidationException) {
  for (const auto& text : {refusal([&] { describe("no"); }),
                           refusal([&] { jobs_.stop({.training_job_name = "no"}, operator_); })}) {
    EXPECT_EQ(text, "ValidationException: Requested resource not found.");
  }
}

TEST_F(TrainingJobsTest, AQueuedJobStopsAtOnceAndOnlyOnce) {
  jobs_.create(small_request(), operator_);
  jobs_.stop({.training_job_name = "job-1"}, operator_);
  const auto job = describe();
  EXPECT_EQ(job.training_job_status, "Stopped");
  EXPECT_EQ(job.secondary_status_transitions->back().status, "Stopped");
  EXPECT_EQ(refusal([&] { jobs_.stop({.training_job_name = "job-1"}, operator_); }),
            "ValidationException: The request was rejected because the training job is in status "
            "Stopped.");
  records_.database().read([](records::Connection& connection) {
    EXPECT_THAT(records::QueueTable(connection).waiting(9), IsEmpty());
  });
}

TEST_F(TrainingJobsTest, StoppingAllAsksEveryUnfinishedJob) {
  jobs_.create(small_request("a"), operator_);
  jobs_.create(small_request("b"), operator_);
  jobs_.stop({.training_job_name = "a"}, operator_);
  EXPECT_EQ(jobs_.supervision().unfinished(), 1);
  EXPECT_EQ(jobs_.supervision().stop_all(), 1);
  EXPECT_EQ(jobs_.supervision().unfinished(), 0);
}

}  // namespace
}  // namespace millrace::jobs
