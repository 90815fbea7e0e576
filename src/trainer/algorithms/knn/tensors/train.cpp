#include <ATen/Parallel.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/knn/algorithm.h"
#include "trainer/algorithms/knn/evaluation.h"
#include "trainer/algorithms/knn/tensors/model.h"
#include "trainer/algorithms/knn/tensors/sample.h"
#include "trainer/algorithms/knn/tensors/tensor_algorithm.h"
#include "trainer/learn/agreed_columns.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::knn {
namespace {

/// Below so many rows a centroid is learned from too few: FAISS, Clustering.h.
constexpr std::int64_t kRowsOfACentroid = 39;

std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// One training run: the state that lives from the first row to the saved model.
class Training {
 public:
  Training(Job& job, Hyperparameters h)
      : job_(job),
        h_(std::move(h)),
        cluster_(job),
        metrics_(job, "KNN"),
        train_(*job.find_channel(kTrainChannel), tabular_options(), job.stop()) {}

  void run() {
    log_sample_size();
    draw();
    const Channel* const test = job_.find_channel(kTestChannel);
    // Every host that measures needs the whole model.
    const bool keep = cluster_.is_first() || (test != nullptr && !stopped_);
    sample_->join(cluster_, keep, !train_.is_sharded());
    if (!keep) return;
    Model model = build();
    if (cluster_.is_first()) model.write(job_.model_directory());
    if (stopped_) return;
    if (test == nullptr) {
      job_.log().info("Test data is not provided.");
      return;
    }
    TabularChannel channel(*test, tabular_options(), job_.stop());
    channel.set_columns(metadata_.features);
    measure(channel, model);
  }

 private:
  [[nodiscard]] TabularOptions tabular_options() const {
    return {.label_size = kLabelSize,
            .batch_rows = h_.mini_batch_size,
            .columns = h_.feature_dim,
            .share = cluster_.share(),
            .threads = available_cpus()};
  }

  // ---- sampling

  [[nodiscard]] std::int64_t own_sample_size() const {
    const Share::Rows own = cluster_.share().of(h_.sample_size);
    return std::max<std::int64_t>(1, own.end - own.begin);
  }

  void log_sample_size() {
    job_.log().info("Using default worker.");
    const auto page = static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE)),
               free = static_cast<std::int64_t>(::sysconf(_SC_AVPHYS_PAGES));
    job_.log().info(
        "Using per-worker sample size = " + std::to_string(own_sample_size()) +
        " (Available virtual memory = " + std::to_string(page * free) +
        " bytes, GPU free memory = 0 bytes, number of workers = " +
        std::to_string(cluster_.size()) +
        "). If an out-of-memory error occurs, choose a larger instance type, use dimension "
        "reduction, decrease sample_size, and/or decrease mini_batch_size.");
  }

  /// One pass over the channel, of which a sample stays.
  void draw() {
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    {
      const auto pass = train_.open();
      while (const TabularBatch* batch = pass->next()) add(*batch);
    }
    if (counts_.records() == 0 && job_.stop().stop_requested()) add_first_rows();
    const std::int64_t records = counts_.records();
    counts_.report(metrics_, {{"epoch", 0}, {"Meta", "training_data_iter"}}, start);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    metrics_.throughput(records, took.count());

    stopped_ = cluster_.any(job_.stop().stop_requested());
    std::vector<double> all{static_cast<double>(records)};
    cluster_.sum(all);
    if (all[0] == 0) {
      if (!stopped_) train_.refuse_empty();
      throw Error(Blame::Platform,
                  "stopped before the first row was read: there is no model to leave");
    }
    agree_on_columns(cluster_, train_);
    if (!sample_) begin_with(*train_.columns());
  }

  void add(const TabularBatch& batch) {
    if (!sample_) {
      train_.set_columns(batch.columns());
      begin_with(batch.columns());
    }
    counts_.add(batch);
    sample_->add(batch);
  }

  /// For a stop before the first row: what the model is to hold then. A Pipe may have nothing yet.
  void add_first_rows() {
    const Channel& channel = *job_.find_channel(kTrainChannel);
    if (channel.is_pipe()) return;
    TabularOptions options = tabular_options();
    options.share = {};
    TabularChannel rows(channel, options, {});
    const auto pass = rows.open();
    if (const TabularBatch* batch = pass->next()) add(*batch);
  }

  void begin_with(std::int64_t columns) {
    require_reducible(h_, columns);
    metadata_ = {.k = h_.k,
                 .predictor = h_.predictor_type,
                 .reduction = {},
                 .normalize = h_.index_metric == IndexMetric::Cosine,
                 .features = columns};
    std::int64_t dimension = h_.dimension_reduction_target.value_or(columns);
    // Sub-vectors are of one size: the target is raised, or zeros are added where there is none.
    if (h_.index_type == IndexType::IvfPq) dimension = round_up(dimension, *h_.faiss_index_pq_m);
    if (h_.dimension_reduction_type) {
      metadata_.reduction = Reduction{.type = *h_.dimension_reduction_type,
                                      .seed = static_cast<std::uint64_t>(h_.seed),
                                      .target_dim = dimension,
                                      .input_dim = columns};
    }
    preparation_.emplace(metadata_, dimension);
    sample_.emplace(*preparation_, own_sample_size(),
                    static_cast<std::uint64_t>(h_.seed * cluster_.size() + cluster_.rank()));
  }

  // ---- building

  Model build() {
    const std::int64_t rows = sample_->rows();
    job_.log().info("The sample has " + std::to_string(rows) + " rows.");
    if (metadata_.k > rows) {
      if (!stopped_) refuse_k(rows);
      job_.log().warning("Stopped after " + std::to_string(rows) +
                         " rows: k is lowered to this number.");
      metadata_.k = rows;
    }
    IndexSettings settings{.type = h_.index_type,
                           .inner_product = h_.index_metric != IndexMetric::L2,
                           .dimension = preparation_->dimension(),
                           .lists = lists(rows),
                           .probes = h_.nprobe,
                           .sub_vectors = h_.faiss_index_pq_m.value_or(1),
                           .seed = static_cast<std::uint64_t>(h_.seed)};
    const double start = MetricLog::now();
    std::vector<float> labels = sample_->take_labels();
    std::unique_ptr<Index> index = build_index(settings, sample_->take_vectors());
    metrics_.record({{"index.build.time", 1000 * (MetricLog::now() - start)}}, Json::object(),
                    start);
    return {metadata_, std::move(labels), std::move(index)};
  }

  [[noreturn]] void refuse_k(std::int64_t rows) const {
    const bool small_sample = h_.sample_size < h_.k;
    throw Error(Blame::Customer,
                Problem{.where = "hyperparameter 'k'",
                        .given = std::to_string(h_.k),
                        .expected = "at most " + std::to_string(rows) +
                                    ", the rows of the sample (sample_size is " +
                                    std::to_string(h_.sample_size) + ")",
                        .fix = small_sample ? "Lower k, or raise sample_size."
                                            : "Lower k, or give more training rows."});
  }

  [[nodiscard]] std::int64_t lists(std::int64_t rows) const {
    if (h_.index_type == IndexType::Flat) return 1;
    const auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(rows)));
    const std::int64_t lists = h_.faiss_index_ivf_nlists.value_or(std::max<std::int64_t>(1, root));
    if (rows < kRowsOfACentroid * lists) {
      job_.log().warning("The sample has " + std::to_string(rows) + " rows for " +
                         std::to_string(lists) +
                         " lists: " + std::to_string(kRowsOfACentroid * lists) +
                         " or more are needed for good ones. Raise sample_size or lower "
                         "faiss_index_ivf_nlists.");
    }
    return lists;
  }

  // ---- measuring

  /// Predicts the labels of a channel, the rows shared among the hosts.
  void measure(TabularChannel& channel, Model& model) {
    Evaluation evaluation(metadata_.predictor);
    bool any = false;
    double searching = 0;  // seconds
    const double start = MetricLog::now();
    {
      const auto pass = channel.open();
      while (const TabularBatch* batch = pass->next()) {
        any = true;
        const std::vector<float>& labels = batch->labels();
        std::size_t row = 0;
        const double before = MetricLog::now();
        model.answer(
            *batch, [&](const Answer& answer) { evaluation.add(labels[row++], answer.predicted); });
        searching += MetricLog::now() - before;
      }
    }
    metrics_.record({{"model.score.time", 1000 * searching}}, {{"Meta", "test_data_iter"}}, start);
    const bool stopped = cluster_.any(job_.stop().stop_requested());
    if (!cluster_.any(any) && !stopped) channel.refuse_empty();
    evaluation.set_labels(cluster_.gather(evaluation.labels()));
    cluster_.sum(evaluation.sums());
    if (stopped) return;
    const std::vector<ModelFigure> figures = evaluation.figures();
    for (const ModelFigure& figure : figures)
      metrics_.score(channel.name(), figure.name, figure.value);
    for (const ModelFigure& figure : figures)
      metrics_.quality(channel.name(), figure.name, figure.kind, figure.value);
  }

  Job& job_;
  const Hyperparameters h_;
  Cluster cluster_;
  MetricLog metrics_;
  TabularChannel train_;
  Metadata metadata_;
  std::optional<Preparation> preparation_;
  std::optional<Sample> sample_;
  PassCounts counts_;
  bool stopped_ = false;
};

}  // namespace

void train(Job& job) {
  Hyperparameters h = Hyperparameters::schema().parse(job.hyperparameters());
  require_supported(h.index_type);
  at::set_num_threads(available_cpus());
  Training(job, std::move(h)).run();
}

}  // namespace millrace::knn
