#include "platform/records/run_documents.h"

#include "core/base/text.h"

namespace millrace::records {

std::string RunDocumentTable::table() const {
  return kind_ == RunDocument::Residency ? "residency" : "channel_use";
}

void RunDocumentTable::put(const RunRow& row) {
  connection_
      .prepare(
          "INSERT INTO " + table() +
          " (account, workload_key, run, host, document) VALUES ($1, $2, $3, $4, $5) "
          "ON CONFLICT (account, workload_key, run) DO UPDATE SET document = excluded.document")
      .bind(row.account, to_lower(row.workload), row.run, row.host, row.document)
      .run();
}

std::vector<RunRow> RunDocumentTable::of(std::string_view account, std::string_view workload) {
  auto rows = connection_.prepare("SELECT account, workload_key, run, host, document FROM " +
                                  table() + " WHERE account = $1 AND workload_key = $2");
  rows.bind(account, to_lower(workload));
  std::vector<RunRow> found;
  while (rows.step()) {
    found.push_back({.account = rows.text(0),
                     .workload = rows.text(1),
                     .run = rows.text(2),
                     .host = rows.text(3),
                     .document = rows.text(4)});
  }
  return found;
}

}  // namespace millrace::records
