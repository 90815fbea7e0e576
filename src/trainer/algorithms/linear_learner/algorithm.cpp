#include "trainer/algorithms/linear_learner/algorithm.h"

#include "core/base/error.h"
#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/algorithms/linear_learner/scoring.h"
#include "trainer/tabular/tabular_channel.h"
#include "trainer/tabular/tabular_job.h"

namespace millrace::linear_learner {
namespace {

constexpr std::string_view kName = "linear-learner";

/// The published metric definitions. `P` stands for a channel that a saved model is measured on.
std::vector<MetricSpec> metrics() {
  const std::string line = R"(#quality_metric: host=\S+, )";
  std::vector<MetricSpec> all{
      progress_metric(),
      throughput_metric(),
      {.name = "train:objective_loss",
       .regex = line + R"(epoch=\S+, train \S+_objective <loss>=(\S+))"},
      {.name = "train:objective_loss:final", .regex = line + R"(train \S+_objective <loss>=(\S+))"},
      {.name = "validation:objective_loss",
       .regex = line + R"(epoch=\S+, validation \S+_objective <loss>=(\S+))",
       .tuning_objective = true},
      {.name = "validation:objective_loss:final",
       .regex = line + R"(validation \S+_objective <loss>=(\S+))"},
      {.name = "test:objective_loss",
       .regex = line + R"(test \S+_objective <loss>=(\S+))",
       .tuning_objective = true}};
  struct Scored {
    const char* name;
    const char* pattern;
    bool is_loss;
  };
  for (const Scored& scored :
       {Scored{"binary_classification_accuracy", "binary_classification_accuracy", false},
        {"binary_f_beta", R"(binary_f_\S+)", false},
        {"precision", "precision", false},
        {"recall", "recall", false},
        {"roc_auc_score", "roc_auc_score", false},
        {"multiclass_accuracy", "multiclass_accuracy", false},
        {"multiclass_top_k_accuracy", R"(multiclass_top_k_accuracy_\S+)", false},
        {"dcg", "dcg", false},
        {"macro_f_beta", R"(macro_f_\S+)", false},
        {"macro_precision", "macro_precision", false},
        {"macro_recall", "macro_recall", false},
        {"mse", "mse", true},
        {"absolute_loss", "absolute_loss", true},
        {"rmse", "rmse", true}}) {
    for (const std::string channel : {kValidationChannel, kTestChannel}) {
      all.push_back({.name = channel + ":" + scored.name,
                     .regex = line + channel + " " + scored.pattern +
                              (scored.is_loss ? R"( <loss>=(\S+))" : R"( <score>=(\S+))"),
                     .higher_is_better = !scored.is_loss,
                     .tuning_objective = true});
    }
  }
  return all;
}

void check(Job& job) {
  const Hyperparameters h = read_settings(job, Hyperparameters::schema());
  check_tabular_channels(job, algorithm(), kLabelSize, h.feature_dim);
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = std::string(kName),
      .summary = "Linear models for regression and classification.",
      .image_names = {std::string(kName)},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {row_channel(kTrainChannel, true, "Rows, the label in the first column."),
                   row_channel(
                       kValidationChannel, false,
                       "The same, held back: models, epochs and thresholds are chosen on it."),
                   row_channel(kTestChannel, false,
                               "The same: the final model is measured on it.")},
      .metrics = metrics(),
      .distributed = true,
      .uses_gpu = false,
      .instance_notes =
          "Reading is most of the work: more cores and more instances help, GPUs do not.",
      .check = &check,
      .load = &load_scorer};
  return entry;
}

}  // namespace millrace::linear_learner
