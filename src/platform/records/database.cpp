#include "platform/records/database.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "platform/records/after_commit.h"

namespace millrace::records {
namespace {

// Bounds how long the first of a group waits for the others' statements; a sync is worth some
// hundred of them.
constexpr std::size_t kMaxGroup = 256;
// Readers are borrowed for a query at a time; more idle ones than this are closed.
constexpr std::size_t kMaxIdleReaders = 64;

thread_local bool inside_write = false;
/// Of the transaction that this thread, which leads a group, is in: see after_commit.h.
thread_local std::vector<std::function<void()>> followers;

}  // namespace

void after_commit(Connection& /*transaction*/, std::function<void()> then) {
  MILLRACE_CHECK(inside_write);
  followers.push_back(std::move(then));
}

Database::Database(const std::filesystem::path& file, const std::vector<Migration>& migrations)
    : file_(file), writer_(file, Connection::Access::Write) {
  apply_migrations(writer_, migrations);
}

Database::Lease::Lease(Database& owner) : database(owner) {
  connection = database.idle_readers_.with([](auto& idle) {
    std::unique_ptr<Connection> taken;
    if (!idle.empty()) {
      taken = std::move(idle.back());
      idle.pop_back();
    }
    return taken;
  });
  if (!connection)
    connection = std::make_unique<Connection>(database.file_, Connection::Access::Read);
}

Database::Lease::~Lease() {
  database.idle_readers_.with([this](auto& idle) {
    if (idle.size() < kMaxIdleReaders) idle.push_back(std::move(connection));
  });
}

Database::Transaction::Transaction(Connection& owner) : connection(owner) {
  connection.prepare("BEGIN").run();
}
// A reading transaction has nothing to lose: it is ended, not committed, whatever happened inside.
Database::Transaction::~Transaction() {
  connection.roll_back();
}

void Database::commit(std::function<void(Connection&)> use) {
  MILLRACE_CHECK(!inside_write);
  Pending mine;
  mine.use = std::move(use);
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  // Whoever finds no leader leads: it runs the functions of all who queued up meanwhile, then wakes
  // the next leader.
  while (!mine.done) {
    if (leading_ || queue_.front() != &mine) {
      mine.changed.wait(lock);
      continue;
    }
    const std::size_t count = std::min(queue_.size(), kMaxGroup);
    const std::vector<Pending*> group(queue_.begin(),
                                      queue_.begin() + static_cast<std::ptrdiff_t>(count));
    leading_ = true;
    lock.unlock();
    run_group(group);
    lock.lock();
    leading_ = false;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    for (Pending* pending : group) {
      pending->done = true;
      if (pending != &mine) pending->changed.notify_one();
    }
    if (!queue_.empty()) queue_.front()->changed.notify_one();
  }
  lock.unlock();
  if (mine.failure) std::rethrow_exception(mine.failure);
}

void Database::run_group(const std::vector<Pending*>& group) {
  inside_write = true;
  try {
    writer_.prepare("BEGIN IMMEDIATE").run();
    for (Pending* pending : group) {
      const std::size_t followers_before = followers.size();
      if (group.size() > 1) writer_.prepare("SAVEPOINT one").run();
      try {
        pending->use(writer_);
      } catch (...) {
        pending->failure = std::current_exception();
        // A full disk makes SQLite give up the whole transaction, and nobody's statements survive.
        if (group.size() == 1 || writer_.autocommit()) throw;
        writer_.prepare("ROLLBACK TO one").run();
        followers.resize(followers_before);
      }
      if (group.size() > 1) writer_.prepare("RELEASE one").run();
    }
    writer_.prepare("COMMIT").run();
    ++changes_;
  } catch (...) {
    followers.clear();
    for (Pending* pending : group) {
      if (!pending->failure) pending->failure = std::current_exception();
    }
    writer_.roll_back();
  }
  for (const auto& then : std::exchange(followers, {})) then();
  inside_write = false;
}

}  // namespace millrace::records
