#include "trainer/algorithms/pca/algorithm.h"

#include "trainer/algorithms/pca/hyperparameters.h"
#include "trainer/algorithms/pca/memory_needs.h"
#include "trainer/algorithms/pca/scoring.h"
#include "trainer/tabular/tabular_job.h"

namespace millrace::pca {
namespace {

std::vector<MetricSpec> metrics() {
  return {progress_metric(),
          throughput_metric(),
          {.name = "test:mse", .regex = R"(#quality_metric: host=\S+, test mse <loss>=(\S+))"}};
}

void check(Job& job) {
  const Hyperparameters h = read_settings(job, Hyperparameters::schema());
  check_tabular_channels(job, algorithm(), kLabelSize, h.feature_dim);
  require_memory(h, memory_limit());
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = kName,
      .summary = "Principal component analysis: fewer features that keep the most variance.",
      .image_names = {kName},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {row_channel(kTrainChannel, true, "Rows of features, without a label."),
                   row_channel(kTestChannel, false,
                               "The same: the model's reconstruction of them is measured.")},
      .metrics = metrics(),
      .distributed = true,
      .uses_gpu = false,
      .instance_notes =
          "One pass of matrix products: more cores and more instances help. Memory "
          "grows with the square of feature_dim unless algorithm_mode is randomized.",
      .check = &check,
      .load = &load_scorer};
  return entry;
}

}  // namespace millrace::pca
