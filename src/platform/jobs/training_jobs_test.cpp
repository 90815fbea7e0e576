#include "platform/jobs/training_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <thread>

#include "core/io/file.h"
#include "platform/identity/keyring.h"
#include "platform/jobs/request_fixture.h"
#include "platform/jobs/ticket.h"
#include "platform/logs/logs.h"
#include "platform/records/instance_queue.h"
#include "platform/records/temporary_database.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
namespace control = wire::control;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAlgorithms = R"json({"algorithms": [{"name": "image-classification",
  "hyperparameters": [{"name": "epochs", "type": "Integer", "default": "30", "range": {"min": 1}, "doc": "Passes.",
                       "expects": "a whole number of at least 1"}],
  "channels": [{"name": "train", "required": true, "input_modes": ["File"]}],
  "metrics": [{"name": "train:accuracy", "regex": "acc=(\\S+)"}]},
  {"name": "linear-learner", "channels": [{"name": "train"}], "distributed": true}]})json";

/// Jobs on a store with the buckets "data" (holding train/a) and "models". Supervisors are
/// `sleep`s: what they would report is said by the test, with their keys.
class TrainingJobsTest : public ::testing::Test {
 protected:
  TrainingJobsTest() {
    write_file_durably(records_.directory() / "program", "#!/bin/sh\nexec sleep 1000\n", 0755);
    images_.add_executable("churn", {"/opt/churn/train", "-v"}, {"/opt/churn"});
  }
  ~TrainingJobsTest() override {
    fleet_.stop();
    records_.database().read([](records::Connection& connection) {
      records::QueueTable queue(connection);
      for (const auto& row : queue.leased()) {
        for (const auto& supervisor : queue.supervisors(row.id))
          ::kill(static_cast<pid_t>(supervisor.pid), SIGKILL);
      }
    });
  }

  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 3000 && !holds(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  sm::DescribeTrainingJobResponse describe(const std::string& name = "job-1") {
    return jobs_.describe({.training_job_name = name}, operator_);
  }
  /// Starts the fleet and waits for the job's supervisor; the keys it got.
  aws::Caller supervisor(const std::string& name = "job-1") {
    const std::optional<identity::JobKeys> keys = wait_for_keys(name);
    return keyring_.find(keys.value().supervisor.access_key).value().caller;
  }
  aws::Caller program(const std::string& name = "job-1") {
    return keyring_.find(wait_for_keys(name).value().program.access_key).value().caller;
  }
  std::optional<identity::JobKeys> wait_for_keys(const std::string& name) {
    if (!started_) jobs_.start("http://127.0.0.1:9000");
    started_ = true;
    std::optional<identity::JobKeys> keys;
    wait_until([&] {
      keys = records_.database().read([&](records::Connection& connection) {
        return identity::Keyring::of_job(connection, name);
      });
      return keys && pid_of(name);
    });
    return keys;
  }
  std::optional<std::int64_t> pid_of(const std::string& name, const std::string& host = "algo-1") {
    return records_.database().read(
        [&](records::Connection& connection) -> std::optional<std::int64_t> {
          records::QueueTable queue(connection);
          const auto row = queue.find(operator_.account, name);
          if (!row) return std::nullopt;
          for (const records::SupervisorRow& supervisor : queue.supervisors(row->id)) {
            if (supervisor.host == host) return supervisor.pid;
          }
          return std::nullopt;
        });
  }
  control::JobTicket ticket(const std::string& name = "job-1") {
    return jobs_.get_ticket({.job_name = name}, supervisor(name)).ticket;
  }
  control::JobTicket ticket_of_host(const std::string& host, const std::string& name = "job-1") {
    return jobs_.get_ticket({.job_name = name, .host = host}, supervisor(name)).ticket;
  }
  control::ReportJobResponse report(const aws::Caller& who, control::ReportJobRequest request,
                                    const std::string& name = "job-1") {
    request.job_name = name;
    if (request.host.empty()) request.host = "algo-1";
    return jobs_.report(request, who);
  }
  /// A registered directory with the folder "pictures" in it.
  std::filesystem::path add_file_system(const std::string& id, const std::string& type,
                                        std::optional<std::string> link = {}) {
    const std::filesystem::path path = shared_.directory() / id;
    std::filesystem::create_directories(path / "pictures");
    file_systems_.register_file_system(
        {.file_system_id = id, .file_system_type = type, .path = path, .linked_s3_uri = link},
        operator_);
    return path;
  }
  std::vector<std::string> list(sm::ListTrainingJobsRequest request) {
    std::vector<std::string> names;
    for (const auto& summary : jobs_.list(request, operator_).training_job_summaries)
      names.push_back(summary.training_job_name);
    return names;
  }

  records::TemporaryDatabase records_;
  records::TemporaryDatabase shared_;  ///< for its directory, which is not the daemon's
  identity::Keyring keyring_{records_.database()};
  catalog::Algorithms algorithms_{std::vector<Json>{parse_json(kAlgorithms, "test")}};
  catalog::Images images_{records_.database(), algorithms_};
  catalog::FileSystems file_systems_{records_.database(), records_.directory()};
  fleet::Fleet fleet_{records_.database(),
                      {.program = records_.directory() / "program",
                       .data_dir = records_.directory(),
                       .machine = {.cpus = 2, .memory_bytes = std::int64_t{16} << 30}}};
  std::set<std::string> buckets_{"data", "models"};
  TrainingJobs jobs_{
      records_.database(),
      fleet_,
      {.algorithms = algorithms_, .images = images_, .file_systems = file_systems_},
      {.has_bucket = [this](const std::string& bucket) { return buckets_.contains(bucket); },
       .first_key = [](const std::string& bucket, const std::string& prefix,
                       const std::string&) -> std::optional<std::string> {
         if (bucket != "data" || !std::string("train/a").starts_with(prefix)) return std::nullopt;
         return "train/a";
       },
       .beginning = [](const aws::Caller&, const std::string&, const std::string&,
                       std::size_t) { return std::string("[\"s3://data/train/a\"]"); }},
      "/opt/millrace/bin/millrace-trainer"};
  aws::Caller operator_{.account = "111122223333",
                        .access_key = "AKIA",
                        .arn = "arn:operator",
                        .region = "us-west-2"};
  bool started_ = false;
};

sm::CreateTrainingJobRequest built_in(const std::string& name = "job-1") {
  sm::CreateTrainingJobRequest request = small_request(name);
  request.algorithm_specification->training_image =
      "433757028032.dkr.ecr.us-west-2.amazonaws.com/image-classification:1";
  return request;
}

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

TEST_F(TrainingJobsTest, DataThatIsNotThereIsToldInTheServicesWords) {
  const auto told = [&](const std::string& uri) {
    auto request = small_request();
    request.input_data_config->front().data_source.s3_data_source->s3_uri = uri;
    return refusal([&] { jobs_.create(request, operator_); });
  };
  EXPECT_EQ(told("s3://data/empty/"),
            "ValidationException: No S3 objects found under S3 URL \"s3://data/empty/\" given in "
            "input data source. Please "
            "ensure that the bucket exists in the selected region (us-west-2), that objects exist "
            "under that S3 prefix, and "
            "that the role \"arn:aws:iam::111122223333:role/service-role/trainer\" has "
            "\"s3:ListBucket\" permissions on "
            "bucket \"data\".");
  EXPECT_THAT(told("s3://nowhere/x"),
              HasSubstr("No S3 objects found under S3 URL \"s3://nowhere/x\""));
  EXPECT_EQ(told("s3://data"), "accepted");
  auto request = small_request("other");
  request.output_data_config.s3_output_path = "s3://nowhere/x";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: OutputDataConfig.S3OutputPath: got \"s3://nowhere/x\", expected "
            "a bucket that exists. "
            "Create the bucket 'nowhere' or name another one.");
}

TEST_F(TrainingJobsTest, AnUnknownImageIsToldWithItsNearestNeighbour) {
  auto request = built_in();
  request.algorithm_specification->training_image = "image-clasification:1";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: AlgorithmSpecification.TrainingImage: got "
            "\"image-clasification:1\", expected a built-in "
            "algorithm (tag 1 or latest) or a registered image. Did you mean "
            "'image-classification'? 'millrace images list' "
            "shows what there is.");
}

TEST_F(TrainingJobsTest, ABuiltInAlgorithmRefusesHyperparametersAndChannelsAllAtOnce) {
  auto request = built_in();
  request.hyper_parameters = {{{"epoch", "3"}, {"epochs", "0"}}};
  request.input_data_config->front().channel_name = "trian";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: hyperparameter 'epoch': got \"3\", expected a hyperparameter of "
            "image-classification. Did "
            "you mean 'epochs'?; hyperparameter 'epochs': got \"0\", expected a whole number of at "
            "least 1. Leave it out to "
            "use 30.; channel 'trian': got \"trian\", expected a channel of image-classification: "
            "'train'. Did you mean "
            "'train'?; channel 'train': expected this channel in InputDataConfig, because "
            "image-classification reads it. "
            "Add it.");
}

TEST_F(TrainingJobsTest, ABuiltInAlgorithmBringsItsMetricsAndTakesNoOthers) {
  jobs_.create(built_in(), operator_);
  const auto job = describe();
  EXPECT_EQ(job.algorithm_specification->metric_definitions->at(0).name, "train:accuracy");
  EXPECT_EQ(job.algorithm_specification->enable_sage_maker_metrics_time_series, true);
  auto request = built_in("other");
  request.algorithm_specification->metric_definitions = {{{.name = "m", .regex = "x"}}};
  EXPECT_THAT(refusal([&] { jobs_.create(request, operator_); }),
              HasSubstr("You can't override the metric definitions"));
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

TEST_F(TrainingJobsTest, TheTicketHoldsEverythingTheSupervisorNeeds) {
  auto request = built_in();
  request.hyper_parameters = {{{"epochs", "3"}}};
  request.environment = {{{"OMP_NUM_THREADS", "7"}, {"K", "v"}}};
  request.output_data_config.s3_output_path = "s3://models/churn/";
  jobs_.create(request, operator_);
  const control::JobTicket ticket = this->ticket();
  EXPECT_EQ(ticket.job_arn, "arn:aws:sagemaker:us-west-2:111122223333:training-job/job-1");
  EXPECT_EQ(ticket.region, "us-west-2");
  EXPECT_THAT(ticket.hosts, ElementsAre("algo-1"));
  EXPECT_THAT(ticket.command, ElementsAre("/opt/millrace/bin/millrace-trainer", "train"));
  EXPECT_THAT(ticket.read_only_binds, ElementsAre("/opt/millrace/bin/millrace-trainer"));
  EXPECT_EQ(ticket.environment.at("MILLRACE_ALGORITHM"), "image-classification");
  EXPECT_EQ(ticket.environment.at("OMP_NUM_THREADS"), "7") << "what the user says wins";
  EXPECT_EQ(ticket.environment.at("K"), "v");
  EXPECT_EQ(ticket.environment.at("AWS_ENDPOINT_URL"), "http://127.0.0.1:9000");
  EXPECT_EQ(ticket.environment.at("AWS_ACCESS_KEY_ID"), program().access_key);
  EXPECT_EQ(ticket.hyper_parameters.at("epochs"), "3");
  EXPECT_EQ(ticket.channels.at(0).s3_source->s3_uri, "s3://data/train/");
  EXPECT_EQ(ticket.channels.at(0).input_mode, "File");
  EXPECT_EQ(ticket.output_s3_uri, "s3://models/churn/job-1/output") << "joined with one slash";
  EXPECT_TRUE(ticket.compress_output);
  EXPECT_EQ(ticket.metrics.at(0).regex, "acc=(\\S+)");
  EXPECT_EQ(ticket.log_group, "/aws/sagemaker/TrainingJobs");
  EXPECT_THAT(ticket.log_stream, ::testing::MatchesRegex("job-1/algo-1-[0-9]+"));
  EXPECT_EQ(ticket.cpus, 0) << "two of the machine's two CPUs are no limit";
  EXPECT_EQ(ticket.memory_bytes, std::int64_t{8} << 30);
  EXPECT_EQ(ticket.volume_bytes, std::int64_t{10} << 30);
  EXPECT_EQ(ticket.max_runtime_in_seconds, 600);
  EXPECT_EQ(ticket.grace_period_in_seconds, 120);
  EXPECT_EQ(this->ticket().log_stream, ticket.log_stream) << "a ticket asked for again is the same";
  logs::Logs logs(records_.database());
  EXPECT_EQ(logs.describe_streams({.log_group_name = ticket.log_group}, operator_)
                .log_streams->at(0)
                .log_stream_name,
            ticket.log_stream);
  EXPECT_EQ(describe().secondary_status_transitions->at(0).status_message,
            "Preparing the instances for training");
}

TEST_F(TrainingJobsTest, AnExecutableImageRunsItsCommandWithTheJobsArguments) {
  auto request = small_request();
  request.enable_network_isolation = true;
  jobs_.create(request, operator_);
  const control::JobTicket plain = ticket();
  EXPECT_THAT(plain.command, ElementsAre("/opt/churn/train", "-v", "train"));
  EXPECT_THAT(plain.read_only_binds, ElementsAre("/opt/churn"));
  EXPECT_TRUE(plain.network_isolation);
  EXPECT_FALSE(plain.environment.contains("AWS_ACCESS_KEY_ID")) << "an isolated job has no keys";
  EXPECT_FALSE(plain.environment.contains("AWS_ENDPOINT_URL"));
  report(supervisor(), {.outcome = {{.result = "Completed"}}});
  ::kill(static_cast<pid_t>(pid_of("job-1").value()), SIGKILL);

  request = small_request("job-2");
  request.algorithm_specification->container_entrypoint = {{"/bin/sh", "-c"}};
  request.algorithm_specification->container_arguments = {{"true"}};
  jobs_.create(request, operator_);
  EXPECT_THAT(ticket("job-2").command, ElementsAre("/bin/sh", "-c", "true"));
}

TEST_F(TrainingJobsTest, ReportsMoveTheJobThroughItsPhasesToItsEnd) {
  jobs_.create(small_request(), operator_);
  const aws::Caller who = supervisor();
  jobs_.get_ticket({.job_name = "job-1"}, who);
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
  jobs_.get_ticket({.job_name = "job-1"}, who);
  EXPECT_FALSE(jobs_.report(heartbeat, who).stop_requested);
  jobs_.stop({.training_job_name = "job-1"}, operator_);
  jobs_.stop({.training_job_name = "job-1"}, operator_);
  EXPECT_EQ(describe().training_job_status, "Stopping");
  EXPECT_TRUE(jobs_.report(heartbeat, who).stop_requested);
  EXPECT_TRUE(jobs_.get_ticket({.job_name = "job-1"}, who).stop_requested);
  report(who, {.outcome = {{.result = "Stopped", .model_uploaded = true}}});
  EXPECT_EQ(describe().training_job_status, "Stopped");
}

TEST_F(TrainingJobsTest, ASupervisorThatDiesFailsItsJobWithTheCause) {
  jobs_.create(small_request(), operator_);
  const aws::Caller who = supervisor();
  jobs_.get_ticket({.job_name = "job-1"}, who);
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
  jobs_.get_ticket({.job_name = "job-1"}, first);
  const std::int64_t pid = pid_of("job-1").value();
  ::kill(static_cast<pid_t>(pid), SIGKILL);
  wait_until([&] { return pid_of("job-1") && pid_of("job-1") != pid; });
  EXPECT_EQ(describe().secondary_status, "Restarting");
  const aws::Caller second = supervisor();
  EXPECT_NE(second.access_key, first.access_key);
  jobs_.get_ticket({.job_name = "job-1"}, second);
  EXPECT_EQ(describe().secondary_status, "Starting");
  report(second, {.outcome = {{.result = "Completed"}}});
  EXPECT_EQ(describe().training_job_status, "Completed");
}

sm::CreateTrainingJobRequest spot_request(std::int64_t max_wait = 900) {
  sm::CreateTrainingJobRequest request = small_request();
  request.enable_managed_spot_training = true;
  request.stopping_condition->max_wait_time_in_seconds = max_wait;
  return request;
}

TEST_F(TrainingJobsTest, TheInstancesOfASpotJobAreTakenAwayAndItGetsOthers) {
  jobs_.create(spot_request(), operator_);
  const auto interrupt = [&] { jobs_.interrupt({.job_name = "job-1", .grace_in_seconds = 7}, operator_); };
  EXPECT_THAT(refusal(interrupt), HasSubstr("is Starting and has no instances"));
  const aws::Caller first = supervisor();
  jobs_.get_ticket({.job_name = "job-1"}, first);
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
  jobs_.get_ticket({.job_name = "job-1"}, second);
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

TEST_F(TrainingJobsTest, OnlyTheJobsOwnSupervisorGetsTicketAndReports) {
  jobs_.create(small_request(), operator_);
  aws::Caller other = supervisor();
  other.job = "another";
  for (const aws::Caller& caller : {operator_, program(), other}) {
    EXPECT_EQ(refusal([&] { jobs_.get_ticket({.job_name = "job-1"}, caller); }),
              "AccessDeniedException: User: " + caller.arn +
                  " is not authorized to perform: millrace:GetJobTicket");
    EXPECT_THAT(refusal([&] { jobs_.report({.job_name = "job-1", .host = "algo-1"}, caller); }),
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

TEST_F(TrainingJobsTest, ListsAreFilteredSortedAndPagedWithoutLossOrRepetition) {
  for (const char* name : {"b1", "a2", "c3", "a4", "b5"})
    jobs_.create(small_request(name), operator_);
  jobs_.stop({.training_job_name = "c3"}, operator_);
  EXPECT_THAT(list({.name_contains = "a"}), ::testing::UnorderedElementsAre("a2", "a4"));
  EXPECT_THAT(list({.status_equals = "Stopped"}), ElementsAre("c3"));
  EXPECT_THAT(list({.sort_by = "Name", .sort_order = "Ascending"}),
              ElementsAre("a2", "a4", "b1", "b5", "c3"));
  EXPECT_THAT(list({.warm_pool_status_equals = "Available"}), IsEmpty());
  for (const char* sort : {"Name", "CreationTime", "Status"}) {
    const std::vector<std::string> all = list({.sort_by = sort});
    std::vector<std::string> paged;
    sm::ListTrainingJobsRequest request{.max_results = 2, .sort_by = sort};
    do {
      const auto page = jobs_.list(request, operator_);
      EXPECT_LE(page.training_job_summaries.size(), 2U);
      for (const auto& summary : page.training_job_summaries)
        paged.push_back(summary.training_job_name);
      request.next_token = page.next_token;
    } while (request.next_token);
    EXPECT_EQ(paged, all) << sort;
    EXPECT_EQ(paged.size(), 5U);
  }
}

TEST_F(TrainingJobsTest, APageTokenBelongsToItsSorting) {
  for (const char* name : {"a", "b"}) jobs_.create(small_request(name), operator_);
  const auto token = jobs_.list({.max_results = 1, .sort_by = "Name"}, operator_).next_token;
  ASSERT_TRUE(token);
  EXPECT_THAT(*token, ::testing::MatchesRegex("[0-9a-f]+"));
  const std::string told =
      "ValidationException: Invalid NextToken. Use the one of the previous page, with the same "
      "SortBy "
      "and SortOrder.";
  EXPECT_EQ(refusal([&] { list({.next_token = token, .sort_by = "Status"}); }), told);
  EXPECT_EQ(refusal([&] { list({.next_token = "zz"}); }), told);
}

TEST_F(TrainingJobsTest, TagsComeWithTheJobAndCanBeChangedByArnWhateverItsCase) {
  auto request = small_request("Job-9");
  request.tags = {{{.key = "team", .value = "a"}}};
  const std::string arn = jobs_.create(request, operator_).training_job_arn;
  jobs_.add_tags({.resource_arn = "arn:aws:sagemaker:us-west-2:111122223333:training-job/Job-9",
                  .tags = {{.key = "team", .value = "b"}, {.key = "z", .value = ""}}},
                 operator_);
  EXPECT_THAT(jobs_.list_tags({.resource_arn = arn}, operator_).tags.value(),
              ElementsAre(sm::Tag{"team", "b"}, sm::Tag{"z", ""}));
  jobs_.delete_tags({.resource_arn = arn, .tag_keys = {"team", "unknown"}}, operator_);
  EXPECT_THAT(jobs_.list_tags({.resource_arn = arn}, operator_).tags.value(),
              ElementsAre(sm::Tag{"z", ""}));
}

TEST_F(TrainingJobsTest, TagsAreLimitedPagedAndBelongToSomething) {
  const std::string arn = jobs_.create(small_request(), operator_).training_job_arn;
  sm::AddTagsInput fifty{.resource_arn = arn};
  for (int i = 10; i < 60; ++i) fifty.tags.push_back({.key = "k" + std::to_string(i)});
  EXPECT_EQ(jobs_.add_tags(fifty, operator_).tags->size(), 50U);
  EXPECT_THAT(refusal([&] {
                jobs_.add_tags({.resource_arn = arn, .tags = {{.key = "one more"}}}, operator_);
              }),
              HasSubstr("ResourceLimitExceeded: A resource can have at most 50 tags"));
  const auto first = jobs_.list_tags({.resource_arn = arn, .max_results = 49}, operator_);
  EXPECT_EQ(first.tags->size(), 49U);
  const auto second = jobs_.list_tags(
      {.resource_arn = arn, .next_token = first.next_token, .max_results = 49}, operator_);
  EXPECT_THAT(second.tags.value(), ElementsAre(sm::Tag{"k59", ""}));
  EXPECT_FALSE(second.next_token);
  EXPECT_THAT(refusal([&] {
                jobs_.list_tags(
                    {.resource_arn = "arn:aws:sagemaker:r:111122223333:training-job/no"},
                    operator_);
              }),
              HasSubstr("Requested resource not found."));
  EXPECT_THAT(refusal([&] {
                jobs_.list_tags({.resource_arn = "arn:aws:sagemaker:r:1:endpoint/e"}, operator_);
              }),
              HasSubstr("expected the ARN of a training job"));
}

TEST_F(TrainingJobsTest, AJobWhoseLeaseWasNeverUsedWaitsAgainAndOneThatRanFails) {
  jobs_.create(small_request(), operator_);
  const fleet::SupervisorEnd end{.account = operator_.account,
                                 .job = "job-1",
                                 .host = "algo-1",
                                 .reason = "gone.",
                                 .maybe_never_started = true};
  const auto ended = [&] {
    return records_.database().write(
        [&](records::Connection& transaction) { return jobs_.supervisor_ended(transaction, end); });
  };
  EXPECT_EQ(ended(), fleet::AfterEnd::WaitAgain);
  EXPECT_EQ(describe().training_job_status, "InProgress");
  ticket();
  EXPECT_EQ(ended(), fleet::AfterEnd::GiveBack);
  EXPECT_EQ(describe().failure_reason, "InternalServerError: gone.");
}

sm::CreateTrainingJobRequest of_two_hosts() {
  sm::CreateTrainingJobRequest request = small_request();
  request.resource_config->instance_count = 2;
  return request;
}

sm::CreateTrainingJobRequest on_file_system(const std::string& id, const std::string& type,
                                            const std::string& directory) {
  sm::CreateTrainingJobRequest request = small_request();
  request.input_data_config->front().data_source = {
      .file_system_data_source = {{.file_system_id = id,
                                   .file_system_access_mode = "ro",
                                   .file_system_type = type,
                                   .directory_path = directory}}};
  return request;
}

TEST_F(TrainingJobsTest, EveryHostGetsATicketOfItsOwn) {
  sm::CreateTrainingJobRequest request = of_two_hosts();
  request.input_data_config->front().data_source.s3_data_source->s3_data_distribution_type =
      "ShardedByS3Key";
  request.input_data_config->front().shuffle_config = {{.seed = 7}};
  request.checkpoint_config = {{.s3_uri = "s3://models/c"}};
  jobs_.create(request, operator_);
  const control::JobTicket first = ticket_of_host("algo-1");
  const control::JobTicket second = ticket_of_host("algo-2");
  EXPECT_EQ(first.host, "algo-1");
  EXPECT_EQ(second.host, "algo-2");
  for (const control::JobTicket& ticket : {first, second}) {
    EXPECT_THAT(ticket.hosts, ElementsAre("algo-1", "algo-2"));
    const std::int64_t lease =
        records_.database()
            .read([&](records::Connection& connection) {
              return fleet_.lease_number(connection, operator_.account, "job-1");
            })
            .value();
    EXPECT_EQ(ticket.host_addresses->at("algo-1"), host_address(lease, 1));
    EXPECT_EQ(ticket.host_addresses->at("algo-2"), host_address(lease, 2));
    EXPECT_EQ(ticket.cpus, 1) << "half of the machine's two";
    EXPECT_EQ(ticket.memory_bytes, 0x200000000) << "its type's, of which there are two";
    EXPECT_EQ(ticket.channels.at(0).s3_source->shards, 2);
    EXPECT_EQ(ticket.channels.at(0).shuffle_seed, 7);
    EXPECT_EQ(ticket.checkpoint_s3_uri, "s3://models/c");
    EXPECT_EQ(ticket.checkpoint_local_path, "/opt/ml/checkpoints/");
    EXPECT_FALSE(ticket.instance_groups);
  }
  EXPECT_EQ(first.channels.at(0).s3_source->shard, 0);
  EXPECT_EQ(second.channels.at(0).s3_source->shard, 1);
  EXPECT_THAT(first.log_stream, ::testing::StartsWith("job-1/algo-1-"));
  EXPECT_THAT(second.log_stream, ::testing::StartsWith("job-1/algo-2-"));
  EXPECT_THAT(refusal([&] { ticket_of_host("algo-3"); }),
              HasSubstr("The job has no host 'algo-3'."));
}

TEST_F(TrainingJobsTest, GroupsNumberTheirHostsThroughAndGetOnlyTheirChannels) {
  sm::CreateTrainingJobRequest request = small_request();
  request.resource_config = {
      {.volume_size_in_gb = 1,
       .instance_groups = {
           {{.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "a"},
            {.instance_type = "ml.c5.xlarge", .instance_count = 2, .instance_group_name = "b"}}}}};
  auto& source = *request.input_data_config->front().data_source.s3_data_source;
  source.instance_group_names = {{"b"}};
  source.s3_data_distribution_type = "ShardedByS3Key";
  jobs_.create(request, operator_);
  const control::JobTicket first = ticket_of_host("algo-1");
  const control::JobTicket third = ticket_of_host("algo-3");
  EXPECT_EQ(first.instance_type, "ml.m5.large");
  EXPECT_EQ(third.instance_type, "ml.c5.xlarge");
  EXPECT_THAT(first.channels, IsEmpty());
  EXPECT_EQ(third.channels.at(0).s3_source->shard, 1);
  EXPECT_EQ(third.channels.at(0).s3_source->shards, 2);
  ASSERT_EQ(third.instance_groups->size(), 2U);
  EXPECT_THAT(third.instance_groups->at(1).hosts, ElementsAre("algo-2", "algo-3"));
  EXPECT_EQ(describe().resource_config, request.resource_config);
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

TEST_F(TrainingJobsTest, BuiltInAlgorithmsTrainOnSeveralHostsWhereTheyCan) {
  sm::CreateTrainingJobRequest request = built_in();
  request.resource_config->instance_count = 2;
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: ResourceConfig.InstanceCount above 1 for image-classification is "
            "not supported: its hosts do not train together. Set it to 1.");
  request.algorithm_specification->training_image = "linear-learner";
  jobs_.create(request, operator_);
  EXPECT_THAT(ticket_of_host("algo-2").hosts, ElementsAre("algo-1", "algo-2"));
}

TEST_F(TrainingJobsTest, HostsThatTrainTogetherAllReadEveryChannel) {
  sm::CreateTrainingJobRequest request = built_in();
  request.algorithm_specification->training_image = "linear-learner";
  request.resource_config = {
      {.volume_size_in_gb = 5,
       .instance_groups = {
           {{.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "a"},
            {.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "b"}}}}};
  auto& source = request.input_data_config->front().data_source.s3_data_source;
  source->instance_group_names = {{"b"}};
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: InstanceGroupNames of some groups only for channel 'train' of "
            "linear-learner is not supported: all its hosts read every channel. Leave "
            "InstanceGroupNames out.");
  source->instance_group_names = {{"a", "b"}};
  jobs_.create(request, operator_);
}

TEST_F(TrainingJobsTest, AChannelOfAFileSystemIsToldWithItsPlaceOnThisMachine) {
  const std::filesystem::path path =
      add_file_system("fs-0123456789", "FSxLustre", "s3://data/train");
  jobs_.create(on_file_system("fs-0123456789", "FSxLustre", "/fsx/pictures"), operator_);
  const control::TicketChannel channel = ticket().channels.at(0);
  EXPECT_FALSE(channel.s3_source);
  ASSERT_TRUE(channel.file_system);
  EXPECT_EQ(channel.file_system->host_path, path.string());
  EXPECT_EQ(channel.file_system->directory_path, "/fsx/pictures");
  EXPECT_EQ(channel.file_system->access_mode, "ro");
  EXPECT_EQ(channel.file_system->linked_s3_uri, "s3://data/train");
}

TEST_F(TrainingJobsTest, FileSystemsMustBeRegisteredOfTheirTypeAndHoldTheDirectory) {
  const auto told = [&](const std::string& id, const std::string& type, const std::string& path) {
    const std::string text =
        refusal([&] { jobs_.create(on_file_system(id, type, path), operator_); });
    return text.substr(text.find("channel 'train': ") + 17);
  };
  EXPECT_EQ(
      told("fs-0123456789", "EFS", "/"),
      "FileSystemId: got \"fs-0123456789\", expected a registered file system. There is none; "
      "'millrace filesystems add' registers a directory of this machine.");
  const std::filesystem::path path = add_file_system("fs-0123456789", "EFS");
  add_file_system("fs-00000000", "FSxLustre");
  EXPECT_EQ(told("fs-11111111", "EFS", "/"),
            "FileSystemId: got \"fs-11111111\", expected a registered file system. There are: "
            "fs-00000000 (FSxLustre), fs-0123456789 (EFS).");
  EXPECT_EQ(told("fs-0123456789", "FSxLustre", "/fsx"),
            "FileSystemType: got \"FSxLustre\", expected EFS, which fs-0123456789 is. There are: "
            "fs-00000000 (FSxLustre), fs-0123456789 (EFS).");
  EXPECT_EQ(told("fs-0123456789", "EFS", "pictures"),
            "DirectoryPath: got \"pictures\", expected an absolute path. Begin it with '/'.");
  EXPECT_EQ(told("fs-0123456789", "EFS", "/pictures/../.."),
            "DirectoryPath: got \"/pictures/../..\", expected a path without '..'. Name the "
            "directory itself.");
  EXPECT_EQ(told("fs-00000000", "FSxLustre", "/pictures"),
            "DirectoryPath: got \"/pictures\", expected a path that begins with '/fsx', the mount "
            "name of fs-00000000. Put the mount name in front.");
  EXPECT_EQ(told("fs-0123456789", "EFS", "/none"),
            "DirectoryPath: got \"/none\", expected an existing directory inside fs-0123456789, "
            "which is " +
                path.string() + ". Check the spelling, or make it.");
  std::filesystem::create_directory_symlink("/", path / "outside");
  EXPECT_THAT(told("fs-0123456789", "EFS", "/outside/usr"),
              HasSubstr("an existing directory inside"));
}

TEST_F(TrainingJobsTest, AFolderOfTheLinkedBucketNeedNotHaveAppearedYet) {
  add_file_system("fs-0123456789", "FSxLustre", "s3://data");
  EXPECT_EQ(refusal([&] {
              jobs_.create(on_file_system("fs-0123456789", "FSxLustre", "/fsx/train"), operator_);
            }),
            "accepted");
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

TEST_F(TrainingJobsTest, AManifestIsAnObjectThatBeginsLikeOne) {
  sm::CreateTrainingJobRequest request = small_request();
  auto& channel = request.input_data_config->front();
  channel.data_source.s3_data_source->s3_data_type = "ManifestFile";
  channel.data_source.s3_data_source->s3_uri = "s3://data/train";
  EXPECT_THAT(refusal([&] { jobs_.create(request, operator_); }),
              HasSubstr("No S3 objects found under S3 URL \"s3://data/train\""))
      << "a prefix of an object is no manifest";
  channel.data_source.s3_data_source->s3_uri = "s3://data/train/a";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }), "accepted");
}

TEST_F(TrainingJobsTest, TheBucketOfCheckpointsMustExist) {
  sm::CreateTrainingJobRequest request = small_request();
  request.checkpoint_config = {{.s3_uri = "s3://nowhere/c"}};
  EXPECT_EQ(
      refusal([&] { jobs_.create(request, operator_); }),
      "ValidationException: CheckpointConfig.S3Uri: got \"s3://nowhere/c\", expected a bucket "
      "that exists. Create the bucket 'nowhere' or name another one.");
}

TEST(HostAddress, IsALoopbackAddressOfTheLease) {
  EXPECT_EQ(host_address(1, 1), "127.1.1.1");
  EXPECT_EQ(host_address(256, 20), "127.2.0.20");
  EXPECT_EQ(host_address(254 * 256 - 1, 1), "127.254.255.1");
  EXPECT_EQ(host_address(254 * 256, 1), "127.1.0.1");
}

TEST_F(TrainingJobsTest, StoppingAllAsksEveryUnfinishedJob) {
  jobs_.create(small_request("a"), operator_);
  jobs_.create(small_request("b"), operator_);
  jobs_.stop({.training_job_name = "a"}, operator_);
  EXPECT_EQ(jobs_.unfinished(), 1);
  EXPECT_EQ(jobs_.stop_all(), 1);
  EXPECT_EQ(jobs_.unfinished(), 0);
}

}  // namespace
}  // namespace millrace::jobs
