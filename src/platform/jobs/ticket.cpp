#include "platform/jobs/ticket.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "platform/fleet/program_environment.h"
#include "platform/jobs/check_channels.h"
#include "platform/jobs/hosts.h"
#include "platform/jobs/training_jobs.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;

constexpr std::int64_t kBytesPerGb = std::int64_t{1} << 30;

control::TicketS3Source s3_source_of(const sm::S3DataSource& source, const std::string& host,
                                     const std::vector<std::string>& hosts) {
  control::TicketS3Source told{.s3_data_type = source.s3_data_type,
                               .s3_uri = source.s3_uri,
                               .s3_data_distribution_type = *source.s3_data_distribution_type,
                               .attribute_names = source.attribute_names,
                               .shard = 0,
                               .shards = 1};
  if (source.s3_data_distribution_type == sm::S3DataDistribution::ShardedByS3Key) {
    told.shard = std::find(hosts.begin(), hosts.end(), host) - hosts.begin();
    told.shards = static_cast<std::int64_t>(hosts.size());
  }
  return told;
}

control::TicketFileSystem file_system_of(
    const sm::FileSystemDataSource& source,
    const std::map<std::string, records::FileSystemRow>& known) {
  const auto found = known.find(source.file_system_id);
  if (found == known.end()) {
    throw Error(Blame::Platform, "the file system " + source.file_system_id +
                                     " was registered when the job was accepted and is not any "
                                     "more. Register it again.");
  }
  return {.file_system_id = source.file_system_id,
          .file_system_type = source.file_system_type,
          .access_mode = source.file_system_access_mode,
          .directory_path = source.directory_path,
          .host_path = found->second.path,
          .linked_s3_uri = found->second.linked_s3_uri};
}

/// nullopt where the channel is delivered to other hosts only.
std::optional<control::TicketChannel> channel_of(const sm::Channel& channel,
                                                 const TicketSource& source,
                                                 const std::vector<HostGroup>& groups) {
  const std::vector<std::string> hosts = hosts_of(channel, groups);
  if (std::find(hosts.begin(), hosts.end(), source.grant.host) == hosts.end()) return std::nullopt;
  control::TicketChannel told{.channel_name = channel.channel_name,
                              .input_mode = effective_mode(channel, source.job.request),
                              .content_type = channel.content_type,
                              .compression_type = *channel.compression_type,
                              .record_wrapper_type = *channel.record_wrapper_type};
  if (channel.shuffle_config) told.shuffle_seed = channel.shuffle_config->seed;
  const sm::DataSource& data = channel.data_source;
  if (data.s3_data_source) told.s3_source = s3_source_of(*data.s3_data_source, source.grant.host, hosts);
  if (data.file_system_data_source)
    told.file_system = file_system_of(*data.file_system_data_source, source.file_systems);
  return told;
}

/// What hosts must know of each other; a job of one needs none of it.
void add_hosts(control::JobTicket& ticket, const std::vector<HostGroup>& groups,
               const TicketSource& source) {
  ticket.hosts = all_hosts(groups);
  if (ticket.hosts.size() > 1)
    ticket.host_addresses = host_addresses(source.grant.lease_number, ticket.hosts);
  if (!source.job.request.resource_config->instance_groups) return;
  ticket.instance_groups.emplace();
  for (const HostGroup& group : groups) {
    ticket.instance_groups->push_back(
        {.name = group.name, .instance_type = group.instance_type, .hosts = group.hosts});
  }
}

std::map<std::string, std::string> environment_of(const TicketSource& source, int threads) {
  std::map<std::string, std::string> requested;
  if (source.job.request.environment) requested = *source.job.request.environment;
  std::optional<fleet::ProgramAccess> access;
  if (!*source.job.request.enable_network_isolation)
    access = fleet::ProgramAccess{.keys = source.grant.keys, .endpoint = source.grant.endpoint};
  return fleet::program_environment(std::move(requested), source.program, threads, access);
}

}  // namespace

std::string host_address(std::int64_t lease_number, std::int64_t host_number) {
  constexpr std::int64_t kBlocks = 254 * 256;
  const std::int64_t block = lease_number % kBlocks;
  return "127." + std::to_string(1 + block / 256) + "." + std::to_string(block % 256) + "." +
         std::to_string(host_number);
}

std::map<std::string, std::string> host_addresses(std::int64_t lease_number,
                                                  const std::vector<std::string>& hosts) {
  std::map<std::string, std::string> addresses;
  std::int64_t number = 0;
  for (const std::string& host : hosts)
    addresses.emplace(host, host_address(lease_number, ++number));
  return addresses;
}

std::vector<std::string> file_systems_of(const sm::CreateTrainingJobRequest& request) {
  std::set<std::string> ids;
  for (const sm::Channel& channel :
       request.input_data_config.value_or(std::vector<sm::Channel>{})) {
    if (const auto& source = channel.data_source.file_system_data_source)
      ids.insert(source->file_system_id);
  }
  return {ids.begin(), ids.end()};
}

control::JobTicket ticket_of(const TicketSource& source) {
  const JobRecord& job = source.job;
  const sm::CreateTrainingJobRequest& request = job.request;
  const sm::ResourceConfig& resources = *request.resource_config;
  const std::vector<HostGroup> groups = host_groups(resources);
  const std::vector<std::string> hosts = all_hosts(groups);
  const std::vector<std::string> types = instance_types(groups);
  const auto index =
      static_cast<std::size_t>(std::find(hosts.begin(), hosts.end(), source.grant.host) - hosts.begin());
  const catalog::Resources limits = catalog::shares_of(types, source.machine).at(index);
  control::JobTicket ticket{
      .job_name = job.name(),
      .job_arn = job.arn(),
      .region = job.region,
      .host = source.grant.host,
      .instance_type = types.at(index),
      .command = source.program.command,
      .read_only_binds = source.program.read_only_binds,
      .environment = environment_of(source, std::max(1, static_cast<int>(limits.cpus))),
      .output_s3_uri = output_uri(job),
      .compress_output =
          request.output_data_config.compression_type != sm::OutputCompressionType::NONE,
      .log_group = kTrainingLogGroup,
      .log_stream = source.grant.log_stream,
      .network_isolation = *request.enable_network_isolation,
      // A limit that is the whole machine is none; leaving it out saves the kernel its accounting.
      .cpus = limits.cpus < source.machine.cpus ? limits.cpus : 0,
      .memory_bytes = limits.memory_bytes < source.machine.memory_bytes ? limits.memory_bytes : 0,
      .volume_bytes = resources.volume_size_in_gb.value_or(0) * kBytesPerGb,
      .max_runtime_in_seconds = source.seconds_left,
      .grace_period_in_seconds = kGracePeriodSeconds};
  ticket.container = source.program.container;
  add_hosts(ticket, groups, source);
  if (request.hyper_parameters) ticket.hyper_parameters = *request.hyper_parameters;
  if (request.input_data_config) {
    for (const sm::Channel& channel : *request.input_data_config) {
      if (auto told = channel_of(channel, source, groups))
        ticket.channels.push_back(*std::move(told));
    }
  }
  if (request.checkpoint_config) {
    ticket.checkpoint_s3_uri = request.checkpoint_config->s3_uri;
    ticket.checkpoint_local_path = request.checkpoint_config->local_path;
  }
  if (request.algorithm_specification->metric_definitions) {
    for (const auto& metric : *request.algorithm_specification->metric_definitions) {
      ticket.metrics.push_back({.name = metric.name, .regex = metric.regex});
    }
  }
  return ticket;
}

}  // namespace millrace::jobs
