#include "platform/jobs/job_listing.h"

#include "platform/jobs/job_record.h"

namespace millrace::jobs {

wire::sagemaker::ListTrainingJobsResponse listing_page(
    const wire::sagemaker::ListTrainingJobsRequest& request,
    std::vector<records::JobSummaryRow> rows) {
  wire::sagemaker::ListTrainingJobsResponse response;
  response.next_token = end_page(request, rows);
  for (const records::JobSummaryRow& row : rows) {
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
