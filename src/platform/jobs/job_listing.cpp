#include "platform/jobs/job_listing.h"

#include "core/base/text.h"
#include "platform/jobs/job_record.h"
#include "platform/jobs/refuse.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;

constexpr std::int64_t kDefaultPage = 10;

records::ListingQuery::Sort sort_of(const std::string& name) {
  if (equal_ignoring_case(name, "Name")) return records::ListingQuery::Sort::Name;
  if (equal_ignoring_case(name, "Status")) return records::ListingQuery::Sort::Status;
  return records::ListingQuery::Sort::CreationTime;
}

records::ListingQuery sorted_query(const sm::ListTrainingJobsRequest& request) {
  records::ListingQuery query;
  query.sort = sort_of(request.sort_by.value_or("CreationTime"));
  query.descending = !equal_ignoring_case(request.sort_order.value_or("Descending"), "Ascending");
  return query;
}

std::int64_t page_size(const sm::ListTrainingJobsRequest& request) {
  return request.max_results.value_or(kDefaultPage);
}

}  // namespace

records::ListingQuery listing_query(const sm::ListTrainingJobsRequest& request,
                                    const std::string& account) {
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
  query.limit = page_size(request) + 1;
  return query;
}

sm::ListTrainingJobsResponse listing_page(const sm::ListTrainingJobsRequest& request,
                                          std::vector<records::TrainingJobSummaryRow> rows) {
  sm::ListTrainingJobsResponse response;
  if (static_cast<std::int64_t>(rows.size()) > page_size(request)) {
    rows.pop_back();
    const records::TrainingJobSummaryRow& last = rows.back();
    response.next_token = records::page_token(
        sorted_query(request),
        {.name = last.name, .status = last.status, .created_at = last.created_at});
  }
  for (const records::TrainingJobSummaryRow& row : rows) {
    response.training_job_summaries.push_back(
        {.training_job_name = row.name,
         .training_job_arn = training_job_arn(row.region, row.account, row.name),
         .creation_time = row.created_at,
         .training_end_time = row.ended_at,
         .last_modified_time = row.modified_at,
         .training_job_status = row.status});
  }
  return response;
}

}  // namespace millrace::jobs
