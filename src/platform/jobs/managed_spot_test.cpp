#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "platform/jobs/training_jobs_fixture.h"

namespace millrace::jobs {
namespace {

using ::testing::HasSubstr;

sm::CreateTrainingJobRequest spot_request(std::int64_t max_wait = 900) {
  sm::CreateTrainingJobRequest request = small_request();
  request.enable_managed_spot_training = true;
  request.stopping_condition->max_wait_time_in_seconds = max_wait;
  return request;
}

TEST_F(TrainingJobsTest, TheInstancesOfASpotJobAreTakenAwayAndItGetsOthers) {
  jobs_.create(spot_request(), operator_);
  const auto interrupt = [&] {
    jobs_.interrupt({.job_name = "job-1", .grace_in_seconds = 7}, operator_);
  };
  EXPECT_THAT(refusal(interrupt), HasSubstr("is Starting and has no instances"));
  const aws::Caller first = supervisor();
  jobs_.supervision().get_ticket({.job_name = "job-1"}, first);
  report(first, {.phase = "Training"});
  interrupt();
  EXPECT_EQ(describe().secondary_status, "Interrupted");
  EXPECT_THAT(refusal(interrupt), HasSubstr("is Interrupted and has no instances"));
  const control::ReportJobResponse told = report(first, {});
  EXPECT_TRUE(told.stop_requested);
  EXPECT_EQ(told.interrupt_grace_in_seconds, 7);
  report(first, {.outcome = {{.result = "Completed", .model_uploaded = true}}});
  EXPECT_EQ(describe().secondary_status, "Interrupted") << "an interrupted attempt ends nothing";
  const std::int64_t old_pid = pid_of("job-1").value();
  ::kill(static_cast<pid_t>(old_pid), SIGKILL);
  wait_until([&] { return pid_of("job-1").value_or(old_pid) != old_pid; });
  const aws::Caller second = supervisor();
  EXPECT_NE(second.access_key, first.access_key);
  jobs_.supervision().get_ticket({.job_name = "job-1"}, second);
  EXPECT_FALSE(report(second, {.phase = "Training"}).stop_requested);
  report(second, {.outcome = {{.result = "Completed"}}});
  EXPECT_EQ(describe().training_job_status, "Completed");
  EXPECT_LE(describe().billable_time_in_seconds, describe().training_time_in_seconds);
}

TEST_F(TrainingJobsTest, OnlyTheOperatorInterruptsAndOnlySpotJobs) {
  jobs_.create(small_request(), operator_);
  EXPECT_THAT(refusal([&] { jobs_.interrupt({.job_name = "job-1"}, operator_); }),
              HasSubstr("without EnableManagedSpotTraining"));
  EXPECT_THAT(refusal([&] { jobs_.interrupt({.job_name = "job-1"}, program()); }),
              HasSubstr("not authorized to perform: millrace:InterruptJob"));
  EXPECT_THAT(refusal([&] { jobs_.interrupt({.job_name = "none"}, operator_); }),
              HasSubstr("Requested resource not found."));
}

TEST_F(TrainingJobsTest, ABuiltInWithoutCheckpointsWaitsAnHourAtMost) {
  sm::CreateTrainingJobRequest request = spot_request(3601);
  request.algorithm_specification = built_in().algorithm_specification;
  EXPECT_THAT(refusal([&] { jobs_.create(request, operator_); }),
              HasSubstr("Invalid MaxWaitTimeInSeconds. It must be at most 3600 for "
                        "image-classification without CheckpointConfig"));
  request.stopping_condition->max_wait_time_in_seconds = 3600;
  jobs_.create(request, operator_);
}

}  // namespace
}  // namespace millrace::jobs
