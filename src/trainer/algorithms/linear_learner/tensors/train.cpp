#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/linear_learner/algorithm.h"
#include "trainer/algorithms/linear_learner/calibration.h"
#include "trainer/algorithms/linear_learner/checkpoint.h"
#include "trainer/algorithms/linear_learner/evaluation.h"
#include "trainer/algorithms/linear_learner/labels.h"
#include "trainer/algorithms/linear_learner/selection.h"
#include "trainer/algorithms/linear_learner/tensors/learner.h"
#include "trainer/algorithms/linear_learner/tensors/tensor_algorithm.h"
#include "trainer/learn/agreed_columns.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/row_sample.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::linear_learner {
namespace {

/// JSON has no word for NaN, the loss of a model that diverged.
std::vector<double> numbers(const Json& list) {
  std::vector<double> values;
  for (const Json& item : list)
    values.push_back(item.is_number() ? item.get<double>() : std::nan(""));
  return values;
}

/// What the original container was seen to resolve num_calibration_samples=auto to.
constexpr std::int64_t kCalibrationRows = 10'000'000;

/// Models times outputs up to which a step is cheaper than parsing its rows: then the step stays on
/// one thread, and the others parse. Beside them, a second thread of the step would mostly wait.
constexpr std::int64_t kWidthOfOneThread = 64;

/// Sums over the rows of a pass.
struct PassSums {
  std::vector<double> losses;  ///< [models], then rows

  explicit PassSums(std::int64_t models) : losses(static_cast<std::size_t>(models) + 1) {}
  [[nodiscard]] std::vector<double> means() const {
    std::vector<double> means(losses.begin(), losses.end() - 1);
    for (double& mean : means) mean /= losses.back();
    return means;
  }
};

/// The best epoch so far.
struct BestEpoch {
  std::int64_t epoch = 0;
  Learner::Parameters parameters;
  std::vector<double> train_losses;       ///< [models]
  std::vector<double> values;             ///< [models] of what models are compared by
  std::vector<Calibration> calibrations;  ///< [models], on validation data; else empty
};

/// One training run: the state that lives from the first row to the saved model.
class Training {
 public:
  Training(Job& job, Hyperparameters h)
      : job_(job),
        h_(std::move(h)),
        cluster_(job.resources()),
        metrics_(job, "Linear Learner"),
        train_(*job.find_channel(kTrainChannel), tabular_options(), job.stop()),
        counts_(h_),
        sample_({.rows = calibration_rows()}, static_cast<std::uint64_t>(h_.seed)) {
    if (const Channel* channel = job.find_channel(kValidationChannel))
      validation_.emplace(*channel, tabular_options(), job.stop());
  }

  void run() {
    prepare();
    train();
    const LinearModel model = choose();
    if (cluster_.is_first()) write_model(job_.model_directory(), model);
    if (stopped_) return;
    if (validation_) score(*validation_, model);
    if (const Channel* channel = job_.find_channel(kTestChannel)) {
      TabularChannel test(*channel, tabular_options(), job_.stop());
      test.set_columns(model.features);
      score(test, model);
    } else {
      job_.log().info("Test data is not provided.");
    }
  }

 private:
  [[nodiscard]] TabularOptions tabular_options() const {
    return {.label_size = kLabelSize,
            .batch_rows = h_.mini_batch_size,
            .columns = h_.feature_dim,
            .share = cluster_.share(),
            .threads = available_cpus()};
  }

  [[nodiscard]] std::int64_t calibration_rows() const {
    const std::int64_t all = h_.num_calibration_samples.value_or(kCalibrationRows);
    return std::max<std::int64_t>(1, all / cluster_.size());
  }

  // ---- before the first epoch

  /// Looks at the first rows: features, means and deviations; and at all labels where classes are
  /// to be balanced.
  void prepare() {
    const bool balances = h_.balance_multiclass_weights ||
                          h_.positive_example_weight_mult.kind != PositiveWeight::Kind::Given;
    const double scaler_rows =
        static_cast<double>(h_.num_point_for_scaler) / static_cast<double>(cluster_.size());
    std::optional<ScalerEstimate> estimate;
    ClassCounts counts(h_);
    first_pass_ = train_.open();
    first_pass_->keep();
    const double start = MetricLog::now();
    while (const TabularBatch* batch = first_pass_->next()) {
      check_labels(h_, train_, *batch);
      if (!estimate) begin_with(*batch, estimate);
      counts_of_passes_.add(*batch);
      const bool scales = estimate->rows() < scaler_rows;
      if (!scales && !balances) break;
      if (scales) estimate->add(*batch);
      counts.add(*batch);
    }
    if (!estimate && !job_.stop().stop_requested()) train_.refuse_empty();
    if (!estimate) estimate.emplace(features_without_rows());
    agree_on_columns(cluster_, train_);
    stopped_ = cluster_.any(job_.stop().stop_requested());
    if (balances) cluster_.sum(counts.counts());
    counts_of_passes_.report(metrics_, {{"Meta", "init_train_data_iter"}}, start);
    Scaler scaler = estimate->finish(h_, cluster_);
    std::vector<ModelSettings> models = model_grid(h_, counts.negatives_over_positives());
    RowWeights weights;
    if (h_.balance_multiclass_weights && h_.predictor_type == Predictor::Multiclass)
      weights.classes = counts.balanced_weights();
    if (h_.predictor_type == Predictor::Binary) {
      for (const ModelSettings& model : models)
        weights.positive.push_back(static_cast<float>(model.positive_weight));
    }
    const std::int64_t width = static_cast<std::int64_t>(models.size()) * h_.outputs();
    at::set_num_threads(width <= kWidthOfOneThread ? 1 : available_cpus());
    learner_.emplace(h_, std::move(models), std::move(scaler), std::move(weights));
  }

  void begin_with(const TabularBatch& first, std::optional<ScalerEstimate>& estimate) {
    const std::int64_t columns = first.columns();
    train_.set_columns(columns);
    if (validation_) validation_->set_columns(columns);
    // The first batch is short only when it is the last one too.
    if (first.rows() < h_.mini_batch_size) {
      throw Error(Blame::Customer,
                  Problem{.where = "hyperparameter 'mini_batch_size'",
                          .given = std::to_string(h_.mini_batch_size),
                          .expected = "at most " + std::to_string(first.rows()) +
                                      ", the rows that channel 'train' has for this host",
                          .fix = "Lower mini_batch_size, or add rows."});
    }
    estimate.emplace(columns);
  }

  /// For a stop before the first row: what the model is to have then.
  [[nodiscard]] std::int64_t features_without_rows() const {
    const auto known = h_.feature_dim ? h_.feature_dim
                                      : peek_columns(*job_.find_channel(kTrainChannel), kLabelSize);
    if (known) return *known;
    throw Error(Blame::Platform,
                "stopped before the first row was read: there is no model to leave");
  }

  // ---- epochs

  void train() {
    EarlyStopping early(epoch_goal(), h_.early_stopping_patience, h_.early_stopping_tolerance);
    const std::int64_t models = learner_->models();
    first_epoch_ = resume(early);
    for (std::int64_t epoch = first_epoch_; epoch < h_.epochs && !stopped_; ++epoch) {
      const double start = MetricLog::now();
      PassSums sums(models);
      train_epoch(epoch, sums);
      // A pass that was cut short by a stop tells less than the epoch before it.
      if (sums.losses.back() == 0 || (stopped_ && best_)) break;
      BestEpoch now{.epoch = epoch, .train_losses = sums.means()};
      require_finite(now.train_losses);
      report_losses(epoch, kTrainChannel, now.train_losses, start);
      now.values = now.train_losses;
      if (validation_ && !stopped_) validate(epoch, now);
      if (stopped_ && best_) break;
      const double value = now.values[epoch_goal().best(now.values)];
      metrics_.early_stopping(epoch, epoch_criterion(), value);
      const EarlyStopping::Verdict verdict = early.after_epoch(value);
      if (verdict.is_best) {
        job_.log().info("Epoch " + std::to_string(epoch) + ": Loss improved. Updating best model");
        now.parameters = learner_->parameters();
        best_ = std::move(now);
      } else {
        job_.log().info("Epoch " + std::to_string(epoch) + ": Loss has not improved for " +
                        std::to_string(early.without_improvement()) + " epochs.");
      }
      job_.log().info("Saving model for epoch: " + std::to_string(best_->epoch));
      metrics_.progress(epoch + 1, h_.epochs);
      if (!stopped_) save_checkpoint(epoch + 1, early);
      if (verdict.stop) {
        job_.log().info("Early stop condition met. Stopping training.");
        break;
      }
    }
  }

  // ---- checkpoints

  /// What a checkpoint must agree in: it belongs to the same settings, rows and models.
  [[nodiscard]] Json identity() const {
    Json json = Json::object();
    for (const auto& [name, value] : Hyperparameters::schema().values_of(h_))
      if (name != "epochs") json[name] = value;
    json["features"] = learner_->scaler().mean.size();
    return json;
  }

  void save_checkpoint(std::int64_t epochs_done, const EarlyStopping& early) {
    Checkpoint checkpoint{.state = Json::object(), .arrays = {}};
    Json& state = checkpoint.state;
    const Learner::Memory memory = learner_->memory();
    const Scaler& scaler = learner_->scaler();
    state["identity"] = identity();
    state["epochs"] = epochs_done;
    state["updates"] = memory.updates;
    state["label_mean"] = scaler.label_mean;
    state["label_scale"] = scaler.label_scale;
    state["best"] = *early.best();
    state["without_improvement"] = early.without_improvement();
    state["best_epoch"] = best_->epoch;
    state["train_losses"] = best_->train_losses;
    state["values"] = best_->values;
    for (const Calibration& calibration : best_->calibrations) {
      state["thresholds"].push_back(calibration.threshold);
      state["calibrated"].push_back(calibration.value);
    }
    const Learner::Parameters now = learner_->parameters();
    checkpoint.arrays = {{"weights", now.weights},
                         {"biases", now.biases},
                         {"weights_first", memory.weights_first},
                         {"weights_second", memory.weights_second},
                         {"biases_first", memory.biases_first},
                         {"biases_second", memory.biases_second},
                         {"best_weights", best_->parameters.weights},
                         {"best_biases", best_->parameters.biases},
                         {"mean", scaler.mean},
                         {"factor", scaler.factor}};
    write_checkpoint(job_.paths().checkpoints(), checkpoint);
  }

  /// Goes on from a checkpoint that all hosts have; returns the epoch to begin with.
  std::int64_t resume(EarlyStopping& early) {
    std::optional<Checkpoint> found = read_checkpoint(job_.paths().checkpoints());
    if (found && found->state.value("identity", Json()) != identity()) {
      job_.log().warning(
          "The checkpoint belongs to a job with other hyperparameters or features; "
          "training starts anew.");
      found.reset();
    }
    const std::int64_t epochs = found ? require_int(found->state, "epochs", "checkpoint") : 0;
    for (const float theirs : cluster_.gather(std::vector<float>{static_cast<float>(epochs)})) {
      if (theirs != static_cast<float>(epochs)) return 0;
    }
    if (!found || epochs == 0) return 0;
    const Json& state = found->state;
    auto& arrays = found->arrays;
    // Means and deviations as they were: weights are weights of features scaled by them.
    Scaler scaler = learner_->scaler();
    scaler.mean = arrays["mean"];
    scaler.factor = arrays["factor"];
    scaler.label_mean = state.at("label_mean").get<double>();
    scaler.label_scale = state.at("label_scale").get<double>();
    learner_->set_scaler(std::move(scaler));
    learner_->set_parameters({.weights = arrays["weights"], .biases = arrays["biases"]});
    learner_->set_memory({.updates = state.at("updates").get<std::int64_t>(),
                          .weights_first = arrays["weights_first"],
                          .weights_second = arrays["weights_second"],
                          .biases_first = arrays["biases_first"],
                          .biases_second = arrays["biases_second"]});
    best_ = BestEpoch{
        .epoch = state.at("best_epoch").get<std::int64_t>(),
        .parameters = {.weights = arrays["best_weights"], .biases = arrays["best_biases"]},
        .train_losses = numbers(state.at("train_losses")),
        .values = numbers(state.at("values")),
        .calibrations = {}};
    for (std::size_t m = 0; state.contains("thresholds") && m < best_->values.size(); ++m) {
      best_->calibrations.push_back({.threshold = state["thresholds"][m].get<double>(),
                                     .value = state["calibrated"][m].get<double>()});
    }
    early.resume(state.at("best").get<double>(),
                 state.at("without_improvement").get<std::int64_t>());
    job_.log().info("Resuming from a checkpoint after epoch " + std::to_string(epochs - 1));
    return epochs;
  }

  // ---- comparing epochs

  /// Of choosing the best epoch.
  [[nodiscard]] Goal epoch_goal() const { return goal_of(h_, validation_.has_value()); }
  [[nodiscard]] std::string epoch_criterion() const {
    return validation_ && h_.predictor_type == Predictor::Binary
               ? criterion_name(h_)
               : std::string(objective_name(h_.effective_loss()));
  }

  /// Goes on from what prepare() has read, where that could be kept.
  std::unique_ptr<TabularPass> open_epoch() {
    if (auto first = std::exchange(first_pass_, nullptr); first && first->rewind()) return first;
    return train_.open();
  }

  void train_epoch(std::int64_t epoch, PassSums& sums) {
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    const auto pass = open_epoch();
    for (;;) {
      const TabularBatch* const batch = pass->next();
      if (batch != nullptr) {
        look_at(epoch, *batch);
        counts_of_passes_.add(*batch);
      }
      learner_->set_gradients(batch);
      learner_->spare() = job_.stop().stop_requested() ? 1.0F : 0.0F;
      cluster_.sum(learner_->sums());
      const bool stops = learner_->spare() > 0;
      if (learner_->rows_in_sums() > 0) {
        learner_->add_losses(sums.losses);
        sums.losses.back() += learner_->rows_in_sums();
        learner_->update();
      } else {
        stopped_ = stops;
        break;
      }
      if (stops) {
        stopped_ = true;
        break;
      }
    }
    if (epoch == first_epoch_) {
      cluster_.sum(counts_.counts());
      if (!stopped_) counts_.require_two(kTrainChannel);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const std::int64_t records = counts_of_passes_.records();
    counts_of_passes_.report(metrics_, {{"epoch", epoch}, {"Meta", "training_data_iter"}}, start);
    metrics_.throughput(records, took.count());
  }

  void look_at(std::int64_t epoch, const TabularBatch& batch) {
    check_labels(h_, train_, batch);
    if (epoch > first_epoch_) return;
    counts_.add(batch);
    if (h_.predictor_type == Predictor::Binary && !validation_) sample_.add(batch);
  }

  void validate(std::int64_t epoch, BestEpoch& now) {
    const double start = MetricLog::now();
    PassSums sums(learner_->models());
    RowSample scores({.rows = calibration_rows()}, static_cast<std::uint64_t>(h_.seed));
    const auto pass = validation_->open();
    bool any = false;
    while (const TabularBatch* batch = pass->next()) {
      check_labels(h_, *validation_, *batch);
      any = true;
      if (batch->rows() == 0) continue;
      const std::span<const float> raw = learner_->evaluate(*batch, sums.losses);
      sums.losses.back() += static_cast<double>(batch->rows());
      if (h_.predictor_type == Predictor::Binary) scores.add(scores_as_rows(raw, *batch));
    }
    if (!any && !job_.stop().stop_requested()) validation_->refuse_empty();
    cluster_.sum(sums.losses);
    stopped_ = cluster_.any(job_.stop().stop_requested());
    if (stopped_) return;
    now.values = sums.means();
    report_losses(epoch, kValidationChannel, now.values, start);
    if (h_.predictor_type != Predictor::Binary) return;
    now.calibrations = calibrate_models(scores);
    if (!compares_by_scores(h_)) return;
    for (std::size_t m = 0; m < now.values.size(); ++m) now.values[m] = now.calibrations[m].value;
  }

  /// Answered scores of all models, as the features of labelled rows.
  TabularBatch scores_as_rows(std::span<const float> raw, const TabularBatch& batch) const {
    TabularBatch rows;
    rows.dense.rows = batch.rows();
    rows.dense.columns = learner_->models();
    rows.dense.label_columns = kLabelSize;
    rows.dense.labels = batch.labels();
    rows.dense.features.assign(raw.begin(), raw.end());
    answer_scores(h_.effective_loss(), 1, rows.dense.features);
    return rows;
  }

  /// A threshold for each model, on the sampled rows of all hosts; the same on each of them.
  std::vector<Calibration> calibrate_models(const RowSample& scores) {
    const auto models = static_cast<std::size_t>(learner_->models());
    std::vector<float> flat;
    for (const Row& row : scores.rows()) {
      flat.push_back(row.labels[0]);
      flat.insert(flat.end(), row.values.begin(), row.values.end());
    }
    flat = cluster_.gather(flat);
    const std::size_t rows = flat.size() / (models + 1);
    std::vector<float> labels(rows), column(rows);
    for (std::size_t row = 0; row < rows; ++row) labels[row] = flat[row * (models + 1)];
    std::vector<Calibration> calibrations;
    for (std::size_t m = 0; m < models; ++m) {
      for (std::size_t row = 0; row < rows; ++row) column[row] = flat[row * (models + 1) + 1 + m];
      calibrations.push_back(calibrate(column, labels, h_));
    }
    return calibrations;
  }

  void report_losses(std::int64_t epoch, std::string_view channel,
                     const std::vector<double>& losses, double start) {
    const std::string name(objective_name(h_.effective_loss()));
    for (std::size_t m = 0; m < losses.size(); ++m) {
      metrics_.record({{std::string(channel) + "_" + name, losses[m]}},
                      {{"model", m}, {"epoch", epoch}}, start);
    }
    metrics_.quality(epoch, channel, name, Figure::Loss, losses[0]);
  }

  void require_finite(const std::vector<double>& losses) const {
    for (const double loss : losses) {
      if (std::isfinite(loss)) return;
    }
    throw Error(Blame::Customer,
                Problem{.where = "training",
                        .given = "a loss that is not finite, for every model",
                        .expected = "steps that converge",
                        .fix = "Lower learning_rate, or set normalize_data (and, of a regressor, "
                               "normalize_label) to true."});
  }

  // ---- after the last epoch

  LinearModel choose() {
    if (best_) {
      learner_->set_parameters(best_->parameters);
    } else {
      // Stopped within the first epoch: what has been learned so far.
      best_ =
          BestEpoch{.values = std::vector<double>(static_cast<std::size_t>(learner_->models()))};
    }
    Goal goal = epoch_goal();
    if (h_.predictor_type == Predictor::Binary && best_->calibrations.empty())
      goal = calibrate_on_training_rows();
    const std::size_t chosen = goal.best(best_->values);
    LinearModel model = learner_->fold(static_cast<std::int64_t>(chosen));
    model.threshold = best_->calibrations.empty() ? natural_threshold(h_.effective_loss())
                                                  : best_->calibrations[chosen].threshold;
    if (!best_->train_losses.empty()) {
      const std::string name(objective_name(h_.effective_loss()));
      metrics_.score(kTrainChannel, name, best_->train_losses[chosen]);
      metrics_.quality(kTrainChannel, name, Figure::Loss, best_->train_losses[chosen]);
    }
    job_.log().info("Best model found for hyperparameters: " +
                    to_text(settings_json(h_, learner_->settings()[chosen])));
    return model;
  }

  /// Without a validation channel, thresholds come from a sample of the training rows.
  Goal calibrate_on_training_rows() {
    RowSample scores({.rows = calibration_rows()}, static_cast<std::uint64_t>(h_.seed));
    std::vector<double> ignored(static_cast<std::size_t>(learner_->models()));
    const auto rows = sample_.rows().size();
    const auto step = static_cast<std::size_t>(h_.mini_batch_size);
    TabularBatch batch;
    for (std::size_t at = 0; at < rows; at += step) {
      sample_.fill(batch, at, std::min(rows, at + step));
      scores.add(scores_as_rows(learner_->evaluate(batch, ignored), batch));
    }
    std::vector<Calibration> calibrations = calibrate_models(scores);
    const bool any = cluster_.gather(std::vector<float>(rows > 0 ? 1 : 0)).size() > 0;
    if (!any) return {};
    best_->calibrations = std::move(calibrations);
    if (compares_by_scores(h_)) {
      for (std::size_t m = 0; m < best_->values.size(); ++m)
        best_->values[m] = best_->calibrations[m].value;
    }
    return goal_of(h_, true);
  }

  /// Measures the saved model on a channel, the rows shared among the hosts.
  void score(TabularChannel& channel, const LinearModel& model) {
    Evaluation evaluation(model, h_);
    const auto pass = channel.open();
    bool any = false;
    while (const TabularBatch* batch = pass->next()) {
      check_labels(h_, channel, *batch);
      any = true;
      if (batch->rows() > 0) evaluation.add(*batch);
    }
    if (!any && !job_.stop().stop_requested()) channel.refuse_empty();
    cluster_.sum(evaluation.sums());
    if (job_.stop().stop_requested()) return;
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
  std::unique_ptr<TabularPass> first_pass_;  ///< over the train channel, until its first epoch
  std::optional<TabularChannel> validation_;
  std::optional<Learner> learner_;
  std::int64_t first_epoch_ = 0;  ///< of this run, which may go on from a checkpoint
  ClassCounts counts_;            ///< of the first epoch
  RowSample sample_;  ///< of the first epoch, for thresholds where there is no validation channel
  std::optional<BestEpoch> best_;
  bool stopped_ = false;
  PassCounts counts_of_passes_;
};

/// A tuning job trains many jobs where this would train many models.
Hyperparameters effective(const Job& job) {
  Hyperparameters h = Hyperparameters::schema().parse(job.hyperparameters());
  const auto tuned = job.hyperparameters().find("_tuning_objective_metric");
  if (tuned != job.hyperparameters().end() && !unquoted(tuned->second).empty()) h.num_models = 1;
  return h;
}

}  // namespace

void train(Job& job) {
  Training(job, effective(job)).run();
}

}  // namespace millrace::linear_learner
