#include "trainer/algorithms/kmeans/hyperparameters.h"

#include <algorithm>

#include "core/json/json.h"

namespace millrace::kmeans {
namespace {

constexpr std::int64_t kMaxEpochs = 1'000'000;
constexpr std::int64_t kMaxBatchRows = 100'000'000;
constexpr std::int64_t kMaxFeatures = 100'000'000;
constexpr std::int64_t kMaxCentres = 100'000'000;
constexpr std::int64_t kMaxTrials = 1'000'000;

using H = Hyperparameters;

/// ["msd"] or ["msd","ssd"]; a name that comes twice counts once.
std::optional<std::vector<EvalMetric>> parse_metrics(std::string_view text) {
  const Json list = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array() || list.empty()) return std::nullopt;
  std::vector<EvalMetric> metrics;
  for (const Json& item : list) {
    if (!item.is_string()) return std::nullopt;
    const auto name = item.get<std::string>();
    if (name != "msd" && name != "ssd") return std::nullopt;
    const EvalMetric metric = name == "msd" ? EvalMetric::Msd : EvalMetric::Ssd;
    if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end())
      metrics.push_back(metric);
  }
  return metrics;
}

std::string format_metrics(const std::vector<EvalMetric>& metrics) {
  Json list = Json::array();
  for (const EvalMetric metric : metrics) list.push_back(metric_name(metric));
  return to_text(list);
}

}  // namespace

std::string metric_name(EvalMetric metric) {
  return metric == EvalMetric::Msd ? "msd" : "ssd";
}

const Schema<H>& H::schema() {
  static const std::vector<std::pair<std::string, InitMethod>> kInitMethods{
      {"random", InitMethod::Random}, {"kmeans++", InitMethod::PlusPlus}};
  static const Schema<H> schema =
      Schema<H>("kmeans")
          .number("feature_dim", &H::feature_dim, between(1, kMaxFeatures), "Features of a row.",
                  Required)
          .number("k", &H::k, between(1, kMaxCentres), "Clusters to find.", Required)
          .number("epochs", &H::epochs, between(1, kMaxEpochs), "Passes over the train channel.",
                  Tunable(1, 10))
          .text("eval_metrics", &H::eval_metrics,
                {.expects = R"(a JSON list of "msd" and "ssd", such as ["msd","ssd"])",
                 .parse = parse_metrics,
                 .format = format_metrics},
                "What the test channel is measured by: mean and sum of squared distances.")
          .number(
              "extra_center_factor", &H::extra_center_factor, between(1, kMaxCentres),
              "The stream is summarised by k times this many centres, from which the k are made "
              "at the end.",
              Auto, Tunable(4, 10))
          .choice("force_dense", &H::force_dense,
                  {{"True", true}, {"False", false}, {"true", true}, {"false", false}},
                  "Accepted for the SDK's sake: distances are computed on dense rows either way.")
          .number("half_life_time_size", &H::half_life_time_size, between(0, 1e15),
                  "Points after which a point weighs half; 0 keeps all weights.")
          .choice("init_method", &H::init_method, kInitMethods,
                  "How the first centres are taken from the first rows.", Tunable())
          .choice("local_lloyd_init_method", &H::local_lloyd_init_method, kInitMethods,
                  "How Lloyd's method, which makes k centres of the many, begins.")
          .number("local_lloyd_max_iter", &H::local_lloyd_max_iter, between(1, 1e9),
                  "Iterations of Lloyd's method, at most.")
          .number("local_lloyd_num_trials", &H::local_lloyd_num_trials, between(1, kMaxTrials),
                  "Runs of Lloyd's method, of which the best is kept.", Auto)
          .number("local_lloyd_tol", &H::local_lloyd_tol, between(0, 1),
                  "Relative change of the loss below which Lloyd's method ends.")
          .number("mini_batch_size", &H::mini_batch_size, between(1, kMaxBatchRows),
                  "Rows between two updates of the centres, on each host.", Tunable(3000, 15000))
          .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                  "Every random choice follows from it; not in the original service.");
  return schema;
}

}  // namespace millrace::kmeans
