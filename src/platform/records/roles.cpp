#include "platform/records/roles.h"

#include "core/base/text.h"

namespace millrace::records {
namespace {

constexpr const char* kSelect =
    "SELECT account, name, path, id, trust_policy, description, max_session_seconds, created_at "
    "FROM roles WHERE ";

RoleRow row_of(const Statement& rows) {
  return {.account = rows.text(0),
          .name = rows.text(1),
          .path = rows.text(2),
          .id = rows.text(3),
          .trust_policy = rows.text(4),
          .description = rows.optional_text(5),
          .max_session_seconds = rows.integer(6),
          .created_at = rows.time(7)};
}

}  // namespace

bool RoleTable::insert(const RoleRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO roles (account, name, name_key, path, id, trust_policy, description, "
                 "max_session_seconds, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                 "ON CONFLICT (account, name_key) DO NOTHING")
             .bind(row.account, row.name, to_lower(row.name), row.path, row.id, row.trust_policy,
                   row.description, row.max_session_seconds, row.created_at)
             .run() == 1;
}

std::optional<RoleRow> RoleTable::find(std::string_view account, std::string_view name) {
  auto rows = connection_.prepare(std::string(kSelect) + "account = $1 AND name_key = $2");
  if (!rows.bind(account, to_lower(name)).step()) return std::nullopt;
  return row_of(rows);
}

std::vector<RoleRow> RoleTable::list(std::string_view account, std::string_view path_prefix,
                                     std::string_view after, std::int64_t limit) {
  // The prefix is compared by cutting, not with LIKE, whose wildcards are legal characters of a
  // path.
  auto rows = connection_.prepare(std::string(kSelect) +
                                  "account = $1 AND name_key > $2 AND substr(path, 1, $3) = $4 "
                                  "ORDER BY name_key LIMIT $5");
  rows.bind(account, to_lower(after), path_prefix.size(), path_prefix, limit);
  std::vector<RoleRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

void RoleTable::attach(std::string_view account, std::string_view role,
                       std::string_view policy_arn) {
  connection_
      .prepare(
          "INSERT INTO role_policies (account, role_key, policy_arn) VALUES ($1, $2, $3) "
          "ON CONFLICT (account, role_key, policy_arn) DO NOTHING")
      .bind(account, to_lower(role), policy_arn)
      .run();
}

std::vector<std::string> RoleTable::attached(std::string_view account, std::string_view role,
                                             std::string_view after, std::int64_t limit) {
  auto rows = connection_.prepare(
      "SELECT policy_arn FROM role_policies WHERE account = $1 AND role_key = $2 AND policy_arn > "
      "$3 "
      "ORDER BY policy_arn LIMIT $4");
  rows.bind(account, to_lower(role), after, limit);
  std::vector<std::string> arns;
  while (rows.step()) arns.push_back(rows.text(0));
  return arns;
}

}  // namespace millrace::records
