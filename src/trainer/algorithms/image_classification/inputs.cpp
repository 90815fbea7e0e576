#include "trainer/algorithms/image_classification/inputs.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/data/content_types.h"
#include "core/data/manifest_labels.h"
#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/vision/image_records.h"
#include "trainer/vision/listed_images.h"

namespace millrace::image_classification {
namespace {

[[noreturn]] void refuse(std::string_view channel, std::string given, std::string expected,
                         std::string fix) {
  throw Error(Blame::Customer, Problem{.where = "channel '" + std::string(channel) + "'",
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

bool holds_images(const Channel& channel) {
  const std::string type = channel.media_type();
  return std::find(kImageTypes.begin(), kImageTypes.end(), type) != kImageTypes.end();
}

void check_content_type(const Channel& channel, bool list) {
  if (!channel.config.content_type || holds_images(channel)) return;
  if (!list && channel.media_type() == kRecordType) return;
  std::string expected;
  for (const std::string_view type : kImageTypes)
    expected += (expected.empty() ? "" : ", ") + std::string(type);
  if (!list) expected = std::string(kRecordType) + ", " + expected;
  refuse(channel.name, "ContentType " + *channel.config.content_type, "one of " + expected,
         list ? "Set the list channel's ContentType to application/x-image."
              : "Set the ContentType to what the objects are: .rec files, or images with a list.");
}

std::int64_t target_classes(const Hyperparameters& h) {
  return h.multi_label ? h.num_classes : 0;
}

void check_label_format(const Channel& channel) {
  if (class_list_of(channel) == ClassListForm::MultiHot || channel.is_pipe()) return;
  refuse(channel.name, "label-format=class-id in " + channel.config.input_mode + " mode",
         "label-format=class-id in Pipe mode alone: it is about the labels of an augmented "
         "manifest, and files of records hold a 0 or a 1 for each class",
         "Remove label-format from the ContentType, or stream an augmented manifest.");
}

void check_list_channel(const Job& job, std::string_view name, const Channel& list) {
  check_content_type(list, /*list=*/true);
  if (list.is_pipe()) {
    refuse(name, "TrainingInputMode Pipe",
           "File or FastFile: a list is read before the first epoch",
           "Set the channel's InputMode to File.");
  }
  const std::string_view images = name.substr(0, name.size() - kListSuffix.size());
  if (job.find_channel(images) == nullptr) {
    refuse(name, "a list without channel '" + std::string(images) + "'",
           "the channel of the images it lists", "Add it to InputDataConfig, or remove the list.");
  }
}

}  // namespace

InputForm form_of(const Job& job, const Channel& channel) {
  const std::string list_name = channel.name + std::string(kListSuffix);
  const bool listed = job.find_channel(list_name) != nullptr;
  if (!holds_images(channel) && (channel.config.content_type || !listed)) {
    if (listed) {
      refuse(list_name, "a list of image files",
             "no such channel, because channel '" + channel.name + "' holds " +
                 *channel.config.content_type,
             "Remove it, or set the ContentType of both to application/x-image.");
    }
    return channel.is_pipe() ? InputForm::RecordStream : InputForm::RecordFiles;
  }
  if (channel.is_pipe()) {
    refuse(channel.name, "images in Pipe mode", "File or FastFile for images with a list",
           "Set InputMode to File, or stream RecordIO: .rec files, or an augmented manifest with "
           "RecordWrapperType RecordIO and ContentType application/x-recordio.");
  }
  if (!listed) {
    refuse(list_name, {}, "a list of the images in channel '" + channel.name + "'",
           "Add the channel with one .lst file (index, label, path), or pack the images as "
           "RecordIO.");
  }
  return InputForm::ListedFiles;
}

ClassListForm class_list_of(const Channel& channel) {
  if (!channel.config.content_type || channel.media_type() != kRecordType)
    return ClassListForm::MultiHot;
  const ContentType type = parse_content_type(*channel.config.content_type,
                                              "channel '" + channel.name + "': ContentType");
  return type.label_format == "class-id" ? ClassListForm::ClassId : ClassListForm::MultiHot;
}

void check_channels(const Job& job, const Hyperparameters& h) {
  for (const auto& [name, channel] : job.channels()) {
    if (name == kModelChannel) continue;  // base_model.h
    if (name == std::string(kTrainChannel) + std::string(kListSuffix) ||
        name == std::string(kValidationChannel) + std::string(kListSuffix)) {
      check_list_channel(job, name, channel);
      continue;
    }
    if (name != kTrainChannel && name != kValidationChannel) {
      refuse(name, "an unknown channel", "train, validation, train_lst, validation_lst or model",
             "Rename or remove it.");
    }
    check_content_type(channel, /*list=*/false);
    if (h.multi_label) check_label_format(channel);
    if (form_of(job, channel) == InputForm::ListedFiles && !h.resize) {
      throw Error(Blame::Customer,
                  Problem{.where = "hyperparameter 'resize'",
                          .given = {},
                          .expected = "the shorter edge in pixels, because channel '" + name +
                                      "' holds image files, whose sizes differ",
                          .fix = "Set it to the larger edge of image_shape or more."});
    }
  }
  if (job.find_channel(kTrainChannel) == nullptr)
    refuse(kTrainChannel, {}, "a channel of labelled images", "Add it to InputDataConfig.");
  if (job.resources().hosts.size() > 1) {
    throw Error(Blame::Customer, Problem{.where = "InstanceCount",
                                         .given = std::to_string(job.resources().hosts.size()),
                                         .expected = "1: this version trains on one instance",
                                         .fix = "Set ResourceConfig.InstanceCount to 1."});
  }
}

std::unique_ptr<ImageSet> open_images(const Job& job, const Channel& channel,
                                      const Hyperparameters& h) {
  if (form_of(job, channel) == InputForm::ListedFiles) {
    return std::make_unique<ListedImages>(
        channel, *job.find_channel(channel.name + std::string(kListSuffix)), target_classes(h));
  }
  return std::make_unique<ImageRecords>(record_files(channel), target_classes(h));
}

void check_training_size(Job& job, const Hyperparameters& h, std::int64_t images) {
  if (images != h.num_training_samples) {
    job.log().warning("num_training_samples is " + std::to_string(h.num_training_samples) +
                      " but channel train holds " + std::to_string(images) +
                      " images; lr_scheduler_step counts epochs of num_training_samples images");
  }
  check_batch_size(h, images);
}

void check_batch_size(const Hyperparameters& h, std::int64_t images) {
  if (images >= h.mini_batch_size) return;
  throw Error(
      Blame::Customer,
      Problem{.where = "hyperparameter 'mini_batch_size'",
              .given = std::to_string(h.mini_batch_size),
              .expected = "at most the " + std::to_string(images) +
                          " images of channel train, because only whole batches are trained on",
              .fix = "Lower mini_batch_size."});
}

LoaderOptions loader_options(const Hyperparameters& h, bool training, int threads) {
  LoaderOptions options;
  options.channels = h.image_shape.channels;
  options.height = h.image_shape.height;
  options.width = h.image_shape.width;
  options.resize = h.resize;
  options.batch = h.mini_batch_size;
  if (training) options.augmentation = h.augmentation_type;
  options.shuffle = training;
  options.seed = static_cast<std::uint64_t>(h.seed);
  options.target_classes = target_classes(h);
  options.threads = threads;
  return options;
}

}  // namespace millrace::image_classification
