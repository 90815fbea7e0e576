#include "trainer/algorithms/ntm/hyperparameters.h"

#include <string>

namespace millrace::ntm {
namespace {

constexpr std::int64_t kMaxWords = 1'000'000;
constexpr std::int64_t kMaxTopics = 1000;
constexpr std::int64_t kMaxEpochs = 1'000'000;
constexpr std::int64_t kMaxBatchRows = 10'000;
constexpr std::size_t kMaxLayers = 16;
constexpr std::int64_t kMaxLayerWidth = 100'000;
/// Weights of float32 that the saved model's ZIP archive has room for: it ends at 4 GiB.
constexpr double kMaxWeights = 1e9;

using H = Hyperparameters;

std::optional<std::vector<std::int64_t>> parse_layers(std::string_view text) {
  // A list in JSON's brackets is what the Python SDK of some versions sends.
  text = trim(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<std::int64_t> widths;
  for (const std::string_view part : split(text, ',')) {
    const std::optional<std::int64_t> width = parse_int(trim(part));
    if (!width || *width < 1 || *width > kMaxLayerWidth) return std::nullopt;
    widths.push_back(*width);
  }
  if (widths.empty() || widths.size() > kMaxLayers) return std::nullopt;
  return widths;
}

/// A number field takes finite numbers only; here infinity is the default.
std::optional<double> parse_limit(std::string_view text) {
  const std::optional<double> limit = parse_double(text);
  if (!limit || !(*limit >= 1e-3)) return std::nullopt;
  return limit;
}

std::string format_layers(const std::vector<std::int64_t>& widths) {
  std::vector<std::string> parts;
  for (const std::int64_t width : widths) parts.push_back(std::to_string(width));
  return join(parts, ",");
}

std::optional<Problem> the_model_can_be_saved(const H& h) {
  double weights = static_cast<double>(h.feature_dim) * static_cast<double>(h.num_topics + 1);
  std::int64_t before = h.feature_dim;
  for (const std::int64_t width : h.layers()) {
    weights += static_cast<double>(before + 1) * static_cast<double>(width);
    before = width;
  }
  if (weights <= kMaxWeights) return std::nullopt;
  return Problem{.where = "hyperparameters 'feature_dim', 'num_topics' and 'encoder_layers'",
                 .given = number_text(weights) + " weights in all",
                 .expected = "at most " + number_text(kMaxWeights),
                 .fix = "Leave rare words out, or lower num_topics or encoder_layers."};
}

}  // namespace

std::vector<std::int64_t> H::layers() const {
  if (encoder_layers) return *encoder_layers;
  return {3 * num_topics, 2 * num_topics};
}

const Schema<H>& H::schema() {
  static const std::vector<std::pair<std::string, bool>> kTrueFalse{
      {"true", true}, {"false", false}, {"True", true}, {"False", false}};
  static const Schema<H> schema =
      Schema<H>("ntm")
          .number("feature_dim", &H::feature_dim, between(1, kMaxWords), "Words of the vocabulary.",
                  Required)
          .number("num_topics", &H::num_topics, between(2, kMaxTopics), "Topics to find.", Required)
          .choice("batch_norm", &H::batch_norm, kTrueFalse,
                  "Normalise the encoder's layers over each batch.")
          .text("clip_gradient", &H::clip_gradient,
                {.expects = "a number of at least 0.001, or inf",
                 .parse = parse_limit,
                 .format = number_text},
                "Limit of each component of the gradient.")
          .text("encoder_layers", &H::encoder_layers,
                {.expects = "whole numbers from 1 to 100000 with commas between, such as 60,40",
                 .parse = parse_layers,
                 .format = format_layers},
                "Widths of the encoder's layers; auto is 3 num_topics and 2 num_topics.", Auto)
          .choice("encoder_layers_activation", &H::encoder_layers_activation,
                  {{"sigmoid", Activation::Sigmoid},
                   {"tanh", Activation::Tanh},
                   {"relu", Activation::Relu}},
                  "What follows each of the encoder's layers.", Tunable())
          .number("epochs", &H::epochs, between(1, kMaxEpochs),
                  "Passes over the train channel, at most.")
          .number("learning_rate", &H::learning_rate, between(1e-6, 1),
                  "Step size of the optimiser.", Tunable(1e-4, 0.1))
          .number("mini_batch_size", &H::mini_batch_size, between(1, kMaxBatchRows),
                  "Documents of a step, on each host.", Tunable(16, 2048))
          .number("num_patience_epochs", &H::num_patience_epochs, at_least(1),
                  "Epochs that are looked back on, and bad ones that are borne, before training "
                  "stops early.")
          .choice("optimizer", &H::optimizer,
                  {{"sgd", UpdateRule::Sgd},
                   {"adam", UpdateRule::Adam},
                   {"adagrad", UpdateRule::AdaGrad},
                   {"adadelta", UpdateRule::AdaDelta},
                   {"rmsprop", UpdateRule::RmsProp}},
                  "Update rule.", Tunable())
          .number("rescale_gradient", &H::rescale_gradient, between(1e-3, 1),
                  "The gradient is multiplied by this before it is clipped.", Tunable(0.1, 1))
          .number("sub_sample", &H::sub_sample, between(0, 1),
                  "Part of the training documents that an epoch draws.")
          .number("tolerance", &H::tolerance, between(1e-6, 0.1),
                  "Fall of the loss below which an epoch is a bad one.")
          .number("weight_decay", &H::weight_decay, between(0, 1), "L2 penalty on the weights.",
                  Tunable(0, 1))
          .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                  "Weights at the start and all noise follow from it; not in the original service.")
          .rule(the_model_can_be_saved);
  return schema;
}

}  // namespace millrace::ntm
