#include "core/lists/edit.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/lists/draw.h"
#include "core/lists/list.h"

namespace millrace::lists {

void check_labels_fit(std::span<const float> labels, Form form, std::size_t width,
                      std::string_view origin) {
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
  throw Error(Blame::Customer,
              Problem{.where = std::string(origin) + " (" + std::string(describe(form)) + ")",
                      .given = "labels " + labels_text(labels),
                      .expected = std::move(expected),
                      .fix = {}});
}

std::uint64_t next_index(std::span<const LstRow> rows) {
  std::uint64_t next = 0;
  for (const LstRow& row : rows) next = std::max(next, row.index + 1);
  return next;
}

void renumber(std::vector<LstRow>& rows, std::uint64_t first) {
  for (LstRow& row : rows) row.index = first++;
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
