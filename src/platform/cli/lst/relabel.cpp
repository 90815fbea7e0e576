#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/relabel.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

struct RelabelOptions : EditOptions {
  std::vector<std::string> paths;
  std::string where;
  std::string to;
  std::vector<std::string> set;
  std::string like;
};

std::vector<lists::ColumnChange> parse_columns(const std::vector<std::string>& texts) {
  std::vector<lists::ColumnChange> changes;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const auto column =
        equals == std::string::npos ? std::nullopt : parse_int(text.substr(0, equals));
    if (!column || *column < 0) refuse("--set", text, "N=LABEL, N the label column from 0", {});
    const std::vector<float> label = parse_labels(text.substr(equals + 1), "--set");
    if (label.size() != 1) refuse("--set", text, "one label", {});
    changes.push_back({.column = static_cast<std::size_t>(*column), .label = label[0]});
  }
  return changes;
}

void relabel(const RelabelOptions& options) {
  const int ways = !options.to.empty() + !options.set.empty() + !options.like.empty();
  if (ways != 1)
    refuse("millrace lst relabel", std::to_string(ways) + " of them",
           "one of --to, --set and --like", {});
  if (options.paths.empty() && options.where.empty() && options.like.empty()) {
    refuse("millrace lst relabel", "no rows", "paths or --where, saying which rows are meant",
           "All of them: --where 'index >= 0'.");
  }
  require_one_input({options.list, options.like});
  const lists::List list = read_list(options.list);
  std::optional<lists::List> other;
  lists::Relabeller relabeller(list);
  relabeller.choose(options.paths, parse_where(options.where));
  if (!options.to.empty()) relabeller.give(parse_labels(options.to, "--to"));
  if (!options.set.empty()) relabeller.give_columns(parse_columns(options.set));
  if (!options.like.empty()) {
    other = read_list(options.like);
    relabeller.follow(*other);
  }
  finish_edit(options, list, relabeller.rows(), rows_text(relabeller.changed()) + " relabelled");
}

}  // namespace

void add_lst_relabel(CLI::App& lst) {
  CLI::App* verb = lst.add_subcommand("relabel", "Give rows other labels");
  verb->footer(
      "Boxes are not relabelled one by one: exchange their classes with millrace lst remap, or "
      "take\n"
      "whole rows over with --like.\n\n"
      "Examples:\n"
      "  millrace lst relabel train.lst cats/7.jpg cats/9.jpg --to 4\n"
      "  millrace lst relabel train.lst --where 'path ~ \"*/tiger_*\" and label = 3' --to 4\n"
      "  millrace lst relabel tags.lst --where 'folder = beach' --set 2=1\n"
      "  millrace lst relabel train.lst --like corrected.lst --dry-run\n");
  auto options = std::make_shared<RelabelOptions>();
  add_edit_options(*verb, *options);
  verb->add_option("paths", options->paths, "Paths of rows to relabel")->type_name("PATH");
  verb->add_option("--where", options->where, "Only rows that fit; see millrace lst --help")
      ->type_name("QUERY");
  verb->add_option("--to", options->to, "The new label, or all labels as 0,1,0");
  verb->add_option("--set", options->set, "One label column, from 0, and what it becomes")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N=LABEL,...");
  verb->add_option("--like", options->like, "Take the labels that this list has for the same paths")
      ->type_name("LIST");
  verb->callback([options] { relabel(*options); });
}

}  // namespace millrace::cli
