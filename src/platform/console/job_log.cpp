#include "platform/console/job_log.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "platform/console/job_metrics.h"
#include "platform/console/job_streams.h"
#include "platform/jobs/ticket.h"
#include "platform/records/log_events.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::LogStreamRow;
using records::LogTable;

constexpr std::int64_t kDefaultLines = 500;
constexpr std::int64_t kMaxLines = 5000;
constexpr std::int64_t kMaxMatches = 1000;
/// So many lines are looked at in one search, some tenths of a second.
constexpr std::int64_t kSearchedLines = 250'000;
constexpr std::int64_t kDownloadedLines = 2000;  ///< at once
/// A line may have 256 KiB: what is taken at once ends with the one that reaches so many bytes.
constexpr std::size_t kTakenBytes = std::size_t{4} << 20;

struct Log {
  std::string job;
  std::vector<LogStreamRow> streams;
  const LogStreamRow* stream = nullptr;  ///< the one asked for; null before the job has any
};

Log open(records::Database& database, Call& call, const Permit& permit) {
  permit(call, "logs:GetLogEvents",
         "arn:aws:logs:" + call.caller.region + ":" + call.caller.account +
             ":log-group:" + jobs::kTrainingLogGroup);
  Log log{.job = require_job(database, call.caller.account, call.parts[0])};
  log.streams = database.read([&](Connection& connection) {
    return log_streams_of(connection, call.caller.account, log.job);
  });
  const std::string_view wanted = call.text("stream");
  for (const LogStreamRow& stream : log.streams) {
    if (wanted.empty() || stream.name == wanted || host_of_stream(stream.name) == wanted) {
      log.stream = &stream;
      break;
    }
  }
  if (log.stream == nullptr && !wanted.empty())
    not_found("The job has no log stream '" + printable(wanted, 100) + "'.");
  return log;
}

bool contains_ignoring_case(std::string_view text, const std::string& lower) {
  const auto same = [](char c, char wanted) {
    return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == wanted;
  };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

/// The lines of a stream as a text file, read from the database as they are taken.
class LogText final : public ByteSource {
 public:
  LogText(records::Database& database, const LogStreamRow& stream)
      : database_(database), stream_(stream.id), lines_(stream.events) {}

  std::size_t read(std::span<char> buffer) override {
    while (given_ == text_.size() && next_ <= lines_) fill();
    const std::size_t count = std::min(buffer.size(), text_.size() - given_);
    std::copy_n(text_.data() + given_, count, buffer.data());
    given_ += count;
    return count;
  }

 private:
  void fill() {
    text_.clear();
    given_ = 0;
    const std::int64_t count = std::min(kDownloadedLines, lines_ - next_ + 1);
    std::int64_t end = next_ + count;
    database_.read([&](Connection& connection) {
      LogTable(connection)
          .each_from(stream_, next_, count,
                     [&](std::int64_t sequence, std::int64_t, std::string_view message) {
                       text_.append(message).push_back('\n');
                       if (text_.size() < kTakenBytes) return true;
                       end = sequence + 1;
                       return false;
                     });
    });
    next_ = end;
  }

  records::Database& database_;
  const std::int64_t stream_;
  const std::int64_t lines_;
  std::int64_t next_ = 1;
  std::string text_;
  std::size_t given_ = 0;
};

}  // namespace

http::Response JobLog::page(Call& call) {
  const Log log = open(database_, call, permit_);
  Json streams = Json::array();
  for (const LogStreamRow& stream : log.streams) {
    streams.push_back({{"Name", stream.name},
                       {"Host", std::string(host_of_stream(stream.name))},
                       {"Total", stream.events},
                       {"Bytes", stream.stored_bytes}});
  }
  const std::int64_t total = log.stream == nullptr ? 0 : log.stream->events;
  const std::int64_t limit = call.number("limit", kDefaultLines, 1, kMaxLines);
  // "from=-500": the last ones.
  std::int64_t from = call.number("from", 0, -kMaxLines, std::int64_t{1} << 53);
  if (from < 0) from = std::max<std::int64_t>(0, total + from);
  Json lines = Json::array();
  std::size_t bytes = 0;
  if (log.stream != nullptr) {
    database_.read([&](Connection& connection) {
      LogTable(connection)
          .each_from(
              log.stream->id, from + 1, limit,
              [&](std::int64_t sequence, std::int64_t at, std::string_view message) {
                lines.push_back({{"n", sequence - 1}, {"t", at}, {"m", std::string(message)}});
                bytes += message.size();
                return bytes < kTakenBytes;
              });
    });
  }
  Json answer{{"Total", total},
              {"From", from},
              {"Lines", std::move(lines)},
              {"Streams", std::move(streams)}};
  if (log.stream != nullptr) answer["Stream"] = log.stream->name;
  return json_answer(answer);
}

http::Response JobLog::search(Call& call) {
  const Log log = open(database_, call, permit_);
  const std::string wanted(call.text("q"));
  const std::string lower = to_lower(wanted);
  const bool exact = call.text("case") == "1";
  const std::int64_t from = call.number("from", 0, 0, std::int64_t{1} << 53);
  Json matches = Json::array();
  std::int64_t looked = 0;
  std::optional<std::int64_t> next;
  if (log.stream != nullptr && !wanted.empty()) {
    database_.read([&](Connection& connection) {
      LogTable(connection)
          .each_from(log.stream->id, from + 1, kSearchedLines,
                     [&](std::int64_t sequence, std::int64_t, std::string_view message) {
                       ++looked;
                       const bool found = exact ? message.find(wanted) != std::string_view::npos
                                                : contains_ignoring_case(message, lower);
                       if (!found) return true;
                       matches.push_back(sequence - 1);
                       if (static_cast<std::int64_t>(matches.size()) == kMaxMatches)
                         next = sequence;
                       return !next;
                     });
    });
    if (!next && looked == kSearchedLines) next = from + looked;
    if (next && *next >= log.stream->events) next.reset();
  }
  Json answer{{"Matches", std::move(matches)}};
  if (next) answer["Next"] = *next;
  return json_answer(answer);
}

http::Response JobLog::download(Call& call) {
  const Log log = open(database_, call, permit_);
  http::Response response;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "no-store");
  const std::string host =
      log.stream == nullptr ? std::string() : "-" + std::string(host_of_stream(log.stream->name));
  response.headers.add("Content-Disposition",
                       "attachment; filename=\"" + log.job + host + ".log\"");
  if (log.stream != nullptr) {
    response.body = http::Stream{.source = std::make_unique<LogText>(database_, *log.stream),
                                 .length = std::nullopt};
  }
  return response;
}

}  // namespace millrace::console
