#include "platform/records/access_keys.h"

namespace millrace::records {
namespace {

constexpr std::string_view kColumns =
    "id, secret, session_token, account, arn, kind, job, created_at, user_name";

std::optional<AccessKeyRow> next(Statement& rows) {
  if (!rows.step()) return std::nullopt;
  return AccessKeyRow{.id = rows.text(0),
                      .secret = rows.text(1),
                      .session_token = rows.text(2),
                      .account = rows.text(3),
                      .arn = rows.text(4),
                      .kind = rows.text(5),
                      .job = rows.text(6),
                      .user = rows.text(8),
                      .created_at = rows.time(7)};
}

std::string select(std::string_view condition) {
  return "SELECT " + std::string(kColumns) + " FROM access_keys WHERE " + std::string(condition);
}

}  // namespace

void AccessKeyTable::insert(const AccessKeyRow& row) {
  connection_
      .prepare(
          "INSERT INTO access_keys (id, secret, session_token, account, arn, kind, job, "
          "created_at, user_name) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
      .bind(row.id, row.secret, row.session_token, row.account, row.arn, row.kind, row.job,
            row.created_at, row.user)
      .run();
}

std::optional<AccessKeyRow> AccessKeyTable::find(std::string_view id) {
  auto rows = connection_.prepare(select("id = $1"));
  return next(rows.bind(id));
}

std::optional<AccessKeyRow> AccessKeyTable::first(std::string_view kind) {
  auto rows = connection_.prepare(select("kind = $1 ORDER BY created_at, id LIMIT 1"));
  return next(rows.bind(kind));
}

std::optional<AccessKeyRow> AccessKeyTable::of_job(std::string_view kind, std::string_view job) {
  auto rows = connection_.prepare(select("job = $1 AND kind = $2"));
  return next(rows.bind(job, kind));
}

void AccessKeyTable::erase_job(std::string_view job) {
  connection_.prepare("DELETE FROM access_keys WHERE job = $1").bind(job).run();
}

std::vector<AccessKeyRow> AccessKeyTable::of_user(std::string_view account, std::string_view user) {
  auto rows = connection_.prepare(
      select("account = $1 AND user_name = $2 AND kind = 'user' ORDER BY created_at, id"));
  rows.bind(account, user);
  std::vector<AccessKeyRow> keys;
  while (auto key = next(rows)) keys.push_back(*std::move(key));
  return keys;
}

bool AccessKeyTable::erase(std::string_view account, std::string_view user, std::string_view id) {
  return connection_
             .prepare(
                 "DELETE FROM access_keys WHERE account = $1 AND user_name = $2 AND id = $3 AND "
                 "kind = 'user'")
             .bind(account, user, id)
             .run() == 1;
}

}  // namespace millrace::records
