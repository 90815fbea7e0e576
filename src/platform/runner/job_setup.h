#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "generated/aws/control/types.h"
#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Writes hyperparameters.json, inputdataconfig.json and resourceconfig.json for the ticket;
/// `machine_network`: the program runs in the machine's network.
void write_config_files(const wire::control::JobTicket& ticket, const Workspace& workspace,
                        bool machine_network);

/// The text of resourceconfig.json for the ticket.
std::string resource_config(const wire::control::JobTicket& ticket, bool machine_network);

/// Writes one of these small files.
void write_config(const std::filesystem::path& path, const std::string& content);

/// The program's environment: a search path, a home, the job's name, ARN and region, what numeric
/// libraries need to know of this machine, and over all that the ticket's own variables.
std::map<std::string, std::string> job_environment(const wire::control::JobTicket& ticket);

/// What every program gets: a search path, a home, the region and what numeric libraries need to
/// know of this machine, of which the program has `cpus` (0: all).
std::map<std::string, std::string> program_environment(double cpus, const std::string& region);

/// Host paths that a program needs besides /usr, seen read-only at the same place.
std::vector<Bind> read_only_binds(const std::vector<std::string>& paths);

/// The root file system of the ticket's image; nullopt where it has none of its own.
std::optional<RootFileSystem> root_file_system(
    const std::optional<wire::control::TicketContainer>& container, const Workspace& workspace);

/// As long as it is open, the image's files are not removed. An invalid Fd where the ticket has no
/// root file system. Throws Error(Platform) when they were removed already.
Fd hold_image(const std::optional<wire::control::TicketContainer>& container);

/// Of processes and threads: far above what data loaders with their threads need, far below what
/// exhausts a machine.
inline constexpr std::int64_t kMaxProcesses = 4096;

/// What the sandbox has to do for the ticket, whatever its network.
SandboxOrder sandbox_order(const wire::control::JobTicket& ticket, const Workspace& workspace,
                           std::vector<Bind> channel_binds);

}  // namespace millrace::runner
