#include "platform/hosting/deployment_changes.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/aws/refuse.h"
#include "platform/hosting/check_config.h"
#include "platform/hosting/check_model.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/names.h"
#include "platform/records/hosting.h"

namespace millrace::hosting {
namespace {

namespace sm = wire::sagemaker;
using aws::refuse;
using records::Connection;
using records::HostingKind;

bool excluded(const sm::UpdateEndpointInput& request, const char* property) {
  const auto& kept_out = request.exclude_retained_variant_properties;
  return kept_out &&
         std::any_of(kept_out->begin(), kept_out->end(), [&](const sm::VariantProperty& one) {
           return one.variant_property_type == property;
         });
}

}  // namespace

Deployment deployment_of(Connection& connection, const catalog::Programs& programs,
                         const aws::Caller& caller, const std::string& config_name) {
  const auto config = request_of<sm::CreateEndpointConfigInput>(found_or_refused(
      connection, HostingKind::EndpointConfig, caller.account, caller.region, config_name));
  Deployment deployment{.config_name = config.endpoint_config_name,
                        .network_isolation = config.enable_network_isolation.value_or(false)};
  for (const sm::ProductionVariant& variant : config.production_variants) {
    const records::HostingRow row = found_or_refused(connection, HostingKind::Model, caller.account,
                                                     caller.region, *variant.model_name);
    auto model = request_of<sm::CreateModelInput>(row);
    const std::string image = *container_of(model).image;
    if (!programs.find(catalog::parse_image_name(image), {.verb = "serve"})) {
      refuse("The image \"" + image + "\" of model " + row.name +
             " was known when the model was created and is not any more. Register it again.");
    }
    deployment.variants.push_back({.config = variant,
                                   .model = std::move(model),
                                   .image = image,
                                   .weight = variant.initial_variant_weight.value_or(1),
                                   .user = caller.user});
  }
  return deployment;
}

void refuse_busy(const EndpointRecord& endpoint) {
  if (endpoint.state.busy()) {
    refuse("Cannot update in-progress endpoint \"" + endpoint.arn() + "\": it is " +
           endpoint.state.status + ".");
  }
  if (!endpoint.state.current) {
    refuse("Cannot update endpoint \"" + endpoint.arn() +
           "\", whose creation failed. Delete it and create it again.");
  }
}

void refuse_without_weight(const Deployment& deployment) {
  const bool any = std::any_of(deployment.variants.begin(), deployment.variants.end(),
                               [](const Variant& variant) { return variant.weight > 0; });
  if (!any) refuse("Every variant would have weight 0, so none would be asked.");
}

const Variant* variant_named(const Deployment& deployment, const std::string& name) {
  const std::vector<Variant>& variants = deployment.variants;
  const auto found = std::find_if(variants.begin(), variants.end(),
                                  [&](const Variant& one) { return one.name() == name; });
  return found == variants.end() ? nullptr : &*found;
}

void retain_properties(const sm::UpdateEndpointInput& request, const Deployment& current,
                       Deployment& next) {
  if (!request.retain_all_variant_properties.value_or(false)) return;
  for (Variant& variant : next.variants) {
    const Variant* old = variant_named(current, variant.name());
    if (old == nullptr) continue;
    if (!excluded(request, sm::VariantPropertyType::DesiredWeight)) variant.weight = old->weight;
    if (!excluded(request, sm::VariantPropertyType::DesiredInstanceCount)) {
      variant.config.initial_instance_count = static_cast<std::int64_t>(old->instances.size());
    }
  }
}

void set_weights_and_counts(const sm::UpdateEndpointWeightsAndCapacitiesInput& request,
                            Deployment& next) {
  for (const sm::DesiredWeightAndCapacity& desired : request.desired_weights_and_capacities) {
    if (desired.serverless_update_config)
      aws::unsupported("ServerlessUpdateConfig", "there are no serverless variants.");
    const auto variant =
        std::find_if(next.variants.begin(), next.variants.end(),
                     [&](const Variant& one) { return one.name() == desired.variant_name; });
    if (variant == next.variants.end()) {
      refuse("The variant name(s) \"" + desired.variant_name +
             "\" is/are not present within endpoint configuration \"" + next.config_name + "\".");
    }
    if (desired.desired_weight) variant->weight = *desired.desired_weight;
    // Not those that there are: the variant may have been named before in this request.
    const std::int64_t count = *variant->config.initial_instance_count;
    check_instance_count(desired.desired_instance_count.value_or(count), "DesiredInstanceCount");
    if (desired.desired_instance_count.value_or(count) == count) continue;
    variant->config.initial_instance_count = desired.desired_instance_count;
    // Another number of instances is another generation of them.
    variant->generation = 0;
    variant->instances.clear();
  }
}

}  // namespace millrace::hosting
