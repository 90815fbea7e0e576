#include "platform/console/lists/list_edits.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
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
    if (!std::isfinite(labels.back())) {
      refuse(std::string(kOrigin) + ": " + member, to_text(label),
             "numbers that a float32 can be near to");
    }
  }
  return labels;
}

std::uint32_t hash_of(std::string_view path) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>{}(path));
}

}  // namespace

EditedList::EditedList(std::shared_ptr<const ListContent> base, EditLimits limits)
    : base_(std::move(base)), limits_(limits) {
  rows_.all.assign(base_->list.rows().begin(), base_->list.rows().end());
  rows_.gone.assign(rows_.all.size(), false);
  rows_.left = rows_.all.size();
  rows_.next_index = lists::next_index(rows_.all);
}

std::int64_t EditedList::apply(const Json& edit) {
  if (!edit.is_object()) refuse(kOrigin, to_text(edit), "an object");
  const std::string what = require_string(edit, "Do", kOrigin);
  Undo undo{.labels = {},
            .removed = {},
            .added = 0,
            .next_index = rows_.next_index,
            .before = {},
            .searched = 0,
            .bytes = sizeof(Undo)};
  std::int64_t concerned = 0;
  if (what == "relabel") {
    concerned = relabel(edit, undo);
  } else if (what == "remove") {
    concerned = remove(edit, undo);
  } else if (what == "add") {
    concerned = add(edit, undo);
  } else if (what == "remap") {
    concerned = remap(edit, undo);
  } else {
    refuse(std::string(kOrigin) + ": Do", what, "relabel, remove, add or remap");
  }
  changed();
  searched_ += undo.searched;
  remember(std::move(undo));
  return concerned;
}

void EditedList::changed() {
  shown_is_old_ = true;
  ++revision_;
}

void EditedList::remember(Undo undo) {
  undo.bytes += undo.labels.size() * sizeof undo.labels[0] +
                undo.removed.size() * sizeof undo.removed[0] +
                (undo.before ? undo.before->all.size() * sizeof(LstRow) : 0);
  undo_bytes_ += undo.bytes;
  undo_.push_back(std::move(undo));
  while (undo_bytes_ > limits_.undo_bytes && !undo_.empty()) {
    undo_bytes_ -= undo_.front().bytes;
    undo_.pop_front();
  }
}

bool EditedList::undo() {
  if (undo_.empty()) return false;
  Undo undo = std::move(undo_.back());
  undo_.pop_back();
  undo_bytes_ -= undo.bytes;
  searched_ -= undo.searched;
  changed();
  if (undo.before) {
    rows_ = std::move(*undo.before);
    indexed_ = false;
    return true;
  }
  for (const auto& [place, labels] : undo.labels) rows_.all[place].labels = labels;
  for (const std::size_t place : undo.removed) rows_.gone[place] = false;
  rows_.left += undo.removed.size();
  for (; undo.added > 0; --undo.added) {
    const auto [begin, end] = added_.equal_range(rows_.all.back().path);
    const auto found = std::find_if(
        begin, end, [&](const auto& one) { return one.second + 1 == rows_.all.size(); });
    if (found != end) {
      added_.erase(found);
    } else {
      indexed_ = false;
    }
    rows_.all.pop_back();
    rows_.gone.pop_back();
    --rows_.left;
  }
  rows_.next_index = undo.next_index;
  return true;
}

std::span<const LstRow> EditedList::rows() {
  if (rows_.left == rows_.all.size()) return rows_.all;
  if (shown_is_old_) {
    shown_.clear();
    shown_.reserve(rows_.left);
    for (std::size_t i = 0; i < rows_.all.size(); ++i) {
      if (!rows_.gone[i]) shown_.push_back(rows_.all[i]);
    }
    shown_is_old_ = false;
  }
  return shown_;
}

std::size_t EditedList::bytes() const {
  return (rows_.all.capacity() + shown_.capacity()) * sizeof(LstRow) +
         by_hash_.capacity() * sizeof by_hash_[0] + undo_bytes_ + stored_bytes_;
}

void EditedList::index_paths() {
  if (indexed_) return;
  by_hash_.clear();
  added_.clear();
  by_hash_.reserve(rows_.all.size());
  for (std::size_t i = 0; i < rows_.all.size(); ++i)
    by_hash_.emplace_back(hash_of(rows_.all[i].path), static_cast<std::uint32_t>(i));
  std::sort(by_hash_.begin(), by_hash_.end());
  indexed_ = true;
}

/// Where rows with this path are that are not gone, ascending.
std::vector<std::size_t> EditedList::places_of(std::string_view path) {
  index_paths();
  std::vector<std::size_t> places;
  const auto take = [&](std::size_t place) {
    if (!rows_.gone[place] && rows_.all[place].path == path) places.push_back(place);
  };
  const std::uint32_t hash = hash_of(path);
  for (auto at = std::lower_bound(by_hash_.begin(), by_hash_.end(), std::pair(hash, 0U));
       at != by_hash_.end() && at->first == hash; ++at)
    take(at->second);
  const auto [begin, end] = added_.equal_range(path);
  for (auto at = begin; at != end; ++at) take(at->second);
  std::sort(places.begin(), places.end());
  return places;
}

/// Counts a walk through all rows. Throws Error(Customer) where there have been too many.
void EditedList::search(Undo& undo) {
  undo.searched = static_cast<std::int64_t>(rows_.left);
  if (searched_ + undo.searched <= limits_.searched_rows) return;
  refuse("draft", std::to_string(searched_) + " rows searched by its edits",
         "together at most " + std::to_string(limits_.searched_rows), "Save it and go on.");
}

std::size_t EditedList::label_columns() const {
  for (std::size_t i = 0; i < rows_.all.size(); ++i) {
    if (!rows_.gone[i]) return rows_.all[i].labels.size();
  }
  return 0;
}

/// Places of the rows that an edit is about, ascending.
std::vector<std::size_t> EditedList::meant(const Json& edit, Undo& undo) {
  std::vector<std::size_t> places;
  if (edit.contains("Where")) {
    const auto query = lists::Query::parse(text_in(edit["Where"], "Where"), "Where");
    query.check(base_->form, base_->list.origin());
    search(undo);
    for (std::size_t i = 0; i < rows_.all.size(); ++i) {
      if (!rows_.gone[i] && query.matches(rows_.all[i], base_->form)) places.push_back(i);
    }
    return places;
  }
  std::unordered_set<std::string> seen;
  for (const Json& path : array_of(edit, "Paths")) {
    const std::string text = text_in(path, "Paths");
    // A path may be that of every row, and named as often.
    if (!seen.insert(text).second) continue;
    const std::vector<std::size_t> found = places_of(text);
    if (found.empty()) refuse("edit: Paths", text, "paths that the list has");
    places.insert(places.end(), found.begin(), found.end());
  }
  std::sort(places.begin(), places.end());
  return places;
}

std::int64_t EditedList::relabel(const Json& edit, Undo& undo) {
  const std::vector<float> labels = labels_in(edit, "Labels");
  if (rows_.left > 0) lists::check_labels_fit(labels, base_->form, label_columns(), "edit: Labels");
  const std::vector<std::size_t> places = meant(edit, undo);
  const std::span<const float> kept = store_.keep(labels);
  stored_bytes_ += kept.size_bytes();
  undo.labels.reserve(places.size());
  for (const std::size_t place : places) {
    undo.labels.emplace_back(place, rows_.all[place].labels);
    rows_.all[place].labels = kept;
  }
  return static_cast<std::int64_t>(places.size());
}

std::int64_t EditedList::remove(const Json& edit, Undo& undo) {
  undo.removed = meant(edit, undo);
  for (const std::size_t place : undo.removed) rows_.gone[place] = true;
  rows_.left -= undo.removed.size();
  return static_cast<std::int64_t>(undo.removed.size());
}

std::int64_t EditedList::add(const Json& edit, Undo& undo) {
  const Json& given = array_of(edit, "Rows");
  const std::size_t width = label_columns();
  std::unordered_set<std::string_view> names;
  // Not an index of a row that was removed: it would look like that row with another picture.
  std::uint64_t index = rows_.next_index;
  std::vector<LstRow> added;
  for (const Json& row : given) {
    const std::string path = require_string(row, "path", kOrigin);
    const std::vector<float> labels = labels_in(row, "labels");
    if (rows_.left > 0)
      lists::check_labels_fit(labels, base_->form, width, "edit: row '" + path + "'");
    const std::string_view kept = store_.keep(path);
    stored_bytes_ += path.size() + labels.size() * sizeof(float);
    if (!names.insert(kept).second || !places_of(kept).empty())
      refuse("edit: Rows", path, "pictures that the list does not have yet");
    LstRow made{.index = index++, .labels = store_.keep(labels), .path = kept};
    list_text({&made, 1});  // throws for what could not be read back
    added.push_back(made);
  }
  for (const LstRow& row : added) {
    if (indexed_) added_.emplace(row.path, rows_.all.size());
    rows_.all.push_back(row);
    rows_.gone.push_back(false);
  }
  rows_.left += added.size();
  rows_.next_index = index;
  undo.added = added.size();
  return static_cast<std::int64_t>(added.size());
}

std::int64_t EditedList::remap(const Json& edit, Undo& undo) {
  const std::string text = require_string(edit, "Mapping", kOrigin);
  search(undo);
  stored_bytes_ += text.size();
  const auto mapping = lists::ClassMapping::parse(store_.keep(text), "Mapping");
  lists::Remapped remapped = lists::remap(rows(), base_->list.origin(), mapping, store_);
  std::int64_t changed = remapped.dropped_rows;
  for (const auto& [pair, count] : remapped.counts) {
    if (pair.second && *pair.second != pair.first) changed += count;
  }
  const std::size_t left = remapped.rows.size();
  Rows mapped{.all = std::move(remapped.rows),
              .gone = std::vector<bool>(left, false),
              .left = left,
              .next_index = rows_.next_index};
  undo.before = std::make_unique<Rows>(std::exchange(rows_, std::move(mapped)));
  indexed_ = false;
  return changed;
}

std::string EditedList::text() {
  return list_text(rows());
}

std::string list_text(std::span<const LstRow> rows) {
  StringSink sink;
  LstWriter writer(sink);
  for (const LstRow& row : rows) writer.write_row(row);
  return sink.text();
}

}  // namespace millrace::console
