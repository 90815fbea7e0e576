#include "core/lists/edit.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "core/base/refuse.h"
#include "core/lists/draw.h"
#include "core/lists/list.h"

namespace millrace::lists {

void check_labels_fit(std::span<const float> labels, Form form, std::size_t width,
                      std::string_view place) {
  const bool fits = form == Form::Empty || (form == Form::Detection && is_detection(labels)) ||
                    (form != Form::Detection && form != Form::Uneven && labels.size() == width);
  if (fits) return;
  std::string expected = std::to_string(width) + " labels, as its rows have";
  if (form == Form::Class) expected = "one label, as its rows have";
  if (form == Form::Detection) {
    expected =
        "header and boxes, as its rows have: header width, object width, then class, xmin, ymin, "
        "xmax, ymax of each box";
  }
  if (form == Form::Uneven) expected = "a list whose rows have the same number of labels";
  refuse(std::string(place) + " (" + std::string(describe(form)) + ")",
         "labels " + labels_text(labels), std::move(expected));
}

std::size_t label_columns(std::span<const LstRow> rows) {
  return rows.empty() ? 0 : rows.front().labels.size();
}

std::uint64_t next_index(std::span<const LstRow> rows) {
  std::uint64_t next = 0;
  for (const LstRow& row : rows) next = std::max(next, row.index + 1);
  return next;
}

void renumber(std::vector<LstRow>& rows, std::uint64_t first) {
  for (LstRow& row : rows) row.index = first++;
}

std::vector<std::size_t> replace_paths(std::vector<LstRow>& rows, const PathChange& change,
                                       std::string_view origin, RowStore& store) {
  std::unordered_set<std::string_view> kept;
  std::vector<std::size_t> meant;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool fits =
        change.prefix ? rows[i].path.starts_with(change.from) : rows[i].path == change.from;
    if (fits)
      meant.push_back(i);
    else
      kept.insert(rows[i].path);
  }
  if (meant.empty()) {
    refuse(std::string(origin), change.from,
           change.prefix ? "the beginning of a path it has" : "a path it has");
  }
  for (const std::size_t i : meant) {
    rows[i].path =
        store.keep(std::string(change.to).append(rows[i].path.substr(change.from.size())));
    if (kept.count(rows[i].path) > 0) {
      refuse(place_of(rows[i], origin), rows[i].path, "a picture that no other row has");
    }
  }
  return meant;
}

void sort_rows(std::vector<LstRow>& rows, SortKey key, bool descending, std::uint64_t seed) {
  if (key == SortKey::Random) {
    std::vector<LstRow> shuffled;
    shuffled.reserve(rows.size());
    for (const std::size_t i : Draw(seed).order(rows.size())) shuffled.push_back(rows[i]);
    rows = std::move(shuffled);
    return;
  }
  const auto before = [key](const LstRow& a, const LstRow& b) {
    if (key == SortKey::Index) return a.index < b.index;
    if (key == SortKey::Path) return a.path < b.path;
    return std::lexicographical_compare(a.labels.begin(), a.labels.end(), b.labels.begin(),
                                        b.labels.end());
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const LstRow& a, const LstRow& b) {
    return descending ? before(b, a) : before(a, b);
  });
}

}  // namespace millrace::lists
