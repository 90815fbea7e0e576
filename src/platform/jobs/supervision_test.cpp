#include "platform/jobs/training_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "platform/identity/keyring.h"
#include "platform/jobs/training_jobs_fixture.h"
#include "platform/metrics/metrics.h"
#include "platform/records/metrics.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(TrainingJobsTest, ReportsMoveTheJobThroughItsPhasesToItsEnd) {
  jobs_.create(small_request(), operator_);
  const aws::Caller who = supervisor();
  jobs_.supervision().get_ticket({.job_name = "job-1"}, who);
  report(who, {.phase = "Downloading"});
  report(who, {.phase = "Training", .program_started = now()});
  report(
      who,
      {.metrics = {{{.metric_name = "loss", .value = 0.5, .timestamp = from_millis(1000)},
                    {.metric_name = "loss", .value = std::nan(""), .timestamp = from_millis(2000)},
                    {.metric_name = "loss", .value = 0.25, .timestamp = from_millis(3000)}}}});
  EXPECT_EQ(describe().secondary_status, "Training");
  EXPECT_FALSE(describe().billable_time_in_seconds);
  report(who, {.phase = "Uploading"});
  report(who, {.outcome = {{.result = "Completed", .exit_code = 0, .model_uploaded = true}}});
  const auto job = describe();
  EXPECT_EQ(job.training_job_status, "Completed");
  EXPECT_EQ(job.final_metric_data_list->size(), 1U);
  EXPECT_EQ(job.final_metric_data_list->at(0).value, 0.25);
  EXPECT_EQ(job.billable_time_in_seconds, 1)
      << "a fraction of a second counts as one, never as none";
  EXPECT_EQ(job.training_time_in_seconds, 1);
  EXPECT_TRUE(job.training_start_time && job.training_end_time);
  std::vector<std::string> visits;
  for (const auto& transition : *job.secondary_status_transitions) {
    visits.push_back(transition.status);
    EXPECT_TRUE(transition.end_time);
    EXPECT_FALSE(transition.status_message.value().empty());
  }
  EXPECT_THAT(visits, ElementsAre("Starting", "Downloading", "Training", "Uploading", "Completed"));
}

TEST_F(TrainingJobsTest, AHeartbeatIsAnsweredWithTheWishToStop) {
  jobs_.create(small_request(), operator_);
  const aws::Caller who = supervisor();
  const control::ReportJobRequest heartbeat{.job_name = "job-1", .host = "algo-1"};
  jobs_.supervision().get_ticket({.job_name = "job-1"}, who);
  EXPECT_FALSE(jobs_.supervision().report(heartbeat, who).stop_requested);
  jobs_.stop({.training_job_name = "job-1"}, operator_);
  jobs_.stop({.training_job_name = "job-1"}, operator_);
  EXPECT_EQ(describe().training_job_status, "Stopping");
  EXPECT_TRUE(jobs_.supervision().report(heartbeat, who).stop_requested);
  EXPECT_TRUE(jobs_.supervision().get_ticket({.job_name = "job-1"}, who).stop_requested);
  report(who, {.outcome = {{.result = "Stopped", .model_uploaded = true}}});
  EXPECT_EQ(describe().training_job_status, "Stopped");
}

TEST_F(TrainingJobsTest, ASupervisorThatDiesFailsItsJobWithTheCause) {
  jobs_.create(small_request(), operator_);
  const aws::Caller who = supervisor();
  jobs_.supervision().get_ticket({.job_name = "job-1"}, who);
  report(who, {.phase = "Training", .program_started = now()});
  ::kill(static_cast<pid_t>(pid_of("job-1").value()), SIGKILL);
  wait_until([&] { return describe().training_job_status != "InProgress"; });
  EXPECT_EQ(describe().training_job_status, "Failed");
  EXPECT_EQ(describe().failure_reason,
            "InternalServerError: the supervisor was killed by signal 9.");
  EXPECT_FALSE(keyring_.find(who.access_key)) << "its keys died with it";
}

TEST_F(TrainingJobsTest, ASupervisorThatDiesIsReplacedWhereTheJobAllowsIt) {
  auto request = small_request();
  request.retry_strategy = {{.maximum_retry_attempts = 1}};
  jobs_.create(request, operator_);
  const aws::Caller first = supervisor();
  jobs_.supervision().get_ticket({.job_name = "job-1"}, first);
  const std::int64_t pid = pid_of("job-1").value();
  ::kill(static_cast<pid_t>(pid), SIGKILL);
  wait_until([&] { return pid_of("job-1") && pid_of("job-1") != pid; });
  EXPECT_EQ(describe().secondary_status, "Restarting");
  const aws::Caller second = supervisor();
  EXPECT_NE(second.access_key, first.access_key);
  jobs_.supervision().get_ticket({.job_name = "job-1"}, second);
  EXPECT_EQ(describe().secondary_status, "Starting");
  report(second, {.outcome = {{.result = "Completed"}}});
  EXPECT_EQ(describe().training_job_status, "Completed");
}

TEST_F(TrainingJobsTest, OnlyTheJobsOwnSupervisorGetsTicketAndReports) {
  jobs_.create(small_request(), operator_);
  aws::Caller other = supervisor();
  other.job = "another";
  for (const aws::Caller& caller : {operator_, program(), other}) {
    EXPECT_EQ(refusal([&] { jobs_.supervision().get_ticket({.job_name = "job-1"}, caller); }),
              "AccessDeniedException: User: " + caller.arn +
                  " is not authorized to perform: millrace:GetJobTicket");
    EXPECT_THAT(refusal([&] { jobs_.supervision().report({.job_name = "job-1", .host = "algo-1"}, caller); }),
                HasSubstr("AccessDenied"));
  }
}

TEST_F(TrainingJobsTest, AProgramMayLookAtItsOwnJobAndDoNothingElse) {
  jobs_.create(small_request(), operator_);
  const aws::Caller caller = program();
  EXPECT_EQ(jobs_.describe({.training_job_name = "job-1"}, caller).training_job_name, "job-1");
  jobs_.create(small_request("other"), operator_);
  EXPECT_THAT(refusal([&] { jobs_.describe({.training_job_name = "other"}, caller); }),
              HasSubstr("sagemaker:DescribeTrainingJob"));
  EXPECT_THAT(refusal([&] { jobs_.create(small_request("third"), caller); }),
              HasSubstr("sagemaker:CreateTrainingJob"));
  EXPECT_THAT(refusal([&] { jobs_.stop({.training_job_name = "job-1"}, caller); }),
              HasSubstr("sagemaker:StopTrainingJob"));
  EXPECT_THAT(refusal([&] { jobs_.list({}, caller); }), HasSubstr("sagemaker:ListTrainingJobs"));
}

TEST_F(TrainingJobsTest, AJobWhoseLeaseWasNeverUsedWaitsAgainAndOneThatRanFails) {
  jobs_.create(small_request(), operator_);
  const fleet::SupervisorEnd end{.account = operator_.account,
                                 .workload = "job-1",
                                 .host = "algo-1",
                                 .reason = "gone.",
                                 .maybe_never_started = true};
  const auto ended = [&] {
    return records_.database().write(
        [&](records::Connection& transaction) { return jobs_.supervision().supervisor_ended(transaction, end); });
  };
  EXPECT_EQ(ended(), fleet::AfterEnd::WaitAgain);
  EXPECT_EQ(describe().training_job_status, "InProgress");
  ticket();
  EXPECT_EQ(ended(), fleet::AfterEnd::GiveBack);
  EXPECT_EQ(describe().failure_reason, "InternalServerError: gone.");
}

TEST_F(TrainingJobsTest, OneHostsFailureStopsTheOtherWhichUploadsAndReports) {
  jobs_.create(of_two_hosts(), operator_);
  const aws::Caller keys = supervisor();
  for (const char* host : {"algo-1", "algo-2"}) {
    ticket_of_host(host);
    report(keys, {.host = host, .phase = "Training", .program_started = now()});
  }
  EXPECT_EQ(describe().secondary_status, "Training");
  const auto failed =
      report(keys, {.host = "algo-2",
                    .host_ended = control::JobOutcome{
                        .result = "Failed", .failure_reason = "AlgorithmError: x, exit code: 1"}});
  EXPECT_FALSE(failed.job_end);
  EXPECT_TRUE(report(keys, {.host = "algo-1"}).stop_requested);
  const auto last =
      report(keys, {.host = "algo-1", .host_ended = control::JobOutcome{.result = "Stopped"}});
  ASSERT_TRUE(last.job_end);
  EXPECT_EQ(last.job_end->result, "Failed");
  EXPECT_EQ(last.job_end->failure_reason, "AlgorithmError: algo-2: x, exit code: 1");
  report(keys, {.host = "algo-1", .outcome = *last.job_end});
  EXPECT_EQ(describe().failure_reason, "AlgorithmError: algo-2: x, exit code: 1");
}

TEST_F(TrainingJobsTest, MetricsOfEveryHostCount) {
  jobs_.create(of_two_hosts(), operator_);
  const aws::Caller keys = supervisor();
  double value = 1;
  for (const char* host : {"algo-1", "algo-2"}) {
    ticket_of_host(host);
    report(keys, {.host = host,
                  .metrics = {{{.metric_name = host, .value = value++, .timestamp = now()}}}});
  }
  ASSERT_EQ(describe().final_metric_data_list->size(), 2U);
}

TEST_F(TrainingJobsTest, FiguresOfAReportThatIsSentAgainAreKeptOnce) {
  jobs_.create(of_two_hosts(), operator_);
  const aws::Caller keys = supervisor();
  ticket_of_host("algo-1");
  const control::ReportJobRequest told{
      .host = "algo-1",
      .metrics = {{{.metric_name = "loss", .value = 0.5, .timestamp = now()}}},
      .metrics_id = "first"};
  report(keys, told);
  report(keys, told);  // its answer was lost
  auto next = told;
  next.metrics_id = "second";
  report(keys, next);
  const auto found = records_.database().read([&](records::Connection& connection) {
    return records::MetricTable(connection)
        .find(metrics::training_metric(operator_.account, "job-1", "loss"));
  });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].points, 2);
}

TEST_F(TrainingJobsTest, AFileSystemStaysWhileAnUnfinishedJobUsesItAndCountsItsFetches) {
  add_file_system("fs-0123456789", "EFS");
  add_file_system("fs-00000000", "EFS");
  jobs_.create(on_file_system("fs-0123456789", "EFS", "/pictures"), operator_);
  std::optional<std::string> count_id;
  const auto count = [&](const std::string& id, const aws::Caller& caller) {
    return refusal([&] {
      file_systems_.count_fetches({.job_name = "job-1",
                                   .file_system_id = id,
                                   .count_id = count_id,
                                   .fetches = 2,
                                   .bytes = 300},
                                  caller);
    });
  };
  const aws::Caller keys = supervisor();
  EXPECT_EQ(count("fs-0123456789", keys), "accepted");
  count_id = "again";
  EXPECT_EQ(count("fs-0123456789", keys), "accepted");
  EXPECT_EQ(count("fs-0123456789", keys), "accepted") << "and not added again";
  EXPECT_THAT(count("fs-00000000", keys), HasSubstr("ValidationException")) << "not the job's";
  EXPECT_THAT(count("fs-0123456789", operator_), HasSubstr("AccessDeniedException"));
  EXPECT_THAT(count("fs-0123456789", program()), HasSubstr("AccessDeniedException"));
  const auto seen =
      file_systems_.describe_file_system({.file_system_id = "fs-0123456789"}, operator_)
          .file_system;
  EXPECT_EQ(seen.fetches, 4);
  EXPECT_EQ(seen.bytes, 600);
  EXPECT_EQ(seen.jobs_using, 1);
  const auto remove = [&] {
    return refusal([&] {
      file_systems_.deregister_file_system({.file_system_id = "fs-0123456789"}, operator_);
    });
  };
  EXPECT_EQ(
      remove(),
      "ResourceInUse: FileSystemId: 'fs-0123456789' is used by 1 job that has not ended. Stop "
      "them or wait for their end.");
  report(keys, {.outcome = control::JobOutcome{.result = "Completed"}});
  EXPECT_EQ(remove(), "accepted");
  EXPECT_THAT(remove(), HasSubstr("expected a registered file system"));
}

}  // namespace
}  // namespace millrace::jobs
