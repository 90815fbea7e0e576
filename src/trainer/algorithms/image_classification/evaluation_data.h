#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trainer/job/algorithm.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// Labelled images to measure a model on.
struct EvaluationData {
  std::unique_ptr<ImageSet> images;
  std::vector<std::string> class_names;  ///< the request's, else those of class folders, else none
  std::string place;                     ///< for messages: "test.rec", "folder 'photos'"
};

enum class Labels { One, Several };

/// What a request's `data` is:
///
///   a file                         RecordIO of image records, or an augmented manifest of images
///                                  that are files (trainer/vision/manifest_images.h)
///   a folder, and `list` is given  images that the list labels
///   a folder of .rec files         all of them, in byte order of their paths
///   a folder of folders            the images of a class each (trainer/vision/class_folders.h);
///                                  not where an image has several labels
///
/// Throws Error(Customer) for what is none of these, for labels that a model of `classes` classes
/// does not have, and for class names or folders that are not as many as the model's classes.
EvaluationData open_evaluation_data(const EvaluateRequest& request, std::int64_t classes,
                                    Labels labels);

}  // namespace millrace::image_classification
