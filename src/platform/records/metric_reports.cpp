#include "platform/records/metric_reports.h"

#include "core/base/text.h"

namespace millrace::records {

bool MetricReportTable::remember(std::string_view account, std::string_view workload,
                                 std::string_view host, std::string_view report) {
  return connection_
             .prepare(
                 "INSERT INTO metric_reports (account, workload_key, host, report) "
                 "VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (account, workload_key, host) DO UPDATE SET report = excluded.report "
                 "WHERE report <> excluded.report")
             .bind(account, to_lower(workload), host, report)
             .run() == 1;
}

void MetricReportTable::erase(std::string_view account, std::string_view workload) {
  connection_.prepare("DELETE FROM metric_reports WHERE account = $1 AND workload_key = $2")
      .bind(account, to_lower(workload))
      .run();
}

}  // namespace millrace::records
