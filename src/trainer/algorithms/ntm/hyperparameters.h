#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/schema/schema.h"
#include "trainer/learn/optimizer_options.h"

namespace millrace::ntm {

enum class Activation { Sigmoid, Tanh, Relu };

/// Defaults live here and nowhere else; names, limits and prose live in schema().
struct Hyperparameters {
  std::int64_t feature_dim = 0;  // words of the vocabulary
  std::int64_t num_topics = 0;
  bool batch_norm = false;
  double clip_gradient = std::numeric_limits<double>::infinity();  // of a component
  std::optional<std::vector<std::int64_t>> encoder_layers;
  Activation encoder_layers_activation = Activation::Sigmoid;
  std::int64_t epochs = 50;
  double learning_rate = 0.01;
  std::int64_t mini_batch_size = 256;  // documents of a host
  std::int64_t num_patience_epochs = 3;
  UpdateRule optimizer = UpdateRule::AdaDelta;
  double rescale_gradient = 1.0;
  double sub_sample = 1.0;
  double tolerance = 0.001;  // absolute
  double weight_decay = 0.0;
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();

  /// Widths of the encoder's layers; auto is three and two times num_topics.
  [[nodiscard]] std::vector<std::int64_t> layers() const;
};

}  // namespace millrace::ntm
