#include "trainer/vision/class_label.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

bool is_class(float label, std::int64_t classes) {
  return label >= 0 && label < static_cast<float>(classes) && label == std::floor(label);
}

/// Labels that are known: of the whole set, or the one alone.
struct Found {
  float smallest = 0;
  float largest = 0;
};

[[noreturn]] void refuse(float label, std::int64_t classes, const Found& found,
                         const std::string& where) {
  std::string given = "label " + number_text(label);
  if (found.smallest < found.largest)
    given +=
        ": labels " + number_text(found.smallest) + ".." + number_text(found.largest) + " found";
  // Above that no num_classes helps: the label is no class number.
  constexpr float kMostClasses = 1'000'000;
  const bool too_large = label >= static_cast<float>(classes) && label == std::floor(label) &&
                         found.largest < kMostClasses;
  throw Error(Blame::Customer,
              Problem{.where = where,
                      .given = std::move(given),
                      .expected = "a whole number from 0 to " + std::to_string(classes - 1) +
                                  ", because num_classes is " + std::to_string(classes),
                      .fix = too_large ? "Set num_classes to " +
                                             number_text(std::floor(found.largest) + 1) +
                                             ", or number the classes from 0."
                                       : "Label the images with whole numbers that start at 0."});
}

}  // namespace

float only_label(const std::vector<float>& labels, const std::string& where) {
  if (labels.size() == 1) return labels[0];
  throw Error(Blame::Customer,
              Problem{.where = where,
                      .given = std::to_string(labels.size()) + " labels",
                      .expected = "one label, the class of the image",
                      .fix = "Give each image one label, or set multi_label to 1 and label it "
                             "with a 0 or a 1 for each class."});
}

std::vector<float> present_classes(const std::vector<float>& labels, std::int64_t classes,
                                   const std::string& where) {
  if (static_cast<std::int64_t>(labels.size()) != classes) {
    // im2rec takes the first column alone unless it is told otherwise.
    const bool first_alone = labels.size() == 1 && classes > 1;
    throw Error(
        Blame::Customer,
        Problem{
            .where = where,
            .given = std::to_string(labels.size()) + (labels.size() == 1 ? " label" : " labels"),
            .expected = std::to_string(classes) +
                        ", a 0 or a 1 for each class, because multi_label is 1 and num_classes "
                        "is " +
                        std::to_string(classes),
            .fix = first_alone ? "Label each image with all classes (im2rec packs all columns "
                                 "of a list with --pack-label), or leave multi_label out."
                               : "Set num_classes to the number of labels, or label each image "
                                 "with as many."});
  }
  std::vector<float> present;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == 0) continue;
    if (labels[i] != 1) {
      throw Error(
          Blame::Customer,
          Problem{.where = where,
                  .given = "label " + number_text(labels[i]) + " for class " + std::to_string(i),
                  .expected = "0 or 1, because multi_label is 1",
                  .fix = "Write 1 where the image has the class and 0 where it has not."});
    }
    present.push_back(static_cast<float>(i));
  }
  return present;
}

void check_label(float label, std::int64_t classes, const std::string& where) {
  if (!is_class(label, classes))
    refuse(label, classes, {.smallest = label, .largest = label}, where);
}

void check_labels(const ImageSet& images, std::int64_t classes) {
  std::int64_t first_wrong = -1;
  Found found;
  for (std::int64_t i = 0; i < images.count(); ++i) {
    const float label = images.label(i);
    found = {.smallest = i == 0 ? label : std::min(found.smallest, label),
             .largest = i == 0 ? label : std::max(found.largest, label)};
    if (first_wrong < 0 && !is_class(label, classes)) first_wrong = i;
  }
  if (first_wrong >= 0) refuse(images.label(first_wrong), classes, found, images.name(first_wrong));
}

}  // namespace millrace
