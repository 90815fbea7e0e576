#include "core/lists/diff.h"

#include <CLI/CLI.hpp>
#include <deque>
#include <iostream>
#include <memory>

#include "core/base/refuse.h"
#include "core/json/json.h"
#include "platform/cli/lst/diff_html.h"
#include "platform/cli/lst/diff_json.h"
#include "platform/cli/lst/diff_text.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

/// As diff(1): 0 alike, 1 different, 2 when they could not be compared.
constexpr int kDifferent = 1;
constexpr int kTrouble = 2;

struct DiffOptions {
  std::vector<std::string> lists;
  bool first = false;
  bool summary = false;
  bool json = false;
  std::string html;
  std::string images;
  std::string colour = "auto";
  std::int64_t most = 0;
  std::int64_t thumbnails = 200;
};

struct Comparison {
  const lists::List& before;
  const lists::List& after;
  lists::Diff diff;
};

void write_html(const DiffOptions& options, const std::deque<Comparison>& comparisons,
                const std::filesystem::path& data_dir) {
  std::unique_ptr<ImageRoot> images;
  if (!options.images.empty()) images = open_image_root(options.images, data_dir);
  DiffHtmlOptions page{.images = images.get(), .most_pictures = options.thumbnails};
  if (options.most > 0) page.most_rows = options.most;
  DiffHtml html(page);
  for (const Comparison& each : comparisons)
    html.add(each.before.origin(), each.after.origin(), each.diff);
  write_text(options.html, html.take());
}

std::string text_of(const DiffOptions& options, const std::deque<Comparison>& comparisons) {
  if (options.json) {
    std::string text = "{\"comparisons\":[";
    for (const Comparison& each : comparisons) {
      if (&each != &comparisons.front()) text += ',';
      text += diff_json(each.before.origin(), each.after.origin(), each.diff);
    }
    return text + "]}\n";
  }
  DiffText text(
      {.colour = wants_colour(options.colour), .summary = options.summary, .most = options.most});
  for (const Comparison& each : comparisons) {
    // As diff(1), nothing is said of lists that are alike, unless the numbers are asked for.
    if (each.diff.same() && !options.summary) continue;
    text.add(each.before.origin(), each.before.rows(), each.after.origin(), each.after.rows(),
             each.diff);
  }
  return text.take();
}

void run_diff(const DiffOptions& options, const std::filesystem::path& data_dir,
              ExitStatus& status) {
  status.failed = kTrouble;
  if (options.lists.size() < 2) {
    refuse("millrace lst diff", options.lists[0] + " alone", "two lists or more");
  }
  require_one_input(options.lists);
  std::deque<lists::List> read;
  for (const std::string& name : options.lists) read.push_back(read_list(name));
  std::deque<Comparison> comparisons;
  for (std::size_t i = 1; i < read.size(); ++i) {
    const lists::List& before = read[options.first ? 0 : i - 1];
    comparisons.push_back({before, read[i], lists::diff(before.rows(), read[i].rows())});
    if (!comparisons.back().diff.same()) status.done = kDifferent;
  }
  if (!options.html.empty()) write_html(options, comparisons, data_dir);
  if (options.html.empty() || options.json) write_text("-", text_of(options, comparisons));
}

}  // namespace

void add_lst_diff(CLI::App& lst, std::filesystem::path& data_dir, ExitStatus& status) {
  CLI::App* verb = lst.add_subcommand(
      "diff", "Show what lists differ in; exit code 0 alike, 1 different, 2 trouble");
  verb->footer(
      "Rows are the same when their pictures are. Of the others a row has moved when its file has\n"
      "the same name in another folder, and either its index is the same or no other row has the\n"
      "name; it is replaced when its index has another picture.\n"
      "  + added   - removed   ~ relabelled   > moved   ! replaced   # renumbered\n"
      "Several lists are each compared with the one before.\n\n"
      "Examples:\n"
      "  millrace lst diff old.lst new.lst\n"
      "  millrace lst diff v1.lst v2.lst v3.lst --summary\n"
      "  millrace lst diff old.lst new.lst --json | jq '.comparisons[0].counts'\n"
      "  millrace lst diff old.lst new.lst --html changes.html --images photos/\n"
      "  git show HEAD:train.lst | millrace lst diff - train.lst\n");
  auto options = std::make_shared<DiffOptions>();
  verb->add_option("lists", options->lists, "The lists; - is standard input")
      ->type_name("LIST")
      ->required();
  verb->add_flag("--first", options->first, "Compare each list with the first");
  verb->add_flag("--summary", options->summary, "Only the numbers");
  verb->add_flag("--json", options->json, "One JSON object");
  verb->add_option("--html", options->html, "Write a page that stands alone")->type_name("FILE");
  verb->add_option("--images", options->images,
                   "Folder or s3://bucket/prefix of the page's pictures")
      ->type_name("SOURCE");
  verb->add_option("--thumbnails", options->thumbnails, "At most so many pictures in the page")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  verb->add_option("--most", options->most,
                   "At most so many rows; of a page of each kind, 1000 unless given")
      ->check(CLI::PositiveNumber);
  verb->add_option("--color", options->colour, "Colours: auto is on a terminal, without NO_COLOR")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  add_data_dir_option(*verb, data_dir);
  verb->callback([options, &data_dir, &status] { run_diff(*options, data_dir, status); });
}

}  // namespace millrace::cli
