#pragma once

#include <string_view>

#include "platform/aws/caller.h"

namespace millrace::aws {

/// Refuses the temporary keys of a job: they may read and write data and logs and look at their own
/// job, nothing else. `action` is "<service>:<Operation>" as IAM names it. Throws Error(Customer,
/// AccessDeniedException) in AWS's words.
void require_own_key(const Caller& caller, std::string_view action);

/// Refuses the keys of every job but `job`, compared without regard to case. Keys of no job pass.
void require_same_job(const Caller& caller, std::string_view job, std::string_view action);

/// Lets only the supervisor of `job` pass.
void require_supervisor(const Caller& caller, std::string_view job, std::string_view action);

}  // namespace millrace::aws
