#include "platform/transform/transform_jobs.h"

#include <gtest/gtest.h>

#include "platform/hosting/endpoints_fixture.h"

namespace millrace::transform {
namespace {

namespace sm = wire::sagemaker;
using hosting::refusal;

/// Transform jobs of the model "churn". Supervisors are `sleep`s: what they would report is said by
/// the test, with their keys.
class TransformJobsTest : public hosting::EndpointsTest {
 protected:
  TransformJobsTest() {
    models_.create(model(), operator_);
    jobs_.set_endpoint("http://127.0.0.1:9000");
  }
  ~TransformJobsTest() override {
    fleet_.stop();
    for (const std::string& workload : running()) kill(workload);
  }

  void start_fleet() { fleet_.start({{std::string(workload::kTransform), jobs_.handlers()}}); }
  static sm::CreateTransformJobRequest request(const std::string& name = "Score",
                                               std::int64_t instances = 1) {
    return {.transform_job_name = name,
            .model_name = "churn",
            .environment = {{{"LEVEL", "9"}}},
            .transform_input = {.data_source = {.s3_data_source = {.s3_data_type = "S3Prefix",
                                                                   .s3_uri = "s3://models/in/"}},
                                .content_type = "text/csv",
                                .split_type = "Line"},
            .transform_output = {.s3_output_path = "s3://models/out"},
            .transform_resources = {.instance_type = "ml.m5.large", .instance_count = instances}};
  }
  sm::DescribeTransformJobResponse describe(const std::string& name = "score") {
    return jobs_.describe({.transform_job_name = name}, operator_);
  }
  wire::control::GetTransformTicketResponse ticket(const std::string& host = "algo-1") {
    return jobs_.get_ticket({.workload = "transform.Score", .host = host},
                            supervisor("transform.Score"));
  }
  bool report(std::int64_t done, const std::optional<wire::control::TransformOutcome>& outcome = {},
              const std::string& host = "algo-1") {
    return jobs_
        .report(
            {.workload = "transform.Score", .host = host, .objects_done = done, .outcome = outcome},
            supervisor("transform.Score"))
        .stop_requested;
  }

  bool pin(const std::string& listing, std::int64_t page, const std::vector<std::string>& objects,
           bool last, const std::string& host = "algo-1") {
    return jobs_
        .pin_input({.workload = "transform.Score",
                    .host = host,
                    .listing = listing,
                    .page = page,
                    .objects = objects,
                    .name_prefix = "in/",
                    .last = last},
                   supervisor("transform.Score"))
        .pinned;
  }
  wire::control::GetTransformInputResponse input(std::int64_t page,
                                                 const std::string& host = "algo-1") {
    return jobs_.get_input({.workload = "transform.Score", .host = host, .page = page},
                           supervisor("transform.Score"));
  }

  TransformJobs jobs_{records_.database(),
                      fleet_,
                      programs_,
                      {.has_bucket = [](const std::string& bucket) { return bucket == "models"; },
                       .first_key = [](const std::string&, const std::string& prefix,
                                       const std::string&) -> std::optional<std::string> {
                         if (prefix != "in/" && prefix != "manifest") return std::nullopt;
                         return prefix == "in/" ? "in/a.csv" : prefix;
                       },
                       .beginning = {}}};
};

TEST_F(TransformJobsTest, AJobIsDescribedWithItsDefaults) {
  EXPECT_EQ(jobs_.create(request(), operator_).transform_job_arn,
            "arn:aws:sagemaker:us-west-2:111122223333:transform-job/score");
  const auto job = describe();
  EXPECT_EQ(job.transform_job_name, "Score");
  EXPECT_EQ(job.transform_job_status, "InProgress");
  EXPECT_EQ(job.data_processing->output_filter, "$");
  EXPECT_EQ(job.transform_output->assemble_with, "None");
  EXPECT_FALSE(job.transform_start_time);
}

TEST_F(TransformJobsTest, WhatIsNotThereAndWhatIsTakenIsRefused) {
  auto of_other_model = request();
  of_other_model.model_name = "absent";
  EXPECT_EQ(refusal([&] { jobs_.create(of_other_model, operator_); }),
            "ValidationException: Could not find model "
            "\"arn:aws:sagemaker:us-west-2:111122223333:model/absent\".");
  auto of_nothing = request();
  of_nothing.transform_input.data_source.s3_data_source.s3_uri = "s3://models/empty/";
  EXPECT_EQ(refusal([&] { jobs_.create(of_nothing, operator_); })
                .find("ValidationException: No S3 objects found under S3 URL "
                      "\"s3://models/empty/\" given in input data source."),
            0U);
  auto of_other_bucket = request();
  of_other_bucket.transform_output.s3_output_path = "s3://absent/out";
  EXPECT_NE(refusal([&] { jobs_.create(of_other_bucket, operator_); }).find("a bucket that exists"),
            std::string::npos);
  jobs_.create(request(), operator_);
  EXPECT_EQ(refusal([&] {
              jobs_.create(request("SCORE"), operator_);
            }).find("ResourceInUse: Transform job names must be unique"),
            0U);
  EXPECT_EQ(refusal([&] { describe("other"); }),
            "ValidationException: Could not find requested job with name: other");
}

TEST_F(TransformJobsTest, TheTicketSaysWhatTheModelAndTheRequestSay) {
  auto asked = request("Score", 2);
  asked.max_payload_in_mb = 8;
  asked.batch_strategy = "MultiRecord";
  jobs_.create(asked, operator_);
  start_fleet();
  const auto told = ticket("algo-2").ticket;
  EXPECT_EQ(told.server.workload, "transform.Score");
  EXPECT_EQ(told.server.model_data_url, "s3://models/churn/model.tar.gz");
  EXPECT_EQ(told.server.log_group, "/aws/sagemaker/TransformJobs");
  EXPECT_EQ(told.server.log_stream.find("Score/i-"), 0U);
  EXPECT_EQ(told.data_log_stream, told.server.log_stream + "/data-log");
  const auto& environment = told.server.environment;
  EXPECT_EQ(environment.at("LEVEL"), "9") << "the request's wins over the model's";
  EXPECT_EQ(environment.at("SAGEMAKER_BATCH"), "true");
  EXPECT_EQ(environment.at("SAGEMAKER_MAX_PAYLOAD_IN_MB"), "8");
  EXPECT_EQ(environment.at("SAGEMAKER_BATCH_STRATEGY"), "MULTI_RECORD");
  EXPECT_EQ(environment.at("TRANSFORM_JOB_ARN"),
            "arn:aws:sagemaker:us-west-2:111122223333:transform-job/score");
  EXPECT_FALSE(environment.contains("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"));
  EXPECT_EQ(told.source.shard, 1);
  EXPECT_EQ(told.source.shards, 2);
  EXPECT_FALSE(told.processing);
  EXPECT_FALSE(told.resumed);
  EXPECT_TRUE(describe().transform_start_time);
}

TEST_F(TransformJobsTest, TheLastHostToEndEndsTheJob) {
  jobs_.create(request("Score", 2), operator_);
  start_fleet();
  ticket("algo-1");
  ticket("algo-2");
  EXPECT_FALSE(report(1));
  EXPECT_TRUE(report(2, {{.result = "Completed"}}));
  EXPECT_EQ(describe().transform_job_status, "InProgress");
  report(0, {{.result = "Failed", .failure_reason = "ClientError: s3://models/in/b.csv"}},
         "algo-2");
  EXPECT_EQ(describe().transform_job_status, "Failed");
  EXPECT_EQ(describe().failure_reason, "ClientError: s3://models/in/b.csv");
  EXPECT_TRUE(describe().transform_end_time);
}

TEST_F(TransformJobsTest, AKilledSupervisorIsFollowedByOneThatResumes) {
  jobs_.create(request(), operator_);
  start_fleet();
  EXPECT_FALSE(ticket().ticket.resumed);
  const std::int64_t first = supervisor_pid("transform.Score");
  kill("transform.Score");
  wait_until([&] {
    const std::int64_t other = supervisor_pid("transform.Score");
    return other != 0 && other != first;
  });
  const auto next = ticket();
  EXPECT_TRUE(next.ticket.resumed);
  EXPECT_FALSE(next.stop_requested);
  EXPECT_EQ(describe().transform_job_status, "InProgress");
}

TEST_F(TransformJobsTest, TheFirstWholeListingIsTheJobsForGood) {
  jobs_.create(request("Score", 2), operator_);
  start_fleet();
  ticket("algo-1");
  EXPECT_FALSE(input(0).pinned);
  EXPECT_FALSE(pin("first", 0, {"s3://models/in/a"}, false));
  EXPECT_FALSE(pin("second", 0, {"s3://models/in/0"}, false, "algo-2"));
  EXPECT_FALSE(input(0).pinned) << "neither is whole";
  EXPECT_FALSE(pin("first", 0, {"s3://models/in/a"}, false)) << "its answer was lost";
  EXPECT_TRUE(pin("first", 1, {"s3://models/in/b"}, true));
  EXPECT_TRUE(pin("second", 1, {"s3://models/in/1"}, true, "algo-2")) << "too late";

  const auto begin = input(0, "algo-2");
  EXPECT_TRUE(begin.pinned);
  EXPECT_EQ(begin.name_prefix, "in/");
  EXPECT_EQ(begin.objects, std::vector<std::string>{"s3://models/in/a"});
  EXPECT_TRUE(begin.is_truncated);
  const auto end = input(1, "algo-2");
  EXPECT_EQ(end.objects, std::vector<std::string>{"s3://models/in/b"});
  EXPECT_FALSE(end.is_truncated);

  for (const char* host : {"algo-1", "algo-2"}) report(1, {{.result = "Completed"}}, host);
  EXPECT_EQ(describe().transform_job_status, "Completed");
  EXPECT_TRUE(input(0).objects.empty()) << "an ended job needs no room";
  EXPECT_EQ(refusal([&] {
              jobs_.get_input({.workload = "transform.Score", .host = "algo-1"}, operator_);
            }).find("AccessDeniedException"),
            0U);
}

TEST_F(TransformJobsTest, AStoppedJobTellsItsSupervisorAndAWaitingOneEndsAtOnce) {
  jobs_.create(request("waiting"), operator_);
  jobs_.stop({.transform_job_name = "waiting"}, operator_);
  EXPECT_EQ(describe("waiting").transform_job_status, "Stopped");
  EXPECT_EQ(refusal([&] { jobs_.stop({.transform_job_name = "waiting"}, operator_); }),
            "ValidationException: The request was rejected because the transform job is in status "
            "Stopped.");

  jobs_.create(request(), operator_);
  start_fleet();
  ticket();
  EXPECT_FALSE(report(0));
  jobs_.stop({.transform_job_name = "Score"}, operator_);
  EXPECT_EQ(describe().transform_job_status, "Stopping");
  EXPECT_TRUE(report(0));
  report(0, {{.result = "Stopped"}});
  EXPECT_EQ(describe().transform_job_status, "Stopped");
}

TEST_F(TransformJobsTest, JobsAreListedByStatusAndPage) {
  for (const char* name : {"b", "a", "c"}) jobs_.create(request(name), operator_);
  jobs_.stop({.transform_job_name = "a"}, operator_);
  const auto first =
      jobs_.list({.sort_by = "Name", .sort_order = "Ascending", .max_results = 2}, operator_);
  ASSERT_EQ(first.transform_job_summaries.size(), 2U);
  EXPECT_EQ(first.transform_job_summaries[0].transform_job_name, "a");
  EXPECT_EQ(first.transform_job_summaries[0].transform_job_status, "Stopped");
  EXPECT_TRUE(first.transform_job_summaries[0].transform_end_time);
  const auto rest = jobs_.list({.sort_by = "Name",
                                .sort_order = "Ascending",
                                .next_token = first.next_token,
                                .max_results = 2},
                               operator_);
  ASSERT_EQ(rest.transform_job_summaries.size(), 1U);
  EXPECT_EQ(rest.transform_job_summaries[0].transform_job_name, "c");
  EXPECT_FALSE(rest.next_token);
  EXPECT_EQ(jobs_.list({.status_equals = "InProgress"}, operator_).transform_job_summaries.size(),
            2U);
}

TEST_F(TransformJobsTest, OnlyTheJobsOwnSupervisorGetsItsTicket) {
  jobs_.create(request(), operator_);
  EXPECT_EQ(refusal([&] {
              jobs_.get_ticket({.workload = "transform.Score", .host = "algo-1"}, operator_);
            }).find("AccessDeniedException"),
            0U);
  aws::Caller program = operator_;
  program.job = "transform.Score";
  EXPECT_EQ(jobs_.describe({.transform_job_name = "score"}, program).transform_job_name, "Score");
  program.job = "transform.other";
  EXPECT_EQ(refusal([&] {
              jobs_.describe({.transform_job_name = "score"}, program);
            }).find("AccessDeniedException"),
            0U);
}

}  // namespace
}  // namespace millrace::transform
