#include "platform/jobs/check_algorithm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/jobs/training_jobs_fixture.h"

namespace millrace::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(TrainingJobsTest, AnUnknownImageIsToldWithItsNearestNeighbour) {
  auto request = built_in();
  request.algorithm_specification->training_image = "image-clasification:1";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: AlgorithmSpecification.TrainingImage: got "
            "\"image-clasification:1\", expected a built-in "
            "algorithm (tag 1 or latest) or a registered image. Did you mean "
            "'image-classification'? 'millrace images list' "
            "shows what there is.");
}

TEST_F(TrainingJobsTest, ABuiltInAlgorithmRefusesHyperparametersAndChannelsAllAtOnce) {
  auto request = built_in();
  request.hyper_parameters = {{{"epoch", "3"}, {"epochs", "0"}}};
  request.input_data_config->front().channel_name = "trian";
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: hyperparameter 'epoch': got \"3\", expected a hyperparameter of "
            "image-classification. Did "
            "you mean 'epochs'?; hyperparameter 'epochs': got \"0\", expected a whole number of at "
            "least 1. Leave it out to "
            "use 30.; channel 'trian': got \"trian\", expected a channel of image-classification: "
            "'train'. Did you mean "
            "'train'?; channel 'train': expected this channel in InputDataConfig, because "
            "image-classification reads it. "
            "Add it.");
}

TEST_F(TrainingJobsTest, ProblemsAreWhatCreatingWouldSayAndNothingIsMade) {
  EXPECT_TRUE(jobs_.problems(built_in(), operator_).empty());
  auto request = built_in();
  request.hyper_parameters = {{{"epoch", "3"}, {"epochs", "0"}}};
  request.output_data_config.s3_output_path = "s3://no-such-bucket/out";
  const auto problems = jobs_.problems(request, operator_);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_THAT(problems[0].message, HasSubstr("no-such-bucket"));
  EXPECT_EQ(problems[1].field, "hyperparameter 'epoch'");
  EXPECT_EQ(problems[2].field, "hyperparameter 'epochs'");
  EXPECT_THAT(refusal([&] { jobs_.create(request, operator_); }),
              HasSubstr(problems[0].message));
  EXPECT_NO_THROW(jobs_.create(built_in(), operator_));  // the name is still free
  EXPECT_THAT(jobs_.problems(built_in(), operator_).at(0).message, HasSubstr("already exists"));
}

TEST_F(TrainingJobsTest, ABuiltInAlgorithmBringsItsMetricsAndTakesNoOthers) {
  jobs_.create(built_in(), operator_);
  const auto job = describe();
  EXPECT_EQ(job.algorithm_specification->metric_definitions->at(0).name, "train:accuracy");
  EXPECT_EQ(job.algorithm_specification->enable_sage_maker_metrics_time_series, true);
  auto request = built_in("other");
  request.algorithm_specification->metric_definitions = {{{.name = "m", .regex = "x"}}};
  EXPECT_THAT(refusal([&] { jobs_.create(request, operator_); }),
              HasSubstr("You can't override the metric definitions"));
}

TEST_F(TrainingJobsTest, BuiltInAlgorithmsTrainOnSeveralHostsWhereTheyCan) {
  sm::CreateTrainingJobRequest request = built_in();
  request.resource_config->instance_count = 2;
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: ResourceConfig.InstanceCount above 1 for image-classification is "
            "not supported: its hosts do not train together. Set it to 1.");
  request.algorithm_specification->training_image = "linear-learner";
  jobs_.create(request, operator_);
  EXPECT_THAT(ticket_of_host("algo-2").hosts, ElementsAre("algo-1", "algo-2"));
}

TEST_F(TrainingJobsTest, HostsThatTrainTogetherAllReadEveryChannel) {
  sm::CreateTrainingJobRequest request = built_in();
  request.algorithm_specification->training_image = "linear-learner";
  request.resource_config = {
      {.volume_size_in_gb = 5,
       .instance_groups = {
           {{.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "a"},
            {.instance_type = "ml.m5.large", .instance_count = 1, .instance_group_name = "b"}}}}};
  auto& source = request.input_data_config->front().data_source.s3_data_source;
  source->instance_group_names = {{"b"}};
  EXPECT_EQ(refusal([&] { jobs_.create(request, operator_); }),
            "ValidationException: InstanceGroupNames of some groups only for channel 'train' of "
            "linear-learner is not supported: all its hosts read every channel. Leave "
            "InstanceGroupNames out.");
  source->instance_group_names = {{"a", "b"}};
  jobs_.create(request, operator_);
}

}  // namespace
}  // namespace millrace::jobs
