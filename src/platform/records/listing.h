#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// Which named things, in which order, from where on. Times are exclusive.
struct ListingQuery {
  enum class Sort { Name, CreationTime, Status };
  /// The last one of the previous page: its sort value (milliseconds for CreationTime) and
  /// lower-case name.
  struct After {
    std::string value;
    std::string name_key;

    friend bool operator==(const After&, const After&) = default;
  };

  std::string account;
  std::string name_contains;  ///< without regard to case; empty: any
  std::string status;         ///< empty: any
  std::optional<Time> created_after;
  std::optional<Time> created_before;
  std::optional<Time> modified_after;
  std::optional<Time> modified_before;
  Sort sort = Sort::CreationTime;
  bool descending = true;
  std::optional<After> after;
  std::int64_t limit = 10;
};

/// A statement that is about to give `columns` of the rows of `table`, which has the columns
/// account, name_key, status, created_at and modified_at. Ties in the sort value are ordered by
/// name, so that pages never overlap.
Statement select_listed(Connection& connection, std::string_view columns, std::string_view table,
                        const ListingQuery& query);

/// What a listing is sorted by, of the last row of a page.
struct ListedRow {
  std::string_view name;
  std::string_view status;
  Time created_at{};
};

/// Where the page behind `last` begins, as text that is safe in a URL.
std::string page_token(const ListingQuery& query, const ListedRow& last);
/// What page_token() wrote; nullopt for other text, and for the token of another sorting.
std::optional<ListingQuery::After> after_token(const ListingQuery& query, std::string_view token);

}  // namespace millrace::records
