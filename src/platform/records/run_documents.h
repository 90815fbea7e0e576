#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/connection.h"

namespace millrace::records {

/// What runs of supervisors tell of themselves.
enum class RunDocument {
  Residency,  ///< places and networks that were touched
  Channels,   ///< what channels have delivered
};

/// What one run of a supervisor has told.
struct RunRow {
  std::string account;
  std::string workload;  ///< found without regard to case
  std::string run;
  std::string host;
  std::string document;  ///< JSON
};

class RunDocumentTable {
 public:
  RunDocumentTable(Connection& connection, RunDocument kind)
      : connection_(connection), kind_(kind) {}

  /// Replaces what the run had.
  void put(const RunRow& row);
  /// All runs of all hosts of a workload, in no particular order.
  std::vector<RunRow> of(std::string_view account, std::string_view workload);

 private:
  [[nodiscard]] std::string table() const;

  Connection& connection_;
  RunDocument kind_;
};

}  // namespace millrace::records
