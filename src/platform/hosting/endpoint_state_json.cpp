#include <utility>

#include "core/json/json.h"
#include "platform/aws/convert.h"
#include "platform/hosting/endpoint_state.h"

namespace millrace::hosting {
namespace {

using aws::timestamp_from_json;
using aws::timestamp_to_json;

template <class T>
Json wire_json(const T& value) {
  Json json;
  to_json(json, value);
  return json;
}

template <class T>
T wire_value(const Json& json) {
  T value;
  from_json(json, value);
  return value;
}

Json to_json(const Instance& one) {
  return {{"host", one.host},         {"phase", one.phase},
          {"reason", one.reason},     {"restarts", one.restarts},
          {"lost", one.lost},         {"abandoned", one.abandoned},
          {"stream", one.log_stream}, {"since", timestamp_to_json(one.since)}};
}

Instance instance_from(const Json& json) {
  return {.host = json.at("host"),
          .phase = json.at("phase"),
          .reason = json.at("reason"),
          .restarts = json.at("restarts"),
          .lost = json.at("lost"),
          .abandoned = json.at("abandoned"),
          .log_stream = json.at("stream"),
          .since = timestamp_from_json(json.at("since"), "since")};
}

Json to_json(const Variant& variant) {
  Json instances = Json::array();
  for (const Instance& one : variant.instances) instances.push_back(to_json(one));
  return {{"config", wire_json(variant.config)},
          {"model", wire_json(variant.model)},
          {"image", variant.image},
          {"generation", variant.generation},
          {"weight", variant.weight},
          {"instances", std::move(instances)},
          {"user", variant.user}};
}

Variant variant_from(const Json& json) {
  Variant variant{.config = wire_value<wire::sagemaker::ProductionVariant>(json.at("config")),
                  .model = wire_value<wire::sagemaker::CreateModelInput>(json.at("model")),
                  .image = json.at("image"),
                  .generation = json.at("generation"),
                  .weight = json.at("weight"),
                  .user = json.at("user")};
  for (const Json& one : json.at("instances")) variant.instances.push_back(instance_from(one));
  return variant;
}

Json to_json(const std::optional<wire::sagemaker::DeploymentConfig>& how) {
  return how ? wire_json(*how) : Json();
}

std::optional<wire::sagemaker::DeploymentConfig> how_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return wire_value<wire::sagemaker::DeploymentConfig>(json);
}

Json to_json(const std::optional<Deployment>& deployment) {
  if (!deployment) return {};
  Json variants = Json::array();
  for (const Variant& variant : deployment->variants) variants.push_back(to_json(variant));
  return {{"config", deployment->config_name},
          {"isolated", deployment->network_isolation},
          {"started", timestamp_to_json(deployment->started)},
          {"how", to_json(deployment->how)},
          {"variants", std::move(variants)}};
}

std::optional<Deployment> deployment_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  Deployment deployment{.config_name = json.at("config"),
                        .network_isolation = json.at("isolated"),
                        .started = timestamp_from_json(json.at("started"), "started"),
                        .how = how_from(json.at("how"))};
  for (const Json& variant : json.at("variants"))
    deployment.variants.push_back(variant_from(variant));
  return deployment;
}

}  // namespace

Json to_json(const EndpointState& state) {
  Json leaving = Json::array();
  for (const Leaving& one : state.leaving) {
    leaving.push_back({{"variant", one.variant},
                       {"generation", one.generation},
                       {"keep_until", timestamp_to_json(one.keep_until)},
                       {"rolled_back", one.rolled_back}});
  }
  return {{"status", state.status},
          {"failure_reason", state.failure_reason},
          {"config_name", state.config_name},
          {"modified", timestamp_to_json(state.modified)},
          {"next_generation", state.next_generation},
          {"deleting", state.deleting},
          {"current", to_json(state.current)},
          {"pending", to_json(state.pending)},
          {"leaving", std::move(leaving)},
          {"last_how", to_json(state.last_how)}};
}

EndpointState endpoint_state_from_json(const Json& json) {
  EndpointState state{.status = json.at("status"),
                      .failure_reason = json.at("failure_reason"),
                      .config_name = json.at("config_name"),
                      .modified = timestamp_from_json(json.at("modified"), "modified"),
                      .next_generation = json.at("next_generation"),
                      .deleting = json.at("deleting"),
                      .current = deployment_from(json.at("current")),
                      .pending = deployment_from(json.at("pending")),
                      .leaving = {},
                      .last_how = how_from(json.at("last_how"))};
  for (const Json& one : json.at("leaving")) {
    state.leaving.push_back({.variant = one.at("variant"),
                             .generation = one.at("generation"),
                             .keep_until = timestamp_from_json(one.at("keep_until"), "keep_until"),
                             .rolled_back = one.at("rolled_back")});
  }
  return state;
}

}  // namespace millrace::hosting
