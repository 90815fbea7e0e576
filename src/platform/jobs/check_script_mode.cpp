#include "platform/jobs/check_script_mode.h"

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "platform/jobs/refuse.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;

/// Switches of the public SDK's `distribution=` for launchers that are not here.
constexpr std::array<std::string_view, 6> kOtherLaunchers = {
    "sagemaker_mpi_enabled",
    "sagemaker_parameter_server_enabled",
    "sagemaker_distributed_dataparallel_enabled",
    "sagemaker_pytorch_ddp_enabled",
    "sagemaker_pytorch_xla_multi_worker_enabled",
    "sagemaker_multi_worker_mirrored_strategy_enabled"};

/// Clients encode values as JSON, some of them twice.
bool is_on(std::string_view value) {
  return value == "true" || value == "\"true\"" || value == "True" || value == "1";
}

}  // namespace

void check_script_mode(const catalog::Framework& framework,
                       const sm::CreateTrainingJobRequest& request) {
  if (request.algorithm_specification->container_entrypoint) return;
  const auto parameters = request.hyper_parameters.value_or(std::map<std::string, std::string>{});
  const auto environment = request.environment.value_or(std::map<std::string, std::string>{});
  if (!parameters.contains("sagemaker_program") && !environment.contains("SAGEMAKER_PROGRAM")) {
    refuse({.where = "HyperParameters",
            .given = {},
            .expected = "sagemaker_program, as the " + std::string(framework.name) +
                        " image runs a script of yours",
            .fix = framework.name == "xgboost"
                       ? "The algorithm of that image is not served, its script mode is."
                       : "Name the script, and its archive in sagemaker_submit_directory."});
  }
  for (const std::string_view name : kOtherLaunchers) {
    const auto given = parameters.find(std::string(name));
    if (given == parameters.end() || !is_on(given->second)) continue;
    unsupported(
        "hyperparameter " + std::string(name),
        "there is no such launcher here. With PyTorch use sagemaker_torch_distributed_enabled "
        "(distribution={'torch_distributed': {'enabled': True}}); without it every host "
        "runs the script and finds the others in SM_HOSTS.");
  }
  const auto torch = parameters.find("sagemaker_torch_distributed_enabled");
  if (torch != parameters.end() && is_on(torch->second) && framework.name != "pytorch" &&
      framework.name != "huggingface") {
    unsupported("hyperparameter sagemaker_torch_distributed_enabled on the " +
                    std::string(framework.name) + " image",
                "it is PyTorch's launcher. Leave it out.");
  }
}

}  // namespace millrace::jobs
