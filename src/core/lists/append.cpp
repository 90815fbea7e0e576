#include "core/lists/append.h"

#include "core/base/refuse.h"
#include "core/lists/edit.h"

namespace millrace::lists {

Appender::Appender(const List& list)
    : rows_(list.rows().begin(), list.rows().end()),
      form_(form_of(list.rows())),
      width_(label_columns(list.rows())),
      next_(next_index(list.rows())),
      origin_(list.origin()) {
  for (const LstRow& row : list.rows()) paths_.insert(row.path);
}

void Appender::add(std::string_view path, std::span<const float> labels, const std::string& place) {
  check_labels_fit(labels, form_, width_, place + ", for " + origin_);
  if (!paths_.insert(path).second) {
    refuse(place, path, "a picture that " + origin_ + " has no row of", "Relabel the row it has.");
  }
  rows_.push_back({.index = next_++, .labels = labels, .path = path});
  ++added_;
}

}  // namespace millrace::lists
