#pragma once

#include <map>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Writes hyperparameters.json, inputdataconfig.json and resourceconfig.json for the ticket;
/// `machine_network`: the program runs in the machine's network.
void write_config_files(const wire::control::JobTicket& ticket, const Workspace& workspace,
                        bool machine_network);

/// The program's environment: a search path, a home, the job's name, ARN and region, what numeric
/// libraries need to know of this machine, and over all that the ticket's own variables.
std::map<std::string, std::string> job_environment(const wire::control::JobTicket& ticket);

/// What every program gets: a search path, a home, the region and what numeric libraries need to
/// know of this machine, of which the program has `cpus` (0: all).
std::map<std::string, std::string> program_environment(double cpus, const std::string& region);

/// Host paths that a program needs besides /usr, seen read-only at the same place.
std::vector<Bind> read_only_binds(const std::vector<std::string>& paths);

/// Of processes and threads: far above what data loaders with their threads need, far below what
/// exhausts a machine.
inline constexpr std::int64_t kMaxProcesses = 4096;

/// What the sandbox has to do for the ticket, whatever its network.
SandboxOrder sandbox_order(const wire::control::JobTicket& ticket, const Workspace& workspace,
                           std::vector<Bind> channel_binds);

}  // namespace millrace::runner
