#include "platform/cli/record_class.h"

#include <optional>

#include "core/base/refuse.h"
#include "core/data/lst.h"
#include "core/lists/form.h"

namespace millrace::cli {

std::int64_t class_of(const ImageRecord& record, const std::string& place) {
  const float label = record.labels[0];
  const std::optional<std::int64_t> id = lists::class_id(label);
  if (record.labels.size() == 1 && id) return *id;
  refuse(place,
         record.labels.size() == 1 ? "label " + label_text(label)
                                   : std::to_string(record.labels.size()) + " labels",
         "one class, since folders stand for classes",
         "Unpack without folders of classes, into a list, which holds any "
         "labels: with --list FILE.lst, and without --by-class.");
}

}  // namespace millrace::cli
