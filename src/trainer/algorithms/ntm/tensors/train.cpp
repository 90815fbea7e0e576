#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/ntm/algorithm.h"
#include "trainer/algorithms/ntm/document_pass.h"
#include "trainer/algorithms/ntm/patience.h"
#include "trainer/algorithms/ntm/report.h"
#include "trainer/algorithms/ntm/tensors/network.h"
#include "trainer/algorithms/ntm/tensors/tensor_algorithm.h"
#include "trainer/algorithms/ntm/topic_model.h"
#include "trainer/algorithms/ntm/topic_words.h"
#include "trainer/algorithms/ntm/topics.h"
#include "trainer/algorithms/ntm/vocabulary.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/checkpoint.h"
#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::ntm {
namespace {

constexpr const char* kLoss = "total_loss";

/// Logits of a step, times topics and what a logit itself costs, up to which a step stays on one
/// thread. It then takes some 10 ms, of which a second thread would mostly wait at barriers, on a
/// core that reading needs: on 20 Newsgroups that doubles the CPU time.
constexpr double kWorkOfOneThread = 64e6;
constexpr double kCostOfLogit = 20;  ///< as many topics cost the same

int threads_for(const Hyperparameters& h) {
  const double work = static_cast<double>(h.mini_batch_size) * static_cast<double>(h.feature_dim) *
                      (static_cast<double>(h.num_topics) + kCostOfLogit);
  return work <= kWorkOfOneThread ? 1 : available_cpus();
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// A pass, summed over its documents and over all hosts.
struct PassFigures {
  LossSums losses;
  double rows = 0;     ///< documents with and without words
  double batches = 0;  ///< of all hosts
};

/// The epoch of the lowest loss so far.
struct BestEpoch {
  std::int64_t epoch = 0;
  double loss = 0;
  std::vector<float> parameters;
  std::vector<float> words_of_topics;  ///< TopicWords::sums()
};

/// One training run: the state that lives from the first row to the saved model.
class Training {
 public:
  Training(Job& job, Hyperparameters h)
      : job_(job),
        h_(std::move(h)),
        cluster_(job),
        metrics_(job, "AWS/NTM"),
        vocabulary_(read_vocabulary(job, h_.feature_dim)),
        train_(*job.find_channel(kTrainChannel), tabular_options(), job.stop()),
        network_(h_, stream_of(train_)),
        words_of_topics_(h_.feature_dim, h_.num_topics),
        patience_(h_.num_patience_epochs, h_.tolerance) {
    at::set_num_threads(threads_for(h_));
    if (const Channel* channel = job.find_channel(kValidationChannel))
      validation_.emplace(*channel, tabular_options(), job.stop());
  }

  void run() {
    train();
    TopicModel model = network_.model();
    model.projection = word_logits(
        best_ ? best_->words_of_topics : std::as_const(words_of_topics_).sums(), h_.num_topics);
    if (cluster_.is_first()) write_model(job_.model_directory(), model);
    const std::vector<Topic> topics = top_words(model.projection, h_.num_topics, kPrintedWords);
    const double unique = log_topics(job_.log(), topics, vocabulary_);
    job_.log().info("#quality_metric: host=" + job_.resources().current_host +
                    ", topic_uniqueness <score>=" + number_text(unique));
    if (stopped_) return;
    if (validation_) finish(*validation_, topics);
    if (const Channel* channel = job_.find_channel(kTestChannel)) {
      TabularChannel test(*channel, tabular_options(), job_.stop());
      finish(test, topics);
    } else {
      job_.log().info("Test data is not provided.");
    }
  }

 private:
  [[nodiscard]] TabularOptions tabular_options() const {
    return {.label_size = 0,
            .batch_rows = h_.mini_batch_size,
            .columns = h_.feature_dim,
            .share = cluster_.share(),
            .threads = 1};
  }

  /// Shards number their rows alike; what every host reads whole has one numbering.
  [[nodiscard]] std::uint32_t stream_of(const TabularChannel& channel) const {
    return channel.is_sharded() ? static_cast<std::uint32_t>(cluster_.rank()) : 0;
  }

  // ---- epochs

  void train() {
    for (std::int64_t epoch = resume(); epoch <= h_.epochs && !stopped_; ++epoch) {
      // A run that is gone on with may have ended early.
      if (patience_.bad_epochs() > h_.num_patience_epochs) break;
      job_.log().info("# Starting training for epoch " + std::to_string(epoch));
      const auto begin = std::chrono::steady_clock::now();
      const PassFigures trained = train_epoch(epoch);
      const double train_seconds = seconds_since(begin);
      // A pass that was cut short by a stop tells less than the epoch before it.
      if (stopped_) break;
      require_words(trained);
      require_finite(trained.losses);
      metrics_.quality(epoch, kTrainChannel, kLoss, Figure::Loss, trained.losses.total());
      double loss = trained.losses.total();
      std::optional<double> validation_seconds;
      if (validation_) {
        const auto middle = std::chrono::steady_clock::now();
        const std::optional<double> validated = validate(epoch);
        validation_seconds = seconds_since(middle);
        if (!validated) break;
        loss = *validated;
      }
      log_timing(job_.log(), train_seconds, validation_seconds);
      metrics_.progress(epoch, h_.epochs);
      const Patience::Verdict verdict = patience_.after_epoch(loss);
      log_patience(job_.log(), verdict, loss, patience_.bad_epochs());
      if (validation_) metrics_.quality(epoch, kValidationChannel, kLoss, Figure::Loss, loss);
      last_epoch_ = epoch;
      if (!best_ || loss < best_->loss)
        best_ = BestEpoch{.epoch = epoch,
                          .loss = loss,
                          .parameters = network_.parameters(),
                          .words_of_topics = std::as_const(words_of_topics_).sums()};
      save_checkpoint(epoch);
    }
    // Stopped within the first epoch: what has been learned so far.
    if (!best_) return;
    network_.set_parameters(best_->parameters);
    job_.log().info("Best model based on early stopping at epoch " + std::to_string(best_->epoch) +
                    ". Best loss: " + number_text(best_->loss));
    // A tuning job takes the last value for that of the saved model.
    if (validation_ && best_->epoch != last_epoch_)
      metrics_.quality(best_->epoch, kValidationChannel, kLoss, Figure::Loss, best_->loss);
  }

  PassFigures train_epoch(std::int64_t epoch) {
    const auto begin = std::chrono::steady_clock::now();
    const double start = MetricLog::now();
    DocumentPass pass(train_, h_.mini_batch_size,
                      {.part = h_.sub_sample,
                       .seed = static_cast<std::uint64_t>(h_.seed),
                       .epoch = epoch,
                       .stream = stream_of(train_)},
                      train_counts_);
    PassFigures figures;
    words_of_topics_.clear();
    Documents none;
    for (;;) {
      const Documents* documents = pass.next();
      if (documents == nullptr && !pass.found_rows() && !job_.stop().stop_requested())
        train_.refuse_empty();
      if (documents != nullptr) {
        figures.rows += static_cast<double>(documents->rows_taken());
        ++figures.batches;
      }
      const bool more = documents != nullptr;
      if (documents == nullptr) documents = &none;
      if (!has_frequencies_) count_words(*documents);
      network_.set_gradients(*documents, epoch);
      words_of_topics_.add(*documents, network_.topic_weights());
      network_.hosts_with_more() = more ? 1.0F : 0.0F;
      network_.hosts_that_stop() = job_.stop().stop_requested() ? 1.0F : 0.0F;
      cluster_.sum(network_.sums());
      stopped_ = network_.hosts_that_stop() > 0;
      const bool goes_on = network_.hosts_with_more() > 0;
      if (network_.losses().documents > 0) {
        figures.losses += network_.losses();
        network_.update();
      }
      if (stopped_ || !goes_on) break;
    }
    train_counts_.report(metrics_, {{"epoch", epoch}, {"Meta", "training_data_iter"}}, start);
    cluster_.sum(words_of_topics_.sums());
    sum_over_hosts(figures);
    if (stopped_) return figures;
    log_pass("# Finished training epoch " + std::to_string(epoch), train_, figures);
    log_losses(job_.log(), "Training",
               {.total = figures.losses.total(),
                .kld = figures.losses.mean_kld(),
                .reconstruction = figures.losses.mean_reconstruction()});
    metrics_.throughput(static_cast<std::int64_t>(figures.rows), seconds_since(begin));
    return figures;
  }

  /// The decoder starts from how often words come in the first batch.
  void count_words(const Documents& documents) {
    std::vector<float> counts(static_cast<std::size_t>(h_.feature_dim));
    for (std::size_t i = 0; i < documents.words.size(); ++i)
      counts[static_cast<std::size_t>(documents.words[i])] += documents.counts[i];
    cluster_.sum(counts);
    network_.set_frequencies(counts);
    has_frequencies_ = true;
  }

  void sum_over_hosts(PassFigures& figures) {
    std::vector<double> sums{figures.rows, figures.batches};
    cluster_.sum(sums);
    figures.rows = sums[0];
    figures.batches = sums[1];
  }

  void log_pass(const std::string& what, const TabularChannel& channel,
                const PassFigures& figures) {
    const auto whole = [](double value) {
      return std::to_string(static_cast<std::int64_t>(value));
    };
    job_.log().info(what + " on " + whole(figures.rows) + " examples from " +
                    whole(figures.batches) + " batches, each of size " +
                    std::to_string(h_.mini_batch_size) + ".");
    const double empty = figures.rows - figures.losses.documents;
    if (empty > 0 && warned_of_.insert(channel.name()).second) {
      job_.log().warning("channel '" + channel.name() + "': " + whole(empty) +
                         " examples have no words and contribute nothing.");
    }
  }

  void require_words(const PassFigures& figures) const {
    if (figures.losses.documents > 0) return;
    throw Error(Blame::Customer,
                Problem{.where = std::string("channel '") + kTrainChannel + "'",
                        .given = figures.rows > 0 ? "documents without words only"
                                                  : "no document drawn, by sub_sample",
                        .expected = "at least one document with words",
                        .fix = figures.rows > 0 ? "Check the features: each should count a word."
                                                : "Raise sub_sample."});
  }

  static void require_finite(const LossSums& losses) {
    if (std::isfinite(losses.total())) return;
    throw Error(Blame::Customer, Problem{.where = "training",
                                         .given = "a loss that is not finite",
                                         .expected = "steps that converge",
                                         .fix = "Lower learning_rate, or set clip_gradient."});
  }

  // ---- measuring

  /// Losses of a channel, the rows shared among the hosts, and with `coherence` how its documents
  /// bear the topics out; nullopt after a stop.
  std::optional<PassFigures> measure(TabularChannel& channel, Coherence* coherence) {
    PassFigures figures;
    PassCounts counts;
    DocumentPass pass(channel, h_.mini_batch_size, {}, counts);
    while (const Documents* documents = pass.next()) {
      figures.rows += static_cast<double>(documents->rows_taken());
      ++figures.batches;
      figures.losses += network_.measure(*documents);
      if (coherence != nullptr) coherence->add(*documents);
    }
    LossSums& losses = figures.losses;
    std::vector<double> sums{losses.documents, losses.reconstruction, losses.kld, losses.nats,
                             losses.words};
    cluster_.sum(sums);
    losses = {.documents = sums[0],
              .reconstruction = sums[1],
              .kld = sums[2],
              .nats = sums[3],
              .words = sums[4]};
    sum_over_hosts(figures);
    if (coherence != nullptr) cluster_.sum(coherence->sums());
    stopped_ = cluster_.any(job_.stop().stop_requested());
    if (stopped_) return std::nullopt;
    if (figures.rows == 0) channel.refuse_empty();
    if (losses.documents == 0) {
      throw Error(Blame::Customer,
                  Problem{.where = "channel '" + channel.name() + "'",
                          .given = "documents without words only",
                          .expected = "at least one document with words",
                          .fix = "Check the channel's objects: each feature should count a word."});
    }
    return figures;
  }

  void log_measured(const TabularChannel& channel, const PassFigures& figures) {
    log_pass("Finished scoring", channel, figures);
    log_losses(job_.log(), "Inference",
               {.total = figures.losses.total(),
                .kld = figures.losses.mean_kld(),
                .reconstruction = figures.losses.mean_reconstruction()});
  }

  /// The validation loss after an epoch; nullopt after a stop.
  std::optional<double> validate(std::int64_t epoch) {
    const std::optional<PassFigures> figures = measure(*validation_, nullptr);
    if (!figures) return std::nullopt;
    log_measured(*validation_, *figures);
    job_.log().info("#validation_score (" + std::to_string(epoch) +
                    "): " + number_text(figures->losses.total()));
    metrics_.quality(epoch, kValidationChannel, "perplexity", Figure::Loss,
                     figures->losses.perplexity());
    return figures->losses.total();
  }

  /// Figures of the saved model on a channel.
  void finish(TabularChannel& channel, const std::vector<Topic>& topics) {
    Coherence coherence(topics, h_.feature_dim);
    const std::optional<PassFigures> figures = measure(channel, &coherence);
    if (!figures) return;
    log_measured(channel, *figures);
    const std::string& name = channel.name();
    const double total = figures->losses.total();
    if (name == kTestChannel) {
      metrics_.score(name, kLoss, total);
      metrics_.quality(name, kLoss, Figure::Loss, total);
    }
    metrics_.quality(name, "perplexity", Figure::Loss, figures->losses.perplexity());
    metrics_.quality(name, "npmi", Figure::Score, mean_of(coherence.means()));
  }

  // ---- checkpoints

  /// What a checkpoint must agree in: it belongs to the same settings.
  [[nodiscard]] Json identity() const {
    Json json = Json::object();
    for (const auto& [name, value] : Hyperparameters::schema().values_of(h_))
      if (name != "epochs") json[name] = value;
    return json;
  }

  void save_checkpoint(std::int64_t epoch) {
    if (!std::filesystem::is_directory(job_.paths().checkpoints())) return;
    Checkpoint checkpoint{.state = Json::object(), .arrays = {}};
    Json& state = checkpoint.state;
    state["identity"] = identity();
    state["epoch"] = epoch;
    state["losses"] = Json::array();
    for (const double loss : patience_.losses()) state["losses"].push_back(loss);
    state["bad_epochs"] = patience_.bad_epochs();
    state["best_epoch"] = best_->epoch;
    state["best_loss"] = best_->loss;
    Network::Memory memory = network_.memory();
    state["updates"] = memory.updates;
    checkpoint.arrays = {{"parameters", network_.parameters()},
                         {"moments", std::move(memory.moments)},
                         {"best_parameters", best_->parameters},
                         {"best_words_of_topics", best_->words_of_topics}};
    write_checkpoint(job_.paths().checkpoints(), algorithm().name, checkpoint);
  }

  /// Goes on from a checkpoint that all hosts have; returns the epoch to begin with.
  std::int64_t resume() {
    std::optional<Checkpoint> found = read_checkpoint(job_.paths().checkpoints(), algorithm().name);
    if (found && found->state.value("identity", Json()) != identity()) {
      job_.log().warning(
          "The checkpoint belongs to a job with other hyperparameters; training starts anew.");
      found.reset();
    }
    const std::int64_t epoch = found ? require_int(found->state, "epoch", "checkpoint") : 0;
    for (const float theirs : cluster_.gather(std::vector<float>{static_cast<float>(epoch)})) {
      if (theirs != static_cast<float>(epoch)) return 1;
    }
    if (!found) return 1;
    const Json& state = found->state;
    auto& arrays = found->arrays;
    network_.set_parameters(arrays["parameters"]);
    network_.set_memory({.updates = state.at("updates").get<std::int64_t>(),
                         .moments = std::move(arrays["moments"])});
    has_frequencies_ = true;
    const auto losses = state.at("losses").get<std::vector<double>>();
    patience_.resume({losses.begin(), losses.end()}, state.at("bad_epochs").get<std::int64_t>());
    best_ = BestEpoch{.epoch = state.at("best_epoch").get<std::int64_t>(),
                      .loss = state.at("best_loss").get<double>(),
                      .parameters = std::move(arrays["best_parameters"]),
                      .words_of_topics = std::move(arrays["best_words_of_topics"])};
    if (best_->words_of_topics.size() != words_of_topics_.sums().size())
      throw Error(Blame::Customer, "the checkpoint is damaged: it lacks the words of topics");
    last_epoch_ = epoch;
    job_.log().info("Resuming from a checkpoint after epoch " + std::to_string(epoch));
    return epoch + 1;
  }

  Job& job_;
  const Hyperparameters h_;
  Cluster cluster_;
  MetricLog metrics_;
  const Vocabulary vocabulary_;
  TabularChannel train_;
  std::optional<TabularChannel> validation_;
  Network network_;
  TopicWords words_of_topics_;  ///< of the epoch
  Patience patience_;
  std::optional<BestEpoch> best_;
  std::int64_t last_epoch_ = 0;
  bool has_frequencies_ = false;
  std::set<std::string> warned_of_;  ///< channels that have documents without words
  bool stopped_ = false;
  PassCounts train_counts_;
};

}  // namespace

void train(Job& job) {
  Training(job, Hyperparameters::schema().parse(job.hyperparameters())).run();
}

}  // namespace millrace::ntm
