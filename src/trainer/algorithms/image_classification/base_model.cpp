#include "trainer/algorithms/image_classification/base_model.h"

#include <string>
#include <utility>

#include "core/base/refuse.h"
#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/algorithms/image_classification/resnet.h"

namespace millrace::image_classification {
namespace {

/// The archive, or the directory where the channel holds its files.
std::filesystem::path place_of_model(const Channel& channel) {
  const std::string where = "channel '" + channel.name + "'";
  if (channel.config.content_type && channel.media_type() != kModelType) {
    refuse(where, "ContentType " + *channel.config.content_type, std::string(kModelType),
           "Set the channel's ContentType to it.");
  }
  if (channel.is_pipe()) {
    refuse(where, "TrainingInputMode Pipe", "File or FastFile: a model is read as a whole",
           "Set the channel's InputMode to File.");
  }
  const std::filesystem::path usual = channel.directory() / "model.tar.gz";
  if (std::filesystem::exists(usual)) return usual;
  for (const auto& entry : std::filesystem::directory_iterator(channel.directory())) {
    if (entry.path().filename().string().ends_with(".tar.gz")) return entry.path();
  }
  return channel.directory();
}

void require_same(const std::string& name, const std::string& given, const std::string& models,
                  const std::string& file) {
  if (given == models) return;
  refuse("hyperparameter '" + name + "'", given,
         models + ", as the model in channel 'model' has it (" + file + ")",
         "Set it to that, or remove the channel 'model' to train from scratch.");
}

}  // namespace

std::optional<SavedModel> base_model(const Job& job, const Hyperparameters& h) {
  const Channel* const channel = job.find_channel(kModelChannel);
  if (channel == nullptr) return std::nullopt;
  SavedModel model = read_model(place_of_model(*channel));
  require_same("image_shape", format_image_shape(h.image_shape), format_image_shape(model.input),
               model.file);
  const std::optional<std::int64_t> depth = depth_of(model.graph, model.input.height);
  if (!depth) {
    refuse("channel 'model'", "another network", "a ResNet of the image-classification algorithm",
           "Use the model.tar.gz of an image-classification job.");
  }
  require_same("num_layers", std::to_string(h.num_layers), std::to_string(*depth), model.file);
  require_same("multi_label", h.multi_label ? "1" : "0", is_multi_label(model.graph) ? "1" : "0",
               model.file);
  if (model.progress && model.progress->epochs >= h.epochs) {
    refuse("hyperparameter 'epochs'", std::to_string(h.epochs),
           "more than " + std::to_string(model.progress->epochs) +
               ", the epochs after which the job of channel 'model' was stopped",
           "Raise epochs: they are counted from the beginning of that job.");
  }
  return model;
}

bool starts_pretrained(const Job& job, const Hyperparameters& h) {
  return h.use_pretrained_model && job.find_channel(kModelChannel) == nullptr;
}

SavedModel pretrained_model(const Job& job, const Hyperparameters& h) {
  const std::string name = "resnet-" + std::to_string(h.num_layers) + ".params";
  const std::filesystem::path file =
      job.paths().pretrained() / std::string(algorithm().name) / name;
  if (!std::filesystem::is_regular_file(file)) {
    refuse("hyperparameter 'use_pretrained_model'", "1",
           "the weights in pretrained/image-classification/" + name +
               " of the daemon's data directory, and there is no such file",
           "Let the operator put it there (millrace serve --data-dir): an MXNet NDArray list with "
           "arrays such as arg:conv0_weight and aux:bn1_moving_mean, which MXNet's model zoo calls "
           "resnet-" +
               std::to_string(h.num_layers) + "-0000.params. Or set use_pretrained_model to 0.");
  }
  SavedModel model;
  model.graph = resnet_graph(h.num_layers, h.image_shape.height, h.num_classes, h.multi_label);
  model.input = h.image_shape;
  model.arrays = read_arrays(file);
  model.file = name;
  return model;
}

}  // namespace millrace::image_classification
