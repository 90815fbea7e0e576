#include "platform/fleet/program_environment.h"

#include <utility>

#include "core/contract/cpu_environment.h"

namespace millrace::fleet {

std::map<std::string, std::string> program_environment(std::map<std::string, std::string> requested,
                                                       const catalog::Program& program, int threads,
                                                       const std::optional<ProgramAccess>& access) {
  std::map<std::string, std::string> environment = std::move(requested);
  environment.insert(program.environment.begin(), program.environment.end());
  environment.merge(cpu_environment(threads));
  if (!access) return environment;
  if (access->keys) {
    environment.emplace("AWS_ACCESS_KEY_ID", access->keys->access_key);
    environment.emplace("AWS_SECRET_ACCESS_KEY", access->keys->secret_key);
    environment.emplace("AWS_SESSION_TOKEN", access->keys->session_token);
  }
  if (!access->endpoint.empty()) {
    environment.emplace("AWS_ENDPOINT_URL", access->endpoint);
    // What the public training toolkit reads, whatever its botocore knows.
    environment.emplace("S3_ENDPOINT_URL", access->endpoint);
  }
  return environment;
}

}  // namespace millrace::fleet
