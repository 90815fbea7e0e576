#include "platform/hosting/endpoint_state.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/text.h"
#include "core/contract/host_names.h"

namespace millrace::hosting {
namespace {

/// So many supervisors in a row may end before their server was healthy.
constexpr std::int64_t kMaxLost = 3;
/// What the API allows for FailureReason and StatusMessage.
constexpr std::size_t kMaxReasonBytes = 1024;
/// The supervisor keeps the times itself and says why; this is for one that hangs.
constexpr std::chrono::seconds kSupervisorMargin{60};

std::string cut(const std::string& reason) {
  return std::string(cut_utf8(reason, kMaxReasonBytes));
}

std::chrono::seconds kept_for(const Deployment& deployment) {
  if (!deployment.how || !deployment.how->blue_green_update_policy) return {};
  const auto& policy = *deployment.how->blue_green_update_policy;
  return std::chrono::seconds(policy.traffic_routing_configuration.wait_interval_in_seconds +
                              policy.termination_wait_in_seconds.value_or(0));
}

std::chrono::seconds time_allowed(const Deployment& deployment) {
  std::chrono::seconds longest{};
  for (const Variant& variant : deployment.variants) {
    longest = std::max(longest, variant.download_time() + variant.startup_time());
  }
  const std::chrono::seconds allowed = longest + kSupervisorMargin;
  if (!deployment.how || !deployment.how->blue_green_update_policy) return allowed;
  const auto& limit =
      deployment.how->blue_green_update_policy->maximum_execution_timeout_in_seconds;
  return limit ? std::min(allowed, std::chrono::seconds(*limit)) : allowed;
}

bool is_healthy(const Deployment& deployment) {
  return std::all_of(deployment.variants.begin(), deployment.variants.end(), [](const Variant& v) {
    return v.healthy() == static_cast<std::int64_t>(v.instances.size());
  });
}

/// Why a variant answers nobody: an instance that is given up first; nullptr when it does.
const Instance* what_is_wrong(const Variant& variant) {
  if (variant.healthy() > 0) return nullptr;
  for (const Instance& instance : variant.instances) {
    if (instance.abandoned) return &instance;
  }
  return variant.instances.empty() ? nullptr : &variant.instances.front();
}

}  // namespace

std::int64_t Variant::healthy() const {
  return std::count_if(instances.begin(), instances.end(),
                       [](const Instance& one) { return one.phase == phase::kHealthy; });
}

std::chrono::seconds Variant::download_time() const {
  return std::chrono::seconds(
      config.model_data_download_timeout_in_seconds.value_or(kDownloadTime.count()));
}

std::chrono::seconds Variant::startup_time() const {
  return std::chrono::seconds(
      config.container_startup_health_check_timeout_in_seconds.value_or(kStartupTime.count()));
}

const Variant* EndpointState::variant(std::int64_t generation) const {
  for (const auto* deployment : {&pending, &current}) {
    if (!*deployment) continue;
    for (const Variant& one : (*deployment)->variants) {
      if (one.generation == generation) return &one;
    }
  }
  return nullptr;
}

bool EndpointState::is_pending(std::int64_t generation) const {
  return pending && std::any_of(pending->variants.begin(), pending->variants.end(),
                                [&](const Variant& v) { return v.generation == generation; });
}

/// An update that keeps a variant's instances has a copy of them.
template <class Use>
void EndpointState::for_each_copy(std::int64_t generation, Use&& use) {
  for (auto* deployment : {&pending, &current}) {
    if (!*deployment) continue;
    for (Variant& one : (*deployment)->variants) {
      if (one.generation == generation) use(one);
    }
  }
}

template <class Use>
void EndpointState::for_each_instance(std::int64_t generation, const std::string& host, Use&& use) {
  for_each_copy(generation, [&](Variant& one) {
    for (Instance& instance : one.instances) {
      if (instance.host == host) use(instance);
    }
  });
}

const Leaving* EndpointState::leaving_of(std::int64_t generation) const {
  const auto found = std::find_if(leaving.begin(), leaving.end(),
                                  [&](const Leaving& one) { return one.generation == generation; });
  return found == leaving.end() ? nullptr : &*found;
}

std::string EndpointState::reason() const {
  if (status != "OutOfService") return failure_reason;
  for (const Variant& variant : current->variants) {
    const Instance* wrong = what_is_wrong(variant);
    if (wrong != nullptr && wrong->abandoned)
      return cut("Variant " + variant.name() + ": " + wrong->reason);
  }
  return failure_reason;
}

bool EndpointState::busy() const {
  return status == "Creating" || status == "Updating" || status == "RollingBack" ||
         status == "Deleting";
}

void EndpointState::deploy(Deployment next, Time at) {
  next.started = at;
  for (Variant& variant : next.variants) {
    if (variant.generation != 0) continue;
    variant.generation = next_generation++;
    for (const std::string& host : host_names(*variant.config.initial_instance_count))
      variant.instances.push_back({.host = host, .since = at});
  }
  last_how = next.how;
  failure_reason.clear();
  if (!current) config_name = next.config_name;
  pending = std::move(next);
  // All of it may be running already: only weights have changed.
  if (is_healthy(*pending)) promote(at);
  settle(at);
}

void EndpointState::ticket_taken(std::int64_t generation, const std::string& host,
                                 const std::string& log_stream, Time at) {
  for_each_instance(generation, host,
                    [&](Instance& instance) { instance.log_stream = log_stream; });
  settle(at);
}

void EndpointState::report(std::int64_t generation, const Instance& seen, Time at) {
  // A supervisor that gives up ends, and only then is there something to be done.
  const std::string now_in = seen.phase == phase::kEnded ? phase::kUnhealthy : seen.phase;
  bool changed = false;
  for_each_instance(generation, seen.host, [&](Instance& instance) {
    const Instance before = instance;
    if (instance.phase != now_in) instance.since = at;
    instance.phase = now_in;
    instance.reason = now_in == phase::kHealthy ? "" : cut(seen.reason);
    instance.restarts = seen.restarts;
    if (!seen.log_stream.empty()) instance.log_stream = seen.log_stream;
    if (now_in == phase::kHealthy) {
      instance.lost = 0;
      instance.abandoned = false;
    }
    changed = changed || instance != before;
  });
  if (seen.phase == phase::kEnded && is_pending(generation)) {
    fail_pending("Variant " + std::as_const(*this).variant(generation)->name() + ": " + seen.reason,
                 at);
    return;
  }
  if (!changed) return;
  if (pending && is_healthy(*pending)) promote(at);
  settle(at);
}

bool EndpointState::supervisor_lost(std::int64_t generation, const std::string& host,
                                    const std::string& reason, bool untouched, Time at) {
  if (std::as_const(*this).variant(generation) == nullptr) return false;
  if (untouched) return true;
  bool again = true;
  for_each_instance(generation, host, [&](Instance& instance) {
    instance.lost = instance.phase == phase::kHealthy ? 1 : instance.lost + 1;
    instance.phase = phase::kUnhealthy;
    instance.reason = cut(reason);
    instance.restarts = 0;
    instance.since = at;
    instance.abandoned = instance.lost >= kMaxLost;
    again = !instance.abandoned;
  });
  if (!again && is_pending(generation)) {
    fail_pending("Variant " + std::as_const(*this).variant(generation)->name() + ": " + reason, at);
    return false;
  }
  settle(at);
  return again;
}

void EndpointState::left(std::int64_t generation, Time at) {
  std::erase_if(leaving, [&](const Leaving& one) { return one.generation == generation; });
  settle(at);
}

void EndpointState::fail_pending(const std::string& reason, Time at) {
  if (!pending) return;
  const Deployment failed = *std::exchange(pending, std::nullopt);
  for (const Variant& variant : failed.variants) {
    if (this->variant(variant.generation) == nullptr) leave(variant, at, current.has_value());
  }
  failure_reason = cut(reason);
  settle(at);
}

void EndpointState::set_weight(std::int64_t generation, double weight, Time at) {
  for_each_copy(generation, [&](Variant& one) { one.weight = weight; });
  settle(at);
}

void EndpointState::remove(Time at) {
  deleting = true;
  for (std::optional<Deployment>* deployment : {&pending, &current}) {
    if (!*deployment) continue;
    const Deployment gone = *std::exchange(*deployment, std::nullopt);
    for (const Variant& variant : gone.variants) {
      if (leaving_of(variant.generation) == nullptr && this->variant(variant.generation) == nullptr)
        leave(variant, at, false);
    }
  }
  for (Leaving& one : leaving) one.keep_until = std::min(one.keep_until, at);
  settle(at);
}

void EndpointState::check_time(Time at) {
  if (!pending) return;
  const std::chrono::seconds allowed = time_allowed(*pending);
  if (at < pending->started + allowed) return;
  fail_pending("The instances were not healthy within " + std::to_string(allowed.count()) + " s.",
               at);
}

void EndpointState::promote(Time at) {
  const std::optional<Deployment> replaced = std::exchange(current, std::exchange(pending, {}));
  config_name = current->config_name;
  if (!replaced) return;
  const Time keep_until = at + kept_for(*current);
  for (const Variant& variant : replaced->variants) {
    if (this->variant(variant.generation) == nullptr) leave(variant, keep_until, false);
  }
}

void EndpointState::leave(const Variant& variant, Time keep_until, bool rolled_back) {
  leaving.push_back({.variant = variant.name(),
                     .generation = variant.generation,
                     .keep_until = keep_until,
                     .rolled_back = rolled_back});
}

/// What all that comes to.
void EndpointState::settle(Time at) {
  modified = at;
  if (deleting) {
    status = "Deleting";
    return;
  }
  if (pending) {
    status = current ? "Updating" : "Creating";
    return;
  }
  if (!current) {
    status = "Failed";
    return;
  }
  if (std::any_of(leaving.begin(), leaving.end(),
                  [](const Leaving& one) { return one.rolled_back; })) {
    status = "RollingBack";
    return;
  }
  status = "InService";
  for (const Variant& variant : current->variants) {
    const Instance* wrong = what_is_wrong(variant);
    if (wrong == nullptr) continue;
    if (wrong->abandoned) {
      status = "OutOfService";
      return;
    }
    status = "SystemUpdating";
  }
}

}  // namespace millrace::hosting
