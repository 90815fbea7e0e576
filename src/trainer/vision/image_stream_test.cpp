#include "trainer/vision/image_stream.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/data/image_record.h"

namespace millrace {
namespace {

const std::string kJpeg = "\xff\xd8\xff\xe0 a picture";

std::string packed(float label, const std::string& image = kJpeg) {
  ImageRecord record;
  record.labels = {label};
  record.image = image;
  return format_image_record(record);
}

std::string file(const std::vector<std::string>& records) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (const std::string& record : records) writer.write(record);
  return sink.text();
}

std::vector<StreamedImage> images(const std::vector<std::string>& records, bool wrapped = false) {
  const std::string bytes = file(records);
  MemorySource source(bytes);
  ImageStream stream(source, "channel 'train', epoch 0", {.classes = 3, .wrapped = wrapped});
  std::vector<StreamedImage> all;
  while (std::optional<StreamedImage> image = stream.next()) all.push_back(*std::move(image));
  return all;
}

std::string refusal(const std::vector<std::string>& records, bool wrapped = false) {
  try {
    (void)images(records, wrapped);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(ImageStream, ImageRecordsAreReadInOrder) {
  const auto all = images({packed(2), packed(0, kJpeg + "!")});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].label, 2);
  EXPECT_EQ(all[1].bytes, kJpeg + "!");
  EXPECT_EQ(all[1].number, 1);
  EXPECT_EQ(all[1].name, "channel 'train', epoch 0, record 1, byte 48");
}

TEST(ImageStream, AnAugmentedManifestIsToldFromTheRecordsThemselves) {
  for (const bool wrapped : {true, false}) {
    const auto all = images({kJpeg, "2", kJpeg + "!", "\"0\"", kJpeg, " 1 "}, wrapped);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].label, 2);
    EXPECT_EQ(all[1].label, 0);
    EXPECT_EQ(all[1].bytes, kJpeg + "!");
    EXPECT_EQ(all[2].number, 2);
  }
}

TEST(ImageStream, LabelsAreCheckedAsTheyComeWithRecordAndByte) {
  EXPECT_EQ(refusal({packed(0), packed(3)}),
            "channel 'train', epoch 0, record 1, byte 48: got \"label 3\", expected a whole number "
            "from 0 to 2, because num_classes is 3. Set num_classes to 4, or number the classes "
            "from 0.");
  EXPECT_EQ(
      refusal({kJpeg, "0", kJpeg, "1.5"}),
      "channel 'train', epoch 0, record 3, byte 60: got \"label 1.5\", expected a whole number "
      "from 0 to 2, because num_classes is 3. Label the images with whole numbers that start "
      "at 0.");
  EXPECT_NE(refusal({packed(-1)}), "accepted");
}

TEST(ImageStream, SeveralLabelsAreRefusedByName) {
  EXPECT_EQ(
      refusal({kJpeg, "[0, 2]"}),
      "channel 'train', epoch 0, record 1, byte 24: got \"[0, 2]\", expected one class number, "
      "because the model is not multi-label. Let the attribute hold one class, such as 0, or "
      "set multi_label to 1 in training.");
  EXPECT_NE(refusal({kJpeg, "\"[1, 0, 1]\""}).find("multi-label"), std::string::npos);
  ImageRecord two;
  two.labels = {0, 1};
  two.image = kJpeg;
  EXPECT_EQ(refusal({format_image_record(two)}),
            "channel 'train', epoch 0, record 0, byte 0: got \"2 labels\", expected one label, the "
            "class of the image. Give each image one label, or set multi_label to 1 and label it "
            "with a 0 or a 1 for each class.");
}

class MultiLabelStream : public testing::Test {
 protected:
  /// The classes of each image, of three.
  static std::vector<std::vector<float>> classes(const std::vector<std::string>& records,
                                                 ClassListForm form = ClassListForm::MultiHot) {
    const std::string bytes = file(records);
    MemorySource source(bytes);
    ImageStream stream(source, "channel 'train', epoch 0",
                       {.classes = 3, .multi_label = true, .class_list = form});
    std::vector<std::vector<float>> all;
    while (const std::optional<StreamedImage> image = stream.next()) all.push_back(image->classes);
    return all;
  }

  static std::string refusal(const std::vector<std::string>& records,
                             ClassListForm form = ClassListForm::MultiHot) {
    try {
      (void)classes(records, form);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  static std::string labelled(const std::vector<float>& labels) {
    ImageRecord record;
    record.labels = labels;
    record.image = kJpeg;
    return format_image_record(record);
  }
};

using Classes = std::vector<std::vector<float>>;

TEST_F(MultiLabelStream, ImageRecordsHaveALabelForEachClass) {
  EXPECT_EQ(classes({labelled({1, 0, 1}), labelled({0, 0, 0}), labelled({0, 1, 0})}),
            (Classes{{0, 2}, {}, {1}}));
}

TEST_F(MultiLabelStream, ManifestsListAPlaceForEachClassOrTheClassesThemselves) {
  EXPECT_EQ(classes({kJpeg, "[1, 0, 1]", kJpeg, "\"[0,0,0]\""}), (Classes{{0, 2}, {}}));
  EXPECT_EQ(classes({kJpeg, "[2, 0]", kJpeg, "\"[]\"", kJpeg, "\"[1]\""}, ClassListForm::ClassId),
            (Classes{{0, 2}, {}, {1}}));
}

TEST_F(MultiLabelStream, OtherLabelsAreRefusedWithRecordAndRemedy) {
  EXPECT_EQ(refusal({labelled({1, 0, 1}), labelled({1, 0, 1, 0})}),
            "channel 'train', epoch 0, record 1, byte 60: got \"4 labels\", expected 3, a 0 or a 1 "
            "for each class, because multi_label is 1 and num_classes is 3. Set num_classes to the "
            "number of labels, or label each image with as many.");
  EXPECT_EQ(refusal({packed(2)}),
            "channel 'train', epoch 0, record 0, byte 0: got \"1 label\", expected 3, a 0 or a 1 "
            "for each class, because multi_label is 1 and num_classes is 3. Label each image with "
            "all classes (im2rec packs all columns of a list with --pack-label), or leave "
            "multi_label out.");
  EXPECT_EQ(refusal({labelled({1, 0.5F, 1})}),
            "channel 'train', epoch 0, record 0, byte 0: got \"label 0.5 for class 1\", expected 0 "
            "or 1, because multi_label is 1. Write 1 where the image has the class and 0 where it "
            "has not.");
  EXPECT_EQ(refusal({kJpeg, "[0, 2]"}),
            "channel 'train', epoch 0, record 1, byte 24: got \"[0, 2]\", expected a list of 3 "
            "zeros and ones. Write a 0 or a 1 for each class; where labels list the classes, add "
            "label-format=class-id to the ContentType.");
  EXPECT_EQ(
      refusal({kJpeg, "[0, 3]"}, ClassListForm::ClassId),
      "channel 'train', epoch 0, record 1, byte 24: got \"[0, 3]\", expected class ids from 0 "
      "to 2. Raise the number of classes, or number them from 0.");
  EXPECT_EQ(refusal({kJpeg, "[0, 0, 2]"}).find("channel 'train', epoch 0, record 1, byte 24"), 0U);
  EXPECT_EQ(
      refusal({labelled({1, 0, 1})}, ClassListForm::ClassId),
      "channel 'train', epoch 0, record 0, byte 0: got \"an image record, with "
      "label-format=class-id\", expected an image, then its classes in a record of their own, "
      "as an augmented manifest is sent. Remove label-format from the ContentType: records "
      "hold a 0 or a 1 for each class.");
}

TEST(ImageStream, PairsThatAreOutOfStepAreRefusedWithTheRemedy) {
  const std::string remedy = "Let AttributeNames name the image first and its label second";
  for (const auto& records : std::vector<std::vector<std::string>>{
           {"0", kJpeg}, {kJpeg}, {kJpeg, kJpeg}, {kJpeg, "0", "1"}, {kJpeg, "cat"}}) {
    EXPECT_NE(refusal(records, /*wrapped=*/true).find(remedy), std::string::npos)
        << refusal(records, true);
  }
}

TEST(ImageStream, WhatIsNoImageButHasALabelIsPassedOnForTheDecoderToRefuse) {
  const auto all = images({"", "2", "cut off", "1", kJpeg, "0"}, /*wrapped=*/true);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].bytes, "");
  EXPECT_EQ(all[0].label, 2);
  EXPECT_EQ(all[1].bytes, "cut off");
  EXPECT_EQ(all[2].bytes, kJpeg);
}

TEST(ImageStream, RecordsInsideOfRecordsAreRefusedWithTheRemedy) {
  EXPECT_EQ(refusal({file({packed(0)})}, /*wrapped=*/true),
            "channel 'train', epoch 0, record 0, byte 0: got \"RecordIO inside of a record\", "
            "expected an image. Leave RecordWrapperType out: the objects are RecordIO already.");
}

}  // namespace
}  // namespace millrace
