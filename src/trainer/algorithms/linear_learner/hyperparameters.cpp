#include "trainer/algorithms/linear_learner/hyperparameters.h"

#include <cmath>
#include <string>

namespace millrace::linear_learner {
namespace {

constexpr std::int64_t kMaxEpochs = 1'000'000;
constexpr std::int64_t kMaxBatchRows = 100'000'000;
/// Eight such models of float32 fill 4 GiB with their optimiser's state.
constexpr std::int64_t kMaxFeatures = 100'000'000;
constexpr std::int64_t kMaxModels = 1024;

using H = Hyperparameters;

std::optional<PositiveWeight> parse_positive_weight(std::string_view text) {
  using Kind = PositiveWeight::Kind;
  if (text == "balanced") return PositiveWeight{.kind = Kind::Balanced};
  if (text == kAuto) return PositiveWeight{.kind = Kind::Auto};
  const std::optional<double> value = parse_double(text);
  if (!value || !std::isfinite(*value) || *value <= 0) return std::nullopt;
  return PositiveWeight{.kind = Kind::Given, .value = *value};
}

std::string format_positive_weight(const PositiveWeight& weight) {
  using Kind = PositiveWeight::Kind;
  if (weight.kind == Kind::Given) return plain_number(weight.value);
  return weight.kind == Kind::Balanced ? "balanced" : std::string(kAuto);
}

Problem problem(std::string_view name, std::string given, std::string expected, std::string fix) {
  return {.where = "hyperparameter '" + std::string(name) + "'",
          .given = std::move(given),
          .expected = std::move(expected),
          .fix = std::move(fix)};
}

std::optional<Problem> classes_are_told(const H& h) {
  if (h.predictor_type != Predictor::Multiclass || h.num_classes) return std::nullopt;
  return problem("num_classes", {},
                 "a whole number from 3 to 1000000, because predictor_type is "
                 "multiclass_classifier",
                 "Set it to the largest label plus one.");
}

std::optional<Problem> loss_fits_the_predictor(const H& h) {
  const Loss loss = h.effective_loss();
  const bool fits =
      (h.predictor_type == Predictor::Binary && (loss == Loss::Logistic || loss == Loss::Hinge)) ||
      (h.predictor_type == Predictor::Multiclass && loss == Loss::Softmax) ||
      (h.predictor_type == Predictor::Regressor && loss_power(loss) > 0);
  if (fits) return std::nullopt;
  switch (h.predictor_type) {
    case Predictor::Binary:
      return problem("loss", std::string(loss_name(loss)), "auto, logistic or hinge_loss",
                     "These are the losses of a binary_classifier.");
    case Predictor::Multiclass:
      return problem("loss", std::string(loss_name(loss)), "auto or softmax_loss",
                     "This is the loss of a multiclass_classifier.");
    case Predictor::Regressor:
      break;
  }
  return problem("loss", std::string(loss_name(loss)),
                 "auto, squared_loss, absolute_loss, eps_insensitive_squared_loss, "
                 "eps_insensitive_absolute_loss, quantile_loss or huber_loss",
                 "These are the losses of a regressor.");
}

std::optional<Problem> unbiased_data_has_a_bias(const H& h) {
  if (h.use_bias) return std::nullopt;
  for (const auto& [name, value] :
       {std::pair{"unbias_data", h.unbias_data}, {"unbias_label", h.unbias_label}}) {
    if (value.value_or(false)) {
      return problem(name, "true", "auto or false, because use_bias is false",
                     "Without a bias the mean cannot be put back.");
    }
  }
  return std::nullopt;
}

}  // namespace

Loss H::effective_loss() const {
  if (loss) return *loss;
  switch (predictor_type) {
    case Predictor::Binary:
      return Loss::Logistic;
    case Predictor::Multiclass:
      return Loss::Softmax;
    case Predictor::Regressor:
      break;
  }
  return Loss::Squared;
}

std::int64_t H::outputs() const {
  return predictor_type == Predictor::Multiclass ? *num_classes : 1;
}

const Schema<H>& H::schema() {
  static const std::vector<std::pair<std::string, bool>> kTrueFalse{
      {"true", true}, {"false", false}, {"True", true}, {"False", false}};
  static const Schema<H> schema =
      Schema<H>("linear-learner")
          .choice("predictor_type", &H::predictor_type,
                  {{"binary_classifier", Predictor::Binary},
                   {"multiclass_classifier", Predictor::Multiclass},
                   {"regressor", Predictor::Regressor}},
                  "What the label column holds.", Required)
          .number("num_classes", &H::num_classes, between(3, 1'000'000),
                  "Number of classes; labels run from 0 to num_classes - 1. Of a "
                  "multiclass_classifier only.")
          .number("feature_dim", &H::feature_dim, between(1, kMaxFeatures),
                  "Features of a row; auto takes them from the data.", Auto)
          .number("accuracy_top_k", &H::accuracy_top_k, between(1, 1'000'000),
                  "The k of a multiclass_classifier's top-k accuracy.")
          .choice("balance_multiclass_weights", &H::balance_multiclass_weights, kTrueFalse,
                  "Give every class the same total weight in the loss.")
          .number("beta_1", &H::beta_1, from_to_below(0, 1), "Decay of adam's first moment.", Auto)
          .number("beta_2", &H::beta_2, from_to_below(0, 1), "Decay of adam's second moment.", Auto)
          .number("bias_lr_mult", &H::bias_lr_mult, above(0),
                  "The bias learns at learning_rate times this.", Auto)
          .number("bias_wd_mult", &H::bias_wd_mult, at_least(0),
                  "The bias has an L2 penalty of wd times this.", Auto)
          .choice("binary_classifier_model_selection_criteria", &H::criterion,
                  {{"accuracy", Criterion::Accuracy},
                   {"f_beta", Criterion::FBeta},
                   {"f1", Criterion::FBeta},
                   {"precision_at_target_recall", Criterion::PrecisionAtTargetRecall},
                   {"recall_at_target_precision", Criterion::RecallAtTargetPrecision},
                   {"loss_function", Criterion::LossFunction},
                   {"cross_entropy_loss", Criterion::LossFunction}},
                  "By what the threshold and the best of a binary_classifier's models are chosen.")
          .number("early_stopping_patience", &H::early_stopping_patience, at_least(1),
                  "Epochs in a row without improvement that end training.")
          .number("early_stopping_tolerance", &H::early_stopping_tolerance, above(0),
                  "Relative improvement that counts.")
          .number("epochs", &H::epochs, between(1, kMaxEpochs),
                  "Passes over the train channel, at most.")
          .number("f_beta", &H::f_beta, above(0), "Weight of recall in the F measure.")
          .number("huber_delta", &H::huber_delta, at_least(0),
                  "Where huber_loss turns from square to line.")
          .number("init_bias", &H::init_bias, Range{}, "The bias at the start.")
          .choice("init_method", &H::init_method,
                  {{"uniform", InitMethod::Uniform}, {"normal", InitMethod::Normal}},
                  "Distribution of the weights at the start.")
          .number("init_scale", &H::init_scale, above(0),
                  "Weights start uniformly in (-init_scale, init_scale).")
          .number("init_sigma", &H::init_sigma, above(0),
                  "Standard deviation of the weights at the start, with init_method normal.")
          .number("l1", &H::l1, at_least(0), "L1 penalty on the weights.", Auto, Tunable(1e-7, 1))
          .number("learning_rate", &H::learning_rate, above(0), "Step size of the optimiser.", Auto,
                  Tunable(1e-5, 1))
          .choice("loss", &H::loss,
                  {{"squared_loss", Loss::Squared},
                   {"absolute_loss", Loss::Absolute},
                   {"eps_insensitive_squared_loss", Loss::EpsInsensitiveSquared},
                   {"eps_insensitive_absolute_loss", Loss::EpsInsensitiveAbsolute},
                   {"quantile_loss", Loss::Quantile},
                   {"huber_loss", Loss::Huber},
                   {"logistic", Loss::Logistic},
                   {"hinge_loss", Loss::Hinge},
                   {"softmax_loss", Loss::Softmax}},
                  "What is minimised; auto is squared_loss, logistic or softmax_loss.", Auto)
          .number("loss_insensitivity", &H::loss_insensitivity, above(0),
                  "Errors below this cost nothing in the eps_insensitive losses.")
          .number("lr_scheduler_factor", &H::lr_scheduler_factor, inside_of(0, 1),
                  "The learning rate is multiplied by this every lr_scheduler_step.", Auto)
          .number("lr_scheduler_minimum_lr", &H::lr_scheduler_minimum_lr, above(0),
                  "The learning rate falls no further.", Auto)
          .number("lr_scheduler_step", &H::lr_scheduler_step, at_least(1),
                  "Updates between two falls of the learning rate.", Auto)
          .number("margin", &H::margin, at_least(0), "Margin of hinge_loss.")
          .number("mini_batch_size", &H::mini_batch_size, between(1, kMaxBatchRows),
                  "Rows of a step, on each host.", Tunable(100, 5000))
          .number("momentum", &H::momentum, from_to_below(0, 1), "Momentum of sgd.", Auto)
          .choice("normalize_data", &H::normalize_data, kTrueFalse,
                  "Train on features of mean 0 and standard deviation 1.", Auto)
          .choice("normalize_label", &H::normalize_label, kTrueFalse,
                  "Train a regressor on labels of mean 0 and standard deviation 1.", Auto)
          .number("num_calibration_samples", &H::num_calibration_samples, at_least(1),
                  "Rows on which thresholds are chosen, at most.", Auto)
          .number("num_models", &H::num_models, between(1, kMaxModels),
                  "Models trained side by side, of which the best is kept.", Auto)
          .number("num_point_for_scaler", &H::num_point_for_scaler, at_least(1),
                  "Rows from which means and deviations are taken.")
          .choice(
              "optimizer", &H::optimizer,
              {{"sgd", Optimizer::Sgd}, {"adam", Optimizer::Adam}, {"rmsprop", Optimizer::RmsProp}},
              "Update rule; auto is adam.", Auto)
          .text("positive_example_weight_mult", &H::positive_example_weight_mult,
                {.expects = "'balanced', 'auto' or a number above 0",
                 .parse = parse_positive_weight,
                 .format = format_positive_weight},
                "Weight of positive examples, where negative ones weigh 1; balanced gives both "
                "classes equal impact.",
                Tunable(1e-5, 1e5))
          .number("quantile", &H::quantile, inside_of(0, 1),
                  "The quantile that quantile_loss fits.")
          .number("target_precision", &H::target_precision, inside_of(0, 1),
                  "Precision that recall_at_target_precision keeps.")
          .number("target_recall", &H::target_recall, inside_of(0, 1),
                  "Recall that precision_at_target_recall keeps.")
          .choice("unbias_data", &H::unbias_data, kTrueFalse, "Train on features of mean 0.", Auto)
          .choice("unbias_label", &H::unbias_label, kTrueFalse,
                  "Train a regressor on labels of mean 0.", Auto)
          .choice("use_bias", &H::use_bias, kTrueFalse, "Have a bias.", Tunable())
          .choice("use_lr_scheduler", &H::use_lr_scheduler, kTrueFalse,
                  "Let the learning rate fall.")
          .number("wd", &H::wd, at_least(0), "L2 penalty on the weights.", Auto, Tunable(1e-7, 1))
          .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                  "Weights at the start follow from it; not in the original service.")
          .rule(classes_are_told)
          .rule(loss_fits_the_predictor)
          .rule(unbiased_data_has_a_bias);
  return schema;
}

}  // namespace millrace::linear_learner
