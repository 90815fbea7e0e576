#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/contract/workload.h"
#include "core/io/file.h"
#include "platform/hosting/endpoint_configs.h"
#include "platform/hosting/endpoints.h"
#include "platform/hosting/models.h"
#include "platform/identity/keyring.h"
#include "platform/records/instance_queue.h"
#include "platform/records/temporary_database.h"
#include "platform/tags/tags.h"

namespace millrace::hosting {

namespace sm = wire::sagemaker;
namespace control = wire::control;

/// Hosting on a store that holds models/churn/model.tar.gz and models/tree/weights. Supervisors are
/// `sleep`s: what they would report is said by the test, with their keys.
class EndpointsTest : public ::testing::Test {
 protected:
  EndpointsTest() {
    write_file_durably(records_.directory() / "program", "#!/bin/sh\nexec sleep 1000\n", 0755);
    images_.add_executable("churn", {"/opt/churn/run"}, {"/opt/churn"});
  }
  ~EndpointsTest() override {
    fleet_.stop();
    for (const std::string& workload : running()) kill(workload);
  }

  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 3000 && !holds(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(holds());
  }
  /// Workloads that have supervisors.
  std::vector<std::string> running() {
    return records_.database().read([](records::Connection& connection) {
      std::vector<std::string> names;
      records::QueueTable queue(connection);
      for (const auto& row : queue.leased()) {
        if (!queue.supervisors(row.id).empty()) names.push_back(row.job);
      }
      return names;
    });
  }
  bool runs(const std::string& workload) {
    const auto all = running();
    return std::find(all.begin(), all.end(), workload) != all.end();
  }
  /// The process of a workload's supervisor; 0 when it has none.
  std::int64_t supervisor_pid(const std::string& workload) {
    std::int64_t pid = 0;
    records_.database().read([&](records::Connection& connection) {
      records::QueueTable queue(connection);
      if (const auto row = queue.find(operator_.account, workload)) {
        for (const auto& each : queue.supervisors(row->id)) pid = each.pid;
      }
    });
    return pid;
  }
  void kill(const std::string& workload) {
    records_.database().read([&](records::Connection& connection) {
      records::QueueTable queue(connection);
      const auto row = queue.find(operator_.account, workload);
      if (!row) return;
      for (const auto& supervisor : queue.supervisors(row->id))
        ::kill(static_cast<pid_t>(supervisor.pid), SIGKILL);
    });
  }
  void start() {
    endpoints_.restore();
    endpoints_.set_endpoint("http://127.0.0.1:9000");
    fleet_.start({{std::string(workload::kEndpoint), endpoints_.handlers()}});
  }

  static sm::CreateModelInput model(const std::string& name = "churn") {
    return {.model_name = name,
            .primary_container = {{.image = "registry.local/churn:3",
                                   .model_data_url = "s3://models/churn/model.tar.gz",
                                   .environment = {{{"LEVEL", "3"}}}}},
            .execution_role_arn = "arn:aws:iam::111122223333:role/service-role/server"};
  }
  static sm::CreateEndpointConfigInput config(const std::string& name,
                                              const std::vector<std::string>& variants = {"all"},
                                              std::int64_t instances = 1) {
    sm::CreateEndpointConfigInput request{.endpoint_config_name = name};
    for (const std::string& variant : variants) {
      request.production_variants.push_back({.variant_name = variant,
                                             .model_name = "churn",
                                             .initial_instance_count = instances,
                                             .instance_type = "ml.m5.large"});
    }
    return request;
  }
  /// The endpoint "e" on the configuration "first", whose model and configuration are made too.
  void create(const sm::CreateEndpointConfigInput& first = config("first")) {
    models_.create(model(), operator_);
    configs_.create(first, operator_);
    endpoints_.create({.endpoint_name = "e", .endpoint_config_name = first.endpoint_config_name},
                      operator_);
  }
  sm::DescribeEndpointOutput describe() {
    return endpoints_.describe({.endpoint_name = "e"}, operator_);
  }
  std::string status() { return describe().endpoint_status; }

  aws::Caller supervisor(const std::string& workload) {
    std::optional<identity::JobKeys> keys;
    wait_until([&] {
      keys = records_.database().read([&](records::Connection& connection) {
        return identity::Keyring::of_job(connection, workload);
      });
      return keys && runs(workload);
    });
    return keyring_.find(keys.value().supervisor.access_key).value().caller;
  }
  control::GetServerTicketResponse ticket(const std::string& workload,
                                          const std::string& host = "algo-1") {
    return endpoints_.get_ticket({.workload = workload, .host = host}, supervisor(workload));
  }
  /// What the supervisor hears.
  bool report(const std::string& workload, const char* phase, const std::string& reason = "",
              const std::string& host = "algo-1") {
    return endpoints_
        .report({.workload = workload, .host = host, .phase = phase, .reason = reason},
                supervisor(workload))
        .stop_requested;
  }
  /// Creates "e" and brings it into service.
  void serve(const sm::CreateEndpointConfigInput& first = config("first")) {
    create(first);
    start();
    std::int64_t generation = 0;
    for (const sm::ProductionVariant& variant : first.production_variants) {
      ++generation;
      for (std::int64_t i = 1; i <= *variant.initial_instance_count; ++i) {
        report("endpoint.e." + variant.variant_name + "." + std::to_string(generation), "Healthy",
               "", "algo-" + std::to_string(i));
      }
    }
    EXPECT_EQ(status(), "InService");
  }

  records::TemporaryDatabase records_;
  identity::Keyring keyring_{records_.database()};
  catalog::Algorithms algorithms_{
      std::vector<Json>{parse_json(R"({"algorithms": [{"name": "linear-learner"}]})", "test")}};
  catalog::Images images_{records_.database(), algorithms_};
  catalog::FrameworkImages frameworks_{{}};
  catalog::Programs programs_{algorithms_, images_, "/opt/millrace/bin/millrace-trainer",
                              frameworks_};
  fleet::Fleet fleet_{records_.database(),
                      {.program = records_.directory() / "program",
                       .data_dir = records_.directory(),
                       .machine = {.cpus = 4, .memory_bytes = std::int64_t{16} << 30}}};
  Models models_{records_.database(),
                 programs_,
                 images_,
                 {.has_bucket = [](const std::string& bucket) { return bucket == "models"; },
                  .has_object = [](const std::string&,
                                   const std::string& key) { return key == "churn/model.tar.gz"; },
                  .has_prefix = [](const std::string&,
                                   const std::string& prefix) { return prefix == "tree/"; }}};
  EndpointConfigs configs_{records_.database()};
  Traffic traffic_{records_.directory()};
  Endpoints endpoints_{records_.database(), fleet_, programs_, traffic_, std::chrono::seconds(60)};
  tags::Tags tags_{records_.database(),
                   {{"model", Models::arn_of},
                    {"endpoint-config", EndpointConfigs::arn_of},
                    {"endpoint", Endpoints::arn_of}}};
  aws::Caller operator_{.account = "111122223333",
                        .access_key = "AKIA",
                        .arn = "arn:operator",
                        .region = "us-west-2"};
};

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

}  // namespace millrace::hosting
