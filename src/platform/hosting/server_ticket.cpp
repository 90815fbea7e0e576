#include "platform/hosting/server_ticket.h"

#include <algorithm>

#include "platform/hosting/check_model.h"
#include "platform/hosting/names.h"

namespace millrace::hosting {
namespace {

namespace control = wire::control;

constexpr std::int64_t kBytesPerGb = std::int64_t{1} << 30;

}  // namespace

control::ServerTicket server_ticket(const ServerTicketSource& source) {
  const Variant& variant = source.variant;
  const wire::sagemaker::ContainerDefinition& container = container_of(variant.model);
  const catalog::Resources limits =
      catalog::resources_of(variant.config.instance_type.value_or(""), source.machine);
  std::optional<fleet::ProgramAccess> access;
  if (!source.network_isolation) access = source.access;
  const ServerWorkload workload{.endpoint = source.endpoint.name,
                                .variant = variant.name(),
                                .generation = variant.generation};
  control::ServerTicket ticket{
      .workload = workload.text(),
      .host = source.instance.host,
      .region = source.endpoint.region,
      .command = source.program.command,
      .read_only_binds = source.program.read_only_binds,
      .environment = fleet::program_environment(
          container.environment.value_or(std::map<std::string, std::string>{}), source.program,
          std::max(1, static_cast<int>(limits.cpus)), access),
      .network_isolation = source.network_isolation,
      // A limit that is the whole machine is none; leaving it out saves the kernel its accounting.
      .cpus = limits.cpus < source.machine.cpus ? limits.cpus : 0,
      .memory_bytes = limits.memory_bytes < source.machine.memory_bytes ? limits.memory_bytes : 0,
      .startup_timeout_in_seconds = variant.startup_time().count(),
      .download_timeout_in_seconds = variant.download_time().count(),
      .log_group = log_group(source.endpoint.name),
      .log_stream = source.instance.log_stream};
  if (const std::string url = model_data_url(container); !url.empty()) {
    ticket.model_data_url = url;
    ticket.model_data_type =
        url.ends_with('/') ? control::ModelDataType::Prefix : control::ModelDataType::Archive;
  }
  if (variant.config.volume_size_in_gb)
    ticket.volume_bytes = *variant.config.volume_size_in_gb * kBytesPerGb;
  return ticket;
}

}  // namespace millrace::hosting
