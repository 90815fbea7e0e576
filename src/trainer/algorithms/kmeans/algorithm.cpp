#include "trainer/algorithms/kmeans/algorithm.h"

#include "trainer/algorithms/kmeans/hyperparameters.h"
#include "trainer/algorithms/kmeans/scoring.h"
#include "trainer/algorithms/kmeans/training.h"
#include "trainer/tabular/tabular_job.h"

namespace millrace::kmeans {
namespace {

std::vector<MetricSpec> metrics() {
  const std::string line = R"(#quality_metric: host=\S+, )";
  return {
      progress_metric(),
      throughput_metric(),
      {.name = "train:msd", .regex = line + R"(train msd <loss>=(\S+))"},
      {.name = "test:msd", .regex = line + R"(test msd <loss>=(\S+))", .tuning_objective = true},
      {.name = "test:ssd", .regex = line + R"(test ssd <loss>=(\S+))", .tuning_objective = true}};
}

void check(Job& job) {
  const Hyperparameters h = read_settings(job, Hyperparameters::schema());
  check_tabular_channels(job, algorithm(), kLabelSize, h.feature_dim);
}

void train_alone(Job& job) {
  OneHost host;
  train_centres(job, host);
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = "kmeans",
      .summary = "Web-scale k-means: groups rows around k centres in one pass over a stream.",
      .image_names = {"kmeans"},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {row_channel(kTrainChannel, true, "Rows of features, without a label."),
                   row_channel(
                       kTestChannel, false,
                       "The same: the distances of its rows to the final centres are measured.")},
      .metrics = metrics(),
      .distributed = true,
      .uses_gpu = false,
      .instance_notes = "More cores and more instances help, GPUs do not.",
      .check = &check,
      .train_alone = &train_alone,
      .load = &load_scorer};
  return entry;
}

}  // namespace millrace::kmeans
