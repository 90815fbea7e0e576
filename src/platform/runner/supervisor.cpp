#include "platform/runner/supervisor.h"

#include <cstdlib>
#include <exception>
#include <iostream>

#include "core/base/error.h"
#include "platform/runner/daemon_client.h"
#include "platform/runner/supervise.h"

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

int run_supervisor(const std::string& job_name, const std::string& host) {
  try {
    const http::Address address = http::parse_address(required_variable("MILLRACE_ADDRESS"));
    const aws::Credentials credentials{.access_key = required_variable("AWS_ACCESS_KEY_ID"),
                                       .secret_key = required_variable("AWS_SECRET_ACCESS_KEY"),
                                       .session_token = optional_variable("AWS_SESSION_TOKEN")};
    const std::string region = required_variable("AWS_REGION");
    const auto store = optional_variable("MILLRACE_STORE_IS_REMOTE") == "true"
                           ? DaemonClient::Store::IsRemote
                           : DaemonClient::Store::MayBeHere;
    supervise({.job_name = job_name,
               .host = host,
               .data_directory = required_variable("MILLRACE_DATA_DIR"),
               .may_run_unconfined = optional_variable("MILLRACE_ALLOW_UNCONFINED") == "true",
               .patience = {}},
              [&] {
                return std::make_unique<DaemonClient>(aws::Client(address, credentials, region),
                                                      store);
              });
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "event=supervisor_failed job=" << job_name << " host=" << host << " reason=\""
              << error.what() << "\"\n";
    return EXIT_FAILURE;
  }
}

}  // namespace millrace::runner
