#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "core/base/refuse.h"
#include "core/lists/draw.h"
#include "core/lists/edit.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

struct SampleOptions {
  std::string list;
  std::string output = "-";
  std::int64_t count = 0;
  double fraction = 0;
  std::int64_t per_class = 0;
  bool stratify = false;
  std::string where;
  std::uint64_t seed = 0;
  bool renumber = false;
  bool dry_run = false;
};

std::vector<LstRow> drawn(std::span<const LstRow> rows, const SampleOptions& options,
                          const std::string& origin) {
  if (options.per_class > 0) {
    return lists::sample_per_class(rows, static_cast<std::size_t>(options.per_class), options.seed,
                                   origin);
  }
  const auto count = options.count > 0 ? static_cast<std::size_t>(options.count)
                                       : static_cast<std::size_t>(std::llround(
                                             options.fraction * static_cast<double>(rows.size())));
  return lists::sample_rows(rows, count, options.stratify, options.seed, origin);
}

void sample(const SampleOptions& options) {
  const int ways = (options.count > 0) + (options.fraction > 0) + (options.per_class > 0);
  if (ways != 1) {
    refuse("millrace lst sample", std::to_string(ways) + " of them",
           "one of --count, --fraction and --per-class");
  }
  const lists::List list = read_list(options.list);
  const std::vector<LstRow> meant =
      lists::select(list.rows(), parse_where(options.where), list.origin());
  std::vector<LstRow> rows = drawn(meant, options, list.origin());
  if (options.renumber) lists::renumber(rows, 0);
  const std::string what = rows_text(static_cast<std::int64_t>(rows.size())) + " of " +
                           grouped(static_cast<std::int64_t>(meant.size()));
  if (options.dry_run) {
    say_beside({}, "would write " + options.output + ": " + what);
    return;
  }
  write_list(options.output, rows);
  if (options.output != "-") say_beside(options.output, options.output + ": " + what);
}

}  // namespace

void add_lst_sample(CLI::App& lst) {
  CLI::App* verb = lst.add_subcommand("sample", "Draw rows at random, kept in their order");
  verb->footer(
      "Examples:\n"
      "  millrace lst sample train.lst --count 100 --seed 7\n"
      "  millrace lst sample train.lst --fraction 0.1 --stratify -o tenth.lst\n"
      "  millrace lst sample train.lst --per-class 20 --where 'path ~ \"2023/*\"' -o small.lst\n");
  auto options = std::make_shared<SampleOptions>();
  verb->add_option("list", options->list, "The list; - is standard input")
      ->type_name("LIST")
      ->required();
  verb->add_option("-o,--output", options->output, "List to write; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option("-n,--count", options->count, "So many rows, or all where there are fewer")
      ->check(CLI::PositiveNumber);
  verb->add_option("--fraction", options->fraction, "This share of the rows")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--per-class", options->per_class, "At most so many rows of each class")
      ->check(CLI::PositiveNumber);
  verb->add_flag("--stratify", options->stratify, "Each class in the same share");
  verb->add_option("--where", options->where, "Only rows that fit; see millrace lst --help")
      ->type_name("QUERY");
  verb->add_option("--seed", options->seed, "Of what is drawn")->capture_default_str();
  verb->add_flag("--renumber", options->renumber, "Count the indices through from 0");
  verb->add_flag("--dry-run", options->dry_run, "Say what would be written, and write nothing");
  verb->callback([options] { sample(*options); });
}

}  // namespace millrace::cli
