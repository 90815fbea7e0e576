#include "trainer/algorithms/kmeans/training.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/team.h"
#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/kmeans/algorithm.h"
#include "trainer/algorithms/kmeans/first_rows.h"
#include "trainer/algorithms/kmeans/kept_rows.h"
#include "trainer/algorithms/kmeans/parallel_nearest.h"
#include "trainer/algorithms/kmeans/refine.h"
#include "trainer/algorithms/kmeans/seeding.h"
#include "trainer/algorithms/kmeans/shrink.h"
#include "trainer/algorithms/kmeans/streamed_centres.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::kmeans {
namespace {

/// Seconds that went into something, in sum.
class Stopwatch {
 public:
  /// Counts until the end of the scope.
  class Running {
   public:
    explicit Running(double& seconds) : seconds_(seconds) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
      seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

   private:
    double& seconds_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };

  Running run() { return Running(seconds_); }
  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double milliseconds() const { return 1000 * seconds_; }

 private:
  double seconds_ = 0;
};

/// {'epochs': '1', 'k': '10'}, as the container shows them.
std::string python_text(const std::map<std::string, std::string>& values) {
  std::string text = "{";
  for (const auto& [name, value] : values) {
    if (text.size() > 1) text.append(", ");
    text.append("'").append(name).append("': '").append(value).append("'");
  }
  return text.append("}");
}

/// What cannot be clustered in a row: where, and the value.
[[noreturn]] void refuse_row(const TabularChannel& channel, const TabularBatch& batch,
                             std::int64_t row) {
  const Row values = batch.row(row);
  const auto badness = [](float value) {
    return std::isfinite(value) ? std::abs(value) : std::numeric_limits<float>::infinity();
  };
  std::size_t worst = 0;
  for (std::size_t i = 1; i < values.values.size(); ++i) {
    if (badness(values.values[i]) > badness(values.values[worst])) worst = i;
  }
  const std::int64_t column = values.sparse && !values.indices.empty()
                                  ? values.indices[worst]
                                  : static_cast<std::int64_t>(worst);
  const float value = values.values.empty() ? 0.0F : values.values[worst];
  // Shortest digits of the float, not of the double that it widens to.
  char digits[32];
  const std::string_view text(digits, std::to_chars(digits, std::end(digits), value).ptr);
  throw Error(Blame::Customer,
              Problem{.where = channel.place_of(batch.first_row + row) + ", column " +
                               std::to_string(column + 1),
                      .given = std::string(text),
                      .expected = "a finite number whose square is one too, in float32",
                      .fix = std::isfinite(value) ? "Scale the features."
                                                  : "Remove the row or fill in the value."});
}

Problem too_few_rows(std::string name, std::int64_t given, std::int64_t most, std::int64_t rows,
                     std::string fix) {
  return {.where = "hyperparameter '" + std::move(name) + "'",
          .given = std::to_string(given),
          .expected = "at most " + std::to_string(most) + ", because channel '" +
                      std::string(kTrainChannel) + "' has " + std::to_string(rows) + " rows",
          .fix = std::move(fix)};
}

/// One training run: the state that lives from the first row to the saved model.
class Training {
 public:
  Training(Job& job, Hosts& hosts, Hyperparameters h)
      : job_(job),
        h_(std::move(h)),
        hosts_(hosts),
        metrics_(job, "AWS/KMeansWebscale"),
        channel_(*job.find_channel(kTrainChannel)),
        train_(channel_, tabular_options(), job.stop()) {}

  void run() {
    const double start = MetricLog::now();
    Stopwatch setup, whole, finalize, serialize;
    Centres centres;
    {
      const auto running = whole.run();
      {
        const auto setting_up = setup.run();
        greet();
        initialize();
      }
      stream();
      {
        const auto finalizing = finalize.run();
        centres = finish();
      }
      const auto serializing = serialize.run();
      if (hosts_.is_first()) write_model(job_.model_directory(), centres);
    }
    report_times(whole.seconds());
    metrics_.record({{"initialize.time", initialize_time_.milliseconds()},
                     {"epochs", static_cast<double>(h_.epochs)},
                     {"update.time", update_time_.milliseconds()},
                     {"_shrink.time", shrink_time_.milliseconds()},
                     {"_refine.time", refine_time_.milliseconds()},
                     {"finalize.time", finalize.milliseconds()},
                     {"model.serialize.time", serialize.milliseconds()}},
                    Json::object(), start);
    if (!stopped_) test(centres);
    metrics_.record(
        {{"setuptime", setup.milliseconds()}, {"totaltime", 1000 * (MetricLog::now() - start)}},
        Json::object(), start);
  }

 private:
  [[nodiscard]] TabularOptions tabular_options() const {
    return {.label_size = kLabelSize,
            .batch_rows = h_.mini_batch_size,
            .columns = h_.feature_dim,
            .share = hosts_.share(),
            .threads = threads_};
  }

  void greet() {
    const std::string type =
        channel_.media_type().empty() ? "application/x-recordio-protobuf" : channel_.media_type();
    job_.log().info("Loaded iterator creator " + type + " for content type ('" + type +
                    "', '1.0')");
    job_.log().info(hosts_.share().size > 1 ? "Create Store: dist_sync" : "Create Store: local");
    job_.log().info("Number of GPUs being used: 0");
    job_.log().info("Setting up with params: " +
                    python_text(Hyperparameters::schema().values_of(h_)));
  }

  // ---- the first centres

  void initialize() {
    const auto running = initialize_time_.run();
    const double start = MetricLog::now();
    read_first_rows();
    const std::int64_t many = centres_to_stream();
    job_.log().info("number of center slices 1");
    warn_of_short_batch();
    streamed_.emplace(choose_first(many), h_.half_life_time_size, team_);
    for (const TabularBatch& batch : first_.batches()) counts_of_passes_.add(batch);
    counts_of_passes_.report(metrics_, {{"Meta", "init_train_data_iter"}}, start);
  }

  void read_first_rows() {
    const std::int64_t wanted = h_.k * h_.extra_center_factor.value_or(kAutoExtraCenterFactor);
    pass_ = train_.open();
    first_.collect(*pass_, hosts_, wanted);
    if (first_.rows() < h_.k && hosts_.any(job_.stop().stop_requested())) read_despite_stop(wanted);
    if (first_.rows() == 0) train_.refuse_empty();
    for (const TabularBatch& batch : first_.batches()) require_finite(batch);
  }

  /// A model needs k rows. A stop that comes before them waits for files, which can be read at
  /// once, but not for a stream that may be slow or never come.
  void read_despite_stop(std::int64_t wanted) {
    if (channel_.is_pipe()) {
      throw Error(Blame::Platform,
                  "stopped before the first rows were read: there is no model to leave");
    }
    TabularChannel again(channel_, tabular_options(), {});
    first_ = {};
    first_.collect(*again.open(), hosts_, wanted);
  }

  void require_finite(const TabularBatch& batch) const {
    const std::vector<float>& values = batch.is_sparse ? batch.sparse.values : batch.dense.features;
    const auto bad = std::find_if_not(values.begin(), values.end(),
                                      [](float value) { return std::isfinite(value); });
    if (bad == values.end()) return;
    std::int64_t row = (bad - values.begin()) / batch.columns();
    if (batch.is_sparse) {
      const auto& starts = batch.sparse.row_starts;
      row =
          std::upper_bound(starts.begin(), starts.end(), bad - values.begin()) - starts.begin() - 1;
    }
    refuse_row(train_, batch, row);
  }

  /// k times extra_center_factor.
  std::int64_t centres_to_stream() {
    const std::int64_t rows = first_.rows();
    if (rows < h_.k) {
      throw Error(Blame::Customer, too_few_rows("k", h_.k, rows, rows, "Lower k, or add rows."));
    }
    const std::int64_t fitting = rows / h_.k;
    if (h_.extra_center_factor) {
      if (*h_.extra_center_factor > fitting) {
        throw Error(Blame::Customer,
                    too_few_rows("extra_center_factor", *h_.extra_center_factor, fitting, rows,
                                 "Lower it, leave it to auto, or add rows: k times "
                                 "extra_center_factor rows are the first centres."));
      }
      return h_.k * *h_.extra_center_factor;
    }
    const std::int64_t factor = std::min(kAutoExtraCenterFactor, fitting);
    job_.log().info("'extra_center_factor' was set to 'auto', evaluated to " +
                    std::to_string(factor) + ".");
    return h_.k * factor;
  }

  void warn_of_short_batch() {
    const std::int64_t rows = first_.batches().empty() ? 0 : first_.batches().front().rows();
    if (rows >= h_.mini_batch_size) return;
    job_.log().warning("Batch size " + std::to_string(h_.mini_batch_size) +
                       " is bigger than the first batch data. Effective batch size used to "
                       "initialize is " +
                       std::to_string(rows));
  }

  /// Chosen by the first host from the rows of all, and the same on all.
  Centres choose_first(std::int64_t many) {
    const Centres rows{.features = h_.feature_dim, .values = first_.gather(hosts_)};
    Centres chosen{.features = h_.feature_dim, .values = {}};
    if (hosts_.is_first()) {
      std::mt19937_64 random(static_cast<std::uint64_t>(h_.seed));
      chosen =
          select(rows, choose_seeds({.method = h_.init_method, .count = many}, rows, {}, random));
    }
    chosen.values = hosts_.gather(chosen.values);
    return chosen;
  }

  // ---- the stream

  void stream() {
    stopped_ = hosts_.any(job_.stop().stop_requested());
    for (std::int64_t epoch = 0; epoch < h_.epochs && !stopped_; ++epoch) {
      if (epoch > 0) pass_ = train_.open();
      stream_epoch(epoch);
      pass_.reset();
    }
  }

  void stream_epoch(std::int64_t epoch) {
    const double start = MetricLog::now();
    double squared = 0, rows = 0;
    Stopwatch taken;
    {
      const auto running = taken.run();
      for (std::size_t number = 0;; ++number) {
        const TabularBatch* const batch = next_batch(epoch, number);
        step(batch);
        if (epoch == 0 && batch != nullptr && refines()) kept_.add(*batch);
        const bool stops = streamed_->spare() > 0;
        const double added = streamed_->rows_in_sums();
        squared += streamed_->squared_distance_in_sums();
        rows += added;
        if (added > 0) {
          const auto updating = update_time_.run();
          streamed_->update();
        }
        stopped_ = stops;
        if (stops || added == 0) break;
      }
    }
    if (rows > 0) stream_msd_ = squared / rows;
    first_ = {};
    const std::int64_t records = counts_of_passes_.records();
    job_.log().info("processed a total of " + std::to_string(records) + " examples");
    if (!stopped_) metrics_.progress(epoch + 1, h_.epochs);
    counts_of_passes_.report(metrics_, {{"epoch", epoch}, {"Meta", "training_data_iter"}}, start);
    metrics_.throughput(records, taken.seconds());
  }

  /// The rows that the first centres were taken from are the beginning of the first epoch.
  const TabularBatch* next_batch(std::int64_t epoch, std::size_t number) {
    const auto running = loading_time_.run();
    if (epoch == 0 && number < first_.batches().size()) return &first_.batches()[number];
    return pass_->next();
  }

  void step(const TabularBatch* batch) {
    {
      const auto running = distance_time_.run();
      const std::int64_t unusable = streamed_->assign(batch);
      if (unusable >= 0) refuse_row(train_, *batch, unusable);
    }
    {
      const auto running = sum_time_.run();
      streamed_->add_up(batch);
    }
    if (batch != nullptr) counts_of_passes_.add(*batch);
    const auto running = collect_time_.run();
    streamed_->spare() = job_.stop().stop_requested() ? 1 : 0;
    hosts_.sum(streamed_->sums());
  }

  // ---- after the last epoch

  /// Lloyd's method goes on with rows themselves where it has been made use of at all, and where
  /// all rows weigh the same.
  [[nodiscard]] bool refines() const {
    return streamed_->centres().count() > h_.k && h_.half_life_time_size == 0;
  }

  /// k centres, the same on every host; what is known of their mean squared distance is reported.
  Centres finish() {
    Centres centres = streamed_->centres();
    double msd = stream_msd_;
    if (centres.count() > h_.k) {
      std::vector<Centres> attempts;
      {
        const auto running = shrink_time_.run();
        attempts = shrink_by_first_host(msd);
      }
      centres = attempts[0];
      if (refines()) {
        const auto running = refine_time_.run();
        centres = refine_on_kept_rows(attempts, msd);
      }
    }
    metrics_.quality(kTrainChannel, "msd", Figure::Loss, msd);
    return centres;
  }

  /// The best attempts. The rows' squared distances are those to the many centres, which the stream
  /// has measured, and those from there to the few: `msd` becomes their sum for the first attempt.
  std::vector<Centres> shrink_by_first_host(double& msd) {
    std::vector<Clustering> few;
    if (hosts_.is_first()) {
      job_.log().info("shrinking " + std::to_string(streamed_->centres().count()) +
                      " centers into " + std::to_string(h_.k));
      few = shrink(streamed_->centres(), streamed_->counts(), h_, job_.stop(), team_,
                   [&](std::int64_t attempt, double distance) {
                     job_.log().info("local kmeans attempt #" + std::to_string(attempt) +
                                     ". Current mean square distance " +
                                     number_text(stream_msd_ + distance));
                   });
    }
    std::vector<float> values;
    std::vector<double> distance{few.empty() ? 0 : few[0].mean_squared_distance};
    for (const Clustering& attempt : few)
      values.insert(values.end(), attempt.centres.values.begin(), attempt.centres.values.end());
    values = hosts_.gather(values);
    hosts_.sum(distance);
    msd += distance[0];
    // Without its fraction, as the container prints it.
    job_.log().info("finished shrinking process. Mean Square Distance = " +
                    number_text(std::trunc(msd)));
    std::vector<Centres> attempts;
    for (auto from = values.begin(); from != values.end(); from += h_.k * h_.feature_dim)
      attempts.push_back(
          {.features = h_.feature_dim, .values = {from, from + h_.k * h_.feature_dim}});
    return attempts;
  }

  Centres refine_on_kept_rows(const std::vector<Centres>& attempts, double& msd) {
    Refinement refined =
        refine(attempts, kept_,
               {.max_iterations = h_.local_lloyd_max_iter, .tolerance = h_.local_lloyd_tol}, team_,
               hosts_, job_.stop());
    if (refined.iterations == 0) return std::move(refined.centres);
    msd = refined.mean_squared_distance;
    job_.log().info("refined the centers on " + std::to_string(refined.rows) + " rows in " +
                    std::to_string(refined.iterations) +
                    " iterations. Mean Square Distance = " + number_text(msd));
    return std::move(refined.centres);
  }

  void report_times(double total) {
    const auto line = [&](const std::string& what, const Stopwatch& time) {
      const double percent = total > 0 ? 100 * time.seconds() / total : 0;
      job_.log().info(what + " took: " + number_text(percent) + "%, (" +
                      number_text(time.seconds()) + " secs)");
    };
    line("compute all data-center distances: inner product", distance_time_);
    line("batch data loading with context", loading_time_);
    line("gradient: cluster center", sum_time_);
    line("collect from kv store", collect_time_);
    line("update state and report convergance", update_time_);
    job_.log().info("TOTAL took: " + number_text(total));
  }

  /// Measures the saved model on the test channel, the rows shared among the hosts.
  void test(const Centres& centres) {
    const Channel* const found = job_.find_channel(kTestChannel);
    if (found == nullptr) {
      job_.log().info("Test data is not provided.");
      return;
    }
    TabularChannel channel(*found, tabular_options(), job_.stop());
    const NearestCentre search(centres);
    std::vector<Nearest> nearest;
    std::vector<double> sums(2);  // squared distances, rows
    const auto pass = channel.open();
    while (const TabularBatch* batch = pass->next()) {
      find_nearest(search, *batch, team_, nearest);
      for (std::size_t row = 0; row < nearest.size(); ++row) {
        if (!std::isfinite(nearest[row].squared_distance))
          refuse_row(channel, *batch, static_cast<std::int64_t>(row));
        sums[0] += static_cast<double>(nearest[row].squared_distance);
      }
      sums[1] += static_cast<double>(batch->rows());
    }
    hosts_.sum(sums);
    if (hosts_.any(job_.stop().stop_requested())) return;
    if (sums[1] == 0) channel.refuse_empty();
    const auto value = [&](EvalMetric metric) {
      return metric == EvalMetric::Ssd ? sums[0] : sums[0] / sums[1];
    };
    for (const EvalMetric metric : h_.eval_metrics)
      metrics_.score(kTestChannel, metric_name(metric), value(metric));
    for (const EvalMetric metric : h_.eval_metrics)
      metrics_.quality(kTestChannel, metric_name(metric), Figure::Loss, value(metric));
  }

  Job& job_;
  const Hyperparameters h_;
  Hosts& hosts_;
  const int threads_ = available_cpus();
  Team team_{threads_};
  MetricLog metrics_;
  const Channel& channel_;
  TabularChannel train_;
  std::unique_ptr<TabularPass> pass_;
  FirstRows first_;
  std::optional<StreamedCentres> streamed_;
  KeptRows kept_;
  /// Mean squared distance of the rows of the last epoch to the streamed centres, as they were
  /// then.
  double stream_msd_ = 0;
  bool stopped_ = false;
  PassCounts counts_of_passes_;
  Stopwatch initialize_time_, loading_time_, distance_time_, sum_time_, collect_time_, update_time_,
      shrink_time_, refine_time_;
};

}  // namespace

void train_centres(Job& job, Hosts& hosts) {
  Training(job, hosts, Hyperparameters::schema().parse(job.hyperparameters())).run();
}

}  // namespace millrace::kmeans
