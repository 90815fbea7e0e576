#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/schema/schema.h"
#include "trainer/learn/optimizer_options.h"
#include "trainer/vision/image_batches.h"

namespace millrace::image_classification {

enum class KvStore { DistSync, DistAsync };
enum class Precision { Float32, Float16, BFloat16 };

/// Channels, height and width of the network's input.
struct ImageShape {
  std::int64_t channels = 3;
  std::int64_t height = 224;
  std::int64_t width = 224;
  friend bool operator==(const ImageShape&, const ImageShape&) = default;
};

/// Defaults live here and nowhere else; names, limits and prose live in schema().
/// Source: Amazon SageMaker Developer Guide, "Image Classification Hyperparameters".
struct Hyperparameters {
  std::int64_t num_layers = 152;
  std::int64_t num_classes = 0;           // required
  std::int64_t num_training_samples = 0;  // required
  ImageShape image_shape;
  Augmentation augmentation_type = Augmentation::None;
  std::optional<std::int64_t> resize;  // pixels of the shorter edge
  std::int64_t epochs = 30;
  std::int64_t mini_batch_size = 32;
  UpdateRule optimizer = UpdateRule::Sgd;
  double learning_rate = 0.1;
  double momentum = 0.9;
  double weight_decay = 0.0001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double eps = 1e-8;
  double gamma = 0.9;
  double lr_scheduler_factor = 0.1;
  std::vector<std::int64_t> lr_scheduler_step;  // epochs
  std::optional<KvStore> kv_store;
  std::optional<std::int64_t> checkpoint_frequency;  // epochs
  bool early_stopping = false;
  std::int64_t early_stopping_min_epochs = 10;
  std::int64_t early_stopping_patience = 5;
  double early_stopping_tolerance = 0.0;
  bool multi_label = false;
  bool use_weighted_loss = false;
  bool use_pretrained_model = false;
  Precision precision_dtype = Precision::Float32;
  std::optional<std::int64_t> top_k;
  std::string model_prefix = "image-classification";
  double max_broken_images = 0.01;  // share of a channel's images
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();
};

/// "3,28,28", and back.
std::optional<ImageShape> parse_image_shape(std::string_view text);
std::string format_image_shape(const ImageShape& shape);

}  // namespace millrace::image_classification
