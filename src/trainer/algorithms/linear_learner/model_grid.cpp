#include "trainer/algorithms/linear_learner/model_grid.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::linear_learner {
namespace {

constexpr std::int64_t kGridModels = 32;
constexpr std::array kRates{0.005, 0.1};
constexpr std::array kDecays{1e-4, 1e-3, 1e-1, 1e1};
constexpr double kMinimumRate = 1e-5;

struct Schedule {
  std::int64_t step;
  double factor;
};
constexpr std::array<Schedule, 2> kSchedules{{{100, 0.99}, {10, 0.98}}};

/// Number of the grid's model that a smaller set of models has in place `i`: the larger learning
/// rate before the smaller, weak regularisation before strong, whatever the number of models.
std::int64_t grid_number(std::int64_t i, std::int64_t models) {
  if (models >= kGridModels) return i % kGridModels;
  constexpr std::int64_t kLargeRate = 4, kVariants = 4;
  const std::int64_t rate = i % 2 == 0 ? kLargeRate : 0;
  const std::int64_t decay = i / 2 % static_cast<std::int64_t>(kDecays.size());
  const std::int64_t variant = i / 8 % kVariants;
  return rate + 8 * decay + variant;
}

}  // namespace

double ModelSettings::rate(std::int64_t update) const {
  if (lr_scheduler_step == 0) return learning_rate;
  const auto falls = static_cast<double>(update / lr_scheduler_step);
  return std::max(std::min(lr_scheduler_minimum_lr, learning_rate),
                  learning_rate * std::pow(lr_scheduler_factor, falls));
}

std::vector<ModelSettings> model_grid(const Hyperparameters& h, double balanced) {
  using Kind = PositiveWeight::Kind;
  const std::int64_t count = h.num_models.value_or(kGridModels);
  std::vector<ModelSettings> grid;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::size_t>(grid_number(i, count));
    const Schedule& schedule = kSchedules[number % 2];
    ModelSettings model;
    model.learning_rate = h.learning_rate.value_or(kRates[number / 4 % 2]);
    model.wd = h.wd.value_or(kDecays[number / 8]);
    model.l1 = h.l1.value_or(0);
    if (h.use_lr_scheduler) {
      model.lr_scheduler_step = h.lr_scheduler_step.value_or(schedule.step);
      model.lr_scheduler_factor = h.lr_scheduler_factor.value_or(schedule.factor);
      model.lr_scheduler_minimum_lr = h.lr_scheduler_minimum_lr.value_or(kMinimumRate);
    }
    const PositiveWeight& weight = h.positive_example_weight_mult;
    const bool is_balanced =
        weight.kind == Kind::Balanced || (weight.kind == Kind::Auto && i % 2 == 1);
    model.positive_weight = is_balanced ? balanced : weight.value;
    model.seed = static_cast<std::uint64_t>(h.seed) * 1'000'003 + static_cast<std::uint64_t>(i / 2);
    grid.push_back(model);
  }
  return grid;
}

Json settings_json(const Hyperparameters& h, const ModelSettings& settings) {
  const Optimizer optimizer = h.optimizer.value_or(Optimizer::Adam);
  Json json = Json::object();
  json["optimizer"] = optimizer == Optimizer::Adam  ? "adam"
                      : optimizer == Optimizer::Sgd ? "sgd"
                                                    : "rmsprop";
  json["learning_rate"] = settings.learning_rate;
  json["wd"] = settings.wd;
  json["l1"] = settings.l1;
  if (settings.lr_scheduler_step > 0) {
    json["lr_scheduler_step"] = settings.lr_scheduler_step;
    json["lr_scheduler_factor"] = settings.lr_scheduler_factor;
    json["lr_scheduler_minimum_lr"] = settings.lr_scheduler_minimum_lr;
  }
  if (h.predictor_type == Predictor::Binary)
    json["positive_example_weight_mult"] = settings.positive_weight;
  return json;
}

}  // namespace millrace::linear_learner
