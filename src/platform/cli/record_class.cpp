#include "platform/cli/record_class.h"

#include <cmath>

#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::cli {

std::int64_t class_of(const ImageRecord& record, const std::string& place) {
  const float label = record.labels[0];
  const bool fits = record.labels.size() == 1 && label >= 0 &&
                    label <= static_cast<float>(kMaxClass) && label == std::floor(label);
  if (fits) return static_cast<std::int64_t>(label);
  refuse(place,
         record.labels.size() == 1 ? "label " + number_text(static_cast<double>(label))
                                   : std::to_string(record.labels.size()) + " labels",
         "one class, since folders stand for classes",
         "Unpack without folders of classes, into a list, which holds any "
         "labels: with --list FILE.lst, and without --by-class.");
}

}  // namespace millrace::cli
