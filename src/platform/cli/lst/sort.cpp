#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "core/lists/edit.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

struct SortOptions : EditOptions {
  std::string by = "index";
  bool descending = false;
  bool renumber = false;
  std::uint64_t first_index = 0;
  std::uint64_t seed = 0;
};

void sort(const SortOptions& options) {
  const lists::List list = read_list(options.list);
  std::vector<LstRow> rows(list.rows().begin(), list.rows().end());
  const std::map<std::string, lists::SortKey> keys = {{"index", lists::SortKey::Index},
                                                      {"path", lists::SortKey::Path},
                                                      {"label", lists::SortKey::Label},
                                                      {"random", lists::SortKey::Random}};
  if (options.by != "none")
    lists::sort_rows(rows, keys.at(options.by), options.descending, options.seed);
  if (options.renumber) lists::renumber(rows, options.first_index);
  std::string done = options.by == "none" ? "kept in order" : "sorted by " + options.by;
  if (options.renumber) done += ", renumbered";
  finish_edit(options, list, rows, done);
}

}  // namespace

void add_lst_sort(CLI::App& lst) {
  CLI::App* verb = lst.add_subcommand("sort", "Put the rows in an order, or number them anew");
  verb->footer(
      "Examples:\n"
      "  millrace lst sort train.lst --by path\n"
      "  millrace lst sort train.lst --by random --seed 7 --renumber\n"
      "  millrace lst sort validation.lst --by none --renumber --first-index 12000\n");
  auto options = std::make_shared<SortOptions>();
  add_edit_options(*verb, *options);
  verb->add_option("--by", options->by, "What to sort by; equal rows keep their order")
      ->check(CLI::IsMember({"index", "path", "label", "random", "none"}))
      ->capture_default_str();
  verb->add_flag("--descending", options->descending, "The greatest first");
  CLI::Option* renumber =
      verb->add_flag("--renumber", options->renumber, "Then count the indices through");
  verb->add_option("--first-index", options->first_index, "Where --renumber begins")
      ->needs(renumber)
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Of --by random")->capture_default_str();
  verb->callback([options] { sort(*options); });
}

}  // namespace millrace::cli
