#include "platform/cli/record_class.h"

#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::cli {

std::int64_t class_of(const ImageRecord& record, const std::string& place) {
  const float label = record.labels[0];
  const bool fits = record.labels.size() == 1 && label >= 0 &&
                    label <= static_cast<float>(kMaxClass) && label == std::floor(label);
  if (fits) return static_cast<std::int64_t>(label);
  throw Error(Blame::Customer,
              Problem{.where = place,
                      .given = record.labels.size() == 1
                                   ? "label " + number_text(static_cast<double>(label))
                                   : std::to_string(record.labels.size()) + " labels",
                      .expected = "one class, since folders stand for classes",
                      .fix = "Unpack without folders of classes, into a list, which holds any "
                             "labels: with --list FILE.lst, and without --by-class."});
}

}  // namespace millrace::cli
