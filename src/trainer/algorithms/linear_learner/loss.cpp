#include "trainer/algorithms/linear_learner/loss.h"

#include <array>

namespace millrace::linear_learner {
namespace {

struct Names {
  std::string_view hyperparameter;
  std::string_view objective;
  int power;
};

/// In the order of Loss.
constexpr std::array<Names, 9> kNames{{
    {"squared_loss", "mse_objective", 2},
    {"absolute_loss", "absolute_loss_objective", 1},
    {"eps_insensitive_squared_loss", "eps_insensitive_squared_loss_objective", 2},
    {"eps_insensitive_absolute_loss", "eps_insensitive_absolute_loss_objective", 1},
    {"quantile_loss", "quantile_loss_objective", 1},
    {"huber_loss", "huber_loss_objective", 2},
    {"logistic", "binary_classification_cross_entropy_objective", 0},
    {"hinge_loss", "hinge_loss_objective", 0},
    {"softmax_loss", "multiclass_cross_entropy_objective", 0},
}};

const Names& names(Loss loss) {
  return kNames[static_cast<std::size_t>(loss)];
}

}  // namespace

std::string_view loss_name(Loss loss) {
  return names(loss).hyperparameter;
}
std::string_view objective_name(Loss loss) {
  return names(loss).objective;
}
int loss_power(Loss loss) {
  return names(loss).power;
}

}  // namespace millrace::linear_learner
