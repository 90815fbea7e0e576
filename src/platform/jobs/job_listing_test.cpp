#include "platform/jobs/job_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/training_jobs_fixture.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(TrainingJobsTest, ListsAreFilteredSortedAndPagedWithoutLossOrRepetition) {
  for (const char* name : {"b1", "a2", "c3", "a4", "b5"})
    jobs_.create(small_request(name), operator_);
  jobs_.stop({.training_job_name = "c3"}, operator_);
  EXPECT_THAT(list({.name_contains = "a"}), ::testing::UnorderedElementsAre("a2", "a4"));
  EXPECT_THAT(list({.status_equals = "Stopped"}), ElementsAre("c3"));
  EXPECT_THAT(list({.sort_by = "Name", .sort_order = "Ascending"}),
              ElementsAre("a2", "a4", "b1", "b5", "c3"));
  EXPECT_THAT(list({.warm_pool_status_equals = "Available"}), IsEmpty());
  for (const char* sort : {"Name", "CreationTime", "Status"}) {
    const std::vector<std::string> all = list({.sort_by = sort});
    std::vector<std::string> paged;
    sm::ListTrainingJobsRequest request{.max_results = 2, .sort_by = sort};
    do {
      const auto page = jobs_.list(request, operator_);
      EXPECT_LE(page.training_job_summaries.size(), 2U);
      for (const auto& summary : page.training_job_summaries)
        paged.push_back(summary.training_job_name);
      request.next_token = page.next_token;
    } while (request.next_token);
    EXPECT_EQ(paged, all) << sort;
    EXPECT_EQ(paged.size(), 5U);
  }
}

TEST_F(TrainingJobsTest, APageTokenBelongsToItsSorting) {
  for (const char* name : {"a", "b"}) jobs_.create(small_request(name), operator_);
  const auto token = jobs_.list({.max_results = 1, .sort_by = "Name"}, operator_).next_token;
  ASSERT_TRUE(token);
  EXPECT_THAT(*token, ::testing::MatchesRegex("[0-9a-f]+"));
  const std::string told =
      "ValidationException: Invalid NextToken. Use the one of the previous page, with the same "
      "SortBy "
      "and SortOrder.";
  EXPECT_EQ(refusal([&] { list({.next_token = token, .sort_by = "Status"}); }), told);
  EXPECT_EQ(refusal([&] { list({.next_token = "zz"}); }), told);
}

}  // namespace
}  // namespace millrace::jobs
