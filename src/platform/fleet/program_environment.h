#pragma once

#include <map>
#include <optional>
#include <string>

#include "platform/aws/authenticate.h"
#include "platform/catalog/programs.h"

namespace millrace::fleet {

/// How a program reaches the daemon.
struct ProgramAccess {
  std::optional<aws::Credentials> keys;
  std::string endpoint;  ///< "http://127.0.0.1:9000"; may be empty
};

/// The variables of a job's program or of a model's server. Those of the request win over the
/// image's, and those over the processor's for `threads` CPUs. With network isolation there is no
/// `access`.
std::map<std::string, std::string> program_environment(std::map<std::string, std::string> requested,
                                                       const catalog::Program& program, int threads,
                                                       const std::optional<ProgramAccess>& access);

}  // namespace millrace::fleet
