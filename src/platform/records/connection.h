#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace millrace::records {

class Connection;

/// Bytes for a BLOB column; plain text binds as TEXT.
struct Blob {
  std::string_view bytes;
};

/// A prepared statement in use: bind, step, read columns. Lent by Connection::prepare and given
/// back on destruction.
///
///     auto find = connection.prepare("SELECT region FROM buckets WHERE name = $1");
///     if (find.bind(name).step()) return find.text(0);
///
/// Text and blob columns are valid until the next step.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Binds $1, $2, ... in order. Placeholders must first appear in the order of their numbers.
  /// Takes integers, bool, double, text, Blob, Time (as milliseconds), std::nullopt and
  /// std::optional of these.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  /// True while there is a row to read. Throws Error(Platform) when the database fails, with the
  /// code InsufficientStorage when its disk is full.
  bool step();
  /// Steps to the end, ignoring rows; returns how many rows an INSERT, UPDATE or DELETE changed.
  std::int64_t run();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
  [[nodiscard]] std::string text(int column) const { return std::string(view(column)); }
  /// TEXT or BLOB without a copy; valid until the next step.
  [[nodiscard]] std::string_view view(int column) const;
  [[nodiscard]] Time time(int column) const { return from_millis(integer(column)); }

  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] std::optional<double> optional_real(int column) const;
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;
  [[nodiscard]] std::optional<Time> optional_time(int column) const;

 private:
  friend class Connection;
  Statement(Connection& connection, sqlite3_stmt* statement, bool* lent);

  void bind_integer(int index, std::int64_t value);
  void bind_real(int index, double value);
  void bind_text(int index, std::string_view value);
  void bind_blob(int index, std::string_view value);
  void bind_null(int index);

  template <class Value>
  void bind_one(int index, const Value& value) {
    if constexpr (std::is_same_v<Value, std::nullopt_t>) {
      bind_null(index);
    } else if constexpr (std::is_same_v<Value, Time>) {
      bind_integer(index, to_millis(value));
    } else if constexpr (std::is_same_v<Value, Blob>) {
      bind_blob(index, value.bytes);
    } else if constexpr (std::is_integral_v<Value>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_floating_point_v<Value>) {
      bind_real(index, static_cast<double>(value));
    } else {
      bind_text(index, std::string_view(value));
    }
  }
  template <class Value>
  void bind_one(int index, const std::optional<Value>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      bind_null(index);
    }
  }

  Connection* connection_;
  sqlite3_stmt* statement_;
  bool* lent_;  ///< the cache entry's flag; null when this statement is not in the cache and is
                ///< finalized here
};

/// One connection to the database, used by one thread at a time. Obtained from Database::read and
/// Database::write.
class Connection {
 public:
  enum class Access { Read, Write };

  Connection(const std::filesystem::path& file, Access access);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Prepared once per SQL text and kept.
  Statement prepare(std::string_view sql);
  /// Runs a script of statements that take no parameters.
  void execute(const std::string& script);
  /// Ends the open transaction, if there is one, as if it had never begun.
  void roll_back() noexcept;
  /// True outside a transaction; also after SQLite rolled one back by itself because of an I/O
  /// error.
  [[nodiscard]] bool autocommit() const;

 private:
  friend class Statement;
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool lent = false;
  };

  [[noreturn]] void fail() const;

  std::string file_name_;
  sqlite3* handle_ = nullptr;
  /// Keyed by the SQL text, which the node owns; nodes do not move.
  std::unordered_map<std::string_view, std::pair<std::unique_ptr<std::string>, Cached>> statements_;
};

}  // namespace millrace::records
