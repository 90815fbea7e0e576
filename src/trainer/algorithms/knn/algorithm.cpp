#include "trainer/algorithms/knn/algorithm.h"

#include "trainer/algorithms/knn/hyperparameters.h"
#include "trainer/tabular/tabular_channel.h"
#include "trainer/tabular/tabular_job.h"

namespace millrace::knn {
namespace {

void check(Job& job) {
  const Hyperparameters h = read_settings(job, Hyperparameters::schema());
  check_tabular_channels(job, algorithm(), kLabelSize, h.feature_dim);
  if (const auto columns = peek_columns(*job.find_channel(kTrainChannel), kLabelSize))
    require_reducible(h, *columns);
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = "knn",
      .summary = "Classification and regression by the nearest rows of a sample.",
      .image_names = {"knn"},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {row_channel(kTrainChannel, true, "Rows, the label in the first column."),
                   row_channel(kTestChannel, false, "The same: the model is measured on it.")},
      .metrics = {{.name = "test:accuracy",
                   .regex = R"(#quality_metric: host=\S+, test accuracy <score>=(\S+))",
                   .higher_is_better = true,
                   .tuning_objective = true},
                  {.name = "test:mse",
                   .regex = R"(#quality_metric: host=\S+, test mse <loss>=(\S+))",
                   .tuning_objective = true}},
      .distributed = true,
      .uses_gpu = false,
      .instance_notes =
          "Memory holds the sample; measuring and scoring use every core. More instances divide "
          "reading, sampling and the test channel; GPUs do not help.",
      .check = &check};
  return entry;
}

}  // namespace millrace::knn
