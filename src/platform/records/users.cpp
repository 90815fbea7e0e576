#include "platform/records/users.h"

#include "core/base/text.h"

namespace millrace::records {
namespace {

UserRow row_of(const Statement& rows) {
  return {.account = rows.text(0),
          .name = rows.text(1),
          .id = rows.text(2),
          .created_at = rows.time(3)};
}

std::vector<std::string> first_column(Statement& rows) {
  std::vector<std::string> texts;
  while (rows.step()) texts.push_back(rows.text(0));
  return texts;
}

}  // namespace

bool UserTable::insert(const UserRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO users (account, name, name_key, id, created_at) "
                 "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, name_key) DO NOTHING")
             .bind(row.account, row.name, to_lower(row.name), row.id, row.created_at)
             .run() == 1;
}

std::optional<UserRow> UserTable::find(std::string_view account, std::string_view name) {
  auto rows = connection_.prepare(
      "SELECT account, name, id, created_at FROM users WHERE account = $1 AND name_key = $2");
  if (!rows.bind(account, to_lower(name)).step()) return std::nullopt;
  return row_of(rows);
}

std::vector<UserRow> UserTable::list(std::string_view account, std::string_view after,
                                     std::int64_t limit) {
  auto rows = connection_.prepare(
      "SELECT account, name, id, created_at FROM users WHERE account = $1 AND name_key > $2 "
      "ORDER BY name_key LIMIT $3");
  rows.bind(account, to_lower(after), limit);
  std::vector<UserRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

void UserTable::erase(std::string_view account, std::string_view name) {
  const std::string key = to_lower(name);
  connection_.prepare("DELETE FROM user_policies WHERE account = $1 AND user_key = $2")
      .bind(account, key)
      .run();
  connection_.prepare("DELETE FROM attached_user_policies WHERE account = $1 AND user_key = $2")
      .bind(account, key)
      .run();
  connection_.prepare("DELETE FROM users WHERE account = $1 AND name_key = $2")
      .bind(account, key)
      .run();
}

void UserTable::put_policy(std::string_view account, std::string_view user, std::string_view policy,
                           std::string_view document) {
  connection_
      .prepare(
          "INSERT INTO user_policies (account, user_key, name, document) VALUES ($1, $2, $3, $4) "
          "ON CONFLICT (account, user_key, name) DO UPDATE SET document = excluded.document")
      .bind(account, to_lower(user), policy, document)
      .run();
}

std::optional<std::string> UserTable::policy(std::string_view account, std::string_view user,
                                             std::string_view policy) {
  auto rows = connection_.prepare(
      "SELECT document FROM user_policies WHERE account = $1 AND user_key = $2 AND name = $3");
  if (!rows.bind(account, to_lower(user), policy).step()) return std::nullopt;
  return rows.text(0);
}

std::vector<std::string> UserTable::policies(std::string_view account, std::string_view user) {
  auto rows = connection_.prepare(
      "SELECT name FROM user_policies WHERE account = $1 AND user_key = $2 ORDER BY name");
  rows.bind(account, to_lower(user));
  return first_column(rows);
}

bool UserTable::erase_policy(std::string_view account, std::string_view user,
                             std::string_view policy) {
  return connection_
             .prepare(
                 "DELETE FROM user_policies WHERE account = $1 AND user_key = $2 AND name = $3")
             .bind(account, to_lower(user), policy)
             .run() == 1;
}

void UserTable::attach(std::string_view account, std::string_view user,
                       std::string_view policy_arn) {
  connection_
      .prepare(
          "INSERT INTO attached_user_policies (account, user_key, policy_arn) VALUES ($1, $2, $3) "
          "ON CONFLICT (account, user_key, policy_arn) DO NOTHING")
      .bind(account, to_lower(user), policy_arn)
      .run();
}

std::vector<std::string> UserTable::attached(std::string_view account, std::string_view user) {
  auto rows = connection_.prepare(
      "SELECT policy_arn FROM attached_user_policies WHERE account = $1 AND user_key = $2 "
      "ORDER BY policy_arn");
  rows.bind(account, to_lower(user));
  return first_column(rows);
}

bool UserTable::detach(std::string_view account, std::string_view user,
                       std::string_view policy_arn) {
  return connection_
             .prepare(
                 "DELETE FROM attached_user_policies WHERE account = $1 AND user_key = $2 AND "
                 "policy_arn = $3")
             .bind(account, to_lower(user), policy_arn)
             .run() == 1;
}

}  // namespace millrace::records
