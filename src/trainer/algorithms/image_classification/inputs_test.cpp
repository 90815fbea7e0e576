#include "trainer/algorithms/image_classification/inputs.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace::image_classification {
namespace {

class Inputs : public testing::Test {
 protected:
  Inputs() {
    char name[] = "/tmp/millrace-inputs-XXXXXX";
    paths_.base = ::mkdtemp(name);
    std::filesystem::create_directories(paths_.config());
    write_file_durably(paths_.hyperparameters(), "{}");
    h_.resize = 256;
  }
  ~Inputs() override { std::filesystem::remove_all(paths_.base); }

  [[nodiscard]] Job job(std::string_view channels) const {
    write_file_durably(paths_.input_data_config(), channels);
    return Job(paths_, {});
  }
  [[nodiscard]] std::string refusal(std::string_view channels) const {
    const Job made = job(channels);
    try {
      check_channels(made, h_);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  ContractPaths paths_;
  Hyperparameters h_;
};

TEST_F(Inputs, TheFormFollowsContentTypeModeAndListChannel) {
  const auto form = [this](std::string_view channels) {
    const Job made = job(channels);
    check_channels(made, h_);
    return form_of(made, *made.find_channel("train"));
  };
  EXPECT_EQ(form(R"({"train": {}})"), InputForm::RecordFiles);
  EXPECT_EQ(
      form(
          R"({"train": {"ContentType": "application/x-recordio", "TrainingInputMode": "FastFile"}})"),
      InputForm::RecordFiles);
  EXPECT_EQ(
      form(
          R"({"train": {"ContentType": "application/x-recordio; label-format=class-id", "TrainingInputMode": "Pipe"}})"),
      InputForm::RecordStream);
  for (const char* type : {"application/x-image", "image/jpeg", "image/png", "Image/PNG"}) {
    EXPECT_EQ(form(R"({"train": {"ContentType": ")" + std::string(type) +
                   R"("}, "train_lst": {"ContentType": "application/x-image"}})"),
              InputForm::ListedFiles)
        << type;
  }
  EXPECT_EQ(form(R"({"train": {}, "train_lst": {}})"), InputForm::ListedFiles);
}

TEST_F(Inputs, ChannelsMayDifferInForm) {
  EXPECT_EQ(
      refusal(
          R"({"train": {"TrainingInputMode": "Pipe"}, "validation": {"ContentType": "image/png"},
                        "validation_lst": {}})"),
      "accepted");
}

TEST_F(Inputs, WhatDoesNotGoTogetherIsRefusedWithTheRemedy) {
  EXPECT_EQ(
      refusal(R"({"train": {"ContentType": "application/x-image"}})"),
      "channel 'train_lst': expected a list of the images in channel 'train'. Add the channel "
      "with one .lst file (index, label, path), or pack the images as RecordIO.");
  EXPECT_EQ(
      refusal(R"({"train": {"ContentType": "application/x-recordio"}, "train_lst": {}})"),
      "channel 'train_lst': got \"a list of image files\", expected no such channel, because "
      "channel 'train' holds application/x-recordio. Remove it, or set the ContentType of both "
      "to application/x-image.");
  EXPECT_EQ(refusal(R"({"train": {}, "validation_lst": {}})"),
            "channel 'validation_lst': got \"a list without channel 'validation'\", expected the "
            "channel of the images it lists. Add it to InputDataConfig, or remove the list.");
  EXPECT_EQ(
      refusal(
          R"({"train": {"ContentType": "image/jpeg", "TrainingInputMode": "Pipe"}, "train_lst": {}})"),
      "channel 'train': got \"images in Pipe mode\", expected File or FastFile for images with "
      "a list. Set InputMode to File, or stream RecordIO: .rec files, or an augmented manifest "
      "with RecordWrapperType RecordIO and ContentType application/x-recordio.");
  EXPECT_EQ(
      refusal(R"({"train": {}, "train_lst": {"TrainingInputMode": "Pipe"}})"),
      "channel 'train_lst': got \"TrainingInputMode Pipe\", expected File or FastFile: a list "
      "is read before the first epoch. Set the channel's InputMode to File.");
  EXPECT_EQ(
      refusal(R"({"train": {"ContentType": "text/csv"}})"),
      "channel 'train': got \"ContentType text/csv\", expected one of application/x-recordio, "
      "application/x-image, image/jpeg, image/png. Set the ContentType to what the objects "
      "are: .rec files, or images with a list.");
  EXPECT_NE(refusal(R"({"train": {}, "train_lst": {"ContentType": "application/x-recordio"}})"),
            "accepted");
  EXPECT_NE(refusal(R"({"train": {}, "test": {}})"), "accepted");
  EXPECT_NE(refusal("{}"), "accepted");
}

TEST_F(Inputs, ListedImagesNeedResize) {
  h_.resize.reset();
  EXPECT_EQ(refusal(R"({"train": {"ContentType": "image/png"}, "train_lst": {}})"),
            "hyperparameter 'resize': expected the shorter edge in pixels, because channel 'train' "
            "holds image files, whose sizes differ. Set it to the larger edge of image_shape or "
            "more.");
  EXPECT_EQ(refusal(R"({"train": {"ContentType": "application/x-recordio"}})"), "accepted");
}

TEST_F(Inputs, ClassIdsAreTheLabelsOfAManifest) {
  h_.multi_label = true;
  const auto channel = [](const char* type, const char* mode) {
    return R"({"train": {"ContentType": ")" + std::string(type) + R"(", "TrainingInputMode": ")" +
           mode + R"("}})";
  };
  for (const char* type :
       {"application/x-recordio", "application/x-recordio; label-format=class-id",
        "application/x-recordio;label-format=multi-hot"})
    EXPECT_EQ(refusal(channel(type, "Pipe")), "accepted") << type;
  EXPECT_EQ(refusal(channel("application/x-recordio; label-format=class-id", "File")),
            "channel 'train': got \"label-format=class-id in File mode\", expected "
            "label-format=class-id in Pipe mode alone: it is about the labels of an augmented "
            "manifest, and files of records hold a 0 or a 1 for each class. Remove label-format "
            "from the ContentType, or stream an augmented manifest.");
  EXPECT_NE(refusal(channel("application/x-recordio; label-format=ids", "Pipe"))
                .find("expected multi-hot or class-id as label-format"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::image_classification
