#pragma once

#include <string>
#include <vector>

#include "generated/aws/sagemaker/types.h"
#include "platform/records/training_jobs.h"

namespace millrace::jobs {

/// The rows of a page and one more, by which the page knows whether it is the last. Throws
/// Error(Customer, ValidationException) for a NextToken that belongs to another sorting.
records::ListingQuery listing_query(const wire::sagemaker::ListTrainingJobsRequest& request,
                                    const std::string& account);

/// The page of the rows that listing_query() found.
wire::sagemaker::ListTrainingJobsResponse listing_page(
    const wire::sagemaker::ListTrainingJobsRequest& request,
    std::vector<records::TrainingJobSummaryRow> rows);

}  // namespace millrace::jobs
