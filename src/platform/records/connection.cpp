#include "platform/records/connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"

namespace millrace::records {
namespace {

// Several processes never share the file, but an operator's sqlite3 shell may hold its lock for a
// moment.
constexpr int kBusyTimeoutMs = 10'000;

/// A write that found no room and so has certainly left nothing. A sync that reports no room is not one: what it was to
/// make durable may be in the log all the same, and come back after a restart.
bool is_disk_full(int extended_code, int system_error) {
  const int code = extended_code & 0xff;
  if (extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC) return false;
  return code == SQLITE_FULL ||
         (code == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT));
}

}  // namespace

Statement::Statement(Connection& connection, sqlite3_stmt* statement, bool* lent)
    : connection_(&connection), statement_(statement), lent_(lent) {
  if (lent_ != nullptr) *lent_ = true;
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      lent_(std::exchange(other.lent_, nullptr)) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (lent_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *lent_ = false;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    // The reset keeps a failed statement from holding the transaction open; the message is read
    // before it.
    try {
      connection_->fail();
    } catch (...) {
      sqlite3_reset(statement_);
      throw;
    }
  }
  // Bound values are kept, so the statement can be stepped again after new bindings.
  sqlite3_reset(statement_);
  return false;
}

std::int64_t Statement::run() {
  while (step()) {
  }
  return sqlite3_changes64(connection_->handle_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Statement::view(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}
std::optional<double> Statement::optional_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}
std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}
std::optional<Time> Statement::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

void Statement::bind_integer(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK)
    connection_->fail();
}
void Statement::bind_real(int index, double value) {
  if (const int code = sqlite3_bind_double(statement_, index, value); code != SQLITE_OK)
    connection_->fail();
}
void Statement::bind_text(int index, std::string_view value) {
  // A null pointer would bind NULL, not the empty text.
  const char* bytes = value.data() == nullptr ? "" : value.data();
  const int code =
      sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) connection_->fail();
}
void Statement::bind_blob(int index, std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();
  const int code = sqlite3_bind_blob64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) connection_->fail();
}
void Statement::bind_null(int index) {
  if (const int code = sqlite3_bind_null(statement_, index); code != SQLITE_OK)
    connection_->fail();
}

Connection::Connection(const std::filesystem::path& file, Access access)
    : file_name_(file.filename().string()) {
  const int flags = (access == Access::Write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                             : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX;
  if (const int code = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr); code != SQLITE_OK) {
    const std::string reason = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    sqlite3_close_v2(handle_);
    throw Error(Blame::Platform,
                "opening the database " + file.string() + ": " + reason +
                    ". Check that its directory exists and belongs to the daemon's user.");
  }
  try {
    sqlite3_extended_result_codes(handle_, 0);
    sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
    if (access == Access::Write) {
      // FULL: the log is synced on every commit, so that what an answer promised survives a power
      // cut.
      execute(
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
          "PRAGMA cache_size = -32000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = "
          "MEMORY;");
    } else {
      execute("PRAGMA query_only = ON; PRAGMA cache_size = -8000; PRAGMA mmap_size = 1073741824;");
    }
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

Connection::~Connection() {
  for (auto& [sql, entry] : statements_) sqlite3_finalize(entry.second.statement);
  sqlite3_close_v2(handle_);
}

Statement Connection::prepare(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end() && !found->second.second.lent) {
    Cached& cached = found->second.second;
    return {*this, cached.statement, &cached.lent};
  }
  sqlite3_stmt* statement = nullptr;
  const unsigned flags = found == statements_.end() ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags,
                                      &statement, nullptr);
  if (code != SQLITE_OK) fail();
  MILLRACE_CHECK(statement != nullptr);
  // A statement that is already in use on this connection (a query inside the loop of the same
  // query) is prepared anew.
  if (found != statements_.end()) return {*this, statement, nullptr};
  auto text = std::make_unique<std::string>(sql);
  const std::string_view key = *text;
  Cached& cached =
      statements_.emplace(key, std::pair(std::move(text), Cached{statement})).first->second.second;
  return {*this, statement, &cached.lent};
}

void Connection::execute(const std::string& script) {
  if (const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
      code != SQLITE_OK)
    fail();
}

void Connection::roll_back() noexcept {
  // A failure leaves the transaction open, and the next BEGIN reports it.
  if (!autocommit()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Connection::autocommit() const {
  return sqlite3_get_autocommit(handle_) != 0;
}

void Connection::fail() const {
  if (is_disk_full(sqlite3_extended_errcode(handle_), sqlite3_system_errno(handle_))) {
    throw Error(Blame::Platform, "InsufficientStorage",
                "The disk that holds the data directory is full, nothing was written. Free space "
                "there and try again.");
  }
  throw Error(Blame::Platform, "database " + file_name_ + ": " + sqlite3_errmsg(handle_));
}

}  // namespace millrace::records
