#include "platform/console/job_metrics.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/metrics/metrics.h"
#include "platform/records/training_jobs.h"

namespace millrace::console {
namespace {

constexpr std::int64_t kMaxWidth = 16'384;

double seconds_of(Call& call, std::string_view name, double otherwise) {
  const std::string_view given = call.text(name);
  if (given.empty()) return otherwise;
  const auto value = parse_double(given);
  if (!value || *value != *value) {
    throw Error(Blame::Customer, "ValidationException",
                describe(Problem{.where = "query parameter '" + std::string(name) + "'",
                                 .given = std::string(given),
                                 .expected = "seconds since 1970",
                                 .fix = {}}));
  }
  return *value;
}

Json series_json(const records::MetricRow& row, const MetricPyramid& pyramid) {
  Json json{{"Id", row.id}, {"Name", row.key.name}, {"Points", pyramid.points()}};
  if (const auto host = host_of(row)) json["Host"] = *host;
  if (pyramid.points() == 0) return json;
  const Bucket all = pyramid.all();
  json["First"] = all.x;
  json["Last"] = pyramid.last_x();
  json["Min"] = all.min;
  json["Max"] = all.max;
  json["LastValue"] = all.last;
  return json;
}

}  // namespace

std::vector<records::MetricRow> series_of(records::Connection& connection,
                                          const std::string& account, const std::string& job) {
  records::MetricTable table(connection);
  const std::string own = metrics::training_metric(account, job, "").dimensions;
  std::vector<records::MetricRow> rows =
      table.by_dimensions(account, metrics::kTrainingNamespace, own, own + '\0');
  // {"Host":"<job>/algo-1"}: everything from "<job>/" up to the character behind the slash.
  std::string from = metrics::instance_metric(account, job, "", "").dimensions;
  from.resize(from.size() - std::string_view("\"}").size());
  std::string until = from;
  ++until.back();
  for (records::MetricRow& row :
       table.by_dimensions(account, metrics::kTrainingNamespace, from, until))
    rows.push_back(std::move(row));
  return rows;
}

std::optional<std::string> host_of(const records::MetricRow& metric) {
  const Json dimensions = parse_json(metric.key.dimensions, "dimensions of a metric");
  const auto host = dimensions.find("Host");
  if (host == dimensions.end()) return std::nullopt;
  const std::string name = host->get<std::string>();
  return name.substr(name.rfind('/') + 1);
}

std::string require_job(records::Database& database, const std::string& account,
                        const std::string& name) {
  const auto row = database.read([&](records::Connection& connection) {
    return records::TrainingJobTable(connection).find(account, name);
  });
  if (!row) not_found("There is no training job '" + printable(name, 63) + "'.");
  return row->summary.name;
}

http::Response JobMetrics::list(Call& call) {
  permit_(call, "cloudwatch:GetMetricData", "*");
  const std::string job = require_job(database_, call.caller.account, call.parts[0]);
  const auto rows = database_.read([&](records::Connection& connection) {
    return series_of(connection, call.caller.account, job);
  });
  Json series = Json::array();
  for (const records::MetricRow& row : rows) {
    series.push_back(
        series_.with(row, [&](const MetricPyramid& pyramid) { return series_json(row, pyramid); }));
  }
  return json_answer({{"Series", std::move(series)}});
}

http::Response JobMetrics::tile(Call& call) {
  permit_(call, "cloudwatch:GetMetricData", "*");
  const std::optional<std::int64_t> id = parse_int(call.parts[0]);
  const auto row = database_.read([&](records::Connection& connection) {
    return records::MetricTable(connection).find(id.value_or(0));
  });
  if (!row || row->key.account != call.caller.account)
    not_found("There is no series '" + printable(call.parts[0], 20) + "'.");
  constexpr double kEver = 1e15;
  const double from = seconds_of(call, "from", -kEver);
  const double to = seconds_of(call, "to", kEver);
  const auto width = static_cast<std::size_t>(call.number("width", 1200, 1, kMaxWidth));
  http::Response response;
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = series_.with(
      *row, [&](const MetricPyramid& pyramid) { return encode(pyramid.tile(from, to, width)); });
  return response;
}

}  // namespace millrace::console
