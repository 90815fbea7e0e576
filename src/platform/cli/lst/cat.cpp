#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "core/json/json.h"
#include "core/lists/query.h"
#include "platform/cli/lst/list_file.h"
#include "core/lists/list_json.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

using lists::row_json;

struct CatOptions {
  std::vector<std::string> lists;
  std::string where;
  std::int64_t head = 0;
  bool json = false;
};

void print_lists(const CatOptions& options) {
  require_one_input(options.lists);
  const lists::Query query = parse_where(options.where);
  for (const std::string& name : options.lists) {
    const lists::List list = read_list(name);
    std::vector<LstRow> rows = lists::select(list.rows(), query, list.origin());
    if (options.head > 0)
      rows.resize(std::min(rows.size(), static_cast<std::size_t>(options.head)));
    if (!options.json) {
      write_list("-", rows);
      continue;
    }
    std::string lines;
    for (const LstRow& row : rows) lines += to_text(row_json(row)) + "\n";
    write_text("-", lines);
  }
}

}  // namespace

void add_lst_cat(CLI::App& lst) {
  CLI::App* verb = lst.add_subcommand("cat", "Print rows of lists, as they stand");
  verb->footer(
      "Examples:\n"
      "  millrace lst cat train.lst --where 'label = 3' --head 10\n"
      "  millrace lst cat a.lst b.lst > both.lst\n"
      "  millrace lst cat train.lst --json | jq .path\n");
  auto options = std::make_shared<CatOptions>();
  verb->add_option("lists", options->lists, "The lists; - is standard input")
      ->type_name("LIST")
      ->required();
  verb->add_option("--where", options->where, "Only rows that fit; see millrace lst --help")
      ->type_name("QUERY");
  verb->add_option("-n,--head", options->head, "At most so many rows of each list")
      ->check(CLI::PositiveNumber);
  verb->add_flag("--json", options->json, "An object a line: index, labels, path, line");
  verb->callback([options] { print_lists(*options); });
}

}  // namespace millrace::cli
