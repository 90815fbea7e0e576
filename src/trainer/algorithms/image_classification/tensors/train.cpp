#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/channel_batches.h"
#include "trainer/algorithms/image_classification/class_counts.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/algorithms/image_classification/inputs.h"
#include "trainer/algorithms/image_classification/tensors/accuracy.h"
#include "trainer/algorithms/image_classification/tensors/loss.h"
#include "trainer/algorithms/image_classification/tensors/named_tensor.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/start.h"
#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/learn/early_stopping.h"
#include "trainer/learn/step_schedule.h"

namespace millrace::image_classification {
namespace {

using Clock = std::chrono::steady_clock;

/// As often as the original container says something within an epoch.
constexpr std::int64_t kBatchesPerLine = 20;
/// Each holds a few batches in memory; more do not make a network faster that eight keep busy.
constexpr int kMaxLoaderThreads = 8;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

OptimizerOptions optimizer_options(const Hyperparameters& h) {
  return {.rule = h.optimizer,
          .momentum = h.momentum,
          .weight_decay = h.weight_decay,
          .beta_1 = h.beta_1,
          .beta_2 = h.beta_2,
          .eps = h.eps,
          .gamma = h.gamma};
}

/// Updates an epoch has for the schedule, as MXNet's example program counts them: the short last
/// batch too.
StepSchedule schedule(const Hyperparameters& h) {
  const std::int64_t updates = (h.num_training_samples + h.mini_batch_size - 1) / h.mini_batch_size;
  std::vector<std::int64_t> steps;
  for (const std::int64_t epoch : h.lr_scheduler_step) steps.push_back(epoch * updates);
  return {h.learning_rate, h.lr_scheduler_factor, std::move(steps)};
}

LossWeights loss_weights(const ClassWeights& weights, torch::Device device) {
  return {.present = torch::tensor(weights.present).to(device),
          .absent = torch::tensor(weights.absent).to(device)};
}

/// One training run: the state that lives from the first epoch to the last.
class Training {
 public:
  Training(Job& job, const Hyperparameters& h)
      : job_(job),
        h_(h),
        device_(fastest_device()),
        threads_(std::clamp(available_cpus() - 1, 1, kMaxLoaderThreads)),
        options_(loader_options(h, true, threads_)),
        start_(find_start(job, h)),
        train_(job, *job.find_channel(kTrainChannel), h, options_, start_.epoch()),
        network_(starting_network(h, start_, device_)),
        optimizer_(network_.trained(), optimizer_options(h)),
        schedule_(schedule(h)),
        progress_{.epochs = start_.epoch(), .updates = start_.updates()} {
    if (const Channel* channel = job.find_channel(kValidationChannel))
      validation_.emplace(job, *channel, h, loader_options(h, false, threads_), start_.epoch());
    if (h.early_stopping) {
      early_.emplace(EarlyStoppingOptions{.min_epochs = h.early_stopping_min_epochs,
                                          .patience = h.early_stopping_patience,
                                          .tolerance = h.early_stopping_tolerance});
      if (!validation_)
        job.log().warning("early_stopping has no effect without a validation channel");
    }
    if (const std::optional<ClassCounts>& counts = train_.class_counts())
      loss_weights_ = loss_weights(class_weights(*counts), device_);
    if (start_.checkpoint) resume(*start_.checkpoint);
  }

  void run() {
    write_network(job_.model_directory(), h_.model_prefix, network_.graph(), h_.image_shape);
    job_.log().info("Setting number of threads: " + std::to_string(threads_));
    std::int64_t last = std::max<std::int64_t>(0, start_.epoch() - 1);
    for (std::int64_t epoch = start_.epoch(); epoch < h_.epochs; ++epoch) {
      last = epoch;
      if (!train_epoch(epoch)) return leave_model(epoch);
      const std::optional<double> accuracy = validate(epoch);
      // A validation that a stop cut short says nothing about the epoch.
      const bool stopped = job_.stop().stop_requested();
      if (accuracy || !stopped) keep(epoch, accuracy);
      if (stopped) return leave_model(epoch);
      const bool ends_early = early_ && accuracy && early_->after_epoch(epoch + 1, *accuracy);
      save_checkpoint();
      if (ends_early) {
        job_.log().info("Early stopping after epoch " + std::to_string(epoch) +
                        ": no improvement in " + std::to_string(h_.early_stopping_patience) +
                        " epochs");
        break;
      }
    }
    // Early stopping may come before the first epoch that checkpoint_frequency would have kept.
    if (saved_.empty()) save(last);
  }

 private:
  /// False when a stop was requested before the end of the epoch.
  bool train_epoch(std::int64_t epoch) {
    const Clock::time_point begin = Clock::now();
    Clock::time_point window = begin;
    Accuracy accuracy(h_.top_k);
    const bool counted = epoch > start_.epoch() || train_.images().has_value();
    train_.start(epoch);
    std::int64_t number = 0;
    while (std::optional<ImageBatch> batch = train_.next()) {
      if (job_.stop().stop_requested()) return false;
      const torch::Tensor labels = label_tensor(*batch, device_);
      const torch::Tensor logits =
          network_.logits(image_tensor(*batch, options_, device_), /*training=*/true);
      const Loss loss = h_.multi_label ? sigmoid_loss(logits, labels, loss_weights_)
                                       : softmax_loss(logits, labels);
      logits.backward(loss.gradient);
      optimizer_.step(schedule_.rate(start_.updates() + optimizer_.updates() + 1));
      accuracy.add(logits, labels);
      if (number > 0 && number % kBatchesPerLine == 0) {
        const double speed =
            static_cast<double>(kBatchesPerLine * h_.mini_batch_size) / seconds_since(window);
        window = Clock::now();
        job_.log().info("Epoch[" + std::to_string(epoch) + "] Batch [" + std::to_string(number) +
                        "]\tSpeed: " + fixed(speed, 3) +
                        " samples/sec\taccuracy=" + fixed(accuracy.value(), 6));
      }
      ++number;
    }
    if (!train_.images()) return false;  // a stream that a stop request broke off
    if (!counted) check_training_size(job_, h_, *train_.images());
    if (epoch == start_.epoch()) check_batch_size(h_, *train_.images() - train_.broken());
    progress_ = {.epochs = epoch + 1, .updates = start_.updates() + optimizer_.updates()};
    accuracy.log(job_.log(), epoch, "Train");
    job_.log().info("Epoch[" + std::to_string(epoch) +
                    "] Time cost=" + fixed(seconds_since(begin), 3));
    return true;
  }

  std::optional<double> validate(std::int64_t epoch) {
    if (!validation_) return std::nullopt;
    Accuracy accuracy(h_.top_k);
    validation_->start(epoch);
    while (std::optional<ImageBatch> batch = validation_->next()) {
      if (job_.stop().stop_requested()) return std::nullopt;
      accuracy.add(network_.logits(image_tensor(*batch, options_, device_), /*training=*/false),
                   label_tensor(*batch, device_));
    }
    if (!validation_->images()) return std::nullopt;
    accuracy.log(job_.log(), epoch, "Validation");
    return accuracy.value();
  }

  /// With checkpoint_frequency every n-th epoch stays; without it the best on the validation
  /// channel, or the latest where there is none.
  void keep(std::int64_t epoch, std::optional<double> accuracy) {
    if (h_.checkpoint_frequency) {
      if ((epoch + 1) % *h_.checkpoint_frequency == 0) save(epoch);
      return;
    }
    if (accuracy) {
      if (best_ && *accuracy <= *best_) return;
      best_ = accuracy;
      job_.log().info("Storing the best model with validation accuracy: " + fixed(*accuracy, 6));
    }
    const std::vector<std::string> before = std::exchange(saved_, {});
    save(epoch);
    for (const std::string& name : before)
      if (name != saved_.back()) std::filesystem::remove(job_.model_directory() / name);
  }

  void save(std::int64_t epoch) {
    const std::string name = params_file_name(h_.model_prefix, epoch + 1);
    const std::filesystem::path file = job_.model_directory() / name;
    write_arrays(file, network_.arrays());
    saved_.push_back(name);
    job_.log().info("Saved checkpoint to \"" + file.string() + "\"");
  }

  void save_checkpoint() const {
    if (!std::filesystem::is_directory(job_.paths().checkpoints())) return;
    Checkpoint now{.settings = checkpoint_settings(h_),
                   .progress = progress_,
                   .optimizer_updates = optimizer_.updates(),
                   .best = best_,
                   .early_best = early_ ? early_->best() : 0,
                   .without_improvement = early_ ? early_->without_improvement() : 0,
                   .saved = saved_,
                   .weights = network_.arrays(),
                   .moments = {}};
    for (const torch::Tensor& moment : optimizer_.moments())
      now.moments.push_back(to_array(std::to_string(now.moments.size()), moment));
    write_checkpoint(job_.paths().checkpoints(), job_.model_directory(), now);
  }

  void resume(const Checkpoint& before) {
    std::vector<torch::Tensor> moments = optimizer_.moments();
    for (std::size_t i = 0; i < moments.size(); ++i) {
      if (i >= before.moments.size() || moments[i].sizes().vec() != before.moments[i].shape)
        throw Error(Blame::Customer, "the checkpoint is damaged: it is not of this optimiser");
      moments[i].copy_(to_tensor(before.moments[i]));
    }
    optimizer_.resume(before.optimizer_updates);
    if (early_) early_->resume(before.early_best, before.without_improvement);
    progress_ = before.progress;
    best_ = before.best;
    saved_ = before.saved;
  }

  /// After a stop request: the best model so far is already there; where nothing tells good from
  /// bad, the newest weights replace those of the epoch before.
  void leave_model(std::int64_t epoch) {
    job_.log().info("Stop requested in epoch " + std::to_string(epoch) + " after " +
                    std::to_string(optimizer_.updates()) + " updates");
    if (!validation_ && !h_.checkpoint_frequency) {
      keep(epoch, std::nullopt);
    } else if (saved_.empty()) {
      save(epoch);
    }
    if (progress_.epochs < h_.epochs)
      write_progress(job_.model_directory(), h_.model_prefix, progress_);
  }

  Job& job_;
  const Hyperparameters& h_;
  torch::Device device_;
  int threads_;
  LoaderOptions options_;
  const Start start_;
  ChannelBatches train_;
  std::optional<ChannelBatches> validation_;
  Network network_;
  Optimizer optimizer_;
  StepSchedule schedule_;
  std::optional<LossWeights> loss_weights_;
  Progress progress_;  ///< at the end of the newest epoch
  std::optional<EarlyStopping> early_;
  std::optional<double> best_;
  std::vector<std::string> saved_;  ///< .params files of the model, the newest last
};

}  // namespace

void train(Job& job) {
  const Hyperparameters h = Hyperparameters::schema().parse(job.hyperparameters());
  Training(job, h).run();
}

}  // namespace millrace::image_classification
