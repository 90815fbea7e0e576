#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include "core/json/json.h"
#include "core/lists/summary.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

struct StatOptions {
  std::vector<std::string> lists;
  bool json = false;
};

std::string share_text(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%",
                100 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::int64_t greatest(const std::map<std::int64_t, std::int64_t>& counts) {
  std::int64_t most = 0;
  for (const auto& [id, count] : counts) most = std::max(most, count);
  return most;
}

std::int64_t least(const std::map<std::int64_t, std::int64_t>& counts) {
  std::int64_t fewest = counts.begin()->second;
  for (const auto& [id, count] : counts) fewest = std::min(fewest, count);
  return fewest;
}

std::string bar(std::int64_t count, std::int64_t most) {
  return std::string(static_cast<std::size_t>((count * 30 + most - 1) / most), '#');
}

std::string text_of(const std::string& name, const lists::Summary& summary) {
  std::string text = name + ": " + rows_text(summary.rows) + ", " +
                     std::string(lists::describe(summary.form)) + "\n";
  if (summary.rows == 0) return text;
  const auto field = [&](const char* what, const std::string& value) {
    text += std::string("  ") + what + "  " + value + "\n";
  };
  field("indices       ",
        std::to_string(summary.least_index) + " to " + std::to_string(summary.greatest_index));
  if (summary.most_labels > 1) {
    field("label columns ", summary.least_labels == summary.most_labels
                                ? std::to_string(summary.most_labels)
                                : std::to_string(summary.least_labels) + " to " +
                                      std::to_string(summary.most_labels));
  }
  field("folders       ", grouped(summary.folders));
  if (summary.repeated_paths > 0) field("repeated paths", grouped(summary.repeated_paths));
  if (summary.without_class > 0) field("without class ", rows_text(summary.without_class));
  if (summary.form == lists::Form::Detection) field("boxes         ", grouped(summary.total_boxes));
  if (summary.classes.empty()) return text;
  const std::int64_t most = greatest(summary.classes);
  field("classes       ", grouped(static_cast<std::int64_t>(summary.classes.size())) +
                              ", the largest " + grouped(most) + ", the smallest " +
                              grouped(least(summary.classes)));
  std::vector<std::vector<std::string>> rows;
  for (const auto& [id, count] : summary.classes) {
    std::vector<std::string> row = {"  " + std::to_string(id), grouped(count),
                                    share_text(count, summary.rows)};
    if (summary.form == lists::Form::Detection) row.push_back(grouped(summary.boxes.at(id)));
    row.push_back(bar(count, most));
    rows.push_back(std::move(row));
  }
  std::vector<std::string> header = {"  CLASS", "ROWS", "SHARE"};
  if (summary.form == lists::Form::Detection) header.push_back("BOXES");
  header.emplace_back();
  return text + "\n" + aligned(header, rows);
}

Json json_of(const std::string& name, const lists::Summary& summary) {
  Json classes = Json::array();
  for (const auto& [id, count] : summary.classes) {
    Json entry = {{"class", id}, {"rows", count}};
    if (const auto boxes = summary.boxes.find(id); boxes != summary.boxes.end())
      entry["boxes"] = boxes->second;
    classes.push_back(std::move(entry));
  }
  return {{"list", name},
          {"rows", summary.rows},
          {"form", std::string(lists::describe(summary.form))},
          {"least_index", summary.least_index},
          {"greatest_index", summary.greatest_index},
          {"label_columns", {summary.least_labels, summary.most_labels}},
          {"folders", summary.folders},
          {"repeated_paths", summary.repeated_paths},
          {"without_class", summary.without_class},
          {"boxes", summary.total_boxes},
          {"classes", std::move(classes)}};
}

void stat(const StatOptions& options) {
  require_one_input(options.lists);
  for (const std::string& name : options.lists) {
    const lists::List list = read_list(name);
    const lists::Summary summary = lists::summarize(list.rows());
    if (options.json)
      std::cout << to_text(json_of(list.origin(), summary)) << '\n';
    else
      std::cout << text_of(list.origin(), summary);
  }
}

}  // namespace

void add_lst_stat(CLI::App& lst) {
  CLI::App* verb = lst.add_subcommand("stat", "Count rows, classes and boxes of lists");
  verb->footer(
      "Examples:\n"
      "  millrace lst stat train.lst validation.lst\n"
      "  millrace lst stat train.lst --json\n");
  auto options = std::make_shared<StatOptions>();
  verb->add_option("lists", options->lists, "The lists; - is standard input")
      ->type_name("LIST")
      ->required();
  verb->add_flag("--json", options->json, "An object for each list, a line each");
  verb->callback([options] { stat(*options); });
}

}  // namespace millrace::cli
