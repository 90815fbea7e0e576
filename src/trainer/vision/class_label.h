#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trainer/vision/image_set.h"

namespace millrace {

/// The one label of an image that has `labels`. Throws Error(Customer) naming `where` when there
/// are none or several.
float only_label(const std::vector<float>& labels, const std::string& where);

/// The classes, ascending, of a multi-label image whose `labels` are a 0 or a 1 for each of
/// `classes`. Throws Error(Customer) naming `where` for another number of labels or another value.
std::vector<float> present_classes(const std::vector<float>& labels, std::int64_t classes,
                                   const std::string& where);

/// Throws Error(Customer) naming `where` unless the label is a whole number from 0 to classes - 1.
void check_label(float label, std::int64_t classes, const std::string& where);

/// The same for a whole set of one label per image, naming the first image that fails and a
/// num_classes that fits all.
void check_labels(const ImageSet& images, std::int64_t classes);

}  // namespace millrace
