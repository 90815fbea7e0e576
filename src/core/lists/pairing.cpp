#include "core/lists/pairing.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <unordered_map>

#include "core/base/check.h"

namespace millrace::lists {
namespace {

using Rows = std::vector<std::uint32_t>;  ///< places of rows in their list

/// Finds rows by a text of theirs, such as the path. Open addressing over row numbers: a map of
/// strings would cost an allocation a row, which is most of what comparing two lists takes.
class TextTable {
 public:
  using Text = std::string_view (*)(const LstRow& row);

  /// Of the rows at `places`, ascending; `rows` must outlive the table.
  TextTable(std::span<const LstRow> rows, const Rows& places, Text text)
      : rows_(rows),
        text_(text),
        mask_(std::bit_ceil(2 * places.size() + 1) - 1),
        slots_(mask_ + 1, Slot{0, kNoRow, kNoRow}),
        next_(rows.size(), kNoRow) {
    // From the last to the first, so that each goes before those of the same text.
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
      Slot& slot = find(text(rows[*place]));
      if (slot.some == kNoRow) slot = {hash_of(text(rows[*place])), *place, kNoRow};
      next_[*place] = slot.untaken;
      slot.untaken = *place;
    }
  }

  /// The first row with this text that was not taken yet, or kNoRow; takes it.
  std::uint32_t take(std::string_view text) {
    Slot& slot = find(text);
    const std::uint32_t row = slot.untaken;
    if (row != kNoRow) slot.untaken = next_[row];
    return row;
  }

 private:
  struct Slot {
    std::uint32_t hash;     ///< saves looking at texts that differ
    std::uint32_t some;     ///< a row with the text; kNoRow in an empty slot
    std::uint32_t untaken;  ///< the first of those left, the others behind it in next_
  };

  /// The slot of a text, or the empty one that it would get.
  Slot& find(std::string_view text) {
    const std::uint32_t hash = hash_of(text);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      Slot& slot = slots_[at];
      if (slot.some == kNoRow || (slot.hash == hash && text_(rows_[slot.some]) == text))
        return slot;
    }
  }

  static std::uint32_t hash_of(std::string_view text) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(text));
  }

  std::span<const LstRow> rows_;
  Text text_;
  std::size_t mask_;
  std::vector<Slot> slots_;
  Rows next_;  ///< for each row the next one of its text
};

class Pairer {
 public:
  Pairer(std::span<const LstRow> before, std::span<const LstRow> after)
      : before_(before), after_(after) {
    MILLRACE_CHECK(before.size() < kNoRow - 1 && after.size() < kNoRow - 1);
    pairing_.after_of.assign(before.size(), kNoRow);
    pairing_.before_of.assign(after.size(), kNoRow);
  }

  Pairing run() {
    by_path();
    const Rows gone = unpaired(pairing_.after_of);
    const Rows come = unpaired(pairing_.before_of);
    if (!gone.empty() && !come.empty()) {
      by_index(gone, come,
               [](const LstRow& a, const LstRow& b) { return file_name(a) == file_name(b); });
      by_name(gone, come);
      by_index(gone, come, [](const LstRow&, const LstRow&) { return true; });
    }
    return std::move(pairing_);
  }

 private:
  void pair(std::uint32_t before, std::uint32_t after) {
    pairing_.after_of[before] = after;
    pairing_.before_of[after] = before;
  }

  void by_path() {
    // Versions of a list mostly begin and end alike.
    std::uint32_t begin = 0;
    auto before_end = static_cast<std::uint32_t>(before_.size());
    auto after_end = static_cast<std::uint32_t>(after_.size());
    while (begin < before_end && begin < after_end && before_[begin].path == after_[begin].path) {
      pair(begin, begin);
      ++begin;
    }
    while (before_end > begin && after_end > begin &&
           before_[before_end - 1].path == after_[after_end - 1].path)
      pair(--before_end, --after_end);
    if (begin == before_end || begin == after_end) return;
    Rows places(after_end - begin);
    std::iota(places.begin(), places.end(), begin);
    TextTable table(after_, places, [](const LstRow& row) { return row.path; });
    for (std::uint32_t i = begin; i < before_end; ++i) {
      const std::uint32_t found = table.take(before_[i].path);
      if (found != kNoRow) pair(i, found);
    }
  }

  static Rows unpaired(const Rows& other) {
    Rows rows;
    for (std::uint32_t i = 0; i < other.size(); ++i) {
      if (other[i] == kNoRow) rows.push_back(i);
    }
    return rows;
  }

  template <class Fits>
  void by_index(const Rows& gone, const Rows& come, const Fits& fits) {
    std::unordered_map<std::uint64_t, std::uint32_t> rows;
    rows.reserve(come.size());
    for (const std::uint32_t i : come) {
      if (pairing_.before_of[i] == kNoRow) rows.emplace(after_[i].index, i);
    }
    for (const std::uint32_t i : gone) {
      if (pairing_.after_of[i] != kNoRow) continue;
      const auto found = rows.find(before_[i].index);
      if (found == rows.end() || pairing_.before_of[found->second] != kNoRow) continue;
      if (fits(before_[i], after_[found->second])) pair(i, found->second);
    }
  }

  /// Rows left over on both sides that have the same file name. They are few, so that names are
  /// counted in the whole lists only for them: image_0001.jpg of one class is not image_0001.jpg of
  /// another.
  void by_name(const Rows& gone, const Rows& come) {
    struct Name {
      std::uint32_t before = kNoRow, after = kNoRow;
      std::uint32_t times_before = 0, times_after = 0;
    };
    std::unordered_map<std::string_view, Name> names;
    TextTable table(after_, come, &file_name);
    for (const std::uint32_t i : gone) {
      if (pairing_.after_of[i] != kNoRow) continue;
      const std::uint32_t found = table.take(file_name(before_[i]));
      if (found != kNoRow && pairing_.before_of[found] == kNoRow)
        names[file_name(before_[i])] = {.before = i, .after = found};
    }
    if (names.empty()) return;
    for (const LstRow& row : before_) {
      if (const auto name = names.find(file_name(row)); name != names.end())
        ++name->second.times_before;
    }
    for (const LstRow& row : after_) {
      if (const auto name = names.find(file_name(row)); name != names.end())
        ++name->second.times_after;
    }
    for (const auto& [text, name] : names) {
      if (name.times_before == 1 && name.times_after == 1) pair(name.before, name.after);
    }
  }

  std::span<const LstRow> before_;
  std::span<const LstRow> after_;
  Pairing pairing_;
};

}  // namespace

std::string_view file_name(const LstRow& row) {
  const std::size_t slash = row.path.rfind('/');
  return slash == std::string_view::npos ? row.path : row.path.substr(slash + 1);
}

Pairing pair_rows(std::span<const LstRow> before, std::span<const LstRow> after) {
  return Pairer(before, after).run();
}

}  // namespace millrace::lists
