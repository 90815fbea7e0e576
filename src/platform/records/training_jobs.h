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
  std::string status;     ///< InProgress, Completed, Failed, Stopping or Stopped
  std::string algorithm;  ///< repository of its image: "image-classification"
  Time created_at{};
  Time modified_at{};
  std::optional<Time> ended_at;
};

struct TrainingJobRow {
  TrainingJobSummaryRow summary;
  std::string request;  ///< JSON, never changes
  std::string state;    ///< JSON
};

/// Which jobs a table shows, in which order. Everything is looked up in one index, whatever the
/// order.
struct JobTableQuery {
  enum class Sort { CreationTime, ModifiedTime, EndTime, Name, Status, Algorithm };
  struct Tag {
    std::string key;
    std::optional<std::string> value;  ///< nullopt: any
  };

  std::string account;
  std::string name_contains;  ///< without regard to case; empty: any
  std::string status;         ///< empty: any, as the next
  std::string algorithm;
  std::optional<Tag> tag;
  std::optional<Time> created_after;   ///< included
  std::optional<Time> created_before;  ///< not included
  Sort sort = Sort::CreationTime;
  bool descending = true;
  std::int64_t from = 0;  ///< so many are passed over
  std::int64_t limit = 50;
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
  /// One page, with everything of each job.
  std::vector<TrainingJobRow> table(const JobTableQuery& query);
  /// How many jobs all pages have together.
  std::int64_t count(const JobTableQuery& query);
  /// Those modified after `since`, the earliest first.
  std::vector<TrainingJobSummaryRow> modified_since(std::string_view account, Time since,
                                                    std::int64_t limit);
  /// The newest that are InProgress.
  std::vector<TrainingJobRow> running(std::string_view account, std::int64_t limit);
  /// Every job that is InProgress or Stopping, oldest first.
  std::vector<TrainingJobRow> unfinished();

 private:
  Connection& connection_;
};

}  // namespace millrace::records
