#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/lists/list.h"
#include "core/lists/query.h"

namespace CLI {
class App;
}

namespace millrace::cli {

/// Reads a list, "-" from standard input. Throws Error(Customer) when there is no such file or a
/// line is no row.
lists::List read_list(const std::string& name);
/// As read_list(), but lines that are no rows are told of in `strays`.
lists::List read_list(const std::string& name, std::vector<lists::StrayLine>& strays);
/// Throws Error(Customer) when "-" comes twice: there is one standard input.
void require_one_input(const std::vector<std::string>& names);
/// The whole of a small file of text, such as a mapping; "-" is standard input.
std::string read_text(const std::string& name);

/// Writes a list so that it appears whole or not at all, with the mode of the file it replaces; a
/// link stays and the file it leads to is written. "-" is standard output.
void write_list(const std::string& target, std::span<const LstRow> rows);
/// Likewise for any text.
void write_text(const std::string& target, std::string_view text);

/// A query of the command line; an empty one means every row.
lists::Query parse_where(const std::string& text);
/// "3", or "0,1,0": labels of the command line. Throws Error(Customer) naming `option`.
std::vector<float> parse_labels(const std::string& text, const std::string& option);

/// "1 row", "12,004 rows".
std::string rows_text(std::int64_t count);
/// "12,004".
std::string grouped(std::int64_t count);

/// What the verbs that change a list in place have in common.
struct EditOptions {
  std::string list;
  std::string output;  ///< empty: the list itself
  bool dry_run = false;

  [[nodiscard]] const std::string& target() const { return output.empty() ? list : output; }
};
/// Adds LIST, --output and --dry-run.
void add_edit_options(CLI::App& verb, EditOptions& options);

/// Writes what became of a list and says so in one line that begins with `done` ("3 rows
/// relabelled"); with --dry-run shows the difference instead. A list that did not change and is to
/// be written to itself is left alone.
void finish_edit(const EditOptions& options, const lists::List& list, std::span<const LstRow> rows,
                 const std::string& done);

/// A line for people: to standard error when the list itself goes to standard output.
void say_beside(const std::string& target, const std::string& line);

}  // namespace millrace::cli
