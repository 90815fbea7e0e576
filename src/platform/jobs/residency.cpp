#include "platform/jobs/residency.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/workload.h"
#include "core/json/json.h"
#include "platform/aws/access.h"
#include "platform/aws/s3_location.h"
#include "platform/identity/audit_reader.h"
#include "platform/jobs/refuse.h"
#include "platform/records/run_documents.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
using control::NetworkKind;

constexpr JsonLimits kStored{.max_bytes = 64 * 1024 * 1024, .max_depth = 64};  // written by us
constexpr std::string_view kObjects = "arn:aws:s3:::";
constexpr std::string_view kOutposts = "arn:aws:s3-outposts:";
constexpr std::string_view kOutpostObjects = "/object/";
/// Of each list of requests; what comes on top is counted by bucket.
constexpr std::size_t kMaxSummaries = 1000;

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

/// Where the key begins in the ARN of an object; npos in others.
std::size_t key_of(std::string_view arn) {
  const bool plain = arn.starts_with(kObjects);
  if (!plain && !arn.starts_with(kOutposts)) return std::string_view::npos;
  const std::string_view before = plain ? "/" : kOutpostObjects;
  const std::size_t found = arn.find(before, plain ? kObjects.size() : 0);
  return found == std::string_view::npos ? found : found + before.size();
}

/// "arn:aws:s3:::bucket/folder/*" for an object in that folder; other resources as they are.
std::string folder_of(const std::string& resource) {
  if (key_of(resource) == std::string_view::npos) return resource;
  return resource.substr(0, resource.rfind('/') + 1) + "*";
}

std::string bucket_of(const std::string& resource) {
  const std::size_t key = key_of(resource);
  return key == std::string_view::npos ? resource : resource.substr(0, key) + "*";
}

/// Counts requests of one kind together.
class Summaries {
 public:
  void add(const std::string& who, const std::string& action, const std::string& resource, Time at,
           bool refused) {
    Key key{who, action, folder_of(resource)};
    if (found_.size() >= kMaxSummaries && !found_.contains(key))
      std::get<2>(key) = bucket_of(resource);
    const auto [entry, is_new] = found_.try_emplace(key);
    control::AccessSummary& summary = entry->second;
    if (is_new) {
      summary = {.who = who,
                 .action = action,
                 .resource = std::get<2>(key),
                 .requests = 0,
                 .first = at,
                 .last = at};
    }
    ++summary.requests;
    if (refused) summary.refused = summary.refused.value_or(0) + 1;
    summary.last = at;
  }

  [[nodiscard]] std::vector<control::AccessSummary> take() {
    std::vector<control::AccessSummary> all;
    for (auto& [key, summary] : found_) all.push_back(std::move(summary));
    return all;
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  std::map<Key, control::AccessSummary> found_;
};

std::string text_of(const Json& json, const char* member) {
  const auto found = json.find(member);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// As it stands in a line of JSON, without the quotes.
std::string in_json(const std::string& text) {
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

/// What begins the ARNs of all that lies below an s3 URI. A bucket on an Outpost has many names; by
/// its own ARN it is known whichever of them a request has used.
std::string arn_below(const std::string& uri, const aws::FindAccessPoint& access_points) {
  aws::S3Location place = aws::parse_s3_uri(uri, "the output's URI");
  if (!place.key.empty() && !place.key.ends_with('/')) place.key += '/';
  if (const auto target = access_points ? access_points(place.bucket) : std::nullopt) {
    for (const std::string& arn : target->arns) {
      if (arn.find("/bucket/") != std::string::npos)
        return arn + std::string(kOutpostObjects) + place.key;
    }
  }
  return std::string(kObjects) + place.bucket + "/" + place.key;
}

bool reads(std::string_view action) {
  return action.starts_with("s3:Get") || action.starts_with("s3-outposts:Get");
}

/// Whether a request for `resource` may have read what begins with `below`. A job whose channel is
/// a prefix asks for "<prefix>*", which may be wider or narrower.
bool concerns(std::string_view resource, std::string_view below) {
  if (resource.starts_with(below)) return true;
  if (!resource.ends_with('*')) return false;
  resource.remove_suffix(1);
  return key_of(resource) != std::string_view::npos && below.starts_with(resource);
}

struct Requests {
  std::vector<control::AccessSummary> own;
  std::vector<control::AccessSummary> readers;
  bool complete = false;
};

/// One pass over the audit log: it is long.
Requests requests_of(const std::filesystem::path& audit, const std::string& account,
                     const ResidencySubject& job, bool with_readers,
                     const aws::FindAccessPoint& access_points) {
  const std::string own_part = R"("job":")" + job.workload + "\"";
  std::vector<std::string> parts{own_part};
  std::vector<std::string> outputs;
  if (with_readers) {
    for (const std::string& uri : job.outputs) outputs.push_back(arn_below(uri, access_points));
    // Only up to the key: of which a prefix may be asked for.
    for (const std::string& arn : outputs) parts.push_back(in_json(arn.substr(0, key_of(arn))));
  }
  // A job's keys die with it, so that its own requests end soon after.
  const Time until = with_readers || !job.ended ? now() : *job.ended + std::chrono::minutes(10);
  Summaries own;
  Summaries readers;
  const auto is_output = [&](const std::string& resource) {
    return std::any_of(outputs.begin(), outputs.end(),
                       [&](const std::string& arn) { return concerns(resource, arn); });
  };
  const identity::AuditReading reading =
      identity::read_audit(audit, {.since = job.created, .until = until, .parts = std::move(parts)},
                           [&](Time at, const Json& line) {
                             if (text_of(line, "account") != account) return;
                             const bool is_own = text_of(line, "job") == job.workload;
                             const std::string who = text_of(line, "arn");
                             for (const Json& access : line.at("actions")) {
                               if (!access.is_object()) continue;
                               const std::string action = text_of(access, "action");
                               const std::string resource = text_of(access, "resource");
                               const bool refused = line.contains("error");
                               if (is_own) {
                                 own.add(who, action, resource, at, refused);
                               } else if (reads(action) && is_output(resource)) {
                                 readers.add(who, action, resource, at, refused);
                               }
                             }
                           });
  return {.own = own.take(),
          .readers = readers.take(),
          .complete = reading.has_first_day && reading.damaged == 0};
}

}  // namespace

JoinedResidency join_residency(
    const std::vector<std::pair<std::string, control::HostResidency>>& runs) {
  JoinedResidency joined;
  std::set<std::string> kinds;
  // Counters of a namespace only rise, and each of its hosts reads all of them.
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> namespaces;
  std::optional<std::int64_t> daemon_connections;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, control::JobPlace>
      places;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::set<std::string>>
      hosts;
  for (const auto& [host, run] : runs) {
    if (run.network) {
      kinds.insert(run.network->kind);
      if (run.network->namespace_) {
        auto& [packets, refused] = namespaces[*run.network->namespace_];
        packets = std::max(packets, run.network->outbound_packets.value_or(0));
        refused = std::max(refused, run.network->refused_attempts.value_or(0));
      }
      add(daemon_connections, run.network->daemon_connections);
    }
    for (const control::TouchedPlace& touched : run.places) {
      const auto key = std::make_tuple(touched.kind, touched.place, touched.access, touched.by);
      control::JobPlace& place = places[key];
      place.kind = touched.kind;
      place.place = touched.place;
      place.access = touched.access;
      place.by = touched.by;
      add(place.objects, touched.objects);
      add(place.bytes, touched.bytes);
      hosts[key].insert(host);
    }
  }
  joined.network.kinds.assign(kinds.begin(), kinds.end());
  if (!kinds.contains(NetworkKind::Machine) && !namespaces.empty()) {
    std::int64_t packets = 0;
    std::int64_t refused = 0;
    for (const auto& [name, counted] : namespaces) {
      packets += counted.first;
      refused += counted.second;
    }
    joined.network.outbound_packets = packets;
    joined.network.refused_attempts = refused;
    joined.network.daemon_connections = daemon_connections;
    // Without a packet there is no connection; how many there were to a packet nobody has counted.
    if (packets == 0) joined.network.outbound_connections = 0;
  }
  for (auto& [key, place] : places) {
    place.hosts = static_cast<std::int64_t>(hosts[key].size());
    joined.places.push_back(std::move(place));
  }
  return joined;
}

control::DescribeJobResidencyResponse Residency::describe(
    const control::DescribeJobResidencyRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DescribeJobResidency");
  const auto kind = kinds_.find(workload::kind_of(request.job_name));
  std::optional<ResidencySubject> subject;
  std::vector<std::pair<std::string, control::HostResidency>> runs;
  database_.snapshot([&](records::Connection& connection) {
    if (kind == kinds_.end()) return;
    subject = kind->second(connection, caller.account, request.job_name);
    for (const records::RunRow& row :
         records::RunDocumentTable(connection, records::RunDocument::Residency)
             .of(caller.account, request.job_name)) {
      control::HostResidency run;
      from_json(parse_json(row.document, "residency", kStored), run);
      runs.emplace_back(row.host, std::move(run));
    }
  });
  if (!subject) {
    refuse({.where = "JobName",
            .given = request.job_name,
            .expected = "a training job's name, or processing.<name>",
            .fix = "Ask for the jobs there are with 'millrace jobs list'."});
  }
  JoinedResidency joined = join_residency(runs);
  const bool with_readers = request.readers.value_or(false);
  Requests requests = requests_of(audit_, caller.account, *subject, with_readers, access_points_);
  control::DescribeJobResidencyResponse response{.job_name = subject->workload,
                                                 .status = subject->status,
                                                 .creation_time = subject->created,
                                                 .end_time = subject->ended,
                                                 .network = std::move(joined.network),
                                                 .places = std::move(joined.places),
                                                 .requests = std::move(requests.own),
                                                 .requests_complete = requests.complete};
  if (with_readers) response.readers = std::move(requests.readers);
  return response;
}

void Residency::record(records::Connection& transaction, const std::string& account,
                       const std::string& workload, const std::string& host,
                       const control::HostResidency& residency) {
  Json document;
  to_json(document, residency);
  records::RunDocumentTable(transaction, records::RunDocument::Residency)
      .put({.account = account,
            .workload = workload,
            .run = residency.run,
            .host = host,
            .document = to_text(document)});
}

}  // namespace millrace::jobs
