#include "core/lists/merge.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/lists/pairing.h"

namespace millrace::lists {
namespace {

bool same_labels(const LstRow& a, const LstRow& b) {
  return std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end());
}

/// But for its number, which no one means to keep when a picture is gone.
bool same_content(const LstRow& a, const LstRow& b) {
  return a.path == b.path && same_labels(a, b);
}

/// The three-way choice of one column: theirs when only they changed it.
enum class Choice { Ours, Theirs, Conflict };
Choice choose(bool ours_changed, bool theirs_changed, bool alike) {
  if (!theirs_changed || alike) return Choice::Ours;
  return ours_changed ? Choice::Conflict : Choice::Theirs;
}

/// How often a list has each path, and where first.
class Paths {
 public:
  explicit Paths(std::span<const LstRow> rows) {
    for (const LstRow& row : rows) {
      Entry& entry = entries_[row.path];
      if (entry.times++ == 0) entry.first = &row;
    }
  }
  [[nodiscard]] std::int64_t times(std::string_view path) const { return find(path).times; }
  /// Null where there is none.
  [[nodiscard]] const LstRow* first(std::string_view path) const { return find(path).first; }

 private:
  struct Entry {
    std::int64_t times = 0;
    const LstRow* first = nullptr;
  };
  [[nodiscard]] Entry find(std::string_view path) const {
    const auto found = entries_.find(path);
    return found == entries_.end() ? Entry() : found->second;
  }

  std::unordered_map<std::string_view, Entry> entries_;
};

class Merger {
 public:
  Merger(std::span<const LstRow> base, std::span<const LstRow> ours, std::span<const LstRow> theirs,
         Prefer prefer)
      : base_(base),
        ours_(ours),
        theirs_(theirs),
        prefer_(prefer),
        to_ours_(pair_rows(base, ours)),
        to_theirs_(pair_rows(base, theirs)) {}

  Merge run() {
    for (std::size_t i = 0; i < theirs_.size(); ++i) {
      if (to_theirs_.before_of[i] == kNoRow) added_by_them_.emplace(theirs_[i].path, i);
    }
    for (std::size_t i = 0; i < ours_.size(); ++i) {
      const std::uint32_t place = to_ours_.before_of[i];
      if (place == kNoRow)
        add_ours(ours_[i]);
      else
        keep_ours(base_[place], ours_[i], to_theirs_.after_of[place]);
    }
    for (std::size_t i = 0; i < base_.size(); ++i) {
      if (to_ours_.after_of[i] == kNoRow) we_removed(base_[i], to_theirs_.after_of[i]);
    }
    settle_indices();
    add_theirs();
    return std::move(merge_);
  }

 private:
  void conflict(Conflict::Kind kind, const LstRow* base, const LstRow* ours, const LstRow* theirs) {
    merge_.conflicts.push_back({.kind = kind, .base = base, .ours = ours, .theirs = theirs});
  }

  void add_ours(const LstRow& row) {
    const auto also = added_by_them_.find(row.path);
    LstRow kept = row;
    if (also != added_by_them_.end()) {
      const LstRow& their = theirs_[also->second];
      settled_.insert(also->second);
      if (!same_labels(row, their)) {
        conflict(Conflict::Kind::Added, nullptr, &row, &their);
        if (prefer_ == Prefer::Theirs) kept.labels = their.labels;
      }
    }
    merge_.rows.push_back(kept);
  }

  void keep_ours(const LstRow& base, const LstRow& our, std::uint32_t their_place) {
    if (their_place == kNoRow) {
      if (same_content(base, our)) {
        ++merge_.taken_from_theirs;
        return;
      }
      conflict(Conflict::Kind::Removed, &base, &our, nullptr);
      if (prefer_ != Prefer::Theirs) merge_.rows.push_back(our);
      return;
    }
    const LstRow& their = theirs_[their_place];
    LstRow row = our;
    bool taken = false;
    const auto take = [&](Choice choice, Conflict::Kind kind, auto member) {
      if (choice == Choice::Conflict) conflict(kind, &base, &our, &their);
      if (choice == Choice::Ours || (choice == Choice::Conflict && prefer_ != Prefer::Theirs))
        return;
      row.*member = their.*member;
      taken = true;
    };
    take(choose(!same_labels(base, our), !same_labels(base, their), same_labels(our, their)),
         Conflict::Kind::Labels, &LstRow::labels);
    take(choose(base.path != our.path, base.path != their.path, our.path == their.path),
         Conflict::Kind::Path, &LstRow::path);
    if (base.index == our.index && base.index != their.index) {
      row.index = their.index;
      with_their_index_.push_back(merge_.rows.size());
      taken = true;
    }
    // As they wrote it, where it says all that they say.
    if (taken && same_content(row, their) && row.index == their.index) row = their;
    merge_.taken_from_theirs += taken;
    merge_.rows.push_back(row);
  }

  void we_removed(const LstRow& base, std::uint32_t their_place) {
    if (their_place == kNoRow || same_content(base, theirs_[their_place])) return;
    conflict(Conflict::Kind::Removed, &base, nullptr, &theirs_[their_place]);
    if (prefer_ != Prefer::Theirs) return;
    with_their_index_.push_back(merge_.rows.size());
    merge_.rows.push_back(theirs_[their_place]);
  }

  /// Their index of a row may be what one of ours has; ours keep theirs.
  void settle_indices() {
    std::vector<bool> theirs(merge_.rows.size());
    for (const std::size_t place : with_their_index_) theirs[place] = true;
    for (std::size_t i = 0; i < merge_.rows.size(); ++i) {
      if (theirs[i]) continue;
      indices_.insert(merge_.rows[i].index);
      next_index_ = std::max(next_index_, merge_.rows[i].index + 1);
    }
    for (const std::size_t place : with_their_index_) keep_or_renumber(merge_.rows[place]);
  }

  void keep_or_renumber(LstRow& row) {
    if (!indices_.insert(row.index).second) {
      row.index = next_index_;
      indices_.insert(row.index);
      ++merge_.renumbered;
    }
    next_index_ = std::max(next_index_, row.index + 1);
  }

  void add_theirs() {
    const Paths base_paths(base_), our_paths(ours_), their_paths(theirs_);
    std::unordered_map<std::string_view, std::int64_t> paths;
    for (const LstRow& row : merge_.rows) {
      if (++paths[row.path] == 2) check_doubled(row.path, our_paths, their_paths);
    }
    std::vector<LstRow> added;
    for (std::size_t i = 0; i < theirs_.size(); ++i) {
      if (to_theirs_.before_of[i] != kNoRow || settled_.count(i) > 0) continue;
      LstRow row = theirs_[i];
      if (paths.count(row.path) > 0 && base_paths.times(row.path) == 0) {
        conflict(Conflict::Kind::Taken, nullptr, our_paths.first(row.path), &theirs_[i]);
        continue;
      }
      keep_or_renumber(row);
      added.push_back(row);
    }
    merge_.taken_from_theirs += static_cast<std::int64_t>(added.size());
    merge_.rows.insert(merge_.rows.end(), added.begin(), added.end());
  }

  /// A path twice in the result, though neither has it twice: one gave the name to a row of the
  /// base, the other to another.
  void check_doubled(std::string_view path, const Paths& ours, const Paths& theirs) {
    if (ours.times(path) > 1 || theirs.times(path) > 1) return;
    conflict(Conflict::Kind::Taken, nullptr, ours.first(path), theirs.first(path));
  }

  std::span<const LstRow> base_;
  std::span<const LstRow> ours_;
  std::span<const LstRow> theirs_;
  Prefer prefer_;
  Pairing to_ours_;
  Pairing to_theirs_;
  std::unordered_map<std::string_view, std::size_t> added_by_them_;
  std::unordered_set<std::size_t> settled_;    ///< of these
  std::vector<std::size_t> with_their_index_;  ///< rows of the result, by place
  std::unordered_set<std::uint64_t> indices_;  ///< in use
  std::uint64_t next_index_ = 0;
  Merge merge_;
};

}  // namespace

std::string_view name_of(Conflict::Kind kind) {
  switch (kind) {
    case Conflict::Kind::Labels:
      return "labels";
    case Conflict::Kind::Path:
      return "path";
    case Conflict::Kind::Removed:
      return "removed";
    case Conflict::Kind::Added:
      return "added";
    case Conflict::Kind::Taken:
      break;
  }
  return "taken";
}

bool Merge::settled(Prefer prefer) const {
  return std::all_of(conflicts.begin(), conflicts.end(), [&](const Conflict& conflict) {
    return prefer != Prefer::Nobody && conflict.kind != Conflict::Kind::Taken;
  });
}

Merge merge(std::span<const LstRow> base, std::span<const LstRow> ours,
            std::span<const LstRow> theirs, Prefer prefer) {
  return Merger(base, ours, theirs, prefer).run();
}

}  // namespace millrace::lists
