#include "platform/records/listing.h"

#include <limits>

#include "core/base/text.h"

namespace millrace::records {
namespace {

/// A pattern that matches text containing `part`, for LIKE ... ESCAPE '!'.
std::string containing(std::string_view part) {
  std::string pattern = "%";
  for (const char c : to_lower(part)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

std::string_view sort_column(ListingQuery::Sort sort) {
  switch (sort) {
    case ListingQuery::Sort::Name:
      return "name_key";
    case ListingQuery::Sort::Status:
      return "status";
    case ListingQuery::Sort::CreationTime:
      break;
  }
  return "created_at";
}

std::string sorting_of(const ListingQuery& query) {
  return std::string(sort_column(query.sort)) + (query.descending ? "/descending" : "/ascending");
}

std::string sort_value(const ListingQuery& query, const ListedRow& row) {
  switch (query.sort) {
    case ListingQuery::Sort::Name:
      return to_lower(row.name);
    case ListingQuery::Sort::Status:
      return std::string(row.status);
    case ListingQuery::Sort::CreationTime:
      break;
  }
  return std::to_string(to_millis(row.created_at));
}

}  // namespace

Statement select_listed(Connection& connection, std::string_view columns, std::string_view table,
                        const ListingQuery& query) {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
  const auto bound = [](const std::optional<Time>& time, std::int64_t open) {
    return time ? to_millis(*time) : open;
  };
  const std::string column(sort_column(query.sort));
  const std::string direction = query.descending ? " DESC" : "";
  std::string sql = "SELECT " + std::string(columns) + " FROM " + std::string(table) +
                    " WHERE account = $1 AND name_key LIKE $2 ESCAPE '!' "
                    "AND ($3 = '' OR status = $3) AND created_at > $4 AND created_at < $5 "
                    "AND modified_at > $6 AND modified_at < $7";
  if (query.after)
    sql += " AND (" + column + ", name_key) " + (query.descending ? "<" : ">") + " ($8, $9)";
  sql += " ORDER BY " + column + direction;
  if (query.sort != ListingQuery::Sort::Name) sql += ", name_key" + direction;
  sql += query.after ? " LIMIT $10" : " LIMIT $8";

  auto rows = connection.prepare(sql);
  const auto bind = [&](const auto&... rest) {
    rows.bind(query.account, containing(query.name_contains), query.status,
              bound(query.created_after, kNever), bound(query.created_before, kEver),
              bound(query.modified_after, kNever), bound(query.modified_before, kEver), rest...);
  };
  if (!query.after) {
    bind(query.limit);
  } else if (query.sort == ListingQuery::Sort::CreationTime) {
    bind(parse_int(query.after->value).value_or(0), query.after->name_key, query.limit);
  } else {
    bind(query.after->value, query.after->name_key, query.limit);
  }
  return rows;
}

std::string page_token(const ListingQuery& query, const ListedRow& last) {
  return to_hex(sorting_of(query) + "/" + sort_value(query, last) + "/" + to_lower(last.name));
}

std::optional<ListingQuery::After> after_token(const ListingQuery& query, std::string_view token) {
  const std::string text = from_hex(token).value_or("");
  const auto parts = split(text, '/');
  if (parts.size() != 4 || std::string(parts[0]) + "/" + std::string(parts[1]) != sorting_of(query))
    return std::nullopt;
  return ListingQuery::After{.value = std::string(parts[2]), .name_key = std::string(parts[3])};
}

}  // namespace millrace::records
