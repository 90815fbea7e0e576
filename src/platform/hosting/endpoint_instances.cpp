#include "platform/hosting/endpoint_instances.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "platform/fleet/fleet.h"
#include "platform/hosting/names.h"
#include "platform/identity/keyring.h"
#include "platform/records/instance_queue.h"

namespace millrace::hosting {
namespace {

using records::Connection;

/// From SIGTERM to SIGKILL as published, and a supervisor's own work around it.
constexpr std::chrono::seconds kGrace{30};
constexpr std::chrono::seconds kSupervisorMargin{30};

/// Whose session the keys of the model's servers are.
std::string role_of(const EndpointRecord& endpoint, const Variant& variant) {
  return variant.model.execution_role_arn.value_or("arn:aws:iam::" + endpoint.account + ":role/" +
                                                   identity::kDefaultRole);
}

std::string workload_of(const EndpointRecord& endpoint, const std::string& variant,
                        std::int64_t generation) {
  return ServerWorkload{.endpoint = endpoint.name, .variant = variant, .generation = generation}
      .text();
}

/// Every variant that takes part, each once.
std::vector<const Variant*> variants_of(const EndpointState& state) {
  std::vector<const Variant*> found;
  for (const std::optional<Deployment>* deployment : {&state.pending, &state.current}) {
    if (!*deployment) continue;
    for (const Variant& variant : (*deployment)->variants) {
      if (state.variant(variant.generation) == &variant) found.push_back(&variant);
    }
  }
  return found;
}

}  // namespace

void ask_fleet(Connection& transaction, const EndpointState& before, EndpointRecord& endpoint,
               Time at, std::chrono::milliseconds invocation_timeout) {
  EndpointState& state = endpoint.state;
  for (const Variant* variant : variants_of(state)) {
    if (before.variant(variant->generation) != nullptr) continue;
    const std::string workload = workload_of(endpoint, variant->name(), variant->generation);
    if (records::QueueTable(transaction).find(endpoint.account, workload)) continue;
    const bool abandoned = std::all_of(variant->instances.begin(), variant->instances.end(),
                                       [](const Instance& one) { return one.abandoned; });
    if (abandoned) continue;
    fleet::Fleet::enqueue(transaction,
                          {.account = endpoint.account,
                           .workload = workload,
                           .region = endpoint.region,
                           .role_arn = role_of(endpoint, *variant),
                           .user = variant->user,
                           .hosts = static_cast<std::int64_t>(variant->instances.size()),
                           .demand = {}});
  }
  const std::vector<Leaving> leaving = state.leaving;
  for (const Leaving& one : leaving) {
    const Leaving* known = before.leaving_of(one.generation);
    if (known != nullptr && *known == one) continue;
    const std::string workload = workload_of(endpoint, one.variant, one.generation);
    if (fleet::Fleet::has_instances(transaction, endpoint.account, workload)) {
      fleet::Fleet::set_deadline(
          transaction, endpoint.account, workload,
          std::max(one.keep_until, at) + invocation_timeout + kGrace + kSupervisorMargin);
      continue;
    }
    fleet::Fleet::withdraw(transaction, endpoint.account, workload);
    state.left(one.generation, at);
  }
}

bool runs_instances(Connection& connection, const EndpointRecord& endpoint) {
  const auto runs = [&](const std::string& variant, std::int64_t generation) {
    return fleet::Fleet::has_instances(connection, endpoint.account,
                                       workload_of(endpoint, variant, generation));
  };
  const std::vector<const Variant*> variants = variants_of(endpoint.state);
  const std::vector<Leaving>& leaving = endpoint.state.leaving;
  return std::any_of(variants.begin(), variants.end(),
                     [&](const Variant* one) { return runs(one->name(), one->generation); }) ||
         std::any_of(leaving.begin(), leaving.end(),
                     [&](const Leaving& one) { return runs(one.variant, one.generation); });
}

}  // namespace millrace::hosting
