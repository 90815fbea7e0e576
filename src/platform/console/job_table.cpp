#include "platform/console/job_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/catalog/image_name.h"

namespace millrace::console {
namespace {

using Sort = records::JobTableQuery::Sort;

constexpr std::int64_t kDefaultPage = 50;
constexpr std::int64_t kMaxPage = 500;

constexpr std::array<std::pair<std::string_view, Sort>, 6> kSorts{
    {{"CreationTime", Sort::CreationTime},
     {"ModifiedTime", Sort::ModifiedTime},
     {"EndTime", Sort::EndTime},
     {"Name", Sort::Name},
     {"Status", Sort::Status},
     {"Algorithm", Sort::Algorithm}}};

[[noreturn]] void refuse_parameter(std::string_view name, std::string_view given,
                                   std::string expected) {
  throw Error(Blame::Customer, "ValidationException",
              describe(Problem{.where = "query parameter '" + std::string(name) + "'",
                               .given = std::string(given),
                               .expected = std::move(expected),
                               .fix = {}}));
}

Sort sort_of(std::string_view name) {
  if (name.empty()) return Sort::CreationTime;
  const auto* const found = std::find_if(kSorts.begin(), kSorts.end(),
                                         [&](const auto& sort) { return sort.first == name; });
  if (found == kSorts.end()) {
    std::vector<std::string> names;
    for (const auto& [known, sort] : kSorts) names.emplace_back(known);
    refuse_parameter("sort", name, "one of " + join(names, ", "));
  }
  return found->second;
}

std::optional<Time> time_of(const Call& call, std::string_view name) {
  const std::string_view given = call.text(name);
  if (given.empty()) return std::nullopt;
  const auto time = parse_iso8601(given);
  if (!time) refuse_parameter(name, given, "a time such as 2026-11-28T10:00:00Z");
  return time;
}

/// "key" or "key=value".
std::optional<records::JobTableQuery::Tag> tag_of(const Call& call) {
  const std::string_view given = call.text("tag");
  if (given.empty()) return std::nullopt;
  const std::size_t mark = given.find('=');
  records::JobTableQuery::Tag tag{.key = std::string(given.substr(0, mark)), .value = {}};
  if (mark != std::string_view::npos) tag.value = std::string(given.substr(mark + 1));
  return tag;
}

/// What the job is judged by: of its algorithm's metrics the first of a validation that it has
/// reported, else the first that it has; of other programs' the first one reported.
const jobs::LastMetric* objective_of(const jobs::JobRecord& job,
                                     const catalog::AlgorithmDescription* algorithm) {
  const std::vector<jobs::LastMetric>& metrics = job.state.metrics;
  const auto named = [&](std::string_view name) -> const jobs::LastMetric* {
    const auto found = std::find_if(metrics.begin(), metrics.end(),
                                    [&](const auto& metric) { return metric.name == name; });
    return found == metrics.end() ? nullptr : &*found;
  };
  if (algorithm != nullptr) {
    for (const bool validation : {true, false}) {
      for (const catalog::MetricSpec& metric : algorithm->metrics) {
        if (validation && !metric.name.starts_with("validation:")) continue;
        if (const auto* found = named(metric.name)) return found;
      }
    }
  }
  return metrics.empty() ? nullptr : metrics.data();
}

}  // namespace

Json job_summary(const jobs::JobRecord& job, const catalog::Algorithms& algorithms) {
  const auto& spec = *job.request.algorithm_specification;
  const catalog::ImageName image = catalog::parse_image_name(spec.training_image.value_or(""));
  Json json{{"Name", job.name()},
            {"Arn", job.arn()},
            {"Status", job.state.status},
            {"SecondaryStatus", job.state.secondary},
            {"Algorithm", image.repository},
            {"InputMode", spec.training_input_mode},
            {"CreationTime", iso8601(job.created)},
            {"ModifiedTime", iso8601(job.state.modified)}};
  if (job.request.resource_config) {
    const auto& resources = *job.request.resource_config;
    if (resources.instance_type) json["InstanceType"] = *resources.instance_type;
    if (resources.instance_count) json["InstanceCount"] = *resources.instance_count;
  }
  if (job.state.training_start) json["TrainingStartTime"] = iso8601(*job.state.training_start);
  if (job.state.training_end) json["TrainingEndTime"] = iso8601(*job.state.training_end);
  if (!job.state.failure_reason.empty()) json["FailureReason"] = job.state.failure_reason;
  const catalog::AlgorithmDescription* algorithm = algorithms.find(image);
  if (const auto* objective = objective_of(job, algorithm)) {
    json["Objective"] = {{"Name", objective->name}, {"Value", objective->value}};
  }
  return json;
}

http::Response JobTable::page(Call& call) {
  permit_(call, "sagemaker:ListTrainingJobs", "*");
  records::JobTableQuery query{.account = call.caller.account,
                               .name_contains = std::string(call.text("name")),
                               .status = std::string(call.text("status")),
                               .algorithm = std::string(call.text("algorithm")),
                               .tag = tag_of(call),
                               .created_after = time_of(call, "created_after"),
                               .created_before = time_of(call, "created_before"),
                               .sort = sort_of(call.text("sort"))};
  const std::string_view order = call.text("order");
  if (!order.empty() && order != "ascending" && order != "descending")
    refuse_parameter("order", order, "ascending or descending");
  query.descending = order != "ascending";
  query.from = call.number("from", 0, 0, std::int64_t{1} << 40);
  query.limit = call.number("limit", kDefaultPage, 1, kMaxPage);

  std::vector<records::JobRow> rows;
  const std::int64_t total = database_.snapshot([&](records::Connection& connection) {
    records::JobTable table(connection, records::JobKind::Training);
    rows = table.table(query);
    return table.count(query);
  });
  Json jobs = Json::array();
  for (const records::JobRow& row : rows)
    jobs.push_back(job_summary(jobs::record_of(row), algorithms_));
  Json answer{{"Jobs", std::move(jobs)}, {"Total", total}};
  const std::int64_t next = query.from + static_cast<std::int64_t>(rows.size());
  if (next < total) answer["Next"] = next;
  return json_answer(answer);
}

}  // namespace millrace::console
