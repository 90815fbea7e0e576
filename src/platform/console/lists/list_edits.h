#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/json/json.h"
#include "core/lists/row_store.h"
#include "platform/console/lists/list_contents.h"

namespace millrace::console {

/// A list under hand: a version's rows with edits applied, one after the other.
///
/// An edit is one of
///
///     {"Do": "relabel", "Paths": [path] or "Where": query, "Labels": [label]}
///     {"Do": "remove", "Paths": [path] or "Where": query}
///     {"Do": "add", "Rows": [{"path", "labels": [label]}]}
///     {"Do": "remap", "Mapping": text}         (core/lists/class_mapping.h)
class EditedList {
 public:
  explicit EditedList(std::shared_ptr<const ListContent> base);
  EditedList(const EditedList&) = delete;
  EditedList& operator=(const EditedList&) = delete;

  /// Applies an edit and returns how many rows it concerned. Throws Error(Customer) naming what is
  /// wrong with it; nothing has changed then.
  std::int64_t apply(const Json& edit);

  [[nodiscard]] const std::vector<LstRow>& rows() const { return rows_; }
  [[nodiscard]] const ListContent& base() const { return *base_; }
  /// As a file; lines that were not edited are as they were.
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::vector<std::size_t> meant(const Json& edit) const;
  std::int64_t relabel(const Json& edit);
  std::int64_t remove(const Json& edit);
  std::int64_t add(const Json& edit);
  std::int64_t remap(const Json& edit);

  std::shared_ptr<const ListContent> base_;
  lists::RowStore store_;
  std::vector<LstRow> rows_;
};

/// Rows as a file.
std::string list_text(std::span<const LstRow> rows);

}  // namespace millrace::console
