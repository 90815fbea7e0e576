#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"
#include "platform/records/listing.h"

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

class TrainingJobTable {
 public:
  explicit TrainingJobTable(Connection& connection) : connection_(connection) {}

  /// False when the name is taken.
  bool insert(const TrainingJobRow& row);
  std::optional<TrainingJobRow> find(std::string_view account, std::string_view name);
  /// Writes status, modified_at, ended_at and state.
  void update(const TrainingJobRow& row);
  std::vector<TrainingJobSummaryRow> list(const ListingQuery& query);
  /// Every job that is InProgress or Stopping, oldest first.
  std::vector<TrainingJobRow> unfinished();

 private:
  Connection& connection_;
};

}  // namespace millrace::records
