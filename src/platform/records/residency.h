#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/connection.h"

namespace millrace::records {

/// What one run of a supervisor has touched.
struct ResidencyRow {
  std::string account;
  std::string workload;  ///< found without regard to case
  std::string run;
  std::string host;
  std::string document;  ///< JSON
};

class ResidencyTable {
 public:
  explicit ResidencyTable(Connection& connection) : connection_(connection) {}

  /// Replaces what the run had.
  void put(const ResidencyRow& row);
  /// All runs of all hosts of a workload, in no particular order.
  std::vector<ResidencyRow> of(std::string_view account, std::string_view workload);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
