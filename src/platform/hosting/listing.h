#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "platform/aws/refuse.h"
#include "platform/records/hosting.h"

namespace millrace::hosting {

/// A page of a listing.
struct Page {
  std::vector<records::HostingRow> rows;
  std::optional<std::string> next_token;
};

/// The page that a List request of models, endpoint configurations or endpoints asks for. Throws
/// Error(Customer, ValidationException) for a NextToken that belongs to another sorting.
template <class Request>
Page page_of(records::Connection& connection, records::HostingKind kind, const std::string& account,
             const Request& request) {
  constexpr std::int64_t kDefaultPage = 10;
  using records::ListingQuery;
  ListingQuery query{.account = account,
                     .name_contains = request.name_contains.value_or(""),
                     .created_after = request.creation_time_after,
                     .created_before = request.creation_time_before};
  const std::string sort = request.sort_by.value_or("CreationTime");
  if (equal_ignoring_case(sort, "Name")) query.sort = ListingQuery::Sort::Name;
  query.descending = !equal_ignoring_case(request.sort_order.value_or("Descending"), "Ascending");
  if constexpr (requires { request.status_equals; }) {
    if (equal_ignoring_case(sort, "Status")) query.sort = ListingQuery::Sort::Status;
    query.status = request.status_equals.value_or("");
    query.modified_after = request.last_modified_time_after;
    query.modified_before = request.last_modified_time_before;
  }
  if (request.next_token) {
    query.after = records::after_token(query, *request.next_token);
    if (!query.after) {
      aws::refuse(
          "Invalid NextToken. Use the one of the previous page, with the same SortBy and "
          "SortOrder.");
    }
  }
  const std::int64_t size = request.max_results.value_or(kDefaultPage);
  query.limit = size + 1;
  Page page{.rows = records::HostingTable(connection, kind).list(query), .next_token = {}};
  if (static_cast<std::int64_t>(page.rows.size()) > size) {
    page.rows.pop_back();
    const records::HostingRow& last = page.rows.back();
    page.next_token = records::page_token(
        query, {.name = last.name, .status = last.status, .created_at = last.created_at});
  }
  return page;
}

}  // namespace millrace::hosting
