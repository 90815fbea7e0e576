#include "trainer/algorithms/random_cut_forest/training.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/random_cut_forest/algorithm.h"
#include "trainer/algorithms/random_cut_forest/evaluation.h"
#include "trainer/algorithms/random_cut_forest/forest_file.h"
#include "trainer/algorithms/random_cut_forest/forest_scorer.h"
#include "trainer/algorithms/random_cut_forest/hyperparameters.h"
#include "trainer/algorithms/random_cut_forest/reservoir.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::random_cut_forest {
namespace {

/// Numbers that the sample of a forest may hold (1 GiB): the default settings with 10,000 features
/// stay below.
constexpr std::int64_t kMaxSampleValues = std::int64_t{1} << 28;
/// Streams of random numbers for the hosts' samples, which are none of the trees' own.
constexpr std::uint64_t kSampleStream = std::uint64_t{1} << 40;

class Training {
 public:
  Training(Job& job, Hosts& hosts, const Hyperparameters& h)
      : job_(job),
        hosts_(hosts),
        h_(h),
        metrics_(job, "RandomCutForest"),
        mine_(hosts.share().of(h.num_trees)),
        sample_(trees() * h.num_samples_per_tree, static_cast<std::uint64_t>(h.seed),
                kSampleStream + static_cast<std::uint64_t>(hosts.share().rank)) {}

  void run() {
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    sample();
    const Forest forest = grow();
    if (hosts_.share().rank == 0) save(forest);
    if (hosts_.any(job_.stop().stop_requested())) return;
    if (const Channel* channel = job_.find_channel(kTestChannel)) {
      test(*channel, forest);
    } else {
      job_.log().info("Test data is not provided.");
    }
    metrics_.record({{"totaltime", milliseconds_since(begin)}}, Json::object(), start);
  }

 private:
  /// Of this host.
  [[nodiscard]] std::int64_t trees() const { return mine_.end - mine_.begin; }

  static double milliseconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
        .count();
  }

  [[nodiscard]] TabularOptions options(std::int64_t label_size, std::int64_t batch_rows) const {
    return {.label_size = label_size,
            .batch_rows = batch_rows,
            .columns = h_.feature_dim,
            .share = hosts_.share(),
            .threads = available_cpus()};
  }

  // ---- the sample

  void sample() {
    job_.log().info("Sampling training data...");
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    TabularChannel train(*job_.find_channel(kTrainChannel),
                         options(kTrainLabelSize, h_.mini_batch_size), job_.stop());
    const auto pass = train.open();
    PassCounts counts;
    while (const TabularBatch* batch = pass->next()) {
      counts.add(*batch);
      add(*batch);
    }
    if (sample_.rows() == 0) sample_first_rows(train);
    require_rows();
    job_.log().info("Sampling training data completed.");
    metrics_.record({{"epochs", 1}, {"update.time", milliseconds_since(begin)}}, Json::object(),
                    start);
    const std::int64_t records = counts.records();
    metrics_.progress(1, 1);
    counts.report(metrics_, {{"epoch", 0}, {"Meta", "training_data_iter"}}, start);
    metrics_.throughput(records, milliseconds_since(begin) / 1000);
  }

  void add(const TabularBatch& batch) {
    const std::int64_t hosts = hosts_.share().size;
    if (sample_.values_with(batch.rows(), h_.feature_dim) > kMaxSampleValues / hosts) {
      throw Error(Blame::Customer,
                  Problem{.where = "hyperparameters 'num_trees' and 'num_samples_per_tree'",
                          .given = std::to_string(h_.num_trees) + " trees of " +
                                   std::to_string(h_.num_samples_per_tree) + " rows of " +
                                   std::to_string(h_.feature_dim) + " numbers",
                          .expected = "a sample of at most " + std::to_string(kMaxSampleValues) +
                                      " numbers",
                          .fix = "Lower one of them."});
    }
    sample_.add(batch.dense_features(scratch_), h_.feature_dim);
  }

  /// Where not one row was read: because there is none, or because the job was stopped before. Then
  /// the first batch of a file is still enough for a model that can be used.
  void sample_first_rows(const TabularChannel& train) {
    if (!job_.stop().stop_requested()) train.refuse_empty();
    const Channel& channel = *job_.find_channel(kTrainChannel);
    if (channel.is_pipe()) {
      throw Error(Blame::Platform,
                  "stopped before the first row was read: there is no model to leave");
    }
    TabularChannel first(channel, options(kTrainLabelSize, h_.mini_batch_size), {});
    const auto pass = first.open();
    const TabularBatch* const batch = pass->next();
    if (batch == nullptr) first.refuse_empty();
    add(*batch);
  }

  void require_rows() {
    if (sample_.rows() >= trees() * h_.num_samples_per_tree) return;
    const std::string rows = std::to_string(sample_.rows());
    if (sample_.rows() < trees() && !job_.stop().stop_requested()) {
      throw Error(Blame::Customer,
                  Problem{.where = "channel 'train'",
                          .given = rows + " rows" + on_this_host(),
                          .expected = "at least " + std::to_string(trees()) + ", one for each tree",
                          .fix = "Add rows, or lower num_trees."});
    }
    job_.log().warning("channel 'train' has " + rows + " rows" + on_this_host() +
                       ", fewer than num_trees x num_samples_per_tree: each tree is grown from " +
                       std::to_string(std::max<std::int64_t>(1, sample_.rows() / trees())) +
                       " instead of " + std::to_string(h_.num_samples_per_tree) +
                       ". Lower num_trees for larger trees.");
  }

  [[nodiscard]] std::string on_this_host() const {
    return hosts_.share().size > 1 ? " on this host" : "";
  }

  // ---- the forest

  Forest grow() {
    job_.log().info("Master node: building Random Cut Forest...");
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    std::vector<const float*> rows;
    for (std::int64_t i = 0; i < sample_.rows(); ++i) rows.push_back(sample_.row(i));
    Forest forest{.features = h_.feature_dim,
                  .trees = grow_trees(rows, h_.feature_dim,
                                      {.trees = trees(),
                                       .points = h_.num_samples_per_tree,
                                       .first_tree = mine_.begin,
                                       .partition = h_.partition,
                                       .seed = static_cast<std::uint64_t>(h_.seed),
                                       .threads = available_cpus()})};
    const double fitted = milliseconds_since(begin);
    std::vector<double> sampled{static_cast<double>(sample_.rows())};
    hosts_.sum(sampled);
    job_.log().info(number_text(sampled[0]) + " samples gathered");
    if (hosts_.share().size > 1) forest.trees = gathered(forest.trees);
    job_.log().info("Random Cut Forest built:");
    job_.log().plain(forest_info(forest));
    metrics_.record({{"fit_model.time", fitted}, {"finalize.time", milliseconds_since(begin)}},
                    Json::object(), start);
    return forest;
  }

  /// Of all hosts, in the order of their numbers.
  std::vector<CutTree> gathered(const std::vector<CutTree>& trees) {
    FlatTrees flat = flatten(trees);
    flat.tree_nodes = hosts_.gather(flat.tree_nodes);
    flat.nodes = hosts_.gather(flat.nodes);
    flat.points = hosts_.gather(flat.points);
    return unflatten(flat, h_.feature_dim, "trees of the hosts");
  }

  void save(const Forest& forest) {
    job_.log().info("Master node: Serializing the RandomCutForest model");
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    save_model(job_.model_directory(), forest);
    metrics_.record({{"serialize_model.time", milliseconds_since(begin)}}, Json::object(), start);
  }

  // ---- the test channel

  void test(const Channel& channel, const Forest& forest) {
    const int threads = available_cpus();
    TabularChannel rows(channel,
                        options(kTestLabelSize, ForestScorer::batch_rows(h_.feature_dim, threads)),
                        job_.stop());
    const ForestScorer scorer(forest, threads);
    Evaluation evaluation;
    bool any = false;
    const auto pass = rows.open();
    while (const TabularBatch* batch = pass->next()) {
      any = true;
      check_labels(rows, *batch);
      evaluation.add(batch->labels(), scorer.score(batch->dense_features(scratch_)));
    }
    if (!any && !job_.stop().stop_requested()) rows.refuse_empty();
    if (hosts_.any(job_.stop().stop_requested())) return;
    hosts_.sum(evaluation.sums());
    report(evaluation.figures());
  }

  static void check_labels(const TabularChannel& rows, const TabularBatch& batch) {
    const std::vector<float>& labels = batch.labels();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] == 0 || labels[i] == 1) continue;
      rows.refuse_label(batch.first_row + static_cast<std::int64_t>(i), labels[i],
                        "1 of an anomaly or 0 of a normal row",
                        "Put the label in the first column.");
    }
  }

  void report(const DetectionFigures& figures) {
    job_.log().info("Rows with a score above " + number_text(figures.threshold) +
                    ", mean + 3 standard deviations, count as anomalies.");
    if (h_.eval_metrics.accuracy) {
      metrics_.score(kTestChannel, "accuracy", figures.accuracy);
      metrics_.quality(kTestChannel, "accuracy", Figure::Score, figures.accuracy);
    }
    if (h_.eval_metrics.precision_recall_fscore) {
      metrics_.score(kTestChannel, "precision_recall_fscore",
                     std::vector<double>{figures.precision, figures.recall, figures.f1});
      metrics_.quality(kTestChannel, "precision", Figure::Score, figures.precision);
      metrics_.quality(kTestChannel, "recall", Figure::Score, figures.recall);
      metrics_.quality(kTestChannel, "f1", Figure::Score, figures.f1);
    }
  }

  Job& job_;
  Hosts& hosts_;
  const Hyperparameters& h_;
  MetricLog metrics_;
  Share::Rows mine_;  ///< numbers of the trees that this host grows
  Reservoir sample_;
  std::vector<float> scratch_;
};

}  // namespace

void train_forest(Job& job, Hosts& hosts) {
  const Hyperparameters h = Hyperparameters::schema().parse(job.hyperparameters());
  Training(job, hosts, h).run();
}

}  // namespace millrace::random_cut_forest
