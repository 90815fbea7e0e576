#include "platform/console/event_topics.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <utility>

#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/console/job_metrics.h"
#include "platform/console/job_streams.h"
#include "platform/console/job_table.h"
#include "platform/records/hosting.h"

namespace millrace::console {
namespace {

using records::Connection;

constexpr std::size_t kMaxJobs = 50;       ///< told of at once; then only that there are many
constexpr std::int64_t kMaxRunning = 100;  ///< looked at for what their rows' times do not tell
constexpr std::int64_t kMaxPoints = 100;   ///< of one series at once: the last ones
constexpr std::int64_t kMaxEndpoints = 500;
/// A row is stamped before it is committed; what is committed so much later is not missed.
constexpr std::chrono::seconds kLateCommit{5};

/// In the cursor of Jobs; no job can be called so.
constexpr const char* kUpTo = ".";

constexpr std::array<std::pair<std::string_view, Topic::Kind>, 5> kKinds{
    {{"jobs", Topic::Kind::Jobs},
     {"job", Topic::Kind::Job},
     {"metrics", Topic::Kind::Metrics},
     {"log", Topic::Kind::Log},
     {"endpoints", Topic::Kind::Endpoints}}};

bool of_one_job(Topic::Kind kind) {
  return kind != Topic::Kind::Jobs && kind != Topic::Kind::Endpoints;
}

/// Tells one state of a text from the next.
std::string fingerprint(std::string_view text) {
  return std::to_string(std::hash<std::string_view>{}(text));
}

/// "a:1,b:2" as {a: 1, b: 2}; what is no such text is left out.
std::map<std::string, std::string> parts_of(const Cursor& cursor) {
  std::map<std::string, std::string> parts;
  for (const std::string_view part : split(cursor, ',')) {
    const std::size_t mark = part.rfind(':');
    if (mark != std::string_view::npos) parts.emplace(part.substr(0, mark), part.substr(mark + 1));
  }
  return parts;
}

Cursor cursor_of(const std::map<std::string, std::string>& parts) {
  std::string text;
  for (const auto& [name, value] : parts) {
    if (!text.empty()) text += ',';
    text.append(name).append(":").append(value);
  }
  return text;
}

std::int64_t number_in(const std::map<std::string, std::string>& parts, const std::string& name,
                       std::int64_t otherwise) {
  const auto found = parts.find(name);
  const auto number = found == parts.end() ? std::nullopt : parse_int(found->second);
  // Whoever resumes sends the cursor: nothing that a sum with it would overflow.
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  return number && *number >= -kMost && *number <= kMost ? *number : otherwise;
}

Json transitions_json(const jobs::JobRecord& job) {
  Json transitions = Json::array();
  for (const jobs::Transition& transition : job.state.transitions) {
    Json json{{"Status", transition.status},
              {"StartTime", iso8601(transition.start)},
              {"StatusMessage", transition.message}};
    if (transition.end) json["EndTime"] = iso8601(*transition.end);
    transitions.push_back(std::move(json));
  }
  return transitions;
}

}  // namespace

std::optional<Topic> Topic::parse(std::string_view text) {
  const std::size_t mark = text.find(':');
  const std::string_view name = text.substr(0, mark);
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                         [&](const auto& kind) { return kind.first == name; });
  if (found == kKinds.end() || of_one_job(found->second) != (mark != std::string_view::npos))
    return std::nullopt;
  Topic topic{.kind = found->second};
  if (mark != std::string_view::npos) topic.job = text.substr(mark + 1);
  const bool named = std::all_of(topic.job.begin(), topic.job.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!named || (of_one_job(topic.kind) && topic.job.empty())) return std::nullopt;
  return topic;
}

std::string_view Topic::event() const {
  return std::find_if(kKinds.begin(), kKinds.end(),
                      [&](const auto& one) { return one.second == kind; })
      ->first;
}

std::string Topic::text() const {
  return std::string(event()) + (job.empty() ? "" : ":" + job);
}

std::vector<Json> TopicLook::news(const Topic& topic, const std::string& account, Cursor& cursor) {
  const std::string question = account + ";" + topic.text() + ";" + cursor;
  const auto known = known_.find(question);
  if (known != known_.end()) {
    cursor = known->second.cursor;
    return known->second.news;
  }
  std::vector<Json> news;
  switch (topic.kind) {
    case Topic::Kind::Jobs:
      news = jobs_news(account, cursor);
      break;
    case Topic::Kind::Job:
      news = job_news(account, topic.job, cursor);
      break;
    case Topic::Kind::Metrics:
      news = metric_news(account, topic.job, cursor);
      break;
    case Topic::Kind::Log:
      news = log_news(account, topic.job, cursor);
      break;
    case Topic::Kind::Endpoints:
      news = endpoint_news(account, cursor);
      break;
  }
  known_.emplace(question, Known{.news = news, .cursor = cursor});
  return news;
}

/// The cursor: the time up to which rows have been told of, and the states of those that may still
/// change without or at that time.
std::vector<Json> TopicLook::jobs_news(const std::string& account, Cursor& cursor) {
  const auto told = parts_of(cursor);
  const Time since = from_millis(number_in(told, kUpTo, to_millis(now())));
  std::vector<records::JobRow> rows;
  bool many = false;
  database_.snapshot([&](Connection& connection) {
    records::JobTable table(connection, records::JobKind::Training);
    rows = table.running(account, kMaxRunning);
    const auto changed = table.modified_since(account, since - kLateCommit, kMaxJobs + 1);
    many = changed.size() > kMaxJobs;
    for (const records::JobSummaryRow& summary : changed) {
      const bool known = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
        return row.summary.name == summary.name;
      });
      if (known) continue;
      if (auto row = table.find(account, summary.name)) rows.push_back(*std::move(row));
    }
  });
  std::map<std::string, std::string> next;
  Time latest = since;
  Json changed = Json::array();
  for (const records::JobRow& row : rows) {
    const std::string state = fingerprint(row.state);
    next.emplace(row.summary.name, state);
    latest = std::max(latest, row.summary.modified_at);
    const auto before = told.find(row.summary.name);
    if (before != told.end() && before->second == state) continue;
    if (!cursor.empty()) changed.push_back(job_summary(jobs::record_of(row), algorithms_));
  }
  next.insert_or_assign(kUpTo, std::to_string(to_millis(latest)));
  cursor = cursor_of(next);
  if (many) return {Json{{"Many", true}}};
  if (changed.empty()) return {};
  return {Json{{"Jobs", std::move(changed)}}};
}

std::vector<Json> TopicLook::job_news(const std::string& account, const std::string& name,
                                      Cursor& cursor) {
  const auto row = database_.read([&](Connection& connection) {
    return records::JobTable(connection, records::JobKind::Training).find(account, name);
  });
  if (!row) return {};
  const std::string state = fingerprint(row->state);
  if (std::exchange(cursor, state) == state) return {};
  const jobs::JobRecord job = jobs::record_of(*row);
  Json summary = job_summary(job, algorithms_);
  summary["Transitions"] = transitions_json(job);
  return {std::move(summary)};
}

/// The cursor: how many points each series had.
std::vector<Json> TopicLook::metric_news(const std::string& account, const std::string& name,
                                         Cursor& cursor) {
  const auto told = parts_of(cursor);
  std::map<std::string, std::string> next;
  Json points = Json::array();
  database_.snapshot([&](Connection& connection) {
    records::MetricTable table(connection);
    for (const records::MetricRow& series : series_of(connection, account, name)) {
      const std::string id = std::to_string(series.id);
      next.emplace(id, std::to_string(series.points));
      // At first the last point says how things stand.
      const std::int64_t before = number_in(told, id, cursor.empty() ? series.points - 1 : 0);
      const std::int64_t fresh = series.points - before;
      if (fresh <= 0) continue;
      auto last = table.last_points(series.id, std::min(fresh, kMaxPoints));
      std::reverse(last.begin(), last.end());
      const auto host = host_of(series);
      for (const records::MetricPoint& point : last) {
        Json json{{"id", series.id},
                  {"name", series.key.name},
                  {"time", static_cast<double>(point.at) / 1000.0},
                  {"value", point.samples > 0 ? point.total / point.samples : 0}};
        if (host) json["host"] = *host;
        points.push_back(std::move(json));
      }
    }
  });
  cursor = cursor_of(next);
  if (points.empty()) return {};
  return {std::move(points)};
}

/// The cursor: how many lines each host's log had.
std::vector<Json> TopicLook::log_news(const std::string& account, const std::string& name,
                                      Cursor& cursor) {
  const auto told = parts_of(cursor);
  std::map<std::string, std::string> next;
  std::vector<Json> news;
  const auto streams = database_.read(
      [&](Connection& connection) { return log_streams_of(connection, account, name); });
  for (const records::LogStreamRow& stream : streams) {
    next.emplace(stream.name, std::to_string(stream.events));
    const std::int64_t before = number_in(told, stream.name, 0);
    if (stream.events <= before) continue;
    news.push_back({{"stream", stream.name},
                    {"host", std::string(host_of_stream(stream.name))},
                    {"from", before},
                    {"count", stream.events - before},
                    {"total", stream.events}});
  }
  cursor = cursor_of(next);
  return news;
}

std::vector<Json> TopicLook::endpoint_news(const std::string& account, Cursor& cursor) {
  const auto rows = database_.read([&](Connection& connection) {
    return records::HostingTable(connection, records::HostingKind::Endpoint)
        .list({.account = account, .limit = kMaxEndpoints});
  });
  Json endpoints = Json::array();
  for (const auto& row : rows) {
    endpoints.push_back({{"Name", row.name},
                         {"Status", row.status},
                         {"CreationTime", iso8601(row.created_at)},
                         {"ModifiedTime", iso8601(row.modified_at)}});
  }
  const std::string state = fingerprint(to_text(endpoints));
  if (std::exchange(cursor, state) == state) return {};
  return {Json{{"Endpoints", std::move(endpoints)}}};
}

}  // namespace millrace::console
