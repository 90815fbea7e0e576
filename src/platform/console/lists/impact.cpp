#include "platform/console/lists/impact.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/tar_reader.h"
#include "core/lists/list_json.h"
#include "platform/console/job_table.h"
#include "platform/console/preview/limited_source.h"
#include "platform/jobs/job_record.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListTable;
using records::ListVersionRow;

constexpr std::string_view kListSuffix = "_lst";  ///< of channels that bring the list of another
constexpr std::size_t kMaxEvaluationBytes = std::size_t{16} << 20;

jobs::JobRecord job_named(records::Database& database, Call& call, const Permit& permit,
                          const std::string& name) {
  permit(call, "sagemaker:DescribeTrainingJob",
         jobs::training_job_arn(call.caller.region, call.caller.account, name));
  const auto row = database.read([&](Connection& connection) {
    return records::JobTable(connection, records::JobKind::Training)
        .find(call.caller.account, name);
  });
  if (!row) not_found("There is no training job '" + printable(name, 63) + "'.");
  return jobs::record_of(*row);
}

/// Places of the lists of a job, by channel.
std::map<std::string, std::string> lists_of(const jobs::JobRecord& job) {
  std::map<std::string, std::string> places;
  if (!job.request.input_data_config) return places;
  for (const auto& channel : *job.request.input_data_config) {
    if (!channel.channel_name.ends_with(kListSuffix)) continue;
    const auto& source = channel.data_source;
    if (source.s3_data_source && source.s3_data_source->s3_uri.ends_with(".lst"))
      places.emplace(channel.channel_name, source.s3_data_source->s3_uri);
  }
  return places;
}

/// What a job was trained with, by name.
std::map<std::string, std::string> parameters_of(const jobs::JobRecord& job) {
  return job.request.hyper_parameters.value_or(std::map<std::string, std::string>{});
}

template <class Value>
Json pairs_json(const std::map<std::string, Value>& a, const std::map<std::string, Value>& b,
                bool differing_only) {
  std::set<std::string> names;
  for (const auto& [name, value] : a) names.insert(name);
  for (const auto& [name, value] : b) names.insert(name);
  Json json = Json::array();
  for (const std::string& name : names) {
    const auto of_a = a.find(name);
    const auto of_b = b.find(name);
    const bool same = of_a != a.end() && of_b != b.end() && of_a->second == of_b->second;
    if (same && differing_only) continue;
    Json pair{{"Name", name}};
    if (of_a != a.end()) pair["A"] = of_a->second;
    if (of_b != b.end()) pair["B"] = of_b->second;
    json.push_back(std::move(pair));
  }
  return json;
}

std::map<std::string, double> metrics_of(const jobs::JobRecord& job) {
  std::map<std::string, double> metrics;
  for (const jobs::LastMetric& metric : job.state.metrics)
    metrics.emplace(metric.name, metric.value);
  return metrics;
}

/// The version that a list had when a job was created: the last one seen before, else the first.
ListVersionRow version_at(records::Database& database, const records::ListRow& list, Time at) {
  const std::vector<ListVersionRow> versions = database.read(
      [&](Connection& connection) { return ListTable(connection).versions(list.id); });
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const auto& version) { return version.created_at <= at; });
  return found == versions.end() ? versions.back() : *found;
}

/// Figures of each class, where the job has written an evaluation.json with its output; null
/// otherwise.
Json classes_of_output(const UserFiles& files, Call& call, const jobs::JobRecord& job) {
  try {
    const OpenFile file =
        files.open(call, Place::parse(jobs::output_uri(job) + "/output.tar.gz", "output"));
    const auto packed = file.stream();
    GzipSource unpacked(*packed, "output.tar.gz");
    LimitedSource limited(unpacked, kMaxUnpackedBytes);
    TarReader tar(limited, "output.tar.gz");
    while (const auto member = tar.next()) {
      const std::string_view name = member->name;
      if (name.substr(name.rfind('/') + 1) != "evaluation.json") continue;
      const Json evaluation =
          parse_json(read_all(tar, kMaxEvaluationBytes, member->name), "evaluation.json");
      const auto classes = evaluation.find("classes");
      return classes == evaluation.end() ? Json() : *classes;
    }
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;  // no output, or none that can be read
  }
  return {};
}

}  // namespace

http::Response Impact::compare(Call& call) {
  records::Database& database = versions_.database();
  const jobs::JobRecord a = job_named(database, call, permit_, std::string(call.text("a")));
  const jobs::JobRecord b = job_named(database, call, permit_, std::string(call.text("b")));
  const auto lists_a = lists_of(a);
  const auto lists_b = lists_of(b);
  Json lists = Json::array();
  for (const auto& [channel, place] : lists_a) {
    const auto other = lists_b.find(channel);
    if (other == lists_b.end()) continue;
    const records::ListRow before = versions_.known(call, place);
    const records::ListRow after = versions_.known(call, other->second);
    const ListVersionRow version_a = version_at(database, before, a.created);
    const ListVersionRow version_b = version_at(database, after, b.created);
    Json json = diff_page(call, versions_.content(before, version_a.content)->list.rows(),
                          versions_.content(after, version_b.content)->list.rows());
    json["Channel"] = channel;
    json["A"] = {{"List", before.id}, {"Place", place}, {"Version", version_json(version_a)}};
    json["B"] = {
        {"List", after.id}, {"Place", other->second}, {"Version", version_json(version_b)}};
    lists.push_back(std::move(json));
  }
  Json answer{{"A", job_summary(a, algorithms_)},
              {"B", job_summary(b, algorithms_)},
              {"Parameters", pairs_json(parameters_of(a), parameters_of(b), true)},
              {"Metrics", pairs_json(metrics_of(a), metrics_of(b), false)},
              {"Lists", std::move(lists)}};
  const Json classes_a = classes_of_output(files_, call, a);
  const Json classes_b = classes_of_output(files_, call, b);
  if (!classes_a.is_null() && !classes_b.is_null())
    answer["Classes"] = {{"A", classes_a}, {"B", classes_b}};
  return json_answer(answer);
}

}  // namespace millrace::console
