#include "trainer/algorithms/random_cut_forest/algorithm.h"

#include "core/base/error.h"
#include "trainer/algorithms/random_cut_forest/hyperparameters.h"
#include "trainer/algorithms/random_cut_forest/scoring.h"
#include "trainer/algorithms/random_cut_forest/training.h"
#include "trainer/tabular/tabular_job.h"

namespace millrace::random_cut_forest {
namespace {

constexpr std::string_view kName = "randomcutforest";

MetricSpec test_metric(const std::string& name) {
  return {.name = "test:" + name,
          .regex = R"(#quality_metric: host=\S+, test )" + name + R"( <score>=(\S+))",
          .higher_is_better = true,
          .tuning_objective = name == "f1"};
}

/// With several instances: each grows its trees from rows of its own, and measures its part of the
/// same test rows.
void check_distribution(const Job& job) {
  if (job.resources().hosts.size() < 2) return;
  for (const auto& [name, wanted, reason] :
       {std::tuple{kTrainChannel, "ShardedByS3Key",
                   "each instance grows its trees from its own files"},
        {kTestChannel, "FullyReplicated", "the instances divide its rows themselves"}}) {
    const Channel* const channel = job.find_channel(name);
    if (channel == nullptr) continue;
    const bool sharded = channel->config.distribution == "ShardedByS3Key";
    const std::string given = sharded ? "ShardedByS3Key" : "FullyReplicated";
    if (given == wanted) continue;
    throw Error(Blame::Customer, Problem{.where = "channel '" + std::string(name) + "'",
                                         .given = "S3DataDistributionType " + given,
                                         .expected = std::string(wanted) + ", since " + reason,
                                         .fix = "Set S3DataDistributionType of the channel."});
  }
}

void check(Job& job) {
  const Hyperparameters h = read_settings(job, Hyperparameters::schema());
  check_tabular_channels(job, algorithm(),
                         {{kTrainChannel, kTrainLabelSize}, {kTestChannel, kTestLabelSize}},
                         h.feature_dim);
  check_distribution(job);
}

void train_alone(Job& job) {
  OneHost host;
  train_forest(job, host);
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = std::string(kName),
      .summary = "Scores rows by how unlike the others they are, with a random cut forest.",
      .image_names = {std::string(kName)},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {row_channel(kTrainChannel, true, "Rows of features, without a label."),
                   row_channel(kTestChannel, false,
                               "Rows with a label in front, 1 of an anomaly and 0 of others: the "
                               "forest is measured on it.")},
      .metrics = {progress_metric(), throughput_metric(), test_metric("accuracy"),
                  test_metric("precision"), test_metric("recall"), test_metric("f1")},
      .distributed = true,
      .uses_gpu = false,
      .instance_notes =
          "Reading is all of the work of training: GPUs do not help, and more instances only where "
          "they read faster together.",
      .check = &check,
      .train_alone = &train_alone,
      .load = &load_scorer};
  return entry;
}

}  // namespace millrace::random_cut_forest
