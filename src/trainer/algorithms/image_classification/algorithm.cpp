#include "trainer/algorithms/image_classification/algorithm.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/vision/image_records.h"

namespace millrace::image_classification {
namespace {

[[noreturn]] void refuse_channel(std::string_view name, std::string given, std::string expected,
                                 std::string fix) {
  throw Error(Blame::Customer, Problem{.where = "channel '" + std::string(name) + "'",
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

void check_channels(const Job& job) {
  for (const auto& [name, channel] : job.channels()) {
    if (name == "model") {
      refuse_channel(name, "a model to continue from",
                     "no such channel: this version trains from scratch",
                     "Remove the channel 'model'.");
    }
    if (name == "train_lst" || name == "validation_lst") {
      refuse_channel(name, "a list of image files",
                     "RecordIO: this version reads the channels train and validation as .rec files",
                     "Pack the images with MXNet's im2rec and remove the list channels.");
    }
    if (name != kTrainChannel && name != kValidationChannel) {
      refuse_channel(name, "an unknown channel", "train or validation", "Rename or remove it.");
    }
    if (channel.config.content_type && *channel.config.content_type != "application/x-recordio") {
      refuse_channel(
          name, "ContentType " + *channel.config.content_type, "application/x-recordio",
          "Set the channel's ContentType to application/x-recordio and give it a .rec file.");
    }
  }
  if (job.find_channel(kTrainChannel) == nullptr) {
    refuse_channel(kTrainChannel, {}, "a channel of labelled images", "Add it to InputDataConfig.");
  }
  if (job.resources().hosts.size() > 1) {
    throw Error(Blame::Customer, Problem{.where = "InstanceCount",
                                         .given = std::to_string(job.resources().hosts.size()),
                                         .expected = "1: this version trains on one instance",
                                         .fix = "Set ResourceConfig.InstanceCount to 1."});
  }
}

/// The container's own words and order; downstream log readers know them.
void log_parameters(Log& log, const Hyperparameters& h,
                    const std::map<std::string, std::string>& text) {
  const auto show = [&](const char* name) { log.info(std::string(name) + ": " + text.at(name)); };
  log.info(std::string("use_pretrained_model: ") + (h.use_pretrained_model ? "1" : "0"));
  log.info(std::string("multi_label: ") + (h.multi_label ? "1" : "0"));
  log.info("---- Parameters ----");
  show("num_layers");
  log.info("data type: <type 'numpy.float32'>");
  show("epochs");
  if (h.resize) log.info("image resize size: " + std::to_string(*h.resize));
  show("optimizer");
  switch (h.optimizer) {
    case UpdateRule::Sgd:
    case UpdateRule::Nag:
      show("momentum");
      show("weight_decay");
      break;
    case UpdateRule::Adam:
      show("beta_1");
      show("beta_2");
      show("eps");
      break;
    case UpdateRule::RmsProp:
      show("gamma");
      show("eps");
      break;
  }
  show("learning_rate");
  if (!h.lr_scheduler_step.empty()) {
    show("lr_scheduler_step");
    show("lr_scheduler_factor");
  }
  show("num_training_samples");
  show("mini_batch_size");
  show("image_shape");
  show("num_classes");
  log.info("augmentation_type: " +
           (h.augmentation_type == Augmentation::None ? "None" : text.at("augmentation_type")));
  log.info("kv_store: device");
  if (h.kv_store)
    log.info("kv_store " + text.at("kv_store") +
             " is for several instances; on one it changes nothing");
  if (h.top_k) show("top_k");
  show("seed");
  if (!h.checkpoint_frequency) log.info("checkpoint_frequency not set, will store the best model");
  log.info("--------------------");
}

std::string values_json(const std::map<std::string, std::string>& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = value;
  return to_text(json);
}

void check_images(Job& job, const Hyperparameters& h) {
  for (const std::string_view name : {kTrainChannel, kValidationChannel}) {
    const Channel* channel = job.find_channel(name);
    if (channel == nullptr) continue;
    const ImageRecords records(record_files(*channel));
    records.check_labels(h.num_classes);
    job.log().info("Found " + std::to_string(records.count()) + " images (" +
                   human_bytes(static_cast<std::uint64_t>(records.bytes())) + ") in channel " +
                   std::string(name));
    if (name != kTrainChannel) continue;
    if (records.count() != h.num_training_samples) {
      job.log().warning("num_training_samples is " + std::to_string(h.num_training_samples) +
                        " but channel train holds " + std::to_string(records.count()) +
                        " images; lr_scheduler_step counts epochs of num_training_samples images");
    }
    if (records.count() < h.mini_batch_size) {
      throw Error(
          Blame::Customer,
          Problem{.where = "hyperparameter 'mini_batch_size'",
                  .given = std::to_string(h.mini_batch_size),
                  .expected = "at most the " + std::to_string(records.count()) +
                              " images of channel train, because only whole batches are trained on",
                  .fix = "Lower mini_batch_size."});
    }
  }
}

void check(Job& job) {
  const Schema<Hyperparameters>& schema = Hyperparameters::schema();
  std::map<std::string, std::string> defaults;
  for (const FieldSpec& field : schema.fields()) {
    if (field.default_text && !field.default_text->empty())
      defaults[field.name] = *field.default_text;
  }
  job.log().info("Reading default configuration of image-classification: " + values_json(defaults));
  job.log().info("Merging with provided configuration from " +
                 job.paths().hyperparameters().string() + ": " +
                 values_json(job.hyperparameters()));
  const Hyperparameters h = schema.parse(job.hyperparameters());
  const std::map<std::string, std::string> effective = schema.values_of(h);
  job.log().info("Final configuration: " + values_json(effective));
  log_parameters(job.log(), h, effective);
  check_channels(job);
  check_images(job, h);
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = "image-classification",
      .summary = "Assigns one class to an image: ResNet v2, trained from scratch.",
      .image_names = {"image-classification"},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {{.name = "train",
                    .required = true,
                    .content_types = {"application/x-recordio"},
                    .input_modes = {"File"},
                    .doc =
                        "RecordIO of labelled JPEG or PNG images, as MXNet's im2rec packs them."},
                   {.name = "validation",
                    .required = false,
                    .content_types = {"application/x-recordio"},
                    .input_modes = {"File"},
                    .doc = "The same, held back: the model with the best accuracy on it is kept."}},
      .metrics = {{.name = "train:accuracy",
                   .regex = R"(Epoch\[\d+\] Train-accuracy=(\S+))",
                   .higher_is_better = true},
                  {.name = "validation:accuracy",
                   .regex = R"(Epoch\[\d+\] Validation-accuracy=(\S+))",
                   .higher_is_better = true,
                   .tuning_objective = true}},
      .distributed = false,
      .uses_gpu = true,
      .instance_notes =
          "Small networks (20 to 110 layers, up to 28 rows) train well on CPUs; ImageNet sizes "
          "want a GPU.",
      .check = &check,
  };
  return entry;
}

}  // namespace millrace::image_classification
