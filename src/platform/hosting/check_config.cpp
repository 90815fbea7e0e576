#include "platform/hosting/check_config.h"

#include <set>

#include "core/base/text.h"
#include "platform/aws/refuse.h"
#include "platform/tags/tag_rules.h"

namespace millrace::hosting {
namespace {

namespace sm = wire::sagemaker;
using aws::refuse;
using aws::unsupported;

constexpr std::int64_t kMaxInstances = 20;

void check_variant(const sm::ProductionVariant& variant, const std::string& where) {
  if (variant.serverless_config) {
    unsupported(where + "ServerlessConfig",
                "an instance here takes no CPUs while it idles. Give InstanceType and "
                "InitialInstanceCount.");
  }
  if (variant.instance_pools || variant.variant_instance_provision_timeout_in_seconds)
    unsupported(where + "InstancePools", "give InstanceType.");
  if (variant.accelerator_type)
    unsupported(where + "AcceleratorType", "there are no accelerators. Leave it out.");
  if (variant.core_dump_config)
    unsupported(where + "CoreDumpConfig", "core dumps are not kept. Leave it out.");
  if (variant.managed_instance_scaling) {
    unsupported(where + "ManagedInstanceScaling",
                "change the count with UpdateEndpointWeightsAndCapacities.");
  }
  if (variant.enable_ssm_access.value_or(false))
    unsupported(where + "EnableSSMAccess", "instances are processes of this machine.");
  if (variant.inference_ami_version)
    unsupported(where + "InferenceAmiVersion", "there are no machine images. Leave it out.");
  if (variant.capacity_reservation_config)
    unsupported(where + "CapacityReservationConfig", "there is one machine. Leave it out.");
  if (!variant.model_name) {
    unsupported(where + "ModelName left out",
                "there are no inference components. Name the model that the variant serves.");
  }
  if (!variant.instance_type) refuse(where + "InstanceType must be given.");
  if (!variant.initial_instance_count) refuse(where + "InitialInstanceCount must be given.");
  check_instance_count(*variant.initial_instance_count, where + "InitialInstanceCount");
}

}  // namespace

void check_instance_count(std::int64_t count, const std::string& where) {
  if (count >= 1 && count <= kMaxInstances) return;
  refuse({.where = where,
          .given = std::to_string(count),
          .expected =
              "1 to " + std::to_string(kMaxInstances) + " instances, which all run on this machine",
          .fix = ""});
}

void check_config(const sm::CreateEndpointConfigInput& request) {
  if (request.data_capture_config && request.data_capture_config->enable_capture.value_or(true))
    unsupported("DataCaptureConfig", "requests are not stored. Leave it out.");
  if (request.async_inference_config)
    unsupported("AsyncInferenceConfig", "invoke the endpoint, or make a transform job.");
  if (request.explainer_config) unsupported("ExplainerConfig", "leave it out.");
  if (request.shadow_production_variants) {
    unsupported("ShadowProductionVariants",
                "give the variant a weight of 0 and invoke it by TargetVariant.");
  }
  if (request.kms_key_id.value_or("") != "")
    unsupported("KmsKeyId", "there are no keys here. Leave it out.");
  if (request.metrics_config) unsupported("MetricsConfig", "leave it out.");
  tags::check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
  std::set<std::string> names;
  bool any_weight = false;
  for (std::size_t i = 0; i < request.production_variants.size(); ++i) {
    const sm::ProductionVariant& variant = request.production_variants[i];
    const std::string where = "ProductionVariants[" + std::to_string(i) + "].";
    check_variant(variant, where);
    if (!names.insert(to_lower(variant.variant_name)).second)
      refuse("Two variants are named '" + variant.variant_name + "'. Give each its own name.");
    any_weight = any_weight || variant.initial_variant_weight.value_or(1) > 0;
  }
  if (!any_weight) {
    refuse("Every variant has InitialVariantWeight 0, so none would be asked. Give one a weight.");
  }
}

void check_deployment(const std::optional<sm::DeploymentConfig>& config) {
  if (!config) return;
  if (config->rolling_update_policy) {
    unsupported("DeploymentConfig.RollingUpdatePolicy",
                "the new instances are all started before the old ones end. Use "
                "BlueGreenUpdatePolicy with ALL_AT_ONCE.");
  }
  if (config->auto_rollback_configuration && config->auto_rollback_configuration->alarms)
    unsupported("DeploymentConfig.AutoRollbackConfiguration", "there are no alarms here.");
  if (!config->blue_green_update_policy) return;
  const sm::TrafficRoutingConfig& routing =
      config->blue_green_update_policy->traffic_routing_configuration;
  if (routing.type != sm::TrafficRoutingConfigType::ALL_AT_ONCE) {
    unsupported("TrafficRoutingConfiguration.Type " + routing.type,
                "traffic moves ALL_AT_ONCE. For a share of it give variants weights.");
  }
  if (routing.canary_size || routing.linear_step_size)
    refuse(
        "CanarySize and LinearStepSize do not go with TrafficRoutingConfiguration.Type "
        "ALL_AT_ONCE.");
}

}  // namespace millrace::hosting
