#pragma once

#include <string_view>

#include "platform/records/connection.h"

namespace millrace::records {

/// The last report with figures of each instance. Workloads are found without regard to case.
class MetricReportTable {
 public:
  explicit MetricReportTable(Connection& connection) : connection_(connection) {}

  /// False when that was the instance's last report already.
  bool remember(std::string_view account, std::string_view workload, std::string_view host,
                std::string_view report);
  /// Of all instances of a workload.
  void erase(std::string_view account, std::string_view workload);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
