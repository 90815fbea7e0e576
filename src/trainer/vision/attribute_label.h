#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/manifest_labels.h"

namespace millrace {

/// How the label attribute of an augmented manifest is read.
struct AttributeLabels {
  std::int64_t classes = 0;
  bool multi_label = false;
  ClassListForm class_list = ClassListForm::MultiHot;  ///< of multi-label images
};

/// The classes, ascending, that the text of a label attribute gives an image. Not multi-label: the
/// one number it is, `3` or `"3"`, whatever it is (check_label() in class_label.h); multi-label:
/// what parse_class_labels() takes. Throws Error(Customer) naming `where` for another text; `fix`
/// says what to do about one that is no label at all.
std::vector<float> classes_of_attribute(std::string_view text, const AttributeLabels& labels,
                                        const std::string& where, std::string_view fix);

}  // namespace millrace
