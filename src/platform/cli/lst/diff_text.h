#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/lists/diff.h"

namespace millrace::cli {

struct DiffTextOptions {
  bool colour = false;
  bool summary = false;   ///< no rows
  std::int64_t most = 0;  ///< rows shown of each comparison; 0: all
};

/// Whether --color asks for colours: "always", "never", or "auto", on a terminal where NO_COLOR is
/// not set.
bool wants_colour(const std::string& when);

/// Differences for people:
///
///     --- old.lst  3 rows
///     +++ new.lst  3 rows
///     + 3        1       cats/4.jpg
///     - 0        1       cats/1.jpg
///     ~ 1        1 -> 2  cats/2.jpg
///     1 added, 1 removed, 1 relabelled; 1 unchanged
///
/// `~` is a row with other labels, `>` one whose file moved, `!` one with another picture, `#` one
/// with another index; whatever changed of it shows as `old -> new`.
class DiffText {
 public:
  explicit DiffText(DiffTextOptions options) : options_(options) {}
  void add(std::string_view before_name, std::span<const LstRow> before,
           std::string_view after_name, std::span<const LstRow> after, const lists::Diff& diff);
  std::string take() { return std::move(text_); }

 private:
  void line(char sign, std::string_view text);
  void change(const lists::Change& change);
  void totals(const lists::Diff& diff);

  DiffTextOptions options_;
  std::string text_;
};

/// '+', '-', '>', '!', '~' or '#', as above.
char sign_of(const lists::Change& change);
/// "3", "3 -> 4", "label[7] 2 -> 3": the labels of a row and what became of them.
std::string labels_of(const lists::Change& change);
/// "1 added, 2 relabelled; 12,001 unchanged", "the same" for lists without a difference.
std::string counts_text(const lists::Diff& diff);

}  // namespace millrace::cli
