#include "trainer/algorithms/image_classification/tensors/start.h"

#include <algorithm>
#include <string>
#include <utility>

#include "trainer/algorithms/image_classification/base_model.h"
#include "trainer/algorithms/image_classification/resnet.h"

namespace millrace::image_classification {
namespace {

bool is_of_last_layer(const NamedArray& array) {
  return array.name.starts_with("arg:fc1_");
}

}  // namespace

std::int64_t Start::epoch() const {
  if (checkpoint) return checkpoint->progress.epochs;
  return base && base->progress ? base->progress->epochs : 0;
}

std::int64_t Start::updates() const {
  if (checkpoint) return checkpoint->progress.updates - checkpoint->optimizer_updates;
  return base && base->progress ? base->progress->updates : 0;
}

Start find_start(Job& job, const Hyperparameters& h) {
  Start start;
  start.checkpoint = read_checkpoint(job.paths().checkpoints(), job.model_directory());
  if (start.checkpoint && start.checkpoint->settings != checkpoint_settings(h)) {
    job.log().warning(
        "The checkpoint belongs to a job with other hyperparameters; training starts anew.");
    for (const std::string& name : start.checkpoint->saved)
      std::filesystem::remove(job.model_directory() / name);
    start.checkpoint.reset();
  }
  if (start.checkpoint) {
    job.log().info("Resuming from a checkpoint after epoch " +
                   std::to_string(start.checkpoint->progress.epochs - 1));
    return start;
  }
  if (starts_pretrained(job, h)) {
    start.base = pretrained_model(job, h);
    start.new_last_layer = true;
    return start;
  }
  start.base = base_model(job, h);
  if (!start.base) return start;
  job.log().info("Using the model in channel 'model' for initializing weights: " +
                 start.base->file);
  if (const std::int64_t classes = class_count(start.base->graph); classes != h.num_classes) {
    start.new_last_layer = true;
    job.log().info("The model has " + std::to_string(classes) + " classes and num_classes is " +
                   std::to_string(h.num_classes) + ": the last layer is made anew");
  }
  if (start.base->progress) {
    job.log().info("Its job was stopped: training goes on with epoch " +
                   std::to_string(start.base->progress->epochs) + " after " +
                   std::to_string(start.base->progress->updates) + " updates");
  }
  return start;
}

Network starting_network(const Hyperparameters& h, const Start& start, torch::Device device) {
  Graph graph = resnet_graph(h.num_layers, h.image_shape.height, h.num_classes, h.multi_label);
  const std::int64_t channels = h.image_shape.channels;
  if (start.checkpoint)
    return {std::move(graph), channels, start.checkpoint->weights, "checkpoint", device};
  const auto seed = static_cast<std::uint64_t>(h.seed);
  if (!start.base) return {std::move(graph), channels, seed, device};
  std::vector<NamedArray> arrays = start.base->arrays;
  if (start.new_last_layer) {
    std::erase_if(arrays, is_of_last_layer);
    for (NamedArray& array : Network(graph, channels, seed, torch::kCPU).arrays())
      if (is_of_last_layer(array)) arrays.push_back(std::move(array));
  }
  return {std::move(graph), channels, arrays, start.base->file, device};
}

}  // namespace millrace::image_classification
