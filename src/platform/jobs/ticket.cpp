#include "platform/jobs/ticket.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "core/contract/cpu_environment.h"
#include "platform/jobs/check_request.h"
#include "platform/jobs/training_jobs.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;

constexpr std::int64_t kBytesPerGb = std::int64_t{1} << 30;

/// The trainer's files where they lie outside /usr, which alone is visible in every sandbox: not
/// their folder, which may hold anything. The library is where the trainer looks for it.
std::vector<std::string> bind_of(const std::filesystem::path& trainer) {
  if (trainer.string().starts_with("/usr/")) return {};
  std::vector<std::string> files{trainer.string()};
  const std::filesystem::path folder = trainer.parent_path();
  for (const char* place : {".", "../lib/millrace"}) {
    const auto library = (folder / place / "libmillrace-tensors.so").lexically_normal();
    std::error_code failure;
    if (std::filesystem::exists(library, failure)) files.push_back(library.string());
  }
  return files;
}

control::TicketChannel channel_of(const sm::Channel& channel,
                                  const sm::CreateTrainingJobRequest& request) {
  const sm::S3DataSource& source = *channel.data_source.s3_data_source;
  return {.channel_name = channel.channel_name,
          .input_mode = effective_mode(channel, request),
          .content_type = channel.content_type,
          .compression_type = *channel.compression_type,
          .record_wrapper_type = *channel.record_wrapper_type,
          .s3_source =
              control::TicketS3Source{
                  .s3_data_type = source.s3_data_type,
                  .s3_uri = source.s3_uri,
                  .s3_data_distribution_type = *source.s3_data_distribution_type,
                  .shard = 0,
                  .shards = 1}};
}

/// The request's variables win over the program's, and those over the processor's.
std::map<std::string, std::string> environment_of(const TicketSource& source, int threads) {
  std::map<std::string, std::string> environment;
  if (source.job.request.environment) environment = *source.job.request.environment;
  environment.insert(source.program.environment.begin(), source.program.environment.end());
  environment.merge(cpu_environment(threads));
  if (*source.job.request.enable_network_isolation) return environment;
  if (source.keys) {
    environment.emplace("AWS_ACCESS_KEY_ID", source.keys->access_key);
    environment.emplace("AWS_SECRET_ACCESS_KEY", source.keys->secret_key);
    environment.emplace("AWS_SESSION_TOKEN", source.keys->session_token);
  }
  if (!source.endpoint.empty()) {
    environment.emplace("AWS_ENDPOINT_URL", source.endpoint);
    // What the public training toolkit reads, whatever its botocore knows.
    environment.emplace("S3_ENDPOINT_URL", source.endpoint);
  }
  return environment;
}

}  // namespace

Program built_in_program(const std::filesystem::path& trainer,
                         const catalog::AlgorithmDescription& algorithm) {
  return {.command = {trainer.string(), "train"},
          .read_only_binds = bind_of(trainer),
          .environment = {{"MILLRACE_ALGORITHM", algorithm.name}}};
}

Program executable_program(const catalog::ExecutableImage& image,
                           const sm::AlgorithmSpecification& spec) {
  Program program{.command = spec.container_entrypoint.value_or(image.command),
                  .read_only_binds = image.read_only_binds,
                  .environment = {}};
  const std::vector<std::string> arguments =
      spec.container_arguments.value_or(std::vector<std::string>{"train"});
  program.command.insert(program.command.end(), arguments.begin(), arguments.end());
  return program;
}

std::int64_t seconds_left(const JobRecord& job, Time now) {
  std::int64_t left = *job.request.stopping_condition->max_runtime_in_seconds;
  if (job.state.training_start) {
    left -= std::chrono::floor<std::chrono::seconds>(now - *job.state.training_start).count();
  }
  return std::max<std::int64_t>(1, left);
}

control::JobTicket ticket_of(const TicketSource& source) {
  const JobRecord& job = source.job;
  const sm::CreateTrainingJobRequest& request = job.request;
  const sm::ResourceConfig& resources = *request.resource_config;
  const catalog::Resources limits = catalog::resources_of(*resources.instance_type, source.machine);
  control::JobTicket ticket{
      .job_name = job.name(),
      .job_arn = job.arn(),
      .region = job.region,
      .host = kHost,
      .hosts = {kHost},
      .instance_type = *resources.instance_type,
      .command = source.program.command,
      .read_only_binds = source.program.read_only_binds,
      .environment = environment_of(source, std::max(1, static_cast<int>(limits.cpus))),
      .output_s3_uri = output_uri(job),
      .compress_output =
          request.output_data_config.compression_type != sm::OutputCompressionType::NONE,
      .log_group = kTrainingLogGroup,
      .log_stream = job.state.log_stream,
      .network_isolation = *request.enable_network_isolation,
      // A limit that is the whole machine is none; leaving it out saves the kernel its accounting.
      .cpus = limits.cpus < source.machine.cpus ? limits.cpus : 0,
      .memory_bytes = limits.memory_bytes < source.machine.memory_bytes ? limits.memory_bytes : 0,
      .volume_bytes = resources.volume_size_in_gb.value_or(0) * kBytesPerGb,
      .max_runtime_in_seconds = seconds_left(job, source.now),
      .grace_period_in_seconds = kGracePeriodSeconds};
  if (request.hyper_parameters) ticket.hyper_parameters = *request.hyper_parameters;
  if (request.input_data_config) {
    for (const sm::Channel& channel : *request.input_data_config)
      ticket.channels.push_back(channel_of(channel, request));
  }
  if (request.algorithm_specification->metric_definitions) {
    for (const auto& metric : *request.algorithm_specification->metric_definitions) {
      ticket.metrics.push_back({.name = metric.name, .regex = metric.regex});
    }
  }
  return ticket;
}

}  // namespace millrace::jobs
