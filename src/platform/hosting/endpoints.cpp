#include "platform/hosting/endpoints.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "generated/aws/cloudwatch/types.h"
#include "platform/aws/access.h"
#include "platform/aws/refuse.h"
#include "platform/hosting/check_config.h"
#include "platform/hosting/deployment_changes.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/endpoint_instances.h"
#include "platform/hosting/listing.h"
#include "platform/hosting/names.h"
#include "platform/hosting/server_ticket.h"
#include "platform/identity/keyring.h"
#include "platform/logs/logs.h"
#include "platform/metrics/metrics.h"
#include "platform/metrics/reported_points.h"
#include "platform/records/after_commit.h"
#include "platform/tags/tag_rules.h"
#include "platform/tags/tags.h"

namespace millrace::hosting {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;
using aws::refuse;
using records::Connection;
using records::HostingKind;
using records::HostingTable;

constexpr HostingKind kKind = HostingKind::Endpoint;
/// A supervisor reports every second. One that has not for so long hangs, and is replaced.
constexpr std::chrono::seconds kMaxSilence{60};

ServerWorkload workload_or_refuse(const std::string& text) {
  const std::optional<ServerWorkload> workload = parse_workload(text);
  if (!workload) refuse("'" + text + "' names no instance of an endpoint.");
  return *workload;
}

bool is_isolated(const Deployment& deployment, const Variant& variant) {
  return deployment.network_isolation || variant.model.enable_network_isolation.value_or(false);
}

}  // namespace

Endpoints::Endpoints(records::Database& database, fleet::Fleet& fleet,
                     const catalog::Programs& programs, Traffic& traffic,
                     std::chrono::milliseconds invocation_timeout)
    : database_(database),
      fleet_(fleet),
      programs_(programs),
      traffic_(traffic),
      invocation_timeout_(invocation_timeout) {}

Endpoints::~Endpoints() {
  fleet_.stop();
}

void Endpoints::set_endpoint(const std::string& url) {
  daemon_url_.with([&](auto& known) { known = url; });
}

fleet::Fleet::Handlers Endpoints::handlers() {
  return {.on_end =
              [this](Connection& transaction, const fleet::SupervisorEnd& end) {
                return supervisor_ended(transaction, end);
              },
          .on_expiry = {},
          .max_silence = kMaxSilence};
}

void Endpoints::restore() {
  const Time at = now();
  database_.write([&](Connection& transaction) {
    for (const records::HostingRow& row : HostingTable(transaction, kKind).all()) {
      EndpointRecord endpoint = endpoint_of(row);
      // Nothing is wanted that was not: what the fleet has lost or given back is asked for again.
      follow(transaction, {}, endpoint, at);
    }
  });
}

void Endpoints::publish(const EndpointRecord& endpoint) {
  // In this order: whoever knows that a generation leaves may rely on its getting no more requests.
  traffic_.publish(endpoint.account, endpoint.name, endpoint.state);
  known_.with([&](auto& known) {
    known[{endpoint.account, to_lower(endpoint.name)}] =
        std::make_shared<const EndpointRecord>(endpoint);
  });
}

void Endpoints::forget(const std::string& account, const std::string& name) {
  traffic_.forget(account, name);
  known_.with([&](auto& known) { known.erase({account, to_lower(name)}); });
}

std::shared_ptr<const EndpointRecord> Endpoints::known(const std::string& account,
                                                       const std::string& name) const {
  return known_.with([&](const auto& known) -> std::shared_ptr<const EndpointRecord> {
    const auto found = known.find({account, to_lower(name)});
    return found == known.end() ? nullptr : found->second;
  });
}

/// Writes the row, and lets requests and heartbeats know once that is durable.
void Endpoints::save(Connection& transaction, const EndpointRecord& endpoint) {
  HostingTable(transaction, kKind).update(row_of(endpoint));
  records::after_commit(transaction, [this, endpoint] { publish(endpoint); });
}

/// Does what a change asks of the fleet, and writes the row. An endpoint of which nothing is left
/// goes.
void Endpoints::follow(Connection& transaction, const EndpointState& before,
                       EndpointRecord& endpoint, Time at) {
  ask_fleet(transaction, before, endpoint, at, invocation_timeout_);
  const EndpointState& state = endpoint.state;
  if (!state.deleting || !state.leaving.empty()) return save(transaction, endpoint);
  HostingTable(transaction, kKind).erase(endpoint.account, endpoint.name);
  tags::Tags::forget(transaction, endpoint.account, endpoint.arn());
  records::after_commit(transaction, [this, account = endpoint.account, name = endpoint.name] {
    forget(account, name);
  });
}

/// Applies `make(transaction, endpoint)` to an existing endpoint in a transaction, with all that
/// follows.
template <class Change>
EndpointRecord Endpoints::change(const aws::Caller& caller, const std::string& name,
                                 Change&& make) {
  const Time at = now();
  const EndpointRecord changed = database_.write([&](Connection& transaction) {
    EndpointRecord endpoint =
        endpoint_of(found_or_refused(transaction, kKind, caller.account, caller.region, name));
    const EndpointState before = endpoint.state;
    make(transaction, endpoint, at);
    if (endpoint.state != before) follow(transaction, before, endpoint, at);
    return endpoint;
  });
  fleet_.wake();
  return changed;
}

sm::CreateEndpointOutput Endpoints::create(const sm::CreateEndpointInput& request,
                                           const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateEndpoint");
  check_deployment(request.deployment_config);
  tags::check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
  const Time at = now();
  EndpointRecord endpoint{.account = caller.account,
                          .name = request.endpoint_name,
                          .region = caller.region,
                          .created = at,
                          .state = {}};
  database_.write([&](Connection& transaction) {
    Deployment first = deployment_of(transaction, programs_, caller, request.endpoint_config_name);
    first.how = request.deployment_config;
    endpoint.state = {};
    endpoint.state.deploy(std::move(first), at);
    insert_or_refuse(transaction, kKind, row_of(endpoint));
    tags::Tags::put(transaction, endpoint.account, endpoint.arn(), request.tags);
    follow(transaction, {}, endpoint, at);
  });
  fleet_.wake();
  return {.endpoint_arn = endpoint.arn()};
}

sm::DescribeEndpointOutput Endpoints::describe(const sm::DescribeEndpointInput& request,
                                               const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DescribeEndpoint");
  return hosting::describe(endpoint_of(database_.read([&](Connection& connection) {
    return found_or_refused(connection, kKind, caller.account, caller.region,
                            request.endpoint_name);
  })));
}

sm::ListEndpointsOutput Endpoints::list(const sm::ListEndpointsInput& request,
                                        const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListEndpoints");
  const Page page = database_.read(
      [&](Connection& connection) { return page_of(connection, kKind, caller.account, request); });
  sm::ListEndpointsOutput response{.next_token = page.next_token};
  for (const records::HostingRow& row : page.rows) {
    response.endpoints.push_back({.endpoint_name = row.name,
                                  .endpoint_arn = hosting::arn_of(kKind, row),
                                  .creation_time = row.created_at,
                                  .last_modified_time = row.modified_at,
                                  .endpoint_status = row.status});
  }
  return response;
}

sm::UpdateEndpointOutput Endpoints::update(const sm::UpdateEndpointInput& request,
                                           const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:UpdateEndpoint");
  check_deployment(request.deployment_config);
  const auto make = [&](Connection& transaction, EndpointRecord& endpoint, Time at) {
    refuse_busy(endpoint);
    Deployment next = deployment_of(transaction, programs_, caller, request.endpoint_config_name);
    retain_properties(request, *endpoint.state.current, next);
    refuse_without_weight(next);
    next.how = request.deployment_config;
    if (request.retain_deployment_config.value_or(false)) next.how = endpoint.state.last_how;
    endpoint.state.deploy(std::move(next), at);
  };
  return {.endpoint_arn = change(caller, request.endpoint_name, make).arn()};
}

sm::UpdateEndpointWeightsAndCapacitiesOutput Endpoints::update_weights(
    const sm::UpdateEndpointWeightsAndCapacitiesInput& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:UpdateEndpointWeightsAndCapacities");
  const auto make = [&](Connection&, EndpointRecord& endpoint, Time at) {
    refuse_busy(endpoint);
    Deployment next = *endpoint.state.current;
    set_weights_and_counts(request, next);
    refuse_without_weight(next);
    endpoint.state.deploy(std::move(next), at);
  };
  return {.endpoint_arn = change(caller, request.endpoint_name, make).arn()};
}

wire::Empty Endpoints::remove(const sm::DeleteEndpointInput& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DeleteEndpoint");
  change(caller, request.endpoint_name,
         [](Connection&, EndpointRecord& endpoint, Time at) { endpoint.state.remove(at); });
  return {};
}

control::GetServerTicketResponse Endpoints::get_ticket(
    const control::GetServerTicketRequest& request, const aws::Caller& caller) {
  aws::require_supervisor(caller, request.workload, "millrace:GetServerTicket");
  const std::optional<std::string> daemon_url =
      daemon_url_.with([](const auto& known) { return known; });
  if (!daemon_url) {
    throw Error(Blame::Platform, "ServiceUnavailable",
                "The daemon is starting. Try again in a moment.");
  }
  const ServerWorkload workload = workload_or_refuse(request.workload);
  fleet_.heard_from(request.workload, request.host);
  const Time at = now();
  return database_.write([&](Connection& transaction) -> control::GetServerTicketResponse {
    EndpointRecord endpoint = endpoint_of(
        found_or_refused(transaction, kKind, caller.account, caller.region, workload.endpoint));
    const Variant* variant = std::as_const(endpoint.state).variant(workload.generation);
    if (variant == nullptr) {
      // It left before its supervisor came so far; there is nothing to be told but to go.
      return {.ticket = {.workload = request.workload, .host = request.host},
              .stop_requested = true};
    }
    const auto instance =
        std::find_if(variant->instances.begin(), variant->instances.end(),
                     [&](const Instance& one) { return one.host == request.host; });
    if (instance == variant->instances.end())
      refuse("The variant has no host '" + request.host + "'.");
    const auto program =
        programs_.find(catalog::parse_image_name(variant->image), {.verb = "serve"});
    if (!program) {
      throw Error(Blame::Platform, "the image \"" + variant->image +
                                       "\" was known when the endpoint was made and is not any "
                                       "more. Install the trainer again, or register the image.");
    }
    const std::string stream = workload.variant + "/i-" + random_hex(8);
    logs::Logs::ensure_stream(transaction, endpoint.account, log_group(endpoint.name), stream);
    endpoint.state.ticket_taken(workload.generation, request.host, stream, at);
    save(transaction, endpoint);
    const std::optional<Deployment>& pending = endpoint.state.pending;
    const Deployment& deployment = pending && variant_named(*pending, variant->name()) == variant
                                       ? *pending
                                       : *endpoint.state.current;
    fleet::ProgramAccess access{.keys = {}, .endpoint = *daemon_url};
    if (const auto keys = identity::Keyring::of_job(transaction, request.workload))
      access.keys = keys->program;
    return {.ticket = server_ticket({.endpoint = endpoint,
                                     .variant = *variant,
                                     .instance = *instance,
                                     .network_isolation = is_isolated(deployment, *variant),
                                     .program = *program,
                                     .machine = fleet_.machine(),
                                     .access = std::move(access)}),
            .stop_requested = stopping_.load()};
  });
}

control::ReportServerResponse Endpoints::report(const control::ReportServerRequest& request,
                                                const aws::Caller& caller) {
  aws::require_supervisor(caller, request.workload, "millrace:ReportServer");
  const ServerWorkload workload = workload_or_refuse(request.workload);
  fleet_.heard_from(request.workload, request.host, request.supervisor_pid);
  const Instance seen{.host = request.host,
                      .phase = request.phase,
                      .reason = request.reason.value_or(""),
                      .restarts = request.restarts};
  const Time at = now();
  if (request.metrics) record_metrics(caller.account, request);
  const std::shared_ptr<const EndpointRecord> known =
      this->known(caller.account, workload.endpoint);
  if (!known) return {.stop_requested = true};
  const auto apply = [&](EndpointState& state) {
    // A daemon that stops its servers is the reason that they end.
    if (!stopping_.load()) state.report(workload.generation, seen, at);
    state.check_time(at);
  };
  EndpointState told = known->state;
  apply(told);
  // Nearly every report is a heartbeat that changes nothing, and does not touch the database.
  if (told == known->state) return {.stop_requested = may_stop(*known, workload.generation, at)};
  const EndpointRecord changed =
      change(caller, workload.endpoint,
             [&](Connection&, EndpointRecord& current, Time) { apply(current.state); });
  return {.stop_requested = may_stop(changed, workload.generation, at)};
}

void Endpoints::record_metrics(const std::string& account,
                               const control::ReportServerRequest& request) {
  const ServerWorkload workload = workload_or_refuse(request.workload);
  const std::shared_ptr<const EndpointRecord> known = this->known(account, workload.endpoint);
  if (!known) return;
  const auto metric_of = [&](const control::MetricPoint& point) {
    return metrics::variant_metric(account, metrics::kEndpointNamespace, known->name,
                                   workload.variant, point.metric_name,
                                   wire::cloudwatch::StandardUnit::Percent);
  };
  database_.write([&](Connection& transaction) {
    if (metrics::is_new_report(transaction, {.account = account,
                                             .workload = request.workload,
                                             .host = request.host,
                                             .id = request.metrics_id}))
      metrics::keep_reported(transaction, *request.metrics, metric_of, now());
  });
}

bool Endpoints::may_stop(const EndpointRecord& endpoint, std::int64_t generation, Time at) const {
  if (stopping_.load()) return true;
  if (endpoint.state.variant(generation) != nullptr) return false;
  const Leaving* leaving = endpoint.state.leaving_of(generation);
  if (leaving == nullptr) return true;
  if (at < leaving->keep_until) return false;
  // Its last requests are answered first; one that hangs does not keep it for ever.
  return traffic_.is_idle(endpoint.account, endpoint.name, generation) ||
         at >= leaving->keep_until + invocation_timeout_;
}

fleet::AfterEnd Endpoints::supervisor_ended(Connection& transaction,
                                            const fleet::SupervisorEnd& end) {
  const std::optional<ServerWorkload> workload = parse_workload(end.workload);
  if (!workload) return fleet::AfterEnd::GiveBack;
  const auto row = HostingTable(transaction, kKind).find(end.account, workload->endpoint);
  if (!row) return fleet::AfterEnd::GiveBack;
  EndpointRecord endpoint = endpoint_of(*row);
  const EndpointState before = endpoint.state;
  EndpointState& state = endpoint.state;
  const Time at = now();
  const bool takes_part = state.variant(workload->generation) != nullptr;
  bool again = false;
  if (takes_part && stopping_.load()) {
    state.report(workload->generation, {.host = end.host, .reason = "the daemon was stopped"}, at);
  } else if (takes_part) {
    again = state.supervisor_lost(workload->generation, end.host, end.reason,
                                  end.maybe_never_started, at);
  }
  if (end.last && state.leaving_of(workload->generation) != nullptr)
    state.left(workload->generation, at);
  if (state != before) follow(transaction, before, endpoint, at);
  if (!again) return fleet::AfterEnd::GiveBack;
  return end.last ? fleet::AfterEnd::WaitAgain : fleet::AfterEnd::StartAgain;
}

bool Endpoints::stop_all() {
  stopping_ = true;
  return any_running();
}

bool Endpoints::any_running() const {
  return database_.read([](Connection& connection) {
    for (const records::HostingRow& row : HostingTable(connection, kKind).all()) {
      const EndpointRecord endpoint = endpoint_of(row);
      if (runs_instances(connection, endpoint)) return true;
    }
    return false;
  });
}

std::optional<std::string> Endpoints::arn_of(Connection& connection, const std::string& account,
                                             const std::string& name) {
  const auto row = HostingTable(connection, kKind).find(account, name);
  return row ? std::optional(hosting::arn_of(kKind, *row)) : std::nullopt;
}

}  // namespace millrace::hosting
