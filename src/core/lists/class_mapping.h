#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/data/lst.h"
#include "core/lists/query.h"
#include "core/lists/row_store.h"

namespace millrace::lists {

/// What becomes of a class.
struct MappingRule {
  std::vector<std::int64_t> from;  ///< empty: every class
  std::optional<std::int64_t> to;  ///< nullopt: rows (boxes) of the class are dropped
  Query where;                     ///< of the rows that have the class, these
  bool conditional = false;        ///< whether `where` was given
  std::int64_t line = 0;
};

/// Classes merged, split, renamed and dropped, alike in every list it is applied to:
///
///     # old -> new
///     3, 4 -> 3
///     5 -> 7 where path ~ "*puppy*"
///     6 -> drop
///     * -> 0
///
/// makes 3 and 4 one class, splits off a part of 5, drops 6 and makes all others 0.
/// A row takes the first rule that fits; one that none fits keeps its class. Rules see the classes
/// as they were, so `1 -> 2` and `2 -> 1` swap them.
class ClassMapping {
 public:
  static constexpr std::size_t kMaxRules = 100'000;

  /// Throws Error(Customer) "<origin>, line N: ..." for a line that is no rule, and for a rule that
  /// can never be reached since an earlier one takes all its classes.
  static ClassMapping parse(std::string_view text, std::string_view origin);

  [[nodiscard]] std::span<const MappingRule> rules() const { return rules_; }
  /// Those that name a class or are of every class, whatever their conditions, in their order.
  [[nodiscard]] std::vector<const MappingRule*> rules_of(std::int64_t id) const;
  /// The rule for a class of `row`; nullptr when there is none.
  [[nodiscard]] const MappingRule* rule(std::int64_t id, const LstRow& row, Form form) const;

 private:
  void add(MappingRule rule);

  std::vector<MappingRule> rules_;
  /// Places in rules_, ascending: a mapping of thousands of classes is not gone through row by row.
  std::unordered_map<std::int64_t, std::vector<std::size_t>> of_class_;
  std::vector<std::size_t> of_every_class_;
};

/// What a mapping made of a list.
struct Remapped {
  std::vector<LstRow> rows;
  /// {old class, new class (nullopt: dropped)} to how many rows, or boxes; unchanged ones too.
  std::map<std::pair<std::int64_t, std::optional<std::int64_t>>, std::int64_t> counts;
  std::int64_t dropped_rows = 0;
};

/// Applies a mapping to a list: to the class of each row; to the classes of boxes, whose row goes
/// when its last box is dropped; or to the columns of a multi-label list, which become one where
/// classes do, and as many as the mapping can make of them, whichever the rows have. New labels are
/// kept in `store`, which must outlive the rows, as the list must. Throws Error(Customer) naming
/// the list when its rows differ in form or fewer than two columns would be left, and naming the
/// row for a label that is no class.
Remapped remap(std::span<const LstRow> rows, std::string_view origin, const ClassMapping& mapping,
               RowStore& store);

/// Numbers the classes that the lists have together from 0 without gaps, in their order; of
/// multi-label lists the columns go that no row of any list has. Lists must be what remap() takes.
/// Returns {class, its new number}. Throws Error(Customer) when fewer than two columns would be
/// left.
std::map<std::int64_t, std::int64_t> close_gaps(std::vector<std::vector<LstRow>>& lists,
                                                RowStore& store);

}  // namespace millrace::lists
