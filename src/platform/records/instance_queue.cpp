#include "platform/records/instance_queue.h"

namespace millrace::records {
namespace {

constexpr const char* kSelect =
    "SELECT id, account, job, region, role_arn, hosts, cpus, memory_bytes, leased, deadline_at, "
    "expires_at FROM instance_queue ";

QueueRow row_of(const Statement& rows) {
  return {.id = rows.integer(0),
          .account = rows.text(1),
          .job = rows.text(2),
          .region = rows.text(3),
          .role_arn = rows.text(4),
          .hosts = rows.integer(5),
          .cpus = rows.real(6),
          .memory_bytes = rows.integer(7),
          .leased = rows.boolean(8),
          .deadline_at = rows.optional_time(9),
          .expires_at = rows.optional_time(10)};
}

std::vector<QueueRow> rows_of(Statement& rows) {
  std::vector<QueueRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

}  // namespace

std::int64_t QueueTable::insert(const QueueRow& row) {
  auto rows = connection_.prepare(
      "INSERT INTO instance_queue (account, job, region, role_arn, hosts, cpus, memory_bytes, "
      "leased, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id");
  rows.bind(row.account, row.job, row.region, row.role_arn, row.hosts, row.cpus, row.memory_bytes,
            row.leased, row.expires_at)
      .step();
  return rows.integer(0);
}

bool QueueTable::lease(std::int64_t id) {
  return connection_.prepare("UPDATE instance_queue SET leased = TRUE WHERE id = $1 AND NOT leased")
             .bind(id)
             .run() == 1;
}

void QueueTable::wait_again(std::int64_t id) {
  erase_supervisors(id);
  connection_.prepare("UPDATE instance_queue SET leased = FALSE, deadline_at = NULL WHERE id = $1")
      .bind(id)
      .run();
}

void QueueTable::set_supervisor(std::int64_t id, const SupervisorRow& supervisor) {
  connection_
      .prepare(
          "INSERT INTO supervisors (lease, host, pid, started) VALUES ($1, $2, $3, $4) "
          "ON CONFLICT (lease, host) DO UPDATE SET pid = excluded.pid, started = excluded.started")
      .bind(id, supervisor.host, supervisor.pid, supervisor.started)
      .run();
}

std::vector<SupervisorRow> QueueTable::supervisors(std::int64_t id) {
  auto rows = connection_.prepare(
      "SELECT host, pid, started FROM supervisors WHERE lease = $1 ORDER BY host");
  rows.bind(id);
  std::vector<SupervisorRow> found;
  while (rows.step()) {
    found.push_back({.host = rows.text(0), .pid = rows.integer(1), .started = rows.integer(2)});
  }
  return found;
}

void QueueTable::erase_supervisors(std::int64_t id) {
  connection_.prepare("DELETE FROM supervisors WHERE lease = $1").bind(id).run();
}

void QueueTable::set_deadline(std::string_view account, std::string_view job, Time at) {
  connection_.prepare("UPDATE instance_queue SET deadline_at = $1 WHERE account = $2 AND job = $3")
      .bind(at, account, job)
      .run();
}

void QueueTable::clear_expiry(std::int64_t id) {
  connection_.prepare("UPDATE instance_queue SET expires_at = NULL WHERE id = $1").bind(id).run();
}

std::optional<Time> QueueTable::next_expiry() {
  auto rows = connection_.prepare("SELECT MIN(expires_at) FROM instance_queue");
  if (!rows.step()) return std::nullopt;
  return rows.optional_time(0);
}

std::vector<QueueRow> QueueTable::expired(Time at) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE expires_at <= $1 ORDER BY id");
  rows.bind(at);
  return rows_of(rows);
}

bool QueueTable::withdraw(std::string_view account, std::string_view job) {
  return connection_
             .prepare("DELETE FROM instance_queue WHERE account = $1 AND job = $2 AND NOT leased")
             .bind(account, job)
             .run() == 1;
}

void QueueTable::erase(std::int64_t id) {
  erase_supervisors(id);
  connection_.prepare("DELETE FROM instance_queue WHERE id = $1").bind(id).run();
}

std::optional<QueueRow> QueueTable::find(std::string_view account, std::string_view job) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE account = $1 AND job = $2");
  if (!rows.bind(account, job).step()) return std::nullopt;
  return row_of(rows);
}

std::vector<QueueRow> QueueTable::waiting(std::int64_t limit) {
  auto rows = connection_.prepare(
      std::string(kSelect) +
      "WHERE NOT leased AND (cpus > 0 OR memory_bytes > 0) ORDER BY id LIMIT $1");
  rows.bind(limit);
  return rows_of(rows);
}

std::vector<QueueRow> QueueTable::undemanding() {
  auto rows = connection_.prepare(
      std::string(kSelect) + "WHERE NOT leased AND cpus <= 0 AND memory_bytes <= 0 ORDER BY id");
  return rows_of(rows);
}

std::vector<QueueRow> QueueTable::leased() {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE leased ORDER BY id");
  return rows_of(rows);
}

}  // namespace millrace::records
