#pragma once

#include <map>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Writes hyperparameters.json, inputdataconfig.json and resourceconfig.json for the ticket.
void write_config_files(const wire::control::JobTicket& ticket, const Workspace& workspace);

/// The program's environment: a search path, a home, the job's name, ARN and region, what numeric
/// libraries need to know of this machine, and over all that the ticket's own variables.
std::map<std::string, std::string> job_environment(const wire::control::JobTicket& ticket);

/// What the sandbox has to do for the ticket.
SandboxOrder sandbox_order(const wire::control::JobTicket& ticket, const Workspace& workspace,
                           std::vector<Bind> channel_binds);

}  // namespace millrace::runner
