#include "core/lists/merge.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lists/diff.h"
#include "platform/cli/lst/diff_text.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

struct MergeOptions {
  std::string base;
  std::string ours;
  std::string theirs;
  std::string output = "-";
  std::string prefer = "nobody";
  bool dry_run = false;
};

std::string side(const LstRow* row, const lists::List& list) {
  if (row == nullptr) return "  " + list.origin() + ": no row\n";
  return "  " + lists::place_of(*row, list.origin()) + ": " + lists::labels_text(row->labels) +
         "  " + printable(row->path, 200) + "\n";
}

std::string text_of(const lists::Conflict& conflict, const lists::List& base,
                    const lists::List& ours, const lists::List& theirs) {
  const LstRow* any = conflict.base != nullptr   ? conflict.base
                      : conflict.ours != nullptr ? conflict.ours
                                                 : conflict.theirs;
  std::string text =
      std::string(lists::name_of(conflict.kind)) + ": " + printable(any->path, 200) + "\n";
  if (conflict.base != nullptr) text += side(conflict.base, base);
  return text + side(conflict.ours, ours) + side(conflict.theirs, theirs);
}

lists::Prefer parse_prefer(const std::string& text) {
  if (text == "ours") return lists::Prefer::Ours;
  return text == "theirs" ? lists::Prefer::Theirs : lists::Prefer::Nobody;
}

void run_merge(const MergeOptions& options, ExitStatus& status) {
  require_one_input({options.base, options.ours, options.theirs});
  const lists::List base = read_list(options.base);
  const lists::List ours = read_list(options.ours);
  const lists::List theirs = read_list(options.theirs);
  const lists::Prefer prefer = parse_prefer(options.prefer);
  const lists::Merge merged = lists::merge(base.rows(), ours.rows(), theirs.rows(), prefer);

  std::string conflicts;
  for (const lists::Conflict& conflict : merged.conflicts)
    conflicts += text_of(conflict, base, ours, theirs);
  std::cerr << conflicts;
  const auto count = static_cast<std::int64_t>(merged.conflicts.size());
  const std::string named = grouped(count) + (count == 1 ? " conflict" : " conflicts");
  if (!merged.settled(prefer)) {
    std::cerr << named << "; nothing is written. Settle " << (count == 1 ? "it" : "them")
              << " in one of the lists, or give --prefer ours or theirs (which leaves `taken` to "
                 "you).\n";
    status.done = 1;
    return;
  }
  std::string done = rows_text(static_cast<std::int64_t>(merged.rows.size())) + ", " +
                     grouped(merged.taken_from_theirs) + " from " + theirs.origin();
  if (merged.renumbered > 0) done += ", " + grouped(merged.renumbered) + " of them renumbered";
  if (count > 0) done += ", " + named + " settled for " + options.prefer;
  if (options.dry_run) {
    DiffText text({.colour = wants_colour("auto")});
    text.add(ours.origin(), ours.rows(), options.output + " (not written)", merged.rows,
             lists::diff(ours.rows(), merged.rows));
    std::cout << text.take() << "would write " << options.output << ": " << done << '\n';
    return;
  }
  write_list(options.output, merged.rows);
  say_beside(options.output, options.output + ": " + done);
}

}  // namespace

void add_lst_merge(CLI::App& lst, ExitStatus& status) {
  CLI::App* verb = lst.add_subcommand(
      "merge", "Merge two changed copies of a list; exit code 1 when they conflict");
  verb->footer(
      "What either changed since BASE counts; rows are matched by their pictures, as in a diff.\n"
      "Conflicts are named and nothing is written:\n"
      "  labels   both relabelled a row, differently\n"
      "  path     both moved it, or exchanged its picture, differently\n"
      "  removed  one removed it, the other relabelled or moved it\n"
      "  added    both added a picture, with different labels\n"
      "  taken    a picture became one that the other has in another row\n\n"
      "Examples:\n"
      "  millrace lst merge base.lst mine.lst hers.lst -o merged.lst\n"
      "  millrace lst merge base.lst mine.lst hers.lst --prefer theirs --dry-run\n");
  auto options = std::make_shared<MergeOptions>();
  verb->add_option("base", options->base, "The list that both began with")->required();
  verb->add_option("ours", options->ours, "One copy, whose order is kept")->required();
  verb->add_option("theirs", options->theirs, "The other; what it adds comes last")->required();
  verb->add_option("-o,--output", options->output, "List to write; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option("--prefer", options->prefer, "Whose change counts where they conflict")
      ->check(CLI::IsMember({"nobody", "ours", "theirs"}))
      ->capture_default_str();
  verb->add_flag("--dry-run", options->dry_run, "Show what would be written, and write nothing");
  verb->callback([options, &status] { run_merge(*options, status); });
}

}  // namespace millrace::cli
