#include "platform/runner/job_setup.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <memory>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/config_files.h"
#include "core/contract/cpu_environment.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

/// An interface that exists where the program runs and reaches the other hosts, which all have
/// loopback addresses; alone in the machine's network, the first one that is up and not loopback.
std::string network_interface(const wire::control::JobTicket& ticket, bool machine_network) {
  ifaddrs* list = nullptr;
  if (!machine_network || ticket.network_isolation || ticket.hosts.size() > 1 ||
      ::getifaddrs(&list) != 0)
    return "lo";
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if ((each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0)
      return each->ifa_name;
  }
  return "lo";
}

/// Waits for whoever holds the exclusive lock.
bool lock_shared(int file) {
  while (::flock(file, LOCK_SH) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

std::vector<InstanceGroup> groups_of(const wire::control::JobTicket& ticket) {
  std::vector<InstanceGroup> groups;
  if (!ticket.instance_groups) return groups;
  for (const wire::control::TicketInstanceGroup& group : *ticket.instance_groups) {
    groups.push_back(
        {.name = group.name, .instance_type = group.instance_type, .hosts = group.hosts});
  }
  return groups;
}

}  // namespace

void write_config(const std::filesystem::path& path, const std::string& content) {
  // The workspace does not outlive the supervisor, so a power cut may take it: no sync.
  const Fd file = create_for_writing(path);
  write_all(file.get(), content);
}

std::string resource_config(const wire::control::JobTicket& ticket, bool machine_network) {
  return resource_config_json({.current_host = ticket.host,
                               .hosts = ticket.hosts,
                               .instance_type = ticket.instance_type,
                               .groups = groups_of(ticket),
                               .network_interface = network_interface(ticket, machine_network)});
}

void write_config_files(const wire::control::JobTicket& ticket, const Workspace& workspace,
                        bool machine_network) {
  const ContractPaths paths = workspace.readable_paths();
  std::vector<ChannelConfig> channels;
  for (const wire::control::TicketChannel& channel : ticket.channels) {
    channels.push_back({.name = channel.channel_name,
                        .input_mode = channel.input_mode,
                        .distribution = channel.s3_source
                                            ? channel.s3_source->s3_data_distribution_type
                                            : "FullyReplicated",
                        .record_wrapper = channel.record_wrapper_type,
                        .content_type = channel.content_type,
                        .compression = channel.compression_type == "None"
                                           ? std::nullopt
                                           : std::optional<std::string>(channel.compression_type)});
  }
  write_config(paths.hyperparameters(), hyperparameters_json(ticket.hyper_parameters));
  write_config(paths.input_data_config(), input_data_config_json(channels));
  write_config(paths.resource_config(), resource_config(ticket, machine_network));
}

std::map<std::string, std::string> program_environment(double cpus, const std::string& region) {
  const int all = available_cpus();
  const int threads = cpus > 0 ? std::clamp(static_cast<int>(std::ceil(cpus)), 1, all) : all;
  std::map<std::string, std::string> variables = cpu_environment(threads);
  variables["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  variables["HOME"] = "/tmp";
  variables["AWS_REGION"] = region;
  variables["AWS_DEFAULT_REGION"] = region;
  return variables;
}

std::map<std::string, std::string> job_environment(const wire::control::JobTicket& ticket) {
  std::map<std::string, std::string> variables = program_environment(ticket.cpus, ticket.region);
  if (!ticket.processing) {
    variables["TRAINING_JOB_NAME"] = ticket.job_name;
    variables["TRAINING_JOB_ARN"] = ticket.job_arn;
  }
  for (const auto& [name, value] : ticket.environment) variables[name] = value;
  return variables;
}

std::vector<Bind> read_only_binds(const std::vector<std::string>& paths) {
  std::vector<Bind> binds;
  for (const std::string& path : paths) {
    if (!path.starts_with("/usr/")) binds.push_back({.source = path, .target = path});
  }
  return binds;
}

std::optional<RootFileSystem> root_file_system(
    const std::optional<wire::control::TicketContainer>& container, const Workspace& workspace) {
  if (!container) return std::nullopt;
  return RootFileSystem{.image = container->root_file_system,
                        .changes = workspace.image_changes(),
                        .working_directory = container->working_directory,
                        .user_id = container->user_id,
                        .group_id = container->group_id};
}

Fd hold_image(const std::optional<wire::control::TicketContainer>& container) {
  if (!container) return {};
  // The directory that holds the root file system (platform/containers/image_store.h).
  const std::filesystem::path image =
      std::filesystem::path(container->root_file_system).parent_path();
  for (;;) {
    Fd held(::open(image.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat of_held {};
    struct stat of_name {};
    // Whoever removes an image renames it under the exclusive lock.
    if (!held || !lock_shared(held.get()) || ::fstat(held.get(), &of_held) != 0 ||
        ::stat(image.c_str(), &of_name) != 0)
      break;
    if (of_held.st_dev == of_name.st_dev && of_held.st_ino == of_name.st_ino) return held;
    // Removed and added again in between: the next round holds the new one.
  }
  throw Error(Blame::Platform,
              "the image of this job was removed before the job could start. Add it again.");
}

SandboxOrder sandbox_order(const wire::control::JobTicket& ticket, const Workspace& workspace,
                           std::vector<Bind> channel_binds) {
  if (ticket.command.empty())
    throw Error(Blame::Customer, "the image of this job names no program to run");
  std::vector<Bind> binds = std::move(channel_binds);
  for (Bind& bind : read_only_binds(ticket.read_only_binds)) binds.push_back(std::move(bind));
  if (workspace.pretrained())
    binds.push_back({.source = *workspace.pretrained(), .target = ContractPaths{}.pretrained()});
  return {.command = ticket.command,
          .environment = job_environment(ticket),
          .host = ticket.host,
          .hosts = ticket.hosts,
          .addresses = ticket.host_addresses.value_or(std::map<std::string, std::string>{}),
          .writable = workspace.writable(),
          .input = workspace.input(),
          .scratch = workspace.scratch(),
          .binds = std::move(binds),
          .root = root_file_system(ticket.container, workspace),
          .limits = {.cpus = ticket.cpus,
                     .memory_bytes = ticket.memory_bytes,
                     .processes = kMaxProcesses},
          .group_name = "millrace-" + std::to_string(::getpid()) + "-" + ticket.job_name};
}

}  // namespace millrace::runner
