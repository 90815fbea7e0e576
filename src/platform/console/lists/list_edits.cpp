#include "platform/console/lists/list_edits.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/class_mapping.h"
#include "core/lists/edit.h"
#include "core/lists/query.h"

namespace millrace::console {
namespace {

constexpr const char* kOrigin = "edit";
constexpr std::size_t kMaxLabels = 100'000;

const Json& array_of(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_array())
    refuse(std::string(kOrigin) + ": " + member, {}, "a list");
  return *found;
}

std::string text_in(const Json& json, const char* member) {
  if (!json.is_string()) refuse(std::string(kOrigin) + ": " + member, to_text(json), "a text");
  return json.get<std::string>();
}

std::vector<float> labels_in(const Json& object, const char* member) {
  std::vector<float> labels;
  const Json& list = array_of(object, member);
  if (list.empty() || list.size() > kMaxLabels)
    refuse(std::string(kOrigin) + ": " + member, std::to_string(list.size()) + " labels",
           "at least one");
  for (const Json& label : list) {
    if (!label.is_number()) refuse(std::string(kOrigin) + ": " + member, to_text(label), "numbers");
    labels.push_back(label.get<float>());
  }
  return labels;
}

}  // namespace

EditedList::EditedList(std::shared_ptr<const ListContent> base)
    : base_(std::move(base)), rows_(base_->list.rows().begin(), base_->list.rows().end()) {}

std::int64_t EditedList::apply(const Json& edit) {
  if (!edit.is_object()) refuse(kOrigin, to_text(edit), "an object");
  const std::string what = require_string(edit, "Do", kOrigin);
  if (what == "relabel") return relabel(edit);
  if (what == "remove") return remove(edit);
  if (what == "add") return add(edit);
  if (what == "remap") return remap(edit);
  refuse(std::string(kOrigin) + ": Do", what, "relabel, remove, add or remap");
}

/// Places of the rows that an edit is about.
std::vector<std::size_t> EditedList::meant(const Json& edit) const {
  std::vector<std::size_t> places;
  if (edit.contains("Where")) {
    const auto query = lists::Query::parse(text_in(edit["Where"], "Where"), "Where");
    query.check(base_->form, base_->list.origin());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (query.matches(rows_[i], base_->form)) places.push_back(i);
    }
    return places;
  }
  std::unordered_set<std::string> paths;
  for (const Json& path : array_of(edit, "Paths")) paths.insert(text_in(path, "Paths"));
  std::unordered_set<std::string> missing = paths;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string path(rows_[i].path);
    if (!paths.contains(path)) continue;
    places.push_back(i);
    missing.erase(path);
  }
  if (!missing.empty()) refuse("edit: Paths", *missing.begin(), "paths that the list has");
  return places;
}

std::int64_t EditedList::relabel(const Json& edit) {
  const std::vector<float> labels = labels_in(edit, "Labels");
  if (!rows_.empty())
    lists::check_labels_fit(labels, base_->form, lists::label_columns(rows_), "edit: Labels");
  const std::vector<std::size_t> places = meant(edit);
  const std::span<const float> kept = store_.keep(labels);
  for (const std::size_t place : places) rows_[place].labels = kept;
  return static_cast<std::int64_t>(places.size());
}

std::int64_t EditedList::remove(const Json& edit) {
  const std::vector<std::size_t> places = meant(edit);
  std::size_t next = 0;
  std::size_t at = 0;
  std::erase_if(rows_, [&](const LstRow&) {
    const bool meant = next < places.size() && places[next] == at++;
    if (meant) ++next;
    return meant;
  });
  return static_cast<std::int64_t>(places.size());
}

std::int64_t EditedList::add(const Json& edit) {
  const Json& given = array_of(edit, "Rows");
  std::unordered_set<std::string_view> known;
  for (const LstRow& row : rows_) known.insert(row.path);
  const std::size_t width = lists::label_columns(rows_);
  // Not one of a row that was removed: it would look like that row with another picture.
  std::uint64_t index = std::max(lists::next_index(base_->list.rows()), lists::next_index(rows_));
  std::vector<LstRow> added;
  for (const Json& row : given) {
    const std::string path = require_string(row, "path", kOrigin);
    const std::vector<float> labels = labels_in(row, "labels");
    if (!rows_.empty())
      lists::check_labels_fit(labels, base_->form, width, "edit: row '" + path + "'");
    const std::string_view kept = store_.keep(path);
    if (!known.insert(kept).second)
      refuse("edit: Rows", path, "pictures that the list does not have yet");
    LstRow made{.index = index++, .labels = store_.keep(labels), .path = kept};
    list_text({&made, 1});  // throws for what could not be read back
    added.push_back(made);
  }
  rows_.insert(rows_.end(), added.begin(), added.end());
  return static_cast<std::int64_t>(added.size());
}

std::int64_t EditedList::remap(const Json& edit) {
  const std::string text = require_string(edit, "Mapping", kOrigin);
  const auto mapping = lists::ClassMapping::parse(store_.keep(text), "Mapping");
  lists::Remapped remapped = lists::remap(rows_, base_->list.origin(), mapping, store_);
  std::int64_t changed = remapped.dropped_rows;
  for (const auto& [pair, count] : remapped.counts) {
    if (pair.second && *pair.second != pair.first) changed += count;
  }
  rows_ = std::move(remapped.rows);
  return changed;
}

std::string EditedList::text() const {
  return list_text(rows_);
}

std::string list_text(std::span<const LstRow> rows) {
  StringSink sink;
  LstWriter writer(sink);
  for (const LstRow& row : rows) writer.write_row(row);
  return sink.text();
}

}  // namespace millrace::console
