#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// What a listing shows of a training job, and what it is found and sorted by.
struct TrainingJobSummaryRow {
  std::string account;
  std::string name;  ///< as given; unique in its account without regard to case
  std::string region;
  std::string status;  ///< InProgress, Completed, Failed, Stopping or Stopped
  Time created_at{};
  Time modified_at{};
  std::optional<Time> ended_at;
};

struct TrainingJobRow {
  TrainingJobSummaryRow summary;
  std::string request;  ///< JSON, never changes
  std::string state;    ///< JSON
};

/// Which jobs, in which order, from where on. Times are exclusive.
struct TrainingJobQuery {
  enum class Sort { Name, CreationTime, Status };
  /// The last job of the previous page: its sort value (milliseconds for CreationTime) and
  /// lower-case name.
  struct After {
    std::string value;
    std::string name_key;
  };

  std::string account;
  std::string name_contains;  ///< without regard to case; empty: any
  std::string status;         ///< empty: any
  std::optional<Time> created_after;
  std::optional<Time> created_before;
  std::optional<Time> modified_after;
  std::optional<Time> modified_before;
  Sort sort = Sort::CreationTime;
  bool descending = true;
  std::optional<After> after;
  std::int64_t limit = 10;
};

class TrainingJobTable {
 public:
  explicit TrainingJobTable(Connection& connection) : connection_(connection) {}

  /// False when the name is taken.
  bool insert(const TrainingJobRow& row);
  std::optional<TrainingJobRow> find(std::string_view account, std::string_view name);
  /// Writes status, modified_at, ended_at and state.
  void update(const TrainingJobRow& row);
  /// Ties in the sort value are ordered by name, so that pages never overlap.
  std::vector<TrainingJobSummaryRow> list(const TrainingJobQuery& query);
  /// Every job that is InProgress or Stopping, oldest first.
  std::vector<TrainingJobRow> unfinished();

 private:
  Connection& connection_;
};

}  // namespace millrace::records
