#include "platform/jobs/job_listing.h"

#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/jobs/job_record.h"
#include "platform/jobs/refuse.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;

constexpr std::int64_t kDefaultPage = 10;

/// "<sort>/<order>/<value>/<name>" in hexadecimal: URL-safe, and refused when it is used with
/// another sorting.
std::string page_token(records::TrainingJobQuery::Sort sort,
                       const records::TrainingJobSummaryRow& last, const std::string& sorting) {
  std::string value;
  switch (sort) {
    case records::TrainingJobQuery::Sort::Name:
      value = to_lower(last.name);
      break;
    case records::TrainingJobQuery::Sort::Status:
      value = last.status;
      break;
    case records::TrainingJobQuery::Sort::CreationTime:
      value = std::to_string(to_millis(last.created_at));
      break;
  }
  return to_hex(sorting + "/" + value + "/" + to_lower(last.name));
}

records::TrainingJobQuery::After parse_page_token(const std::string& token,
                                                  const std::string& sorting) {
  const std::string text = from_hex(token).value_or("");
  const auto parts = split(text, '/');
  if (parts.size() != 4 || std::string(parts[0]) + "/" + std::string(parts[1]) != sorting) {
    refuse(
        "Invalid NextToken. Use the one of the previous page, with the same SortBy and SortOrder.");
  }
  return {.value = std::string(parts[2]), .name_key = std::string(parts[3])};
}

records::TrainingJobQuery::Sort sort_of(const std::string& name) {
  if (equal_ignoring_case(name, "Name")) return records::TrainingJobQuery::Sort::Name;
  if (equal_ignoring_case(name, "Status")) return records::TrainingJobQuery::Sort::Status;
  return records::TrainingJobQuery::Sort::CreationTime;
}

bool descends(const sm::ListTrainingJobsRequest& request) {
  return !equal_ignoring_case(request.sort_order.value_or("Descending"), "Ascending");
}

std::string sorting_of(const sm::ListTrainingJobsRequest& request) {
  return to_lower(request.sort_by.value_or("CreationTime")) +
         (descends(request) ? "/descending" : "/ascending");
}

std::int64_t page_size(const sm::ListTrainingJobsRequest& request) {
  return request.max_results.value_or(kDefaultPage);
}

}  // namespace

records::TrainingJobQuery listing_query(const sm::ListTrainingJobsRequest& request,
                                        const std::string& account) {
  records::TrainingJobQuery query{.account = account,
                                  .name_contains = request.name_contains.value_or(""),
                                  .status = request.status_equals.value_or(""),
                                  .created_after = request.creation_time_after,
                                  .created_before = request.creation_time_before,
                                  .modified_after = request.last_modified_time_after,
                                  .modified_before = request.last_modified_time_before};
  query.sort = sort_of(request.sort_by.value_or("CreationTime"));
  query.descending = descends(request);
  if (request.next_token) query.after = parse_page_token(*request.next_token, sorting_of(request));
  query.limit = page_size(request) + 1;
  return query;
}

sm::ListTrainingJobsResponse listing_page(const sm::ListTrainingJobsRequest& request,
                                          std::vector<records::TrainingJobSummaryRow> rows) {
  sm::ListTrainingJobsResponse response;
  if (static_cast<std::int64_t>(rows.size()) > page_size(request)) {
    rows.pop_back();
    response.next_token = page_token(sort_of(request.sort_by.value_or("CreationTime")), rows.back(),
                                     sorting_of(request));
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
