#include "trainer/algorithms/image_classification/algorithm.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "trainer/algorithms/image_classification/base_model.h"
#include "trainer/algorithms/image_classification/class_counts.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/algorithms/image_classification/inputs.h"
#include "trainer/vision/class_label.h"
#include "trainer/vision/listed_images.h"

namespace millrace::image_classification {
namespace {

/// The settings that each update rule reads, in the order of the log.
std::vector<std::string> settings_of(UpdateRule rule) {
  switch (rule) {
    case UpdateRule::Sgd:
    case UpdateRule::Nag:
      return {"momentum", "weight_decay"};
    case UpdateRule::Adam:
      return {"beta_1", "beta_2", "eps"};
    case UpdateRule::RmsProp:
      return {"gamma", "eps"};
    case UpdateRule::AdaGrad:  // no value of this algorithm's optimizer
    case UpdateRule::AdaDelta:
      break;
  }
  return {};
}

void warn_of_unused_settings(Job& job, const Hyperparameters& h, const std::string& optimizer) {
  const std::vector<std::string> used = settings_of(h.optimizer);
  for (const char* name : {"momentum", "weight_decay", "beta_1", "beta_2", "eps", "gamma"}) {
    if (!job.hyperparameters().contains(name)) continue;
    if (std::find(used.begin(), used.end(), name) != used.end()) continue;
    job.log().warning("hyperparameter '" + std::string(name) + "' has no effect: optimizer " +
                      optimizer + " reads " + join(used, ", "));
  }
}

/// The container's own words and order; downstream log readers know them.
void log_parameters(Job& job, const Hyperparameters& h,
                    const std::map<std::string, std::string>& text) {
  Log& log = job.log();
  const auto show = [&](const std::string& name) { log.info(name + ": " + text.at(name)); };
  log.info(std::string("use_pretrained_model: ") + (h.use_pretrained_model ? "1" : "0"));
  log.info(std::string("multi_label: ") + (h.multi_label ? "1" : "0"));
  if (h.multi_label)
    log.info(std::string("use_weighted_loss: ") + (h.use_weighted_loss ? "1" : "0"));
  if (starts_pretrained(job, h))
    log.info("Using pretrained model for initializing weights and transfer learning.");
  else if (h.use_pretrained_model)
    log.warning("use_pretrained_model has no effect: channel 'model' holds the weights");
  log.info("---- Parameters ----");
  show("num_layers");
  log.info("data type: <type 'numpy.float32'>");
  show("epochs");
  if (h.resize) log.info("image resize size: " + std::to_string(*h.resize));
  show("optimizer");
  for (const std::string& name : settings_of(h.optimizer)) show(name);
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

using ImagesByChannel = std::vector<std::pair<const Channel*, std::unique_ptr<ImageSet>>>;

/// Opens what is not streamed, and so refuses lists and records that cannot be used. The original
/// packs listed images into records first and says so; here they are read where they lie, but those
/// who follow the log know its lines.
ImagesByChannel open_channels(Job& job, const Hyperparameters& h) {
  ImagesByChannel opened;
  for (const std::string_view name : {kTrainChannel, kValidationChannel}) {
    const Channel* channel = job.find_channel(name);
    if (channel == nullptr) continue;
    const InputForm form = form_of(job, *channel);
    if (form == InputForm::ListedFiles) {
      const Channel& list = *job.find_channel(std::string(name) + std::string(kListSuffix));
      job.log().info("Searching for .lst files in " + list.directory().string() + ".");
      job.log().info("Creating record files for " + find_list(list).filename().string());
    }
    opened.emplace_back(channel,
                        form == InputForm::RecordStream ? nullptr : open_images(job, *channel, h));
    if (form == InputForm::ListedFiles) job.log().info("Done creating record files...");
  }
  return opened;
}

void warn_of_one_sided_classes(Job& job, const ClassCounts& counts) {
  if (const std::string classes = one_sided_classes(counts); !classes.empty())
    job.log().warning("No image of channel train, or every one, has " + classes +
                      ": what tells it from others cannot be learnt");
}

void check_images(Job& job, const Hyperparameters& h, const ImagesByChannel& opened) {
  for (const auto& [channel, images] : opened) {
    if (h.use_weighted_loss && channel->name == kTrainChannel)
      job.log().info(
          "use_weighted_loss: channel train is read once before the first epoch, to count its "
          "classes");
    if (images == nullptr) {
      job.log().info("Channel " + channel->name +
                     " is streamed: its images are counted and checked as they come");
      continue;
    }
    if (!h.multi_label) check_labels(*images, h.num_classes);
    job.log().info("Found " + std::to_string(images->count()) + " images (" +
                   human_bytes(static_cast<std::uint64_t>(images->bytes())) + ") in channel " +
                   channel->name);
    if (channel->name != kTrainChannel) continue;
    check_training_size(job, h, images->count());
    if (h.multi_label) warn_of_one_sided_classes(job, count_classes(*images, h.num_classes));
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
  check_channels(job, h);
  (void)base_model(job, h);
  if (starts_pretrained(job, h)) (void)pretrained_model(job, h);
  const ImagesByChannel opened = open_channels(job, h);
  log_parameters(job, h, effective);
  warn_of_unused_settings(job, h, effective.at("optimizer"));
  check_images(job, h, opened);
}

std::vector<std::string> content_types(bool records) {
  std::vector<std::string> types(kImageTypes.begin(), kImageTypes.end());
  if (records) types.insert(types.begin(), std::string(kRecordType));
  return types;
}

}  // namespace

const Algorithm& algorithm() {
  static const Algorithm entry{
      .name = "image-classification",
      .summary =
          "Assigns one class, or several, to an image: ResNet v2, from scratch or from an "
          "earlier model.",
      .image_names = {"image-classification"},
      .hyperparameters = Hyperparameters::schema().fields(),
      .channels = {{.name = std::string(kTrainChannel),
                    .required = true,
                    .content_types = content_types(/*records=*/true),
                    .input_modes = {"File", "FastFile", "Pipe"},
                    .doc =
                        "RecordIO of labelled JPEG or PNG images, as MXNet's im2rec packs them; in "
                        "Pipe mode also an augmented manifest of images and labels with "
                        "RecordWrapperType RecordIO. Or image files, listed in train_lst; not in "
                        "Pipe mode."},
                   {.name = std::string(kValidationChannel),
                    .required = false,
                    .content_types = content_types(/*records=*/true),
                    .input_modes = {"File", "FastFile", "Pipe"},
                    .doc = "The same, held back: the model with the best accuracy on it is kept."},
                   {.name = std::string(kTrainChannel) + std::string(kListSuffix),
                    .required = false,
                    .content_types = content_types(/*records=*/false),
                    .input_modes = {"File", "FastFile"},
                    .doc = "One .lst file: index, class and path below channel train of each "
                           "image, separated by tabs; with multi_label a 0 or a 1 for each class."},
                   {.name = std::string(kValidationChannel) + std::string(kListSuffix),
                    .required = false,
                    .content_types = content_types(/*records=*/false),
                    .input_modes = {"File", "FastFile"},
                    .doc = "The same for channel validation."},
                   {.name = std::string(kModelChannel),
                    .required = false,
                    .content_types = {std::string(kModelType)},
                    .input_modes = {"File", "FastFile"},
                    .doc = "model.tar.gz of an earlier job: training goes on from its weights, and "
                           "where that job was stopped, at its epoch and learning rate."}},
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
