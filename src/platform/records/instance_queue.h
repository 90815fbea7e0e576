#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// The process that looks after one host of a leased job.
struct SupervisorRow {
  std::string host;
  std::int64_t pid = 0;
  std::int64_t started = 0;  ///< clock ticks after boot, which tell a reused pid apart
};

/// One workload that wants or holds instances, all of them or none; gone when they are given back.
struct QueueRow {
  std::int64_t id = 0;  ///< rises with every insertion: the order of the queue
  std::string account;
  std::string job;  ///< the workload: a training job's name as given, or "<kind>.<name>"
  std::string region;
  std::string role_arn;
  std::int64_t hosts = 1;
  double cpus = 0;  ///< of all hosts together, as memory_bytes
  std::int64_t memory_bytes = 0;
  bool leased = false;              ///< false: waiting
  std::optional<Time> deadline_at;  ///< when the daemon kills the supervisors
  std::optional<Time> expires_at;   ///< when the job is told that its time is over
};

class QueueTable {
 public:
  explicit QueueTable(Connection& connection) : connection_(connection) {}

  /// Returns the row's id.
  std::int64_t insert(const QueueRow& row);
  /// False when the job is not waiting any more.
  bool lease(std::int64_t id);
  /// Back among the waiting, at its old place, without supervisors.
  void wait_again(std::int64_t id);
  /// Replaces the host's supervisor, if it had one.
  void set_supervisor(std::int64_t id, const SupervisorRow& supervisor);
  /// Those that are known to have been started for a lease, by host.
  std::vector<SupervisorRow> supervisors(std::int64_t id);
  void set_deadline(std::string_view account, std::string_view job, Time at);
  /// The job has been told.
  void clear_expiry(std::int64_t id);
  /// When the next one is to be told.
  std::optional<Time> next_expiry();
  /// Those to be told at `at`, oldest first.
  std::vector<QueueRow> expired(Time at);
  /// Removes a job that is still waiting; false when it holds an instance or is not there.
  bool withdraw(std::string_view account, std::string_view job);
  /// With its supervisors.
  void erase(std::int64_t id);
  std::optional<QueueRow> find(std::string_view account, std::string_view job);
  /// The first `limit` that wait for CPUs or memory, oldest first.
  std::vector<QueueRow> waiting(std::int64_t limit);
  /// Those that wait and demand neither, oldest first.
  std::vector<QueueRow> undemanding();
  /// All that hold an instance, oldest first.
  std::vector<QueueRow> leased();

 private:
  void erase_supervisors(std::int64_t id);

  Connection& connection_;
};

}  // namespace millrace::records
