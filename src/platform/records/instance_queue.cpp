#include "platform/records/instance_queue.h"

namespace millrace::records {
namespace {

constexpr const char* kSelect =
    "SELECT id, account, job, region, role_arn, cpus, memory_bytes, leased, supervisor_pid, "
    "supervisor_started, "
    "deadline_at FROM instance_queue ";

QueueRow row_of(const Statement& rows) {
  return {.id = rows.integer(0),
          .account = rows.text(1),
          .job = rows.text(2),
          .region = rows.text(3),
          .role_arn = rows.text(4),
          .cpus = rows.real(5),
          .memory_bytes = rows.integer(6),
          .leased = rows.boolean(7),
          .supervisor_pid = rows.optional_integer(8),
          .supervisor_started = rows.optional_integer(9),
          .deadline_at = rows.optional_time(10)};
}

std::vector<QueueRow> rows_of(Statement& rows) {
  std::vector<QueueRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

}  // namespace

std::int64_t QueueTable::insert(const QueueRow& row) {
  auto rows = connection_.prepare(
      "INSERT INTO instance_queue (account, job, region, role_arn, cpus, memory_bytes, leased) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id");
  rows.bind(row.account, row.job, row.region, row.role_arn, row.cpus, row.memory_bytes, row.leased)
      .step();
  return rows.integer(0);
}

bool QueueTable::lease(std::int64_t id) {
  return connection_.prepare("UPDATE instance_queue SET leased = TRUE WHERE id = $1 AND NOT leased")
             .bind(id)
             .run() == 1;
}

void QueueTable::wait_again(std::string_view account, std::string_view job) {
  connection_
      .prepare(
          "UPDATE instance_queue SET leased = FALSE, supervisor_pid = NULL, supervisor_started = "
          "NULL, "
          "deadline_at = NULL WHERE account = $1 AND job = $2")
      .bind(account, job)
      .run();
}

void QueueTable::set_supervisor(std::string_view account, std::string_view job, std::int64_t pid,
                                std::int64_t started) {
  connection_
      .prepare(
          "UPDATE instance_queue SET supervisor_pid = $1, supervisor_started = $2 "
          "WHERE account = $3 AND job = $4 AND leased")
      .bind(pid, started, account, job)
      .run();
}

void QueueTable::set_deadline(std::string_view account, std::string_view job, Time at) {
  connection_.prepare("UPDATE instance_queue SET deadline_at = $1 WHERE account = $2 AND job = $3")
      .bind(at, account, job)
      .run();
}

bool QueueTable::withdraw(std::string_view account, std::string_view job) {
  return connection_
             .prepare("DELETE FROM instance_queue WHERE account = $1 AND job = $2 AND NOT leased")
             .bind(account, job)
             .run() == 1;
}

void QueueTable::erase(std::string_view account, std::string_view job) {
  connection_.prepare("DELETE FROM instance_queue WHERE account = $1 AND job = $2")
      .bind(account, job)
      .run();
}

std::optional<QueueRow> QueueTable::find(std::string_view account, std::string_view job) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE account = $1 AND job = $2");
  if (!rows.bind(account, job).step()) return std::nullopt;
  return row_of(rows);
}

std::vector<QueueRow> QueueTable::waiting(std::int64_t limit) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE NOT leased ORDER BY id LIMIT $1");
  rows.bind(limit);
  return rows_of(rows);
}

std::vector<QueueRow> QueueTable::leased() {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE leased ORDER BY id");
  return rows_of(rows);
}

}  // namespace millrace::records
