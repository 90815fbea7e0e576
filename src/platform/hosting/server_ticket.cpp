#include "platform/hosting/server_ticket.h"

#include <algorithm>
#include <utility>

#include "platform/hosting/check_model.h"
#include "platform/hosting/names.h"

namespace millrace::hosting {
namespace {

namespace control = wire::control;

/// As published.
constexpr std::int64_t kStartupSeconds = 240;
constexpr std::int64_t kBytesPerGb = std::int64_t{1} << 30;

}  // namespace

control::ServerTicket server_ticket(const ModelServer& server) {
  const wire::sagemaker::ContainerDefinition& container = container_of(server.model);
  const catalog::Resources& limits = server.limits;
  std::map<std::string, std::string> environment = server.environment;
  if (container.environment)
    environment.insert(container.environment->begin(), container.environment->end());
  control::ServerTicket ticket{
      .workload = server.workload,
      .host = server.host,
      .region = server.region,
      .command = server.program.command,
      .read_only_binds = server.program.read_only_binds,
      .environment =
          fleet::program_environment(std::move(environment), server.program,
                                     std::max(1, static_cast<int>(limits.cpus)), server.access),
      .network_isolation = !server.access,
      // A limit that is the whole machine is none; leaving it out saves the kernel its accounting.
      .cpus = limits.cpus < server.machine.cpus ? limits.cpus : 0,
      .memory_bytes = limits.memory_bytes < server.machine.memory_bytes ? limits.memory_bytes : 0,
      .startup_timeout_in_seconds = kStartupSeconds,
      .log_group = server.log_group,
      .log_stream = server.log_stream};
  if (const std::string url = model_data_url(container); !url.empty()) {
    ticket.model_data_url = url;
    ticket.model_data_type =
        url.ends_with('/') ? control::ModelDataType::Prefix : control::ModelDataType::Archive;
  }
  return ticket;
}

control::ServerTicket server_ticket(const ServerTicketSource& source) {
  const Variant& variant = source.variant;
  const ServerWorkload workload{.endpoint = source.endpoint.name,
                                .variant = variant.name(),
                                .generation = variant.generation};
  control::ServerTicket ticket = server_ticket(ModelServer{
      .workload = workload.text(),
      .host = source.instance.host,
      .region = source.endpoint.region,
      .model = variant.model,
      .environment = {},
      .program = source.program,
      .limits = catalog::resources_of(variant.config.instance_type.value_or(""), source.machine),
      .machine = source.machine,
      .access = source.network_isolation ? std::nullopt : std::optional(source.access),
      .log_group = log_group(source.endpoint.name),
      .log_stream = source.instance.log_stream});
  if (const auto& limit = variant.config.container_startup_health_check_timeout_in_seconds)
    ticket.startup_timeout_in_seconds = *limit;
  if (variant.config.volume_size_in_gb)
    ticket.volume_bytes = *variant.config.volume_size_in_gb * kBytesPerGb;
  return ticket;
}

}  // namespace millrace::hosting
