#include "trainer/algorithms/linear_learner/tensors/progress.h"

#include <cmath>
#include <utility>

#include "core/base/error.h"

namespace millrace::linear_learner {
namespace {

/// JSON has no word for NaN, the loss of a model that diverged.
std::vector<double> numbers(const Json& list) {
  std::vector<double> values;
  for (const Json& item : list)
    values.push_back(item.is_number() ? item.get<double>() : std::nan(""));
  return values;
}

std::vector<float> array(const Checkpoint& checkpoint, const char* name) {
  const auto found = checkpoint.arrays.find(name);
  return found == checkpoint.arrays.end() ? std::vector<float>() : found->second;
}

}  // namespace

Json identity_of(const Hyperparameters& h, const Learner& learner) {
  Json json = Json::object();
  for (const auto& [name, value] : Hyperparameters::schema().values_of(h))
    if (name != "epochs") json[name] = value;
  json["features"] = learner.scaler().mean.size();
  return json;
}

Checkpoint checkpoint_of(const Hyperparameters& h, Learner& learner, const BestEpoch& best,
                         const EarlyStopping& early, std::int64_t epochs_done) {
  Checkpoint checkpoint{.state = Json::object(), .arrays = {}};
  Json& state = checkpoint.state;
  const Learner::Memory memory = learner.memory();
  const Scaler& scaler = learner.scaler();
  state["identity"] = identity_of(h, learner);
  state["epochs"] = epochs_done;
  state["updates"] = memory.updates;
  state["label_mean"] = scaler.label_mean;
  state["label_scale"] = scaler.label_scale;
  state["best"] = *early.best();
  state["without_improvement"] = early.without_improvement();
  state["best_epoch"] = best.epoch;
  state["train_losses"] = best.train_losses;
  state["values"] = best.values;
  for (const Calibration& calibration : best.calibrations) {
    state["thresholds"].push_back(calibration.threshold);
    state["calibrated"].push_back(calibration.value);
  }
  const Learner::Parameters now = learner.parameters();
  checkpoint.arrays = {{"weights", now.weights},
                       {"biases", now.biases},
                       {"weights_first", memory.weights_first},
                       {"weights_second", memory.weights_second},
                       {"biases_first", memory.biases_first},
                       {"biases_second", memory.biases_second},
                       {"best_weights", best.parameters.weights},
                       {"best_biases", best.parameters.biases},
                       {"mean", scaler.mean},
                       {"factor", scaler.factor}};
  return checkpoint;
}

std::int64_t epochs_of(const std::optional<Checkpoint>& checkpoint) {
  return checkpoint ? require_int(checkpoint->state, "epochs", "checkpoint") : 0;
}

BestEpoch restore(const Checkpoint& checkpoint, Learner& learner, EarlyStopping& early) {
  const Json& state = checkpoint.state;
  // Means and deviations as they were: weights are weights of features scaled by them.
  Scaler scaler = learner.scaler();
  scaler.mean = array(checkpoint, "mean");
  scaler.factor = array(checkpoint, "factor");
  scaler.label_mean = state.at("label_mean").get<double>();
  scaler.label_scale = state.at("label_scale").get<double>();
  learner.set_scaler(std::move(scaler));
  learner.set_parameters(
      {.weights = array(checkpoint, "weights"), .biases = array(checkpoint, "biases")});
  learner.set_memory({.updates = state.at("updates").get<std::int64_t>(),
                      .weights_first = array(checkpoint, "weights_first"),
                      .weights_second = array(checkpoint, "weights_second"),
                      .biases_first = array(checkpoint, "biases_first"),
                      .biases_second = array(checkpoint, "biases_second")});
  BestEpoch best{.epoch = state.at("best_epoch").get<std::int64_t>(),
                 .parameters = {.weights = array(checkpoint, "best_weights"),
                                .biases = array(checkpoint, "best_biases")},
                 .train_losses = numbers(state.at("train_losses")),
                 .values = numbers(state.at("values")),
                 .calibrations = {}};
  if (state.contains("thresholds")) {
    for (std::size_t m = 0; m < best.values.size(); ++m) {
      best.calibrations.push_back({.threshold = state.at("thresholds").at(m).get<double>(),
                                   .value = state.at("calibrated").at(m).get<double>()});
    }
  }
  early.resume(state.at("best").get<double>(), state.at("without_improvement").get<std::int64_t>());
  return best;
}

}  // namespace millrace::linear_learner
