#include "trainer/algorithms/image_classification/hyperparameters.h"

#include <algorithm>

#include "trainer/algorithms/image_classification/resnet.h"

namespace millrace::image_classification {
namespace {

/// Larger inputs are a mistyped shape: one float image of this size is 768 MiB.
constexpr std::int64_t kMaxEdge = 8192;
constexpr std::int64_t kMaxEpochs = 1'000'000;
/// Keeps epochs times updates per epoch within 64 bits.
constexpr std::int64_t kMaxSamples = 1'000'000'000'000;

/// Of one mini-batch of float pixels. Several wait for the network, and its activations are many
/// times larger: what is above this does not fit any machine this trains on.
constexpr std::int64_t kMaxBatchBytes = std::int64_t{1} << 30;

std::optional<std::vector<std::int64_t>> parse_steps(std::string_view text) {
  std::vector<std::int64_t> steps;
  for (const std::string_view part : split(text, ',')) {
    const std::optional<std::int64_t> step = parse_int(trim(part));
    if (!step || *step < 1 || *step > kMaxEpochs || (!steps.empty() && *step <= steps.back()))
      return std::nullopt;
    steps.push_back(*step);
  }
  return steps;
}

std::string format_steps(const std::vector<std::int64_t>& steps) {
  std::vector<std::string> parts;
  for (const std::int64_t step : steps) parts.push_back(std::to_string(step));
  return join(parts, ",");
}

std::optional<std::string> parse_prefix(std::string_view text) {
  if (text.empty()) return Hyperparameters{}.model_prefix;
  const bool plain =
      !text.empty() && text.size() <= 63 && text.front() != '.' &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
          std::string_view::npos;
  return plain ? std::optional<std::string>(text) : std::nullopt;
}

Problem problem(std::string_view name, std::string given, std::string expected, std::string fix) {
  return {.where = "hyperparameter '" + std::string(name) + "'",
          .given = std::move(given),
          .expected = std::move(expected),
          .fix = std::move(fix)};
}

using H = Hyperparameters;

std::optional<Problem> layers_fit_the_image(const H& h) {
  const std::vector<std::int64_t> allowed = depths_for_height(h.image_shape.height);
  if (std::find(allowed.begin(), allowed.end(), h.num_layers) != allowed.end()) return std::nullopt;
  return problem(
      "num_layers", std::to_string(h.num_layers),
      "one of " + format_steps(allowed) + ", because image_shape has height " +
          std::to_string(h.image_shape.height),
      "The others are for images of up to " + std::to_string(kSmallImageHeight) + " rows.");
}

std::optional<Problem> resize_covers_the_crop(const H& h) {
  const std::int64_t need = std::max(h.image_shape.height, h.image_shape.width);
  if (!h.resize || *h.resize >= need) return std::nullopt;
  return problem("resize", std::to_string(*h.resize),
                 "at least " + std::to_string(need) + ", the larger edge of image_shape",
                 "Raise resize, or make image_shape smaller.");
}

std::optional<Problem> batch_fits_the_memory(const H& h) {
  const std::int64_t image = h.image_shape.channels * h.image_shape.height * h.image_shape.width *
                             static_cast<std::int64_t>(sizeof(float));
  if (h.mini_batch_size <= kMaxBatchBytes / image) return std::nullopt;
  return problem("mini_batch_size", std::to_string(h.mini_batch_size),
                 "at most " + std::to_string(kMaxBatchBytes / image) + " images of image_shape " +
                     format_image_shape(h.image_shape) + ": each takes " +
                     human_bytes(static_cast<std::uint64_t>(image)) + ", and a batch may take " +
                     human_bytes(static_cast<std::uint64_t>(kMaxBatchBytes)),
                 "Lower mini_batch_size, or make image_shape smaller.");
}

/// Values the ranges allow and the formulas of optimizer.h divide by zero with.
std::optional<Problem> optimizer_can_divide(const H& h) {
  const bool adam = h.optimizer == UpdateRule::Adam;
  if (adam && h.beta_1 == 1) {
    return problem("beta_1", "1", "a number below 1 for adam, which divides by 1 - beta_1^t",
                   "Leave it out to use 0.9.");
  }
  if (adam && h.beta_2 == 1) {
    return problem("beta_2", "1", "a number below 1 for adam, whose step is 0 with it",
                   "Leave it out to use 0.999.");
  }
  if ((adam || h.optimizer == UpdateRule::RmsProp) && h.eps == 0) {
    return problem("eps", "0",
                   std::string("a number above 0 for ") + (adam ? "adam" : "rmsprop") +
                       ", which divides by it where a gradient is 0",
                   "Leave it out to use 1e-08.");
  }
  return std::nullopt;
}

std::optional<Problem> checkpoints_within_the_run(const H& h) {
  if (!h.checkpoint_frequency || *h.checkpoint_frequency <= h.epochs) return std::nullopt;
  return problem("checkpoint_frequency", std::to_string(*h.checkpoint_frequency),
                 "a whole number from 1 to epochs (" + std::to_string(h.epochs) + ")", {});
}

std::optional<Problem> top_k_within_the_classes(const H& h) {
  if (!h.top_k || *h.top_k <= h.num_classes) return std::nullopt;
  return problem("top_k", std::to_string(*h.top_k),
                 "at most num_classes (" + std::to_string(h.num_classes) + ")", {});
}

/// Weights are published for networks of four stages and for images of this shape alone.
std::optional<Problem> pretrained_weights_fit(const H& h) {
  constexpr ImageShape kPretrained{.channels = 3, .height = 224, .width = 224};
  if (!h.use_pretrained_model || h.image_shape == kPretrained) return std::nullopt;
  return problem("image_shape", format_image_shape(h.image_shape),
                 format_image_shape(kPretrained) +
                     " with use_pretrained_model, whose weights are of that shape",
                 "Leave image_shape out, or set use_pretrained_model to 0.");
}

std::optional<Problem> one_label_has_a_top_k(const H& h) {
  if (!h.top_k || !h.multi_label) return std::nullopt;
  return problem("top_k", std::to_string(*h.top_k),
                 "no value, because multi_label is 1: it is about the one class of an image",
                 "Leave it out.");
}

std::optional<Problem> weights_are_of_several_labels(const H& h) {
  if (!h.use_weighted_loss || h.multi_label) return std::nullopt;
  return problem("use_weighted_loss", "1", "0, because multi_label is 0",
                 "Set multi_label to 1 where images have several labels, or leave it out.");
}

std::optional<Problem> colors_have_three_channels(const H& h) {
  if (h.augmentation_type == Augmentation::None || h.augmentation_type == Augmentation::Crop ||
      h.image_shape.channels == 3)
    return std::nullopt;
  return problem(
      "augmentation_type",
      h.augmentation_type == Augmentation::CropColor ? "crop_color" : "crop_color_transform",
      "none or crop, because image_shape has one channel and so no colour", "Use crop.");
}

std::optional<Problem> single_precision_only(const H& h) {
  if (h.precision_dtype == Precision::Float32) return std::nullopt;
  return problem("precision_dtype",
                 h.precision_dtype == Precision::Float16 ? "float16" : "bfloat16",
                 "float32: CPUs are trained on in single precision, and half precision on a GPU is "
                 "not built in",
                 "Leave it out: the model and its accuracy are of the same kind.");
}

}  // namespace

std::optional<ImageShape> parse_image_shape(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ',');
  if (parts.size() != 3) return std::nullopt;
  const auto channels = parse_int(trim(parts[0])), height = parse_int(trim(parts[1])),
             width = parse_int(trim(parts[2]));
  if (!channels || !height || !width || (*channels != 1 && *channels != 3)) return std::nullopt;
  if (*height < 1 || *width < 1 || *height > kMaxEdge || *width > kMaxEdge) return std::nullopt;
  return ImageShape{.channels = *channels, .height = *height, .width = *width};
}

std::string format_image_shape(const ImageShape& shape) {
  return std::to_string(shape.channels) + "," + std::to_string(shape.height) + "," +
         std::to_string(shape.width);
}

const Schema<H>& H::schema() {
  static const std::vector<std::pair<std::string, bool>> kTrueFalse{
      {"True", true}, {"False", false}, {"true", true}, {"false", false}};
  static const std::vector<std::pair<std::string, bool>> kOneZero{{"0", false}, {"1", true}};
  static const Schema<H> schema =
      Schema<H>("image-classification")
          .choice("num_layers", &H::num_layers,
                  {{"18", 18},
                   {"34", 34},
                   {"50", 50},
                   {"101", 101},
                   {"152", 152},
                   {"200", 200},
                   {"20", 20},
                   {"32", 32},
                   {"44", 44},
                   {"56", 56},
                   {"110", 110}},
                  "Depth of the network: 18, 34, 50, 101, 152 or 200; for images of up to 28 rows "
                  "also the small networks of 20, 32, 44, 56 or 110 layers.")
          .number("num_classes", &H::num_classes, between(1, 1'000'000),
                  "Number of classes; labels run from 0 to num_classes - 1.", Required)
          .number(
              "num_training_samples", &H::num_training_samples, between(1, kMaxSamples),
              "Images in the train channel; sets the epoch length of the learning rate schedule.",
              Required)
          .text("image_shape", &H::image_shape,
                {.expects = "channels,height,width such as \"3,224,224\", with 1 or 3 channels and "
                            "edges of 1 to 8192",
                 .parse = parse_image_shape,
                 .format = format_image_shape},
                "Input of the network; larger images are cropped, smaller ones refused.")
          .choice(
              "augmentation_type", &H::augmentation_type,
              {{"none", Augmentation::None},
               {"crop", Augmentation::Crop},
               {"crop_color", Augmentation::CropColor},
               {"crop_color_transform", Augmentation::CropColorTransform}},
              "How training images are varied: crop crops at random and mirrors; crop_color also "
              "shifts hue, "
              "saturation and lightness; crop_color_transform also rotates, shears and stretches.")
          .number("resize", &H::resize, between(1, kMaxEdge),
                  "Pixels of the shorter edge after resizing, before the crop.")
          .number("epochs", &H::epochs, between(1, kMaxEpochs), "Passes over the train channel.")
          .number("mini_batch_size", &H::mini_batch_size, between(1, 1'000'000), "Images per step.",
                  Tunable(8, 512))
          .choice("optimizer", &H::optimizer,
                  {{"sgd", UpdateRule::Sgd},
                   {"adam", UpdateRule::Adam},
                   {"rmsprop", UpdateRule::RmsProp},
                   {"nag", UpdateRule::Nag}},
                  "Update rule; MXNet's definitions.", Tunable())
          .number("learning_rate", &H::learning_rate, between(0, 1), "Step size at the start.",
                  Tunable(1e-6, 0.5))
          .number("momentum", &H::momentum, between(0, 1), "Momentum of sgd and nag.",
                  Tunable(0, 0.999))
          .number("weight_decay", &H::weight_decay, between(0, 1), "L2 penalty of sgd and nag.",
                  Tunable(0, 0.999))
          .number("beta_1", &H::beta_1, between(0, 1), "Decay of adam's first moment.",
                  Tunable(1e-6, 0.999))
          .number("beta_2", &H::beta_2, between(0, 1), "Decay of adam's second moment.",
                  Tunable(1e-6, 0.999))
          .number("eps", &H::eps, between(0, 1), "Keeps adam and rmsprop from dividing by zero.",
                  Tunable(1e-8, 1))
          .number("gamma", &H::gamma, between(0, 1), "Decay of rmsprop's squared gradient.",
                  Tunable(1e-8, 0.999))
          .number("lr_scheduler_factor", &H::lr_scheduler_factor, between(0, 1),
                  "The learning rate is multiplied by this after each epoch of lr_scheduler_step.")
          .text("lr_scheduler_step", &H::lr_scheduler_step,
                {.expects = "ascending epochs separated by commas, such as \"10,20\"",
                 .parse = parse_steps,
                 .format = format_steps},
                "Epochs after which the learning rate falls.")
          .choice("kv_store", &H::kv_store,
                  {{"dist_sync", KvStore::DistSync}, {"dist_async", KvStore::DistAsync}},
                  "How several instances share weights; ignored on one.")
          .number("checkpoint_frequency", &H::checkpoint_frequency, at_least(1),
                  "Store a model every so many epochs; without it only the best one is kept.")
          .choice("early_stopping", &H::early_stopping, kTrueFalse,
                  "Stop when the validation accuracy no longer improves.")
          .number("early_stopping_min_epochs", &H::early_stopping_min_epochs, at_least(1),
                  "Epochs before early stopping may act.")
          .number("early_stopping_patience", &H::early_stopping_patience, at_least(1),
                  "Epochs without improvement before training stops.")
          .number("early_stopping_tolerance", &H::early_stopping_tolerance, between(0, 1),
                  "Relative improvement below which an epoch counts as none.")
          .choice("multi_label", &H::multi_label, kOneZero,
                  "Each image has any number of the classes: its labels are num_classes zeros and "
                  "ones.")
          .choice("use_weighted_loss", &H::use_weighted_loss, kOneZero,
                  "With multi_label: images that have a class, and those that have not, count the "
                  "same in all, however few they are.")
          .choice("use_pretrained_model", &H::use_pretrained_model, kOneZero,
                  "Start from weights the machine's operator supplies (ImageNet's); only the last "
                  "layer is made anew. For image_shape 3,224,224.")
          .choice("precision_dtype", &H::precision_dtype,
                  {{"float32", Precision::Float32},
                   {"float16", Precision::Float16},
                   {"bfloat16", Precision::BFloat16}},
                  "Precision of weights and activations; on a CPU float32.")
          .number("top_k", &H::top_k, between(2, 1'000'000),
                  "Also report how often the label is among the k likeliest classes.")
          .text("model_prefix", &H::model_prefix,
                {.expects = "1 to 63 letters, digits, '.', '_' and '-'",
                 .parse = parse_prefix,
                 .format = [](const std::string& text) { return text; }},
                "Base name of the files in the artifact; empty means the default.")
          .number("max_broken_images", &H::max_broken_images, between(0, 1),
                  "Share of a channel's images that may be broken; they are named in the log and "
                  "left out, and more of them end the job. Not in the original service.")
          .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                  "Initial weights, order and augmentation follow from it; not in the original "
                  "service.")
          .rule(layers_fit_the_image)
          .rule(resize_covers_the_crop)
          .rule(batch_fits_the_memory)
          .rule(optimizer_can_divide)
          .rule(checkpoints_within_the_run)
          .rule(top_k_within_the_classes)
          .rule(pretrained_weights_fit)
          .rule(one_label_has_a_top_k)
          .rule(weights_are_of_several_labels)
          .rule(colors_have_three_channels)
          .rule(single_precision_only);
  return schema;
}

}  // namespace millrace::image_classification
