#include <ATen/Parallel.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/pca/algorithm.h"
#include "trainer/algorithms/pca/hyperparameters.h"
#include "trainer/algorithms/pca/pca_model.h"
#include "trainer/algorithms/pca/tensors/covariance.h"
#include "trainer/algorithms/pca/tensors/reconstruction.h"
#include "trainer/algorithms/pca/tensors/sketch.h"
#include "trainer/algorithms/pca/tensors/tensor_algorithm.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::pca {
namespace {

/// Products of each value of a row up to which they cost less than parsing it: then they are
/// computed on one thread and the others parse; beyond, one parses and all compute.
constexpr std::int64_t kProductsOfOneThread = 128;

/// Milliseconds since `start`, and `start` becomes now.
double lap(double& start) {
  const double now = MetricLog::now();
  return 1000 * (now - std::exchange(start, now));
}

/// One training run: the state that lives from the first row to the saved model.
class Training {
 public:
  Training(Job& job, const Hyperparameters& h)
      : job_(job),
        h_(h),
        cluster_(job),
        metrics_(job, "PCA"),
        train_(*job.find_channel(kTrainChannel), tabular_options(), job.stop()) {
    at::set_num_threads(computes_more() ? available_cpus() : 1);
  }

  void run() {
    const double start = MetricLog::now();
    double lap_start = start;
    if (h_.sketches()) {
      moments_ = std::make_unique<Sketch>(h_.feature_dim, h_.sketch_columns(),
                                          static_cast<std::uint64_t>(h_.seed));
    } else {
      moments_ = std::make_unique<Covariance>(h_.feature_dim);
    }
    const double set_up = lap(lap_start);
    read_rows();
    const double updated = lap(lap_start);
    const PcaModel model = decompose();
    const double finalized = lap(lap_start);
    if (cluster_.is_first()) write_model(job_.model_directory(), model);
    metrics_.record({{"initialize.time", set_up},
                     {"epochs", 1},
                     {"update.time", updated},
                     {"finalize.time", finalized},
                     {"model.serialize.time", lap(lap_start)}},
                    Json::object(), start);
    if (!stopped_) test(model);
    metrics_.record({{"setuptime", set_up}, {"totaltime", 1000 * (MetricLog::now() - start)}},
                    Json::object(), start);
  }

 private:
  [[nodiscard]] TabularOptions tabular_options() const {
    return {.label_size = kLabelSize,
            .batch_rows = h_.mini_batch_size,
            .columns = h_.feature_dim,
            .share = cluster_.share(),
            .threads = computes_more() ? 1 : available_cpus()};
  }

  /// Whether the products take longer than reading their rows.
  [[nodiscard]] bool computes_more() const {
    return (h_.sketches() ? 2 * h_.sketch_columns() : h_.feature_dim) > kProductsOfOneThread;
  }

  void read_rows() {
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    PassCounts counts;
    const auto pass = train_.open();
    while (const TabularBatch* batch = pass->next()) {
      if (counts.records() == 0 && batch->rows() < h_.mini_batch_size && cluster_.size() == 1) {
        job_.log().warning("mini_batch_size " + std::to_string(h_.mini_batch_size) +
                           " is larger than the channel, which has " +
                           std::to_string(batch->rows()) + " rows; they are one batch.");
      }
      counts.add(*batch);
      moments_->add(*batch);
    }
    const std::int64_t records = counts.records();
    stopped_ = cluster_.any(job_.stop().stop_requested());
    job_.log().info("processed a total of " + std::to_string(records) + " examples");
    if (!stopped_) metrics_.progress(1, 1);
    if (h_.epochs > 1 && !stopped_) {
      job_.log().info("The sums of one pass are those of all: epochs 2 to " +
                      std::to_string(h_.epochs) + " are not read.");
    }
    counts.report(metrics_, {{"epoch", 0}, {"Meta", "training_data_iter"}}, start);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    metrics_.throughput(records, took.count());
  }

  PcaModel decompose() {
    Decomposition found = moments_->finish(cluster_, h_.num_components, h_.subtract_mean);
    moments_.reset();
    require_rows(found.rows);
    job_.log().info("The components hold " + std::string(h_.sketches() ? "at least " : "") +
                    number_text(100 * found.explained) + " % of the variance " +
                    (h_.subtract_mean ? "about the mean" : "about zero") + " of " +
                    std::to_string(found.rows) + " rows.");
    PcaModel model{.features = h_.feature_dim,
                   .components = h_.num_components,
                   .vectors = std::move(found.vectors),
                   .singular_values = std::move(found.singular_values)};
    if (h_.subtract_mean) model.mean = std::move(found.mean);
    return model;
  }

  /// More components than rows would be directions of nothing.
  void require_rows(std::int64_t rows) const {
    if (rows == 0 && !stopped_) train_.refuse_empty();
    if (rows >= h_.num_components) return;
    if (stopped_) {
      job_.log().warning("Stopped after " + std::to_string(rows) +
                         " rows: components beyond them are arbitrary, of singular value 0.");
      return;
    }
    throw Error(Blame::Customer, Problem{.where = "hyperparameter 'num_components'",
                                         .given = std::to_string(h_.num_components),
                                         .expected = "at most " + std::to_string(rows) +
                                                     ", the rows that channel 'train' has",
                                         .fix = "Lower num_components, or add rows."});
  }

  /// Measures the saved model on the test channel, the rows shared among the hosts.
  void test(const PcaModel& model) {
    const Channel* const channel = job_.find_channel(kTestChannel);
    if (channel == nullptr) {
      job_.log().info("Test data is not provided.");
      return;
    }
    TabularChannel rows(*channel, tabular_options(), job_.stop());
    Reconstruction reconstruction(model);
    const auto pass = rows.open();
    while (const TabularBatch* batch = pass->next()) reconstruction.add(*batch);
    cluster_.sum(reconstruction.sums());
    if (cluster_.any(job_.stop().stop_requested())) return;
    if (reconstruction.sums()[1] == 0) rows.refuse_empty();
    metrics_.score(kTestChannel, "mse", reconstruction.mean_squared_error());
    metrics_.quality(kTestChannel, "mse", Figure::Loss, reconstruction.mean_squared_error());
  }

  Job& job_;
  const Hyperparameters h_;
  Cluster cluster_;
  MetricLog metrics_;
  TabularChannel train_;
  std::unique_ptr<Moments> moments_;
  bool stopped_ = false;
};

}  // namespace

void train(Job& job) {
  Training(job, Hyperparameters::schema().parse(job.hyperparameters())).run();
}

}  // namespace millrace::pca
