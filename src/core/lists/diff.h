#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/data/lst.h"

namespace millrace::lists {

/// How a row differs between two lists. A row in both may have changed in several ways.
struct Change {
  const LstRow* before = nullptr;  ///< null: the row was added
  const LstRow* after = nullptr;   ///< null: the row was removed
  bool relabelled = false;         ///< other labels
  bool moved = false;              ///< the file of that name in another folder
  bool replaced = false;           ///< the row of that index has another picture
  bool renumbered = false;         ///< another index

  [[nodiscard]] bool added() const { return before == nullptr; }
  [[nodiscard]] bool removed() const { return after == nullptr; }
};

struct DiffCounts {
  std::int64_t added = 0;
  std::int64_t removed = 0;
  std::int64_t relabelled = 0;
  std::int64_t moved = 0;
  std::int64_t replaced = 0;
  std::int64_t renumbered = 0;
  std::int64_t unchanged = 0;
  /// Fewest rows to be taken out and put in elsewhere to have the common rows in the later order.
  std::int64_t reordered = 0;
};

/// What two lists differ in. Rows that only stand in another order are counted, not listed.
struct Diff {
  std::vector<Change> changes;  ///< in the later list's order, removed rows behind
  DiffCounts counts;
  /// {label before, label after} of relabelled rows that have one label each, to how many.
  std::map<std::pair<float, float>, std::int64_t> relabelled;

  [[nodiscard]] bool same() const { return changes.empty() && counts.reordered == 0; }
};

/// Rows are paired by pair_rows() (core/lists/pairing.h). The diff points into both lists.
Diff diff(std::span<const LstRow> before, std::span<const LstRow> after);

}  // namespace millrace::lists
