#include "trainer/algorithms/random_cut_forest/hyperparameters.h"

#include <string>

#include "core/base/text.h"

namespace millrace::random_cut_forest {
namespace {

constexpr std::int64_t kBatchRows = 1000;
constexpr std::string_view kAccuracy = "accuracy", kFscore = "precision_recall_fscore";

/// A list as the SDK sends it, ["accuracy", "precision_recall_fscore"], or the bare names between
/// commas.
std::optional<EvalMetrics> parse_eval_metrics(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  EvalMetrics metrics{.accuracy = false, .precision_recall_fscore = false};
  for (std::string_view name : split(text, ',')) {
    name = trim(name);
    for (const char quote : {'"', '\''}) {
      if (name.size() >= 2 && name.front() == quote && name.back() == quote)
        name = name.substr(1, name.size() - 2);
    }
    if (name == kAccuracy) {
      metrics.accuracy = true;
    } else if (name == kFscore) {
      metrics.precision_recall_fscore = true;
    } else {
      return std::nullopt;
    }
  }
  return metrics;
}

std::string format_eval_metrics(const EvalMetrics& metrics) {
  std::string text;
  const auto add = [&](std::string_view name) {
    text += (text.empty() ? "[\"" : ", \"") + std::string(name) + "\"";
  };
  if (metrics.accuracy) add(kAccuracy);
  if (metrics.precision_recall_fscore) add(kFscore);
  return text + "]";
}

}  // namespace

const Schema<Hyperparameters>& Hyperparameters::schema() {
  using H = Hyperparameters;
  static const Schema<H> schema =
      Schema<H>("randomcutforest")
          .number("feature_dim", &H::feature_dim, between(1, static_cast<double>(kMaxFeatures)),
                  "Features of a row.", Required)
          .text("eval_metrics", &H::eval_metrics,
                {.expects = "a list of 'accuracy' and 'precision_recall_fscore'",
                 .parse = parse_eval_metrics,
                 .format = format_eval_metrics},
                "What is reported of the test channel.")
          .number("mini_batch_size", &H::mini_batch_size, between(kBatchRows, kBatchRows),
                  "Rows that are read together; the forest does not depend on it, and the original "
                  "takes no other value.")
          .number("num_samples_per_tree", &H::num_samples_per_tree,
                  between(1, static_cast<double>(kMaxTreePoints)),
                  "Rows each tree is grown from, at most. Its inverse should be about the share of "
                  "anomalies.",
                  Tunable(1, static_cast<double>(kMaxTreePoints)))
          .number("num_trees", &H::num_trees, between(50, 1000), "Trees of the forest.",
                  Tunable(50, 1000))
          .choice("partition", &H::partition,
                  {{"contiguous", Partition::Contiguous}, {"shuffled", Partition::Shuffled}},
                  "Whether a tree gets neighbouring rows of the sample, as the original does, or "
                  "any; not in the original service.")
          .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                  "Sample and cuts follow from it; not in the original service.");
  return schema;
}

}  // namespace millrace::random_cut_forest
