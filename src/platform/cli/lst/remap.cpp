#include <CLI/CLI.hpp>
#include <deque>
#include <iostream>
#include <memory>
#include <set>

#include "core/base/refuse.h"
#include "core/lists/class_mapping.h"
#include "core/lists/diff.h"
#include "platform/cli/lst/diff_text.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

struct RemapOptions {
  std::vector<std::string> lists;
  std::string map;
  bool close_gaps = false;
  std::string into;  ///< folder for the results; empty: the lists themselves
  bool dry_run = false;
};

std::string describe(const lists::Remapped& remapped) {
  std::string text;
  for (const auto& [change, count] : remapped.counts) {
    const auto& [from, to] = change;
    if (to == from) continue;
    text += "  " + std::to_string(from) + " -> " + (to ? std::to_string(*to) : "drop") + ": " +
            grouped(count) + "\n";
  }
  if (remapped.dropped_rows > 0) text += "  " + rows_text(remapped.dropped_rows) + " dropped\n";
  return text.empty() ? "  nothing to change\n" : text;
}

std::string target_of(const RemapOptions& options, const std::string& list) {
  if (options.into.empty()) return list;
  const std::string name =
      list == "-" ? "list.lst" : std::filesystem::path(list).filename().string();
  return (std::filesystem::path(options.into) / name).string();
}

/// With --into lists of one name in different folders would replace each other.
void check_targets(const RemapOptions& options) {
  std::set<std::string> targets;
  for (const std::string& list : options.lists) {
    const std::string target = target_of(options, list);
    if (!targets.insert(target).second) {
      refuse(list, target, "a file that no other list is written to",
             "Rename one, or write them to different folders.");
    }
  }
}

void remap(const RemapOptions& options) {
  std::vector<std::string> inputs = options.lists;
  inputs.push_back(options.map);
  require_one_input(inputs);
  check_targets(options);
  if (options.map.empty() && !options.close_gaps) {
    refuse("millrace lst remap", "neither", "--map FILE, --close-gaps or both");
  }
  const lists::ClassMapping mapping =
      options.map.empty() ? lists::ClassMapping()
                          : lists::ClassMapping::parse(read_text(options.map), options.map);
  // All lists are mapped before the first is written: what is refused in one changes none.
  lists::RowStore store;
  std::deque<lists::List> read;
  std::vector<std::vector<LstRow>> mapped;
  std::vector<std::string> reports;
  for (const std::string& name : options.lists) {
    const lists::List& list = read.emplace_back(read_list(name));
    lists::Remapped remapped = lists::remap(list.rows(), list.origin(), mapping, store);
    reports.push_back(options.map.empty() ? std::string() : describe(remapped));
    mapped.push_back(std::move(remapped.rows));
  }
  std::string closed;
  if (options.close_gaps) {
    for (const auto& [id, number] : lists::close_gaps(mapped, store)) {
      if (id != number)
        closed += "  " + std::to_string(id) + " -> " + std::to_string(number) + "\n";
    }
    closed = closed.empty() ? "no gaps to close\n" : "gaps closed in all lists:\n" + closed;
  }
  for (std::size_t i = 0; i < mapped.size(); ++i) {
    const std::string target = target_of(options, options.lists[i]);
    const auto rows = static_cast<std::int64_t>(mapped[i].size());
    if (options.dry_run) {
      DiffText text({.colour = wants_colour("auto"), .most = 20});
      text.add(read[i].origin(), read[i].rows(), target + " (not written)", mapped[i],
               lists::diff(read[i].rows(), mapped[i]));
      std::cout << text.take();
    } else {
      write_list(target, mapped[i]);
    }
    say_beside(options.dry_run ? std::string() : target,
               (options.dry_run ? "would write " : "") + target + ": " + rows_text(rows) +
                   (reports[i].empty() ? "" : "\n" + reports[i].substr(0, reports[i].size() - 1)));
  }
  if (!closed.empty()) say_beside(options.lists[0], closed.substr(0, closed.size() - 1));
}

}  // namespace

void add_lst_remap(CLI::App& lst) {
  CLI::App* verb =
      lst.add_subcommand("remap", "Merge, split, exchange or drop classes, alike in several lists");
  verb->footer(
      "A mapping file has a rule a line; a row takes the first that fits, and keeps its class "
      "where\n"
      "none does:\n"
      "  # old -> new\n"
      "  3, 4 -> 3\n"
      "  5 -> 7 where path ~ \"*puppy*\"\n"
      "  6 -> drop\n"
      "  * -> 0\n\n"
      "Lists of boxes are mapped box by box. Where columns are the classes, columns become one.\n\n"
      "Examples:\n"
      "  millrace lst remap train.lst validation.lst --map merge.txt --close-gaps --dry-run\n"
      "  millrace lst remap train.lst validation.lst --map merge.txt --into merged/\n");
  auto options = std::make_shared<RemapOptions>();
  verb->add_option("lists", options->lists, "The lists; - is standard input")
      ->type_name("LIST")
      ->required();
  verb->add_option("--map", options->map, "The mapping file")->type_name("FILE");
  verb->add_flag("--close-gaps", options->close_gaps,
                 "Then number the classes of all lists together from 0 without gaps");
  verb->add_option("--into", options->into, "Write the results to this folder, under their names")
      ->type_name("FOLDER")
      ->check(CLI::ExistingDirectory);
  verb->add_flag("--dry-run", options->dry_run, "Show what would change and write nothing");
  verb->callback([options] { remap(*options); });
}

}  // namespace millrace::cli
