#include "core/lists/check.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/data/detection_labels.h"
#include "core/lists/form.h"

namespace millrace::lists {
namespace {

constexpr std::array<std::string_view, kFaults> kNames = {
    "stray", "index", "path", "leak", "label", "box", "gap", "outside", "dangling", "unlisted"};

/// A row among several lists.
struct Place {
  const List* list = nullptr;
  const LstRow* row = nullptr;

  [[nodiscard]] std::string text() const { return place_of(*row, list->origin()); }
};

class Checker {
 public:
  Checker(std::span<const CheckedList> lists, const CheckOptions& options, Findings& findings)
      : lists_(lists), options_(options), findings_(findings) {}

  void run() {
    for (const CheckedList& each : lists_) {
      for (const StrayLine& stray : each.strays) {
        findings_.add(Fault::Stray,
                      {.where = stray.problem, .given = {}, .expected = {}, .fix = {}});
      }
      check_labels(*each.list);
    }
    check_gaps();
    check_repeats();
    if (options_.files != nullptr) check_files();
  }

 private:
  void add(Fault fault, std::string where, std::string_view given, std::string expected,
           std::string fix = {}) {
    findings_.add(fault, {.where = std::move(where),
                          .given = std::string(given),
                          .expected = std::move(expected),
                          .fix = std::move(fix)});
  }

  void check_labels(const List& list) {
    const Form form = form_of(list.rows());
    std::set<std::int64_t> found;
    std::vector<std::int64_t> classes;
    for (const LstRow& row : list.rows()) {
      const Form row_form = form == Form::Uneven ? common_form(list) : form;
      if (!check_form(list, row, row_form)) continue;
      if (row_form == Form::Detection) check_boxes(list, row);
      if (row_form == Form::Class) check_class(list, row, row.labels[0]);
      classes_of(row, row_form, classes);
      found.insert(classes.begin(), classes.end());
    }
    if (form == Form::MultiLabel) check_columns(list);
    found_.push_back(std::move(found));
  }

  void check_columns(const List& list) {
    const auto columns = static_cast<std::int64_t>(list.rows()[0].labels.size());
    columns_ = std::max(columns_, columns);
    if (!options_.classes || columns == *options_.classes) return;
    add(Fault::Label, list.origin(), std::to_string(columns) + " label columns",
        std::to_string(*options_.classes) + ", one for each class");
  }

  /// What the first row is, which the others are held against.
  static Form common_form(const List& list) { return form_of(list.rows().first(1)); }

  bool check_form(const List& list, const LstRow& row, Form form) {
    const std::size_t width = list.rows().front().labels.size();
    const bool fits =
        form == Form::Detection ? is_detection(row.labels) : row.labels.size() == width;
    if (!fits) {
      add(Fault::Label, place_of(row, list.origin()), labels_text(row.labels),
          form == Form::Detection ? "header and boxes, as in the rows before"
                                  : std::to_string(width) + " label columns, as in the first row");
    }
    return fits;
  }

  void check_class(const List& list, const LstRow& row, float label) {
    const std::optional<std::int64_t> id = class_id(label);
    if (id && (!options_.classes || *id < *options_.classes)) return;
    add(Fault::Label, place_of(row, list.origin()), label_text(label),
        options_.classes ? "a class from 0 to " + std::to_string(*options_.classes - 1)
                         : "a class, a whole number of at least 0");
  }

  void check_boxes(const List& list, const LstRow& row) {
    const DetectionLabels labels = DetectionLabels::parse(row.labels, list.origin());
    for (std::int64_t i = 0; i < labels.objects(); ++i) {
      const std::span<const float> box = labels.object(i);
      check_class(list, row, box[0]);
      const bool within = std::all_of(box.begin() + 1, box.begin() + 5,
                                      [](float edge) { return edge >= 0 && edge <= 1; });
      if (within && box[1] < box[3] && box[2] < box[4]) continue;
      add(Fault::Box, place_of(row, list.origin()) + ", box " + std::to_string(i), labels_text(box),
          "class, xmin, ymin, xmax, ymax with edges from 0 to 1 and max above min",
          "Divide pixels by the picture's width and height.");
    }
  }

  void check_gaps() {
    std::int64_t classes = options_.classes.value_or(columns_);
    if (!options_.classes) {
      for (const auto& found : found_) {
        if (!found.empty()) classes = std::max(classes, *found.rbegin() + 1);
      }
    }
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      if (lists_[i].list->rows().empty()) {
        add(Fault::Gap, lists_[i].list->origin(), "no rows", "at least one image");
        continue;
      }
      for (std::int64_t id = 0; id < classes; ++id) {
        if (found_[i].count(id) > 0) continue;
        if (findings_.full(Fault::Gap)) {  // one label of 16777215 makes millions of gaps
          findings_.count_more(Fault::Gap);
          continue;
        }
        add(Fault::Gap, lists_[i].list->origin() + ", class " + std::to_string(id), "no rows",
            "rows of each of the " + std::to_string(classes) + " classes",
            "Add some, or close the gap: millrace lst remap --close-gaps.");
      }
    }
  }

  void check_repeats() {
    std::unordered_map<std::uint64_t, Place> indices;
    std::unordered_map<std::string_view, Place> paths;
    for (const CheckedList& each : lists_) {
      for (const LstRow& row : each.list->rows()) {
        const Place here{each.list, &row};
        if (const auto [first, fresh] = indices.emplace(row.index, here); !fresh) {
          add(Fault::Index, here.text() + ", column 1", std::to_string(row.index),
              "an index of its own: " + first->second.text() + " has the same",
              "Number the rows again: millrace lst sort --renumber.");
        }
        if (const auto [first, fresh] = paths.emplace(row.path, here); !fresh) {
          const bool leak = first->second.list != each.list;
          add(leak ? Fault::Leak : Fault::Path, here.text(), row.path,
              "a picture that no other " + std::string(leak ? "list" : "row") +
                  " has: " + first->second.text() + " has it too");
        }
      }
    }
  }

  void check_files() {
    const std::unordered_set<std::string_view> files(options_.files->begin(),
                                                     options_.files->end());
    std::unordered_set<std::string_view> listed;
    for (const CheckedList& each : lists_) {
      for (const LstRow& row : each.list->rows()) {
        listed.insert(row.path);
        if (leads_outside(row.path)) {
          add(Fault::Outside, place_of(row, each.list->origin()), row.path,
              "a path below the folder of images, without '..' and leading '/'");
        } else if (files.count(row.path) == 0) {
          add(Fault::Dangling, place_of(row, each.list->origin()), row.path,
              "an image that is there");
        }
      }
    }
    for (const std::string& file : *options_.files) {
      if (listed.count(file) == 0)
        add(Fault::Unlisted, file, "no row", "a row in one of the lists");
    }
  }

  std::span<const CheckedList> lists_;
  const CheckOptions& options_;
  Findings& findings_;
  std::vector<std::set<std::int64_t>> found_;  ///< classes of each list
  std::int64_t columns_ = 0;                   ///< of multi-label lists
};

}  // namespace

std::string_view name_of(Fault fault) {
  return kNames[static_cast<std::size_t>(fault)];
}

std::optional<Fault> find_fault(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Fault>(found - kNames.begin());
}

void Findings::add(Fault fault, Problem problem) {
  Kind& kind = kinds_[static_cast<std::size_t>(fault)];
  ++kind.count;
  if (kind.first.size() < most_) kind.first.push_back(std::move(problem));
}

std::int64_t Findings::total() const {
  std::int64_t sum = 0;
  for (const Kind& kind : kinds_) sum += kind.count;
  return sum;
}

void check(std::span<const CheckedList> lists, const CheckOptions& options, Findings& findings) {
  Checker(lists, options, findings).run();
}

}  // namespace millrace::lists
