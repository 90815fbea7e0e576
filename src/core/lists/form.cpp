#include "core/lists/form.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/detection_labels.h"

namespace millrace::lists {
namespace {

constexpr std::size_t kLeastDetectionLabels = 7;

}  // namespace

bool is_detection(std::span<const float> labels) {
  if (labels.size() < kLeastDetectionLabels || labels[0] < 2) return false;
  try {
    (void)DetectionLabels::parse(labels, {});
    return true;
  } catch (const Error&) {
    return false;
  }
}

Form form_of(std::span<const LstRow> rows) {
  if (rows.empty()) return Form::Empty;
  const std::size_t width = rows.front().labels.size();
  const bool even = std::all_of(rows.begin(), rows.end(),
                                [&](const LstRow& row) { return row.labels.size() == width; });
  if (even && width == 1) return Form::Class;
  const bool detection = std::all_of(rows.begin(), rows.end(),
                                     [](const LstRow& row) { return is_detection(row.labels); });
  if (detection) return Form::Detection;
  return even ? Form::MultiLabel : Form::Uneven;
}

std::string_view describe(Form form) {
  switch (form) {
    case Form::Empty:
      return "no rows";
    case Form::Class:
      return "one class a row";
    case Form::MultiLabel:
      return "a column a class";
    case Form::Detection:
      return "boxes";
    case Form::Uneven:
      break;
  }
  return "rows with different numbers of labels";
}

std::optional<std::int64_t> class_id(float label) {
  const bool whole =
      label >= 0 && label <= static_cast<float>(kMaxClassId) && label == std::floor(label);
  return whole ? std::optional(static_cast<std::int64_t>(label)) : std::nullopt;
}

std::optional<std::int64_t> parse_class_id(std::string_view text) {
  const std::optional<std::int64_t> id = parse_int(text);
  return id && *id >= 0 && *id <= kMaxClassId ? id : std::nullopt;
}

void classes_of(const LstRow& row, Form form, std::vector<std::int64_t>& classes) {
  classes.clear();
  if (form == Form::MultiLabel) {
    for (std::size_t i = 0; i < row.labels.size(); ++i) {
      if (row.labels[i] > 0) classes.push_back(static_cast<std::int64_t>(i));
    }
    return;
  }
  if (form == Form::Detection) {
    const DetectionLabels labels = DetectionLabels::parse(row.labels, row.path);
    for (std::int64_t i = 0; i < labels.objects(); ++i) {
      if (const auto id = class_id(labels.object(i)[0])) classes.push_back(*id);
    }
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    return;
  }
  if (row.labels.size() != 1) return;
  if (const auto id = class_id(row.labels[0])) classes.push_back(*id);
}

void require_classes(Form form, std::string_view origin, std::string_view why) {
  if (form == Form::Class || form == Form::Empty) return;
  refuse(std::string(origin), describe(form), "one class a row", std::string(why));
}

}  // namespace millrace::lists
