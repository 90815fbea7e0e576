#include "core/lists/check.h"

#include <CLI/CLI.hpp>
#include <deque>
#include <iostream>
#include <memory>
#include <set>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/cli/lst/image_root.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

struct CheckCommand {
  std::vector<std::string> lists;
  std::string images;
  std::int64_t classes = 0;
  std::vector<std::string> ignore;
  std::int64_t most = 20;
  bool json = false;
};

std::set<lists::Fault> parse_ignored(const std::vector<std::string>& names) {
  std::set<lists::Fault> ignored;
  for (const std::string& name : names) {
    const auto fault = lists::find_fault(name);
    if (fault) {
      ignored.insert(*fault);
      continue;
    }
    std::vector<std::string> known;
    for (std::size_t i = 0; i < lists::kFaults; ++i)
      known.emplace_back(lists::name_of(static_cast<lists::Fault>(i)));
    refuse("--ignore", name, "some of " + join(known, ", "));
  }
  return ignored;
}

/// A stray line's problem is one text already.
std::string text_of(const Problem& problem) {
  return problem.expected.empty() ? problem.where : describe(problem);
}

Json json_of(const lists::Findings& findings, const std::set<lists::Fault>& ignored) {
  Json faults = Json::object();
  for (std::size_t i = 0; i < lists::kFaults; ++i) {
    const auto fault = static_cast<lists::Fault>(i);
    if (findings.count(fault) == 0) continue;
    Json first = Json::array();
    for (const Problem& problem : findings.first(fault)) {
      first.push_back({{"where", problem.where},
                       {"given", problem.given},
                       {"expected", problem.expected},
                       {"fix", problem.fix}});
    }
    faults[std::string(lists::name_of(fault))] = {{"count", findings.count(fault)},
                                                  {"ignored", ignored.count(fault) > 0},
                                                  {"first", std::move(first)}};
  }
  return faults;
}

void print(const lists::Findings& findings, const std::set<lists::Fault>& ignored) {
  for (std::size_t i = 0; i < lists::kFaults; ++i) {
    const auto fault = static_cast<lists::Fault>(i);
    if (ignored.count(fault) > 0 || findings.count(fault) == 0) continue;
    const std::span<const Problem> first = findings.first(fault);
    for (const Problem& problem : first)
      std::cout << lists::name_of(fault) << ": " << text_of(problem) << '\n';
    const std::int64_t more = findings.count(fault) - static_cast<std::int64_t>(first.size());
    if (more > 0) std::cout << lists::name_of(fault) << ": ... and " << grouped(more) << " more\n";
  }
}

void check(const CheckCommand& command, const std::filesystem::path& data_dir, ExitStatus& status) {
  require_one_input(command.lists);
  const std::set<lists::Fault> ignored = parse_ignored(command.ignore);
  std::deque<lists::List> read;
  std::deque<std::vector<lists::StrayLine>> strays;
  std::vector<lists::CheckedList> checked;
  std::int64_t rows = 0;
  for (const std::string& name : command.lists) {
    const lists::List& list = read.emplace_back(read_list(name, strays.emplace_back()));
    checked.push_back({.list = &list, .strays = strays.back()});
    rows += static_cast<std::int64_t>(list.rows().size());
  }
  std::vector<std::string> files;
  lists::CheckOptions options;
  if (command.classes > 0) options.classes = command.classes;
  if (!command.images.empty()) {
    files = open_image_root(command.images, data_dir)->images();
    options.files = &files;
  }
  lists::Findings findings(static_cast<std::size_t>(command.most));
  lists::check(checked, options, findings);

  std::int64_t faults = findings.total();
  for (const lists::Fault fault : ignored) faults -= findings.count(fault);
  if (command.json) {
    std::cout << to_text(Json{
                     {"rows", rows}, {"faults", faults}, {"found", json_of(findings, ignored)}})
              << '\n';
  } else {
    print(findings, ignored);
    std::cout << (faults == 0 ? rows_text(rows) + ", all fine"
                              : grouped(faults) + (faults == 1 ? " fault in " : " faults in ") +
                                    rows_text(rows))
              << '\n';
  }
  status.done = faults > 0 ? 1 : 0;
}

}  // namespace

void add_lst_check(CLI::App& lst, std::filesystem::path& data_dir, ExitStatus& status) {
  CLI::App* verb = lst.add_subcommand(
      "check", "Find what is wrong with lists that are used together; exit code 1 if anything is");
  verb->footer(
      "What is looked for:\n"
      "  stray     a line that is no row\n"
      "  index     an index that another row has, in any of the lists\n"
      "  path      a picture that another row of the list has\n"
      "  leak      a picture that another of the lists has\n"
      "  label     a label that is no class, or more or fewer labels than other rows have\n"
      "  box       a box without area, or not within its picture\n"
      "  gap       a class without rows\n"
      "With --images also:\n"
      "  outside   a path that leads out of the folder of images\n"
      "  dangling  a row whose image is not there\n"
      "  unlisted  an image without a row\n\n"
      "Examples:\n"
      "  millrace lst check train.lst validation.lst\n"
      "  millrace lst check train.lst --images photos/ --ignore unlisted\n"
      "  millrace lst check train.lst --images s3://data/photos --num-classes 10 --json\n");
  auto command = std::make_shared<CheckCommand>();
  verb->add_option("lists", command->lists, "The lists; - is standard input")
      ->type_name("LIST")
      ->required();
  verb->add_option("--images", command->images, "Folder or s3://bucket/prefix of the images")
      ->type_name("SOURCE");
  verb->add_option("--num-classes", command->classes, "How many classes there should be")
      ->check(CLI::Range(1, 1 << 24));
  verb->add_option("--ignore", command->ignore, "Kinds of faults to pass over")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("KIND,...");
  verb->add_option("--most", command->most, "How many faults of each kind to show")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_flag("--json", command->json, "One JSON object");
  add_data_dir_option(*verb, data_dir);
  verb->callback([command, &data_dir, &status] { check(*command, data_dir, status); });
}

}  // namespace millrace::cli
