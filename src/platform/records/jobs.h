#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"
#include "platform/records/listing.h"

namespace millrace::records {

/// Each kind of job has a table of its own.
enum class JobKind { Training, Processing };

/// What a listing shows of a job, and what it is found and sorted by.
struct JobSummaryRow {
  std::string account;
  std::string name;  ///< as given; unique in its account and kind without regard to case
  std::string region;
  std::string status;  ///< InProgress, Completed, Failed, Stopping or Stopped
  Time created_at{};
  Time modified_at{};
  std::optional<Time> ended_at;
};

struct JobRow {
  JobSummaryRow summary;
  std::string request;  ///< JSON, never changes
  std::string state;    ///< JSON
};

class JobTable {
 public:
  JobTable(Connection& connection, JobKind kind);

  /// False when the name is taken.
  bool insert(const JobRow& row);
  std::optional<JobRow> find(std::string_view account, std::string_view name);
  /// Writes status, modified_at, ended_at and state.
  void update(const JobRow& row);
  std::vector<JobSummaryRow> list(const ListingQuery& query);
  /// Every job that is InProgress or Stopping, oldest first.
  std::vector<JobRow> unfinished();

 private:
  Connection& connection_;
  std::string table_;
};

}  // namespace millrace::records
