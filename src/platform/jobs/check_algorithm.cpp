#include "platform/jobs/check_algorithm.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/jobs/check_channels.h"
#include "platform/jobs/hosts.h"
#include "platform/jobs/refuse.h"
#include "platform/jobs/request_problem.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;

/// Hosts that train one model take the same steps in the same order, so each needs every channel.
void check_hosts(const catalog::AlgorithmDescription& algorithm,
                 const sm::CreateTrainingJobRequest& request) {
  const std::vector<HostGroup> groups = host_groups(*request.resource_config);
  const std::size_t hosts = all_hosts(groups).size();
  if (hosts < 2) return;
  // Each host would train a model of its own, under the same names.
  if (!algorithm.distributed) {
    unsupported("ResourceConfig.InstanceCount above 1 for " + algorithm.name,
                "its hosts do not train together. Set it to 1.");
  }
  for (const sm::Channel& channel :
       request.input_data_config.value_or(std::vector<sm::Channel>{})) {
    if (hosts_of(channel, groups).size() == hosts) continue;
    unsupported("InstanceGroupNames of some groups only for channel '" + channel.channel_name +
                    "' of " + algorithm.name,
                "all its hosts read every channel. Leave InstanceGroupNames out.");
  }
}

/// Without checkpoints each interruption costs all that was trained, so the service wants the wait
/// bounded.
void check_spot(const catalog::AlgorithmDescription& algorithm,
                const sm::CreateTrainingJobRequest& request) {
  constexpr std::int64_t kMaxWaitSeconds = 3600;
  if (!request.enable_managed_spot_training.value_or(false) || request.checkpoint_config) return;
  if (request.stopping_condition->max_wait_time_in_seconds.value_or(0) <= kMaxWaitSeconds) return;
  refuse("Invalid MaxWaitTimeInSeconds. It must be at most 3600 for " + algorithm.name +
         " without CheckpointConfig, as an interrupted job starts from the beginning. Give "
         "CheckpointConfig, or lower it.");
}

void check_rules_of(const catalog::AlgorithmDescription& algorithm,
                    const sm::CreateTrainingJobRequest& request) {
  const sm::AlgorithmSpecification& spec = *request.algorithm_specification;
  check_hosts(algorithm, request);
  check_spot(algorithm, request);
  if (spec.metric_definitions && !spec.metric_definitions->empty()) {
    refuse(
        "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry "
        "the request without "
        "specifying metric definitions.");
  }
  if (spec.container_entrypoint || spec.container_arguments) {
    refuse(
        "AlgorithmSpecification.ContainerEntrypoint and ContainerArguments start the program of an "
        "image of your own; " +
        algorithm.name + " is built in. Leave them out.");
  }
}

std::vector<Problem> problems_against(const catalog::AlgorithmDescription& algorithm,
                                      const sm::CreateTrainingJobRequest& request) {
  std::vector<Problem> problems = algorithm.check_hyperparameters(
      request.hyper_parameters.value_or(std::map<std::string, std::string>{}));
  std::vector<catalog::ChannelUse> uses;
  for (const sm::Channel& channel :
       request.input_data_config.value_or(std::vector<sm::Channel>{})) {
    uses.push_back({.name = channel.channel_name,
                    .input_mode = effective_mode(channel, request),
                    .content_type = channel.content_type});
  }
  for (Problem& problem : algorithm.check_channels(uses)) problems.push_back(std::move(problem));
  return problems;
}

}  // namespace

void check_against(const catalog::AlgorithmDescription& algorithm,
                   const sm::CreateTrainingJobRequest& request) {
  check_rules_of(algorithm, request);
  std::vector<Problem> problems = problems_against(algorithm, request);
  if (!problems.empty()) throw ProblemsError(std::move(problems));
}

}  // namespace millrace::jobs
