#include "core/lists/relabel.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/base/refuse.h"
#include "core/lists/edit.h"

namespace millrace::lists {
namespace {

using RowsByPath = std::unordered_map<std::string_view, const LstRow*>;

RowsByPath rows_by_path(const List& list) {
  RowsByPath rows;
  for (const LstRow& row : list.rows()) {
    if (!rows.emplace(row.path, &row).second) {
      refuse(place_of(row, list.origin()), std::string(row.path),
             "each picture once, since its row says what label it gets", {});
    }
  }
  return rows;
}

}  // namespace

Relabeller::Relabeller(const List& list)
    : rows_(list.rows().begin(), list.rows().end()),
      form_(form_of(list.rows())),
      width_(label_columns(list.rows())),
      origin_(list.origin()) {}

void Relabeller::choose(const std::vector<std::string>& paths, const Query& where) {
  where.check(form_, origin_);
  chosen_.clear();
  const std::unordered_set<std::string_view> named(paths.begin(), paths.end());
  std::unordered_set<std::string_view> missing = named;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    missing.erase(rows_[i].path);
    if ((paths.empty() || named.count(rows_[i].path) > 0) && where.matches(rows_[i], form_))
      chosen_.push_back(i);
  }
  if (!missing.empty())
    refuse("path", std::string(*missing.begin()), "a path that " + origin_ + " has", {});
}

void Relabeller::give(std::span<const float> labels) {
  refuse_boxes();
  check_labels_fit(labels, form_, width_, origin_);
  const std::span<const float> kept = store_.keep(labels);
  for (const std::size_t i : chosen_) set(i, kept);
}

void Relabeller::give_columns(std::span<const ColumnChange> changes) {
  refuse_boxes();
  for (const std::size_t i : chosen_) {
    std::vector<float> labels(rows_[i].labels.begin(), rows_[i].labels.end());
    for (const ColumnChange& change : changes) {
      if (change.column >= labels.size()) {
        refuse(place_of(rows_[i], origin_), "label[" + std::to_string(change.column) + "]",
               "a label column below " + std::to_string(labels.size()), {});
      }
      labels[change.column] = change.label;
    }
    set(i, store_.keep(labels));
  }
}

void Relabeller::follow(const List& other) {
  const RowsByPath others = rows_by_path(other);
  for (const std::size_t i : chosen_) {
    const auto found = others.find(rows_[i].path);
    if (found == others.end()) continue;
    const LstRow& row = *found->second;
    check_labels_fit(row.labels, form_, width_, place_of(row, other.origin()) + ", for " + origin_);
    set(i, row.labels);
  }
}

void Relabeller::refuse_boxes() const {
  if (form_ != Form::Detection) return;
  refuse(origin_, "boxes", "one label a row, or a column a class",
         "Exchange classes of boxes with millrace lst remap, or give rows the labels of another "
         "list with --like.");
}

void Relabeller::set(std::size_t i, std::span<const float> labels) {
  LstRow& row = rows_[i];
  if (std::equal(labels.begin(), labels.end(), row.labels.begin(), row.labels.end())) return;
  row.labels = labels;
  ++changed_;
}

}  // namespace millrace::lists
