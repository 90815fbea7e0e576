#include "core/lists/class_mapping.h"

#include <algorithm>
#include <set>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/detection_labels.h"
#include "core/lists/form.h"
#include "core/lists/list.h"

namespace millrace::lists {
namespace {

constexpr std::string_view kArrow = "->";

std::int64_t parse_class(std::string_view text, const std::string& where) {
  const std::optional<std::int64_t> id = parse_class_id(text);
  if (id) return *id;
  refuse(where, text, "a class, a whole number from 0 to " + std::to_string(kMaxClassId),
         "Write old -> new, such as: 3, 4 -> 3");
}

/// Where " where " begins behind the new class; npos without.
std::size_t find_where(std::string_view right) {
  const std::size_t space = right.find_first_of(" \t");
  if (space == std::string_view::npos) return space;
  const std::string_view rest = trim(right.substr(space));
  if (!equal_ignoring_case(rest.substr(0, 5), "where")) return std::string_view::npos;
  return static_cast<std::size_t>(rest.data() - right.data());
}

/// A condition's text from `begin` on, behind as many spaces as there are bytes before it: mistakes
/// are told by their place in the whole line. Before a condition a rule is ASCII.
std::string condition_in_place(std::string_view line, const char* begin) {
  const auto before = static_cast<std::size_t>(begin - line.data());
  return std::string(before, ' ').append(line.substr(before));
}

MappingRule parse_rule(std::string_view line, const std::string& where) {
  const std::size_t arrow = line.find(kArrow);
  if (arrow == std::string_view::npos) {
    refuse(where, trim(line), "old -> new", "Write a rule a line, such as: 3, 4 -> 3");
  }
  MappingRule rule;
  const std::string_view left = trim(line.substr(0, arrow));
  if (left != "*") {
    for (const std::string_view id : split(left, ','))
      rule.from.push_back(parse_class(trim(id), where));
  }
  std::string_view right = trim(line.substr(arrow + kArrow.size()));
  const std::size_t condition = find_where(right);
  if (condition != std::string_view::npos) {
    rule.where = Query::parse(condition_in_place(line, right.data() + condition + 5), where);
    rule.conditional = true;
    right = trim(right.substr(0, condition));
  }
  if (!equal_ignoring_case(right, "drop")) rule.to = parse_class(right, where);
  return rule;
}

using Numbers = std::map<std::int64_t, std::int64_t>;

/// The columns of a multi-label row that are left, in their order.
std::vector<float> columns_of(const LstRow& row, const Numbers& numbers) {
  std::vector<float> labels;
  for (const auto& [id, number] : numbers) {
    const auto column = static_cast<std::size_t>(id);
    labels.push_back(column < row.labels.size() ? row.labels[column] : 0);
  }
  return labels;
}

/// The labels of a row of one class or of boxes, each class exchanged for its number.
std::vector<float> classes_closed(const LstRow& row, Form form, const Numbers& numbers) {
  std::vector<float> labels(row.labels.begin(), row.labels.end());
  const bool boxes = form == Form::Detection;
  std::size_t at = boxes ? static_cast<std::size_t>(labels[0]) : 0;
  const std::size_t step = boxes ? static_cast<std::size_t>(labels[1]) : labels.size();
  for (; at < labels.size(); at += step)
    labels[at] = static_cast<float>(numbers.at(static_cast<std::int64_t>(labels[at])));
  return labels;
}

/// How many classes `columns` of them become, whichever of them rows have: lists that are mapped
/// alike keep the same columns.
std::size_t columns_after(const ClassMapping& mapping, std::size_t columns) {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    const auto id = static_cast<std::int64_t>(i);
    bool stays = true;
    for (const MappingRule* rule : mapping.rules_of(id)) {
      most = std::max(most, rule->to.value_or(0));
      stays = rule->conditional;
      if (!stays) break;
    }
    if (stays) most = std::max(most, id);
  }
  return static_cast<std::size_t>(most) + 1;
}

/// A single column would be read as the class itself; and each row holds all of them.
void check_columns(std::size_t columns, const std::string& where) {
  constexpr std::size_t kMostColumns = 65536;
  if (columns >= 2 && columns <= kMostColumns) return;
  refuse(where, std::to_string(columns) + (columns == 1 ? " column" : " columns"),
         "2 to " + std::to_string(kMostColumns) + " columns, one for each class that is left",
         "Map to other classes.");
}

/// Applies a mapping to one row after another.
class Remapper {
 public:
  Remapper(std::string_view origin, const ClassMapping& mapping, Form form, RowStore& store)
      : origin_(origin), mapping_(mapping), form_(form), store_(store) {}

  void add(const LstRow& row) {
    if (form_ == Form::Detection)
      add_boxes(row);
    else if (form_ == Form::MultiLabel)
      add_columns(row);
    else
      add_class(row);
  }

  Remapped take() { return std::move(done_); }

 private:
  std::int64_t class_of(float label, const LstRow& row) const {
    const std::optional<std::int64_t> id = class_id(label);
    if (id) return *id;
    refuse(place_of(row, origin_), label_text(label), "a class, a whole number of at least 0",
           "Relabel the row first.");
  }

  std::optional<std::int64_t> become(std::int64_t id, const LstRow& row) {
    const MappingRule* rule = mapping_.rule(id, row, form_);
    const std::optional<std::int64_t> to = rule == nullptr ? std::optional(id) : rule->to;
    ++done_.counts[{id, to}];
    return to;
  }

  void add_class(const LstRow& row) {
    const std::int64_t id = class_of(row.labels[0], row);
    const std::optional<std::int64_t> to = become(id, row);
    if (!to) {
      ++done_.dropped_rows;
      return;
    }
    LstRow changed = row;
    if (*to != id) changed.labels = store_.keep(std::vector<float>{static_cast<float>(*to)});
    done_.rows.push_back(changed);
  }

  void add_columns(const LstRow& row) {
    if (columns_ == 0) {
      columns_ = columns_after(mapping_, row.labels.size());
      check_columns(columns_, std::string(origin_));
    }
    std::vector<float> labels(columns_);
    for (std::size_t i = 0; i < row.labels.size(); ++i) {
      if (!(row.labels[i] > 0)) continue;
      const std::optional<std::int64_t> to = become(static_cast<std::int64_t>(i), row);
      if (!to) continue;
      float& label = labels[static_cast<std::size_t>(*to)];
      label = std::max(label, row.labels[i]);
    }
    LstRow mapped = row;
    if (!std::equal(labels.begin(), labels.end(), row.labels.begin(), row.labels.end()))
      mapped.labels = store_.keep(labels);
    done_.rows.push_back(mapped);
  }

  void add_boxes(const LstRow& row) {
    const DetectionLabels boxes = DetectionLabels::parse(row.labels, place_of(row, origin_));
    std::vector<float> labels(boxes.header().begin(), boxes.header().end());
    bool changed = false, any = false;
    for (std::int64_t i = 0; i < boxes.objects(); ++i) {
      const std::span<const float> box = boxes.object(i);
      const std::int64_t id = class_of(box[0], row);
      const std::optional<std::int64_t> to = become(id, row);
      changed |= to != id;
      if (!to) continue;
      any = true;
      labels.insert(labels.end(), box.begin(), box.end());
      labels[labels.size() - box.size()] = static_cast<float>(*to);
    }
    if (!any) {
      ++done_.dropped_rows;
      return;
    }
    LstRow mapped = row;
    if (changed) mapped.labels = store_.keep(labels);
    done_.rows.push_back(mapped);
  }

  std::string_view origin_;
  const ClassMapping& mapping_;
  Form form_;
  RowStore& store_;
  std::size_t columns_ = 0;  ///< of mapped multi-label rows
  Remapped done_;
};

}  // namespace

ClassMapping ClassMapping::parse(std::string_view text, std::string_view origin) {
  ClassMapping mapping;
  std::set<std::int64_t> taken;  // by rules without a condition
  bool all_taken = false;
  std::int64_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty() || trim(line).front() == '#') continue;
    const std::string where = std::string(origin) + ", line " + std::to_string(number);
    if (mapping.rules_.size() == kMaxRules)
      refuse(where, "one more rule", "at most " + std::to_string(kMaxRules), {});
    MappingRule rule = parse_rule(line, where);
    rule.line = number;
    const bool dead = all_taken || (!rule.from.empty() &&
                                    std::all_of(rule.from.begin(), rule.from.end(),
                                                [&](auto id) { return taken.count(id) > 0; }));
    if (dead) {
      refuse(where, trim(line), "classes that no earlier rule takes",
             "A row takes the first rule that fits: put rules with `where` first.");
    }
    if (!rule.conditional) {
      all_taken |= rule.from.empty();
      taken.insert(rule.from.begin(), rule.from.end());
    }
    mapping.add(std::move(rule));
  }
  if (mapping.rules_.empty())
    refuse(std::string(origin), "no rules", "old -> new on each line", {});
  return mapping;
}

void ClassMapping::add(MappingRule rule) {
  const std::size_t place = rules_.size();
  if (rule.from.empty()) of_every_class_.push_back(place);
  for (const std::int64_t id : std::set(rule.from.begin(), rule.from.end()))
    of_class_[id].push_back(place);
  rules_.push_back(std::move(rule));
}

std::vector<const MappingRule*> ClassMapping::rules_of(std::int64_t id) const {
  const auto named = of_class_.find(id);
  std::vector<std::size_t> places = of_every_class_;
  if (named != of_class_.end()) {
    places.insert(places.end(), named->second.begin(), named->second.end());
    std::inplace_merge(places.begin(),
                       places.end() - static_cast<std::ptrdiff_t>(named->second.size()),
                       places.end());
  }
  std::vector<const MappingRule*> rules;
  for (const std::size_t place : places) rules.push_back(&rules_[place]);
  return rules;
}

const MappingRule* ClassMapping::rule(std::int64_t id, const LstRow& row, Form form) const {
  for (const MappingRule* rule : rules_of(id)) {
    if (rule->where.matches(row, form)) return rule;
  }
  return nullptr;
}

Remapped remap(std::span<const LstRow> rows, std::string_view origin, const ClassMapping& mapping,
               RowStore& store) {
  const Form form = form_of(rows);
  if (form == Form::Uneven) {
    require_classes(form, origin, "Find the rows that differ with millrace lst check.");
  }
  for (const MappingRule& rule : mapping.rules()) rule.where.check(form, origin);
  Remapper remapper(origin, mapping, form, store);
  for (const LstRow& row : rows) remapper.add(row);
  return remapper.take();
}

std::map<std::int64_t, std::int64_t> close_gaps(std::vector<std::vector<LstRow>>& lists,
                                                RowStore& store) {
  std::map<std::int64_t, std::int64_t> numbers;
  std::vector<std::int64_t> classes;
  bool columns = false;
  for (const std::vector<LstRow>& rows : lists) {
    const Form form = form_of(rows);
    columns |= form == Form::MultiLabel;
    for (const LstRow& row : rows) {
      classes_of(row, form, classes);
      for (const std::int64_t id : classes) numbers.emplace(id, 0);
    }
  }
  std::int64_t next = 0;
  for (auto& [id, number] : numbers) number = next++;
  if (columns) check_columns(numbers.size(), "closing gaps");

  for (std::vector<LstRow>& rows : lists) {
    const Form form = form_of(rows);
    for (LstRow& row : rows) {
      std::vector<float> labels =
          form == Form::MultiLabel ? columns_of(row, numbers) : classes_closed(row, form, numbers);
      if (!std::equal(labels.begin(), labels.end(), row.labels.begin(), row.labels.end()))
        row.labels = store.keep(labels);
    }
  }
  return numbers;
}

}  // namespace millrace::lists
