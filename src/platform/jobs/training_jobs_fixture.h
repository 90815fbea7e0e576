#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/contract/workload.h"
#include "core/io/file.h"
#include "platform/identity/keyring.h"
#include "platform/jobs/request_fixture.h"
#include "platform/jobs/training_jobs.h"
#include "platform/records/instance_queue.h"
#include "platform/records/temporary_database.h"
#include "platform/tags/tags.h"

namespace millrace::jobs {

namespace sm = wire::sagemaker;
namespace control = wire::control;

inline constexpr const char* kAlgorithmsOfTest =
    R"json({"algorithms": [{"name": "image-classification",
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
    if (!started_) {
      jobs_.supervision().set_endpoint("http://127.0.0.1:9000");
      fleet_.start({{std::string(workload::kTraining), jobs_.supervision().handlers()}});
    }
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
    return jobs_.supervision().get_ticket({.job_name = name}, supervisor(name)).ticket;
  }
  control::JobTicket ticket_of_host(const std::string& host, const std::string& name = "job-1") {
    return jobs_.supervision().get_ticket({.job_name = name, .host = host}, supervisor(name)).ticket;
  }
  control::ReportJobResponse report(const aws::Caller& who, control::ReportJobRequest request,
                                    const std::string& name = "job-1") {
    request.job_name = name;
    if (request.host.empty()) request.host = "algo-1";
    return jobs_.supervision().report(request, who);
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
  catalog::Algorithms algorithms_{std::vector<Json>{parse_json(kAlgorithmsOfTest, "test")}};
  catalog::Images images_{records_.database(), algorithms_};
  catalog::FrameworkImages frameworks_{{.launcher = "/opt/millrace/lib/millrace/toolkit/run.py",
                                        .wheels = "/srv/wheels",
                                        .modules = [] { return std::set<std::string>{"torch"}; }}};
  catalog::Programs programs_{algorithms_, images_, "/opt/millrace/bin/millrace-trainer",
                              frameworks_};
  catalog::FileSystems file_systems_{records_.database(), records_.directory()};
  fleet::Fleet fleet_{records_.database(),
                      {.program = records_.directory() / "program",
                       .data_dir = records_.directory(),
                       .machine = {.cpus = 2, .memory_bytes = std::int64_t{16} << 30}}};
  std::set<std::string> buckets_{"data", "models"};
  TrainingJobs jobs_{
      records_.database(),
      fleet_,
      {.algorithms = algorithms_, .file_systems = file_systems_, .programs = programs_},
      {.has_bucket = [this](const std::string& bucket) { return buckets_.contains(bucket); },
       .first_key = [](const std::string& bucket, const std::string& prefix,
                       const std::string&) -> std::optional<std::string> {
         if (bucket != "data" || !std::string("train/a").starts_with(prefix)) return std::nullopt;
         return "train/a";
       },
       .beginning = [](const aws::Caller&, const std::string&, const std::string&,
                       std::size_t) { return std::string("[\"s3://data/train/a\"]"); }}};
  tags::Tags tags_{records_.database(), {{"training-job", TrainingJobs::arn_of}}};
  aws::Caller operator_{.account = "111122223333",
                        .access_key = "AKIA",
                        .arn = "arn:operator",
                        .region = "us-west-2"};
  bool started_ = false;
};

inline sm::CreateTrainingJobRequest built_in(const std::string& name = "job-1") {
  sm::CreateTrainingJobRequest request = small_request(name);
  request.algorithm_specification->training_image =
      "433757028032.dkr.ecr.us-west-2.amazonaws.com/image-classification:1";
  return request;
}

inline sm::CreateTrainingJobRequest of_two_hosts() {
  sm::CreateTrainingJobRequest request = small_request();
  request.resource_config->instance_count = 2;
  return request;
}

inline sm::CreateTrainingJobRequest on_file_system(const std::string& id, const std::string& type,
                                                   const std::string& directory) {
  sm::CreateTrainingJobRequest request = small_request();
  request.input_data_config->front().data_source = {
      .file_system_data_source = {{.file_system_id = id,
                                   .file_system_access_mode = "ro",
                                   .file_system_type = type,
                                   .directory_path = directory}}};
  return request;
}

}  // namespace millrace::jobs
