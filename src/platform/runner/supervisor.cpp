#include "platform/runner/supervisor.h"

#include <cstdlib>
#include <exception>
#include <iostream>

#include "core/base/error.h"
#include "core/contract/workload.h"
#include "platform/runner/daemon_client.h"
#include "platform/runner/serving/supervise_server.h"
#include "platform/runner/supervise.h"
#include "platform/runner/transform/supervise_transform.h"

namespace millrace::runner {
namespace {

std::string required_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw Error(Blame::Platform,
                std::string("environment variable ") + name +
                    " is not set. Supervisors are started by the daemon, not by hand.");
  }
  return value;
}

std::string optional_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int run_supervisor(const std::string& workload, const std::string& host) {
  try {
    const http::Address address = http::parse_address(required_variable("MILLRACE_ADDRESS"));
    const aws::Credentials credentials{.access_key = required_variable("AWS_ACCESS_KEY_ID"),
                                       .secret_key = required_variable("AWS_SECRET_ACCESS_KEY"),
                                       .session_token = optional_variable("AWS_SESSION_TOKEN")};
    const std::string region = required_variable("AWS_REGION");
    const auto store = optional_variable("MILLRACE_STORE_IS_REMOTE") == "true"
                           ? DaemonClient::Store::IsRemote
                           : DaemonClient::Store::MayBeHere;
    const std::string data_directory = required_variable("MILLRACE_DATA_DIR");
    const bool may_run_unconfined = optional_variable("MILLRACE_ALLOW_UNCONFINED") == "true";
    const ConnectDaemon connect = [&] {
      return std::make_unique<DaemonClient>(aws::Client(address, credentials, region), store);
    };
    const std::string_view kind = workload::kind_of(workload);
    if (kind == workload::kTraining) {
      supervise({.job_name = workload,
                 .host = host,
                 .data_directory = data_directory,
                 .may_run_unconfined = may_run_unconfined,
                 .machine_network = optional_variable("MILLRACE_JOB_NETWORK") == "host",
                 .daemon_socket = address.unix_socket,
                 .patience = {}},
                connect);
    } else if (kind == workload::kEndpoint || kind == workload::kTransform) {
      const ServingOptions options{.workload = workload,
                                   .host = host,
                                   .data_directory = data_directory,
                                   .daemon_socket = address.unix_socket,
                                   .may_run_unconfined = may_run_unconfined};
      if (kind == workload::kEndpoint) {
        supervise_server(options, connect);
      } else {
        supervise_transform(options, connect);
      }
    } else {
      throw Error(Blame::Platform,
                  "there is no supervisor for workloads of the kind '" + std::string(kind) + "'");
    }
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "event=supervisor_failed workload=" << workload << " host=" << host << " reason=\""
              << error.what() << "\"\n";
    return EXIT_FAILURE;
  }
}

}  // namespace millrace::runner
