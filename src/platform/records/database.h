#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/guarded.h"
#include "platform/records/connection.h"
#include "platform/records/migrations.h"

namespace millrace::records {

/// The daemon's database: SQLite in WAL mode, one connection that writes and one that reads per
/// concurrent reader. Every method may be called from any thread.
class Database {
 public:
  /// Opens or creates `file` and applies the migrations it has not seen. Throws Error(Platform)
  /// when the file cannot be opened or was written by a newer Millrace.
  explicit Database(const std::filesystem::path& file,
                    const std::vector<Migration>& migrations = all_migrations());
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs `use(Connection&)` in a transaction and returns its result once that is durable on disk.
  /// Concurrent writes share one transaction and one sync (group commit), each within its own
  /// savepoint: what `use` throws undoes only its own statements and comes out of write(). `use`
  /// may run on another caller's thread, so it must neither wait for another write nor call write()
  /// itself; keep it short, everyone waits for it.
  template <class Use>
  auto write(Use&& use) -> std::invoke_result_t<Use&, Connection&> {
    using Result = std::invoke_result_t<Use&, Connection&>;
    if constexpr (std::is_void_v<Result>) {
      commit([&use](Connection& connection) { use(connection); });
    } else {
      std::optional<Result> result;
      commit([&](Connection& connection) { result.emplace(use(connection)); });
      return std::move(*result);
    }
  }

  /// Runs `use(Connection&)` on a reading connection: each statement sees everything committed
  /// before it started.
  template <class Use>
  auto read(Use&& use) -> std::invoke_result_t<Use&, Connection&> {
    const Lease lease(*this);
    return use(*lease.connection);
  }

  /// As read(), but all statements of `use` see the same state.
  template <class Use>
  auto snapshot(Use&& use) -> std::invoke_result_t<Use&, Connection&> {
    const Lease lease(*this);
    const Transaction transaction(*lease.connection);
    return use(*lease.connection);
  }

  /// Grows with everything that is written by this process, so that whoever watches for changes
  /// need look only when it has.
  [[nodiscard]] std::uint64_t changes() const { return changes_.load(); }

 private:
  /// One caller of write(), waiting on its own stack.
  struct Pending {
    std::function<void(Connection&)> use;
    std::exception_ptr failure;
    bool done = false;
    std::condition_variable changed;
  };
  /// A reading connection taken from the idle ones, and put back.
  struct Lease {
    explicit Lease(Database& owner);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    Database& database;
    std::unique_ptr<Connection> connection;
  };
  struct Transaction {
    explicit Transaction(Connection& owner);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    Connection& connection;
  };

  void commit(std::function<void(Connection&)> use);
  void run_group(const std::vector<Pending*>& group);

  std::filesystem::path file_;
  Connection writer_;  ///< used by the thread that leads the current group only
  std::mutex mutex_;
  std::deque<Pending*> queue_;
  bool leading_ = false;
  std::atomic<std::uint64_t> changes_{0};
  Guarded<std::vector<std::unique_ptr<Connection>>> idle_readers_;
};

}  // namespace millrace::records
