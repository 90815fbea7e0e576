#include "core/lists/summary.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/data/detection_labels.h"

namespace millrace::lists {
namespace {

void count_boxes(const LstRow& row, Summary& summary) {
  const DetectionLabels labels = DetectionLabels::parse(row.labels, row.path);
  summary.total_boxes += labels.objects();
  for (std::int64_t i = 0; i < labels.objects(); ++i) {
    if (const auto id = class_id(labels.object(i)[0])) ++summary.boxes[*id];
  }
}

}  // namespace

Summary summarize(std::span<const LstRow> rows) {
  Summary summary{.form = form_of(rows), .rows = static_cast<std::int64_t>(rows.size())};
  if (rows.empty()) return summary;
  summary.least_index = summary.greatest_index = rows[0].index;
  summary.least_labels = summary.most_labels = rows[0].labels.size();
  std::unordered_set<std::string_view> paths, folders;
  paths.reserve(rows.size());
  std::vector<std::int64_t> classes;
  std::string_view last_folder;  // neighbours often lie in the same
  for (const LstRow& row : rows) {
    summary.least_index = std::min(summary.least_index, row.index);
    summary.greatest_index = std::max(summary.greatest_index, row.index);
    summary.least_labels = std::min(summary.least_labels, row.labels.size());
    summary.most_labels = std::max(summary.most_labels, row.labels.size());
    summary.repeated_paths += !paths.insert(row.path).second;
    const std::size_t slash = row.path.rfind('/');
    const std::string_view folder = row.path.substr(0, slash == std::string_view::npos ? 0 : slash);
    if (folder != last_folder || folders.empty()) folders.insert(folder);
    last_folder = folder;
    classes_of(row, summary.form, classes);
    for (const std::int64_t id : classes) ++summary.classes[id];
    summary.without_class += classes.empty();
    if (summary.form == Form::Detection) count_boxes(row, summary);
  }
  summary.folders = static_cast<std::int64_t>(folders.size());
  return summary;
}

}  // namespace millrace::lists
