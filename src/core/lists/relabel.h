#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/lists/form.h"
#include "core/lists/list.h"
#include "core/lists/query.h"
#include "core/lists/row_store.h"

namespace millrace::lists {

/// A label column, from 0, and what it becomes.
struct ColumnChange {
  std::size_t column = 0;
  float label = 0;
};

/// Gives rows of a list other labels.
///
///     Relabeller relabeller(list);
///     relabeller.choose({}, Query::parse("label = 3", "query"));
///     relabeller.give(std::vector<float>{4});
///     use(relabeller.rows());  // views of the list and of the relabeller
class Relabeller {
 public:
  /// `list` must outlive this one.
  explicit Relabeller(const List& list);

  /// The rows that are meant from now on: of these paths (no paths: of any) those that fit the
  /// query. Throws Error(Customer) for a path that the list has not, and as Query::check().
  void choose(const std::vector<std::string>& paths, const Query& where);

  /// Each of these throws Error(Customer) for labels that do not fit the list's form, and the first
  /// two for a list of boxes, whose labels say more than classes.
  void give(std::span<const float> labels);
  void give_columns(std::span<const ColumnChange> changes);
  /// The labels that `other`, which must outlive this one, has for the same paths.
  void follow(const List& other);

  [[nodiscard]] const std::vector<LstRow>& rows() const { return rows_; }
  [[nodiscard]] std::int64_t changed() const { return changed_; }

 private:
  void refuse_boxes() const;
  void set(std::size_t i, std::span<const float> labels);

  std::vector<LstRow> rows_;
  Form form_;
  std::size_t width_;
  std::string origin_;
  RowStore store_;
  std::vector<std::size_t> chosen_;
  std::int64_t changed_ = 0;
};

}  // namespace millrace::lists
