#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/jobs/refuse.h"
#include "platform/records/jobs.h"

namespace millrace::jobs {

/// Of a List request that says nothing else.
inline constexpr std::int64_t kDefaultPage = 10;

/// How the jobs of a List request, of whatever kind, are sorted.
template <class Request>
records::ListingQuery sorted_query(const Request& request) {
  using Sort = records::ListingQuery::Sort;
  const std::string by = request.sort_by.value_or("CreationTime");
  records::ListingQuery query;
  query.sort = equal_ignoring_case(by, "Name")     ? Sort::Name
               : equal_ignoring_case(by, "Status") ? Sort::Status
                                                   : Sort::CreationTime;
  query.descending = !equal_ignoring_case(request.sort_order.value_or("Descending"), "Ascending");
  return query;
}

/// The rows of a page and one more, by which the page knows whether it is the last. Throws
/// Error(Customer, ValidationException) for a NextToken that belongs to another sorting.
template <class Request>
records::ListingQuery listing_query(const Request& request, const std::string& account) {
  records::ListingQuery query = sorted_query(request);
  query.account = account;
  query.name_contains = request.name_contains.value_or("");
  query.status = request.status_equals.value_or("");
  query.created_after = request.creation_time_after;
  query.created_before = request.creation_time_before;
  query.modified_after = request.last_modified_time_after;
  query.modified_before = request.last_modified_time_before;
  if (request.next_token) {
    query.after = records::after_token(query, *request.next_token);
    if (!query.after) {
      refuse(
          "Invalid NextToken. Use the one of the previous page, with the same SortBy and "
          "SortOrder.");
    }
  }
  query.limit = request.max_results.value_or(kDefaultPage) + 1;
  return query;
}

/// Takes the row that is only there to be counted off the page, and returns the token of the next
/// page; nullopt when this one is the last.
template <class Request>
std::optional<std::string> end_page(const Request& request,
                                    std::vector<records::JobSummaryRow>& rows) {
  if (static_cast<std::int64_t>(rows.size()) <= request.max_results.value_or(kDefaultPage))
    return std::nullopt;
  rows.pop_back();
  const records::JobSummaryRow& last = rows.back();
  return records::page_token(
      sorted_query(request),
      {.name = last.name, .status = last.status, .created_at = last.created_at});
}

/// The page of the rows that listing_query() found.
wire::sagemaker::ListTrainingJobsResponse listing_page(
    const wire::sagemaker::ListTrainingJobsRequest& request,
    std::vector<records::JobSummaryRow> rows);

}  // namespace millrace::jobs
