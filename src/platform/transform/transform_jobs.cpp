#include "platform/transform/transform_jobs.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/contract/workload.h"
#include "core/json/json.h"
#include "platform/aws/access.h"
#include "platform/aws/refuse.h"
#include "platform/catalog/instance_types.h"
#include "platform/hosting/check_model.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/listing.h"
#include "platform/hosting/names.h"
#include "platform/identity/keyring.h"
#include "platform/logs/logs.h"
#include "platform/records/transform_inputs.h"
#include "platform/tags/tags.h"
#include "platform/transform/check_transform.h"
#include "platform/transform/transform_ticket.h"

namespace millrace::transform {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;
using records::Connection;
using records::HostingKind;
using records::HostingTable;
using Status = sm::TransformJobStatus;

constexpr HostingKind kKind = HostingKind::TransformJob;
/// What a supervisor has for ending its model's server (SIGTERM to SIGKILL as published) and
/// itself.
constexpr std::chrono::seconds kEndAllowance{60};
constexpr JsonLimits kStored{.max_bytes = 64 * 1024 * 1024};  // written by us

[[noreturn]] void no_such_job(const std::string& name) {
  aws::refuse("Could not find requested job with name: " + name);
}

[[noreturn]] void refuse_name(const std::string& arn) {
  throw Error(
      Blame::Customer, "ResourceInUse",
      "Transform job names must be unique within an AWS account and region, and a transform "
      "job with this name already exists (" +
          arn + ")");
}

std::optional<TransformRecord> find(Connection& connection, const std::string& account,
                                    const std::string& name) {
  const auto row = HostingTable(connection, kKind).find(account, name);
  return row ? std::optional(record_of(*row)) : std::nullopt;
}

/// "transform.<job>" of a workload; refused for another.
std::string job_of(const std::string& workload) {
  if (workload::kind_of(workload) != workload::kTransform)
    aws::refuse("'" + workload + "' names no transform job.");
  return workload.substr(workload::kTransform.size() + 1);
}

/// Writes what has become of a job; one that has ended needs its listing no more.
void save(Connection& transaction, const TransformRecord& job) {
  HostingTable(transaction, kKind).update(row_of(job));
  if (job.state.finished())
    records::TransformInputTable(transaction).erase_but(job.account, job.name(), {});
}

std::string role_of(const sm::CreateModelInput& model, const std::string& account) {
  return model.execution_role_arn.value_or("arn:aws:iam::" + account + ":role/" +
                                           identity::kDefaultRole);
}

std::string log_stream_name(const TransformRecord& job, Time at) {
  return job.name() + "/i-" + random_hex(8) + "-" + std::to_string(to_millis(at) / 1000);
}

}  // namespace

TransformJobs::TransformJobs(records::Database& database, fleet::Fleet& fleet,
                             const catalog::Programs& programs, jobs::ObjectLookup objects)
    : database_(database), fleet_(fleet), programs_(programs), objects_(std::move(objects)) {}

TransformJobs::~TransformJobs() {
  fleet_.stop();
}

void TransformJobs::set_endpoint(const std::string& url) {
  daemon_url_.with([&](auto& known) { known = url; });
}

fleet::Fleet::Handlers TransformJobs::handlers() {
  return {.on_end =
              [this](Connection& transaction, const fleet::SupervisorEnd& end) {
                return supervisor_ended(transaction, end);
              },
          .on_expiry = {}};
}

/// Applies `make(transaction, job)` to an existing job in a transaction, and writes what it
/// changed.
template <class Change>
TransformRecord TransformJobs::change(const std::string& account, const std::string& name,
                                      Change&& make) {
  return database_.write([&](Connection& transaction) {
    std::optional<TransformRecord> job = find(transaction, account, name);
    if (!job) no_such_job(name);
    const TransformState before = job->state;
    make(transaction, *job);
    if (job->state != before) save(transaction, *job);
    return *std::move(job);
  });
}

sm::CreateTransformJobResponse TransformJobs::create(const sm::CreateTransformJobRequest& request,
                                                     const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateTransformJob");
  check_transform(request);
  const std::string& name = request.transform_job_name;
  const auto model = database_.read([&](Connection& connection) {
    if (const auto taken = find(connection, caller.account, name)) refuse_name(taken->arn());
    return hosting::request_of<sm::CreateModelInput>(hosting::found_or_refused(
        connection, HostingKind::Model, caller.account, caller.region, request.model_name));
  });
  const std::string image = *hosting::container_of(model).image;
  if (!programs_.find(catalog::parse_image_name(image), {.verb = "serve"})) {
    aws::refuse("The image \"" + image + "\" of model " + model.model_name +
                " was known when the model was created and is not any more. Register it again.");
  }
  check_places(request, objects_, role_of(model, caller.account), caller.region);

  TransformRecord job{.account = caller.account,
                      .region = caller.region,
                      .created = now(),
                      .request = with_defaults(request),
                      .model = model};
  const std::int64_t hosts = job.request.transform_resources.instance_count;
  job.state = TransformState::accepted(hosts, job.created);
  const std::vector<std::string> types(static_cast<std::size_t>(hosts),
                                       job.request.transform_resources.instance_type);
  // The row is the promise, and its primary key is what makes the name unique.
  const bool inserted = database_.write([&](Connection& transaction) {
    if (!HostingTable(transaction, kKind).insert(row_of(job))) return false;
    tags::Tags::put(transaction, job.account, job.arn(), request.tags);
    fleet::Fleet::enqueue(transaction,
                          {.account = job.account,
                           .workload = job.workload(),
                           .region = job.region,
                           .role_arn = role_of(model, job.account),
                           .user = caller.user,
                           .hosts = hosts,
                           .demand = catalog::sum_of(catalog::shares_of(types, fleet_.machine()))});
    return true;
  });
  if (!inserted) refuse_name(job.arn());
  fleet_.wake();
  return {.transform_job_arn = job.arn()};
}

sm::DescribeTransformJobResponse TransformJobs::describe(
    const sm::DescribeTransformJobRequest& request, const aws::Caller& caller) {
  const std::string& name = request.transform_job_name;
  aws::require_same_job(caller, std::string(workload::kTransform) + "." + name,
                        "sagemaker:DescribeTransformJob");
  const auto job = database_.read(
      [&](Connection& connection) { return find(connection, caller.account, name); });
  if (!job) no_such_job(name);
  return transform::describe(*job);
}

sm::ListTransformJobsResponse TransformJobs::list(const sm::ListTransformJobsRequest& request,
                                                  const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListTransformJobs");
  const hosting::Page page = database_.read([&](Connection& connection) {
    return hosting::page_of(connection, kKind, caller.account, request);
  });
  sm::ListTransformJobsResponse response{.next_token = page.next_token};
  for (const records::HostingRow& row : page.rows)
    response.transform_job_summaries.push_back(summary_of(record_of(row)));
  return response;
}

wire::Empty TransformJobs::stop(const sm::StopTransformJobRequest& request,
                                const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:StopTransformJob");
  change(caller.account, request.transform_job_name,
         [&](Connection& transaction, TransformRecord& job) {
           if (job.state.finished()) {
             aws::refuse("The request was rejected because the transform job is in status " +
                         job.state.status + ".");
           }
           if (job.state.stopping()) return;
           const Time at = now();
           const bool has_instances =
               !fleet::Fleet::withdraw(transaction, job.account, job.workload());
           job.state.stop(has_instances, at);
           if (has_instances) {
             fleet::Fleet::set_deadline(transaction, job.account, job.workload(),
                                        at + kEndAllowance);
           }
         });
  fleet_.wake();
  return {};
}

control::GetTransformTicketResponse TransformJobs::get_ticket(
    const control::GetTransformTicketRequest& request, const aws::Caller& caller) {
  aws::require_supervisor(caller, request.workload, "millrace:GetTransformTicket");
  const std::optional<std::string> daemon_url =
      daemon_url_.with([](const auto& known) { return known; });
  if (!daemon_url) {
    throw Error(Blame::Platform, "ServiceUnavailable",
                "The daemon is starting. Try again in a moment.");
  }
  const Time at = now();
  std::optional<identity::JobKeys> keys;
  const TransformRecord job = change(
      caller.account, job_of(request.workload), [&](Connection& transaction, TransformRecord& one) {
        if (one.state.host(request.host) == nullptr)
          aws::refuse("The job has no host '" + request.host + "'.");
        one.state.ticket_taken(request.host, log_stream_name(one, at), at);
        logs::Logs::ensure_stream(transaction, one.account, kTransformLogGroup,
                                  one.state.host(request.host)->log_stream);
        keys = identity::Keyring::of_job(transaction, one.workload());
      });
  const std::string image = *hosting::container_of(job.model).image;
  const auto program = programs_.find(catalog::parse_image_name(image), {.verb = "serve"});
  if (!program) {
    throw Error(Blame::Platform,
                "the image \"" + image +
                    "\" was known when the job was accepted and is not any more. Install the "
                    "trainer again, or register the image.");
  }
  fleet::ProgramAccess access{.keys = {}, .endpoint = *daemon_url};
  if (keys) access.keys = keys->program;
  return {.ticket = ticket_of({.job = job,
                               .host = *job.state.host(request.host),
                               .program = *program,
                               .machine = fleet_.machine(),
                               .access = std::move(access)}),
          .stop_requested = !job.state.wants(request.host)};
}

control::ReportTransformResponse TransformJobs::report(
    const control::ReportTransformRequest& request, const aws::Caller& caller) {
  aws::require_supervisor(caller, request.workload, "millrace:ReportTransform");
  const std::string name = job_of(request.workload);
  if (request.supervisor_pid)
    fleet_.heard_from(request.workload, request.host, *request.supervisor_pid);
  const Time at = now();
  const auto apply = [&](TransformState& state) {
    state.progressed(request.host, request.objects_done, at);
    if (request.outcome) {
      state.host_ended(request.host, request.outcome->result,
                       request.outcome->failure_reason.value_or(""), at);
    }
  };
  auto job = database_.read(
      [&](Connection& connection) { return find(connection, caller.account, name); });
  if (!job) no_such_job(name);
  TransformState expected = job->state;
  apply(expected);
  // Nearly every report is a heartbeat that changes nothing, and costs no write.
  if (expected != job->state) {
    job = change(caller.account, name, [&](Connection& transaction, TransformRecord& current) {
      apply(current.state);
      // Those whose job is over have nothing to do but to leave.
      if (current.state.finished()) {
        fleet::Fleet::set_deadline(transaction, current.account, current.workload(),
                                   at + kEndAllowance);
      }
    });
    if (job->state.finished()) fleet_.wake();
  }
  return {.stop_requested = !job->state.wants(request.host)};
}

control::PinTransformInputResponse TransformJobs::pin_input(
    const control::PinTransformInputRequest& request, const aws::Caller& caller) {
  aws::require_supervisor(caller, request.workload, "millrace:PinTransformInput");
  const auto put = [&](Connection& transaction, TransformRecord& job) {
    TransformState& state = job.state;
    if (!state.listing.empty() || !state.wants(request.host)) return;
    records::TransformInputTable inputs(transaction);
    inputs.put({.account = job.account,
                .job = job.name(),
                .listing = request.listing,
                .page = request.page},
               to_text(Json(request.objects)));
    if (!request.last) return;
    state.listing = request.listing;
    state.name_prefix = request.name_prefix;
    // What other supervisors had come to.
    inputs.erase_but(job.account, job.name(), state.listing);
  };
  const TransformRecord job = change(caller.account, job_of(request.workload), put);
  return {.pinned = !job.state.listing.empty()};
}

control::GetTransformInputResponse TransformJobs::get_input(
    const control::GetTransformInputRequest& request, const aws::Caller& caller) {
  aws::require_supervisor(caller, request.workload, "millrace:GetTransformInput");
  const std::string name = job_of(request.workload);
  return database_.snapshot([&](Connection& connection) -> control::GetTransformInputResponse {
    const std::optional<TransformRecord> job = find(connection, caller.account, name);
    if (!job) no_such_job(name);
    if (job->state.listing.empty()) return {};
    records::TransformInputTable inputs(connection);
    records::TransformInputTable::Place place{
        .account = job->account, .job = name, .listing = job->state.listing, .page = request.page};
    control::GetTransformInputResponse response{.pinned = true,
                                                .name_prefix = job->state.name_prefix};
    if (const std::optional<std::string> page = inputs.find(place)) {
      response.objects = parse_json(*page, "a page of a transform job's input", kStored)
                             .get<std::vector<std::string>>();
    }
    ++place.page;
    response.is_truncated = inputs.find(place).has_value();
    return response;
  });
}

fleet::AfterEnd TransformJobs::supervisor_ended(Connection& transaction,
                                                const fleet::SupervisorEnd& end) {
  std::optional<TransformRecord> job = find(transaction, end.account, job_of(end.workload));
  if (!job) return fleet::AfterEnd::GiveBack;
  const Host* host = job->state.host(end.host);
  const bool untouched = end.maybe_never_started && host != nullptr && !host->ticket_taken;
  const TransformState before = job->state;
  job->state.supervisor_lost(end.host, end.reason, untouched, now());
  if (job->state != before) save(transaction, *job);
  if (end.last)
    return job->state.wants_any() ? fleet::AfterEnd::WaitAgain : fleet::AfterEnd::GiveBack;
  return job->state.wants(end.host) ? fleet::AfterEnd::StartAgain : fleet::AfterEnd::GiveBack;
}

std::int64_t TransformJobs::stop_all() {
  const auto running = database_.read([](Connection& connection) {
    return HostingTable(connection, kKind).in_status(Status::InProgress);
  });
  for (const records::HostingRow& row : running) {
    // A job may finish between the look and the request; then there is nothing to stop.
    try {
      stop({.transform_job_name = row.name}, {.account = row.account});
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer) throw;
    }
  }
  return unfinished();
}

std::int64_t TransformJobs::unfinished() const {
  return database_.read([](Connection& connection) {
    HostingTable table(connection, kKind);
    return static_cast<std::int64_t>(table.in_status(Status::InProgress).size() +
                                     table.in_status(Status::Stopping).size());
  });
}

std::optional<std::string> TransformJobs::arn_of(Connection& connection, const std::string& account,
                                                 const std::string& name) {
  const auto row = HostingTable(connection, kKind).find(account, name);
  return row ? std::optional(hosting::arn_of(kKind, *row)) : std::nullopt;
}

}  // namespace millrace::transform
