#include "platform/logs/logs.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/workload.h"
#include "platform/aws/access.h"
#include "platform/logs/filter_pattern.h"
#include "platform/logs/log_search.h"
#include "platform/logs/log_token.h"
#include "platform/records/log_events.h"

namespace millrace::logs {
namespace {

using records::Connection;
using records::LogEventRow;
using records::LogPosition;
using records::LogTable;

// Limits as published for CloudWatch Logs.
constexpr std::int64_t kDescribePage = 50;
constexpr std::int64_t kMaxPageEvents = 10'000;
constexpr std::int64_t kMaxPageBytes = 1 << 20;
constexpr std::int64_t kMaxBatchBytes = 1 << 20;
constexpr std::size_t kMaxMessageBytes = 256 * 1024;
constexpr std::chrono::hours kMaxAhead{2};
constexpr std::chrono::hours kMaxAge{14 * 24};
constexpr std::chrono::hours kMaxBatchSpan{24};
/// The largest time a token can hold; the year 318857.
constexpr std::int64_t kMaxTokenTime = 9'999'999'999'999'999;

[[noreturn]] void invalid(const std::string& message) {
  throw Error(Blame::Customer, "InvalidParameterException", message);
}
[[noreturn]] void no_group() {
  throw Error(Blame::Customer, "ResourceNotFoundException",
              "The specified log group does not exist.");
}
[[noreturn]] void no_stream() {
  throw Error(Blame::Customer, "ResourceNotFoundException",
              "The specified log stream does not exist.");
}

std::int64_t group_id(Connection& connection, const aws::Caller& caller, const std::string& name) {
  const auto group = LogTable(connection).find_group(caller.account, name);
  if (!group) no_group();
  return *group;
}

/// Newer clients name a group by `identifier`, which is a name or an ARN.
std::string group_name(const std::optional<std::string>& name,
                       const std::optional<std::string>& identifier) {
  if (name && identifier)
    invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  if (name) return *name;
  if (!identifier) invalid("Exactly one of logGroupName and logGroupIdentifier must be given.");
  constexpr std::string_view kMark = ":log-group:";
  const std::size_t mark = identifier->find(kMark);
  if (!identifier->starts_with("arn:") || mark == std::string::npos) return *identifier;
  std::string found = identifier->substr(mark + kMark.size());
  if (found.ends_with(":*")) found.resize(found.size() - 2);
  return found;
}

std::string group_arn(const aws::Caller& caller, const std::string& name) {
  return "arn:aws:logs:" + caller.region + ":" + caller.account + ":log-group:" + name;
}

/// Of an endpoint's instance, whose workload is endpoint.<endpoint>.<variant>.<generation>:
/// /aws/sagemaker/Endpoints/<endpoint>, <variant>/<instance>.
bool is_stream_of_endpoint(const std::string& workload, const std::string& group,
                           const std::string& stream) {
  if (workload::kind_of(workload) != workload::kEndpoint) return false;
  const auto parts = split(workload, '.');
  return parts.size() == 4 &&
         equal_ignoring_case(group, "/aws/sagemaker/Endpoints/" + std::string(parts[1])) &&
         equal_ignoring_case(stream.substr(0, stream.find('/')), parts[2]);
}

/// Of a transform job's instance, whose workload is transform.<job>:
/// /aws/sagemaker/TransformJobs, <job>/<instance>.
bool is_stream_of_transform(const std::string& workload, const std::string& group,
                            const std::string& stream) {
  return workload::kind_of(workload) == workload::kTransform &&
         equal_ignoring_case(group, "/aws/sagemaker/TransformJobs") &&
         equal_ignoring_case(stream.substr(0, stream.find('/')),
                             std::string_view(workload).substr(workload::kTransform.size() + 1));
}

void require_own_stream(const aws::Caller& caller, const std::string& group,
                        const std::string& stream, std::string_view action) {
  if (caller.job.empty() || !group.starts_with("/aws/sagemaker/")) return;
  if (is_stream_of_endpoint(caller.job, group, stream) ||
      is_stream_of_transform(caller.job, group, stream))
    return;
  const std::size_t slash = stream.find('/');
  aws::require_same_job(
      caller,
      slash == std::string::npos ? std::string_view() : std::string_view(stream).substr(0, slash),
      action);
}

/// Page tokens are opaque and safe in URLs: the last entry of the page before, in hexadecimal.
std::optional<std::string> decode_page_token(const std::optional<std::string>& token) {
  if (!token) return std::nullopt;
  std::optional<std::string> text = from_hex(*token);
  if (!text || text->empty()) invalid("The specified nextToken is invalid.");
  return text;
}

wire::logs::LogStream wire_stream(const records::LogStreamRow& row, const std::string& group) {
  return {.log_stream_name = row.name,
          .creation_time = to_millis(row.created_at),
          .first_event_timestamp = row.first_event_at,
          .last_event_timestamp = row.last_event_at,
          .last_ingestion_time = row.last_ingestion_at,
          .arn = group + ":log-stream:" + row.name,
          .stored_bytes = row.stored_bytes};
}

void check_batch(const std::vector<wire::logs::InputLogEvent>& events) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const wire::logs::InputLogEvent& event = events[i];
    if (event.message.size() > kMaxMessageBytes) {
      invalid("Log event too large: " + std::to_string(event.message.size()) +
              " bytes exceeds limit of " + std::to_string(kMaxMessageBytes));
    }
    bytes += static_cast<std::int64_t>(event.message.size()) + LogTable::kEventOverhead;
    if (i > 0 && event.timestamp < events[i - 1].timestamp) {
      invalid("Log events in a single PutLogEvents request must be in chronological order.");
    }
  }
  if (bytes > kMaxBatchBytes) {
    invalid("Upload too large: " + std::to_string(bytes) + " bytes exceeds limit of " +
            std::to_string(kMaxBatchBytes));
  }
  const std::chrono::milliseconds span(events.back().timestamp - events.front().timestamp);
  if (span > kMaxBatchSpan) {
    invalid(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
}

}  // namespace

wire::Empty Logs::create_group(const wire::logs::CreateLogGroupRequest& request,
                               const aws::Caller& caller) {
  if (request.kms_key_id)
    invalid("kmsKeyId is not supported: log events are stored as they are. Leave it out.");
  if (request.tags) invalid("tags of log groups are not supported. Leave them out.");
  if (request.deletion_protection_enabled.value_or(false)) {
    invalid("deletionProtectionEnabled is not supported. Leave it out.");
  }
  if (request.log_group_class.value_or("STANDARD") != "STANDARD") {
    invalid("logGroupClass " + *request.log_group_class +
            " is not supported: every group is of the class STANDARD.");
  }
  const auto group = database_.write([&](Connection& transaction) {
    return LogTable(transaction).insert_group(caller.account, request.log_group_name, now());
  });
  if (!group) {
    throw Error(Blame::Customer, "ResourceAlreadyExistsException",
                "The specified log group already exists");
  }
  return {};
}

wire::Empty Logs::create_stream(const wire::logs::CreateLogStreamRequest& request,
                                const aws::Caller& caller) {
  require_own_stream(caller, request.log_group_name, request.log_stream_name,
                     "logs:CreateLogStream");
  const auto stream = database_.write([&](Connection& transaction) {
    return LogTable(transaction)
        .insert_stream(group_id(transaction, caller, request.log_group_name),
                       request.log_stream_name, now());
  });
  if (!stream) {
    throw Error(Blame::Customer, "ResourceAlreadyExistsException",
                "The specified log stream already exists");
  }
  return {};
}

wire::Empty Logs::delete_group(const wire::logs::DeleteLogGroupRequest& request,
                               const aws::Caller& caller) {
  aws::require_own_key(caller, "logs:DeleteLogGroup");
  database_.write([&](Connection& transaction) {
    LogTable(transaction).erase_group(group_id(transaction, caller, request.log_group_name));
  });
  return {};
}

wire::Empty Logs::delete_stream(const wire::logs::DeleteLogStreamRequest& request,
                                const aws::Caller& caller) {
  aws::require_own_key(caller, "logs:DeleteLogStream");
  database_.write([&](Connection& transaction) {
    LogTable table(transaction);
    const auto stream = table.find_stream(group_id(transaction, caller, request.log_group_name),
                                          request.log_stream_name);
    if (!stream) no_stream();
    table.erase_stream(stream->id);
  });
  return {};
}

wire::logs::DescribeLogGroupsResponse Logs::describe_groups(
    const wire::logs::DescribeLogGroupsRequest& request, const aws::Caller& caller) {
  if (request.log_group_name_prefix && request.log_group_name_pattern) {
    invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  if (request.include_linked_accounts.value_or(false) || request.account_identifiers) {
    invalid(
        "Linked accounts are not supported: leave out accountIdentifiers and "
        "includeLinkedAccounts.");
  }
  if (request.log_group_identifiers)
    invalid("logGroupIdentifiers is not supported: give logGroupNamePrefix.");
  wire::logs::DescribeLogGroupsResponse response;
  response.log_groups.emplace();
  if (request.log_group_class.value_or("STANDARD") != "STANDARD") return response;

  const std::int64_t limit = request.limit.value_or(kDescribePage);
  std::vector<records::LogGroupRow> rows = database_.read([&](Connection& connection) {
    return LogTable(connection)
        .list_groups(caller.account, request.log_group_name_prefix.value_or(""),
                     request.log_group_name_pattern.value_or(""),
                     decode_page_token(request.next_token).value_or(""), limit + 1);
  });
  if (static_cast<std::int64_t>(rows.size()) > limit) {
    rows.pop_back();
    response.next_token = to_hex(rows.back().name);
  }
  for (const records::LogGroupRow& row : rows) {
    const std::string arn = group_arn(caller, row.name);
    response.log_groups->push_back({.log_group_name = row.name,
                                    .creation_time = to_millis(row.created_at),
                                    .metric_filter_count = 0,
                                    .arn = arn + ":*",
                                    .stored_bytes = row.stored_bytes,
                                    .log_group_class = "STANDARD",
                                    .log_group_arn = arn});
  }
  return response;
}

wire::logs::DescribeLogStreamsResponse Logs::describe_streams(
    const wire::logs::DescribeLogStreamsRequest& request, const aws::Caller& caller) {
  const std::string name = group_name(request.log_group_name, request.log_group_identifier);
  const bool by_event = request.order_by == wire::logs::OrderBy::LastEventTime;
  if (by_event && request.log_stream_name_prefix) {
    invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const std::int64_t limit = request.limit.value_or(kDescribePage);
  const bool descending = request.descending.value_or(false);
  const std::optional<std::string> after = decode_page_token(request.next_token);
  std::vector<records::LogStreamRow> rows = database_.read([&](Connection& connection) {
    LogTable table(connection);
    const std::int64_t group = group_id(connection, caller, name);
    if (!by_event) {
      return table.list_streams(group, request.log_stream_name_prefix.value_or(""), descending,
                                after, limit + 1);
    }
    std::optional<LogTable::AfterEvent> after_event;
    if (after) {
      const std::size_t slash = after->find('/');
      const auto at = parse_int(std::string_view(*after).substr(0, slash));
      if (slash == std::string::npos || !at) invalid("The specified nextToken is invalid.");
      after_event = {.last_event_at = *at, .name = after->substr(slash + 1)};
    }
    return table.list_streams_by_event(group, descending, after_event, limit + 1);
  });

  wire::logs::DescribeLogStreamsResponse response;
  response.log_streams.emplace();
  if (static_cast<std::int64_t>(rows.size()) > limit) {
    rows.pop_back();
    const records::LogStreamRow& last = rows.back();
    response.next_token = to_hex(
        by_event ? std::to_string(last.last_event_at.value_or(0)) + "/" + last.name : last.name);
  }
  for (const auto& row : rows)
    response.log_streams->push_back(wire_stream(row, group_arn(caller, name)));
  return response;
}

wire::logs::PutLogEventsResponse Logs::put_events(const wire::logs::PutLogEventsRequest& request,
                                                  const aws::Caller& caller) {
  require_own_stream(caller, request.log_group_name, request.log_stream_name, "logs:PutLogEvents");
  check_batch(request.log_events);
  const Time ingested = now();
  const std::int64_t too_old = to_millis(ingested - kMaxAge);
  const std::int64_t too_new = to_millis(ingested + kMaxAhead);

  std::vector<LogEventRow> rows;
  rows.reserve(request.log_events.size());
  wire::logs::RejectedLogEventsInfo rejected;
  for (std::size_t i = 0; i < request.log_events.size(); ++i) {
    const wire::logs::InputLogEvent& event = request.log_events[i];
    const auto index = static_cast<std::int64_t>(i);
    if (event.timestamp < too_old) {
      rejected.too_old_log_event_end_index = index;
    } else if (event.timestamp > too_new) {
      if (!rejected.too_new_log_event_start_index) rejected.too_new_log_event_start_index = index;
    } else {
      rows.push_back(
          {.position = {.at = event.timestamp}, .ingested_at = 0, .message = event.message});
    }
  }
  const std::int64_t stream = database_.write([&](Connection& transaction) {
    LogTable table(transaction);
    const auto found = table.find_stream(group_id(transaction, caller, request.log_group_name),
                                         request.log_stream_name);
    if (!found) no_stream();
    table.append(found->id, rows, to_millis(ingested));
    return found->id;
  });
  wire::logs::PutLogEventsResponse response;
  // Sequence tokens have no use any more, but old clients insist on getting one.
  response.next_sequence_token =
      LogToken{.position = {.at = to_millis(ingested), .sequence = stream}}.text().substr(2);
  if (rejected != wire::logs::RejectedLogEventsInfo{}) response.rejected_log_events_info = rejected;
  return response;
}

wire::logs::GetLogEventsResponse Logs::get_events(const wire::logs::GetLogEventsRequest& request,
                                                  const aws::Caller& caller) {
  std::optional<LogToken> token;
  if (request.next_token) {
    token = LogToken::parse(*request.next_token);
    if (!token) invalid("The specified nextToken is invalid.");
  }
  const bool forward = token ? token->direction == LogToken::Direction::Forward
                             : request.start_from_head.value_or(false);

  records::LogRange range;
  range.from = std::min(request.start_time.value_or(0), kMaxTokenTime);
  // endTime is exclusive: the documentation says that events at or after it are not included.
  if (request.end_time) range.until = *request.end_time - 1;
  if (token && forward) range.after = token->position;
  if (token && !forward) range.before = token->position;

  std::vector<LogEventRow> events = database_.read([&](Connection& connection) {
    LogTable table(connection);
    const std::string group = group_name(request.log_group_name, request.log_group_identifier);
    const auto stream =
        table.find_stream(group_id(connection, caller, group), request.log_stream_name);
    if (!stream) no_stream();
    return table.read(stream->id, range, !forward,
                      {.events = request.limit.value_or(kMaxPageEvents), .bytes = kMaxPageBytes});
  });
  if (!forward) std::reverse(events.begin(), events.end());

  wire::logs::GetLogEventsResponse response;
  response.events.emplace();
  for (const LogEventRow& event : events) {
    response.events->push_back({.timestamp = event.position.at,
                                .message = event.message,
                                .ingestion_time = event.ingested_at});
  }
  // Without events both tokens mark the place the client stands at: nothing between them has been
  // seen yet.
  LogPosition before_first = token ? token->position : LogPosition{.at = range.from, .sequence = 0};
  LogPosition last = before_first;
  if (!events.empty()) {
    before_first = events.front().position;
    last = events.back().position;
  } else if (token && forward) {
    ++before_first.sequence;
  }
  response.next_forward_token =
      LogToken{.direction = LogToken::Direction::Forward, .position = last}.text();
  response.next_backward_token =
      LogToken{.direction = LogToken::Direction::Backward, .position = before_first}.text();
  if (events.empty() && token && !forward) {
    // Strictly before the position, so that the event at it, which the client has, is not sent
    // again.
    response.next_backward_token = request.next_token;
    LogPosition here = token->position;
    here.sequence = std::max<std::int64_t>(0, here.sequence - 1);
    response.next_forward_token =
        LogToken{.direction = LogToken::Direction::Forward, .position = here}.text();
  }
  return response;
}

wire::logs::FilterLogEventsResponse Logs::filter_events(
    const wire::logs::FilterLogEventsRequest& request, const aws::Caller& caller) {
  if (request.log_stream_names && request.log_stream_name_prefix) {
    invalid("LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.");
  }
  if (request.start_from_head == false) {
    invalid(
        "startFromHead=false is not supported: events are returned oldest first. Leave it out.");
  }
  const FilterPattern pattern(request.filter_pattern.value_or(""));
  LogSearch search{.from = std::max<std::int64_t>(0, request.start_time.value_or(0)),
                   .until = request.end_time,
                   .max_events = request.limit.value_or(kMaxPageEvents),
                   .max_bytes = kMaxPageBytes};
  if (request.next_token) {
    search.after = SearchToken::parse(*request.next_token);
    if (!search.after) invalid("The specified nextToken is invalid.");
  }
  const LogSearchPage page = database_.snapshot([&](Connection& connection) {
    LogTable table(connection);
    const std::string name = group_name(request.log_group_name, request.log_group_identifier);
    const std::int64_t group = group_id(connection, caller, name);
    if (!request.log_stream_names) {
      const auto streams = all_streams(table, group, request.log_stream_name_prefix.value_or(""));
      return search_streams(table, streams, search, pattern);
    }
    std::vector<records::LogStreamRow> streams;
    for (const std::string& stream : *request.log_stream_names) {
      const auto found = table.find_stream(group, stream);
      if (!found) no_stream();
      const bool twice = std::any_of(streams.begin(), streams.end(),
                                     [&](const auto& one) { return one.id == found->id; });
      if (!twice) streams.push_back(*found);
    }
    return search_streams(table, streams, search, pattern);
  });

  wire::logs::FilterLogEventsResponse response;
  response.events.emplace();
  response.searched_log_streams.emplace();  // deprecated and always empty on the real service
  for (const FoundEvent& found : page.events) {
    // An id is the event's place in the search order, which no other event of the group has.
    const SearchToken place{.position = found.event.position, .stream = found.stream};
    response.events->push_back({.log_stream_name = found.stream_name,
                                .timestamp = found.event.position.at,
                                .message = found.event.message,
                                .ingestion_time = found.event.ingested_at,
                                .event_id = place.text().substr(2)});
  }
  if (page.next) response.next_token = page.next->text();
  return response;
}

void Logs::ensure_stream(Connection& transaction, std::string_view account, std::string_view group,
                         std::string_view stream) {
  LogTable table(transaction);
  std::optional<std::int64_t> id = table.find_group(account, group);
  if (!id) id = table.insert_group(account, group, now());
  table.insert_stream(*id, stream, now());
}

}  // namespace millrace::logs
