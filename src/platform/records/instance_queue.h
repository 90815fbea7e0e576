#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// One job that wants or holds an instance; gone when the instance is given back.
struct QueueRow {
  std::int64_t id = 0;  ///< rises with every insertion: the order of the queue
  std::string account;
  std::string job;  ///< name as given
  std::string region;
  std::string role_arn;
  double cpus = 0;
  std::int64_t memory_bytes = 0;
  bool leased = false;  ///< false: waiting
  std::optional<std::int64_t> supervisor_pid;
  std::optional<std::int64_t>
      supervisor_started;           ///< clock ticks after boot, which tell a reused pid apart
  std::optional<Time> deadline_at;  ///< when the daemon kills the supervisor
};

class QueueTable {
 public:
  explicit QueueTable(Connection& connection) : connection_(connection) {}

  /// Returns the row's id.
  std::int64_t insert(const QueueRow& row);
  /// False when the job is not waiting any more.
  bool lease(std::int64_t id);
  /// Back among the waiting, at its old place.
  void wait_again(std::string_view account, std::string_view job);
  void set_supervisor(std::string_view account, std::string_view job, std::int64_t pid,
                      std::int64_t started);
  void set_deadline(std::string_view account, std::string_view job, Time at);
  /// Removes a job that is still waiting; false when it holds an instance or is not there.
  bool withdraw(std::string_view account, std::string_view job);
  void erase(std::string_view account, std::string_view job);
  std::optional<QueueRow> find(std::string_view account, std::string_view job);
  /// The first `limit` that wait, oldest first.
  std::vector<QueueRow> waiting(std::int64_t limit);
  /// All that hold an instance, oldest first.
  std::vector<QueueRow> leased();

 private:
  Connection& connection_;
};

}  // namespace millrace::records
