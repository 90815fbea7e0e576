#include "platform/jobs/training_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/training_jobs_fixture.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(TrainingJobsTest, TagsComeWithTheJobAndCanBeChangedByArnWhateverItsCase) {
  auto request = small_request("Job-9");
  request.tags = {{{.key = "team", .value = "a"}}};
  const std::string arn = jobs_.create(request, operator_).training_job_arn;
  tags_.add({.resource_arn = "arn:aws:sagemaker:us-west-2:111122223333:training-job/Job-9",
             .tags = {{.key = "team", .value = "b"}, {.key = "z", .value = ""}}},
            operator_);
  EXPECT_THAT(tags_.list({.resource_arn = arn}, operator_).tags.value(),
              ElementsAre(sm::Tag{"team", "b"}, sm::Tag{"z", ""}));
  tags_.remove({.resource_arn = arn, .tag_keys = {"team", "unknown"}}, operator_);
  EXPECT_THAT(tags_.list({.resource_arn = arn}, operator_).tags.value(),
              ElementsAre(sm::Tag{"z", ""}));
}

TEST_F(TrainingJobsTest, TagsAreLimitedPagedAndBelongToSomething) {
  const std::string arn = jobs_.create(small_request(), operator_).training_job_arn;
  sm::AddTagsInput fifty{.resource_arn = arn};
  for (int i = 10; i < 60; ++i) fifty.tags.push_back({.key = "k" + std::to_string(i)});
  EXPECT_EQ(tags_.add(fifty, operator_).tags->size(), 50U);
  EXPECT_THAT(
      refusal([&] { tags_.add({.resource_arn = arn, .tags = {{.key = "one more"}}}, operator_); }),
      HasSubstr("ResourceLimitExceeded: A resource can have at most 50 tags"));
  const auto first = tags_.list({.resource_arn = arn, .max_results = 49}, operator_);
  EXPECT_EQ(first.tags->size(), 49U);
  const auto second = tags_.list(
      {.resource_arn = arn, .next_token = first.next_token, .max_results = 49}, operator_);
  EXPECT_THAT(second.tags.value(), ElementsAre(sm::Tag{"k59", ""}));
  EXPECT_FALSE(second.next_token);
  EXPECT_THAT(refusal([&] {
                tags_.list({.resource_arn = "arn:aws:sagemaker:r:111122223333:training-job/no"},
                           operator_);
              }),
              HasSubstr("Requested resource not found."));
  EXPECT_THAT(
      refusal([&] { tags_.list({.resource_arn = "arn:aws:sagemaker:r:1:endpoint/e"}, operator_); }),
      HasSubstr("expected the ARN of something that has tags: training-job"));
}

}  // namespace
}  // namespace millrace::jobs
