#include "core/lists/pairing.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <unordered_map>

#include "core/base/check.h"

namespace millrace::lists {
namespace {

/// Finds rows by their path. Open addressing over row numbers: a map of strings would cost an
/// allocation a row, which is most of what comparing two lists takes.
class PathTable {
 public:
  /// `rows` must outlive the table.
  PathTable(std::span<const LstRow> rows, std::uint32_t begin, std::uint32_t end)
      : rows_(rows),
        mask_(std::bit_ceil(std::size_t{2} * (end - begin) + 1) - 1),
        slots_(mask_ + 1, Slot{0, kNoRow}) {
    for (std::uint32_t i = begin; i < end; ++i) {
      const std::uint32_t hash = hash_of(rows[i].path);
      std::size_t at = hash & mask_;
      while (slots_[at].row != kNoRow) at = (at + 1) & mask_;
      slots_[at] = {hash, i};
    }
  }

  /// The first row with this path that was not taken yet, or kNoRow; takes it. Rows of one path
  /// come in their order, since they were put in it and linear probing keeps it.
  std::uint32_t take(std::string_view path) {
    const std::uint32_t hash = hash_of(path);
    for (std::size_t at = hash & mask_; slots_[at].row != kNoRow; at = (at + 1) & mask_) {
      Slot& slot = slots_[at];
      if (slot.row == kTaken || slot.hash != hash || rows_[slot.row].path != path) continue;
      const std::uint32_t row = slot.row;
      slot.row = kTaken;
      return row;
    }
    return kNoRow;
  }

 private:
  struct Slot {
    std::uint32_t hash;  ///< saves looking at paths that differ
    std::uint32_t row;
  };
  static constexpr std::uint32_t kTaken = kNoRow - 1;

  static std::uint32_t hash_of(std::string_view path) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(path));
  }

  std::span<const LstRow> rows_;
  std::size_t mask_;
  std::vector<Slot> slots_;
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
    const std::vector<std::uint32_t> gone = unpaired(pairing_.after_of);
    const std::vector<std::uint32_t> come = unpaired(pairing_.before_of);
    if (!gone.empty() && !come.empty()) {
      by_index(gone, come, true);
      by_name(gone, come);
      by_index(gone, come, false);
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
    PathTable table(after_, begin, after_end);
    for (std::uint32_t i = begin; i < before_end; ++i) {
      const std::uint32_t found = table.take(before_[i].path);
      if (found != kNoRow) pair(i, found);
    }
  }

  static std::vector<std::uint32_t> unpaired(const std::vector<std::uint32_t>& other) {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < other.size(); ++i) {
      if (other[i] == kNoRow) rows.push_back(i);
    }
    return rows;
  }

  void by_index(const std::vector<std::uint32_t>& gone, const std::vector<std::uint32_t>& come,
                bool same_name) {
    std::unordered_map<std::uint64_t, std::uint32_t> rows;
    for (const std::uint32_t i : come) {
      if (pairing_.before_of[i] == kNoRow) rows.emplace(after_[i].index, i);
    }
    for (const std::uint32_t i : gone) {
      if (pairing_.after_of[i] != kNoRow) continue;
      const auto found = rows.find(before_[i].index);
      if (found == rows.end() || pairing_.before_of[found->second] != kNoRow) continue;
      if (same_name && file_name(before_[i]) != file_name(after_[found->second])) continue;
      pair(i, found->second);
    }
  }

  /// Counted in the whole lists: image_0001.jpg of one class is not image_0001.jpg of another.
  void by_name(const std::vector<std::uint32_t>& gone, const std::vector<std::uint32_t>& come) {
    struct Name {
      std::uint32_t before = 0, after = 0;  ///< how often
      std::uint32_t row = kNoRow;           ///< after
    };
    std::unordered_map<std::string_view, Name> names;
    for (const std::uint32_t i : come) {
      if (pairing_.before_of[i] == kNoRow) names[file_name(after_[i])].row = i;
    }
    for (const LstRow& row : before_) {
      if (const auto name = names.find(file_name(row)); name != names.end()) ++name->second.before;
    }
    for (const LstRow& row : after_) {
      if (const auto name = names.find(file_name(row)); name != names.end()) ++name->second.after;
    }
    for (const std::uint32_t i : gone) {
      if (pairing_.after_of[i] != kNoRow) continue;
      const auto name = names.find(file_name(before_[i]));
      if (name != names.end() && name->second.before == 1 && name->second.after == 1)
        pair(i, name->second.row);
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
