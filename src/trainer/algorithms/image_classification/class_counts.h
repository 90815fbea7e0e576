#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "trainer/vision/image_batches.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// How many images of a multi-label set have each class.
struct ClassCounts {
  std::int64_t images = 0;
  std::vector<std::int64_t> present;  ///< by class
};

/// By the labels alone: broken images count.
ClassCounts count_classes(const ImageSet& images, std::int64_t classes);

/// Of the images that the first epoch of `pass` delivers, which broken ones are not among; nullopt
/// where a stop request broke it off. Throws what ImageBatches::next() throws.
std::optional<ClassCounts> count_classes(ImageBatches& pass, std::int64_t classes,
                                         const std::stop_token& stop);

/// "class 2" or "classes 2, 5 and 9 more": those which no image has, or all have, so that nothing
/// tells the model what they look like. Empty where there are none.
std::string one_sided_classes(const ClassCounts& counts);

/// What an image that has a class, and one that has not, counts in that class's loss.
struct ClassWeights {
  std::vector<float> present;
  std::vector<float> absent;
};

/// N / (2 n) and N / (2 (N - n)) for a class that n of N images have, so that both sides of every
/// class count the same in all. Where a side is empty its weight is 0, which no image asks for, and
/// the other's is 1/2. Amazon publishes no formula; this is scikit-learn's "balanced" for each
/// class by itself.
ClassWeights class_weights(const ClassCounts& counts);

}  // namespace millrace::image_classification
