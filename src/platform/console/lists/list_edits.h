#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/json/json.h"
#include "core/lists/row_store.h"
#include "platform/console/lists/list_contents.h"

namespace millrace::console {

/// How much an EditedList takes on.
struct EditLimits {
  /// Rows that queries and mappings look at, all edits together: what making a draft anew costs.
  std::int64_t searched_rows = 200'000'000;
  /// What is remembered for undo(); of more the oldest is forgotten.
  std::size_t undo_bytes = std::size_t{64} << 20;
};

/// A list under hand: a version's rows with edits applied, one after the other, and taken back.
///
/// An edit is one of
///
///     {"Do": "relabel", "Paths": [path] or "Where": query, "Labels": [label]}
///     {"Do": "remove", "Paths": [path] or "Where": query}
///     {"Do": "add", "Rows": [{"path", "labels": [label]}]}
///     {"Do": "remap", "Mapping": text}         (core/lists/class_mapping.h)
///
/// One that names paths costs as many steps as it names, however long the list.
class EditedList {
 public:
  explicit EditedList(std::shared_ptr<const ListContent> base, EditLimits limits = {});
  EditedList(const EditedList&) = delete;
  EditedList& operator=(const EditedList&) = delete;

  /// Applies an edit and returns how many rows it concerned. Throws Error(Customer) naming what is
  /// wrong with it; nothing has changed then.
  std::int64_t apply(const Json& edit);
  /// Takes the last edit back; false, with nothing done, where what that needs was forgotten.
  bool undo();

  /// Valid until the next edit.
  [[nodiscard]] std::span<const LstRow> rows();
  [[nodiscard]] const ListContent& base() const { return *base_; }
  /// Another after each edit, and of each list.
  [[nodiscard]] std::string identity() const { return id_ + "/" + std::to_string(revision_); }
  /// As a file; lines that were not edited are as they were.
  [[nodiscard]] std::string text();
  /// Of memory beyond the base, about.
  [[nodiscard]] std::size_t bytes() const;

 private:
  /// Rows keep their places as others go, so that an edit is taken back where it was made.
  struct Rows {
    std::vector<LstRow> all;
    std::vector<bool> gone;
    std::size_t left = 0;  ///< that are not
    std::uint64_t next_index = 0;
  };
  /// What takes an edit back.
  struct Undo {
    std::vector<std::pair<std::size_t, std::span<const float>>> labels;
    std::vector<std::size_t> removed;
    std::size_t added = 0;
    std::uint64_t next_index = 0;
    std::unique_ptr<Rows> before;  ///< of a mapping, which may change every row
    std::int64_t searched = 0;
    std::size_t bytes = 0;
  };

  [[nodiscard]] std::vector<std::size_t> meant(const Json& edit, Undo& undo);
  [[nodiscard]] std::vector<std::size_t> places_of(std::string_view path);
  void index_paths();
  void search(Undo& undo);
  [[nodiscard]] std::size_t label_columns() const;
  std::int64_t relabel(const Json& edit, Undo& undo);
  std::int64_t remove(const Json& edit, Undo& undo);
  std::int64_t add(const Json& edit, Undo& undo);
  std::int64_t remap(const Json& edit, Undo& undo);
  void changed();
  void remember(Undo undo);

  const std::string id_ = random_hex(8);
  std::uint64_t revision_ = 0;
  std::shared_ptr<const ListContent> base_;
  const EditLimits limits_;
  lists::RowStore store_;
  std::size_t stored_bytes_ = 0;  ///< of store_, about
  Rows rows_;
  std::vector<LstRow> shown_;  ///< those that are left, where some are not
  bool shown_is_old_ = true;
  /// Places by hash of the path, ascending, of the rows there were when it was made; those added
  /// since by path.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_hash_;
  bool indexed_ = false;
  std::unordered_multimap<std::string_view, std::size_t> added_;
  std::deque<Undo> undo_;
  std::size_t undo_bytes_ = 0;
  std::int64_t searched_ = 0;
};

/// Rows as a file.
std::string list_text(std::span<const LstRow> rows);

}  // namespace millrace::console
