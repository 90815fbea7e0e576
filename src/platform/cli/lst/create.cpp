#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/draw.h"
#include "core/lists/edit.h"
#include "core/lists/form.h"
#include "platform/cli/lst/folder_rows.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

struct CreateOptions : FolderRowsOptions {
  std::string output;
  std::string folder = "first";  ///< --class-folder
  std::string classes_out;       ///< to write
  std::string where;
  std::int64_t per_class = 0;
  std::int64_t count = 0;
  std::vector<std::string> split;
  bool stratify = false;
  bool shuffle = false;
  std::uint64_t seed = 0;
  std::uint64_t first_index = 0;
  bool force = false;
  bool dry_run = false;
};

struct Part {
  std::string name;
  double share = 0;
};

/// A list on its way to its file.
struct Made {
  std::string target;
  std::vector<LstRow> rows;
};

std::vector<Part> parse_split(const std::vector<std::string>& texts) {
  std::vector<Part> parts;
  std::set<std::string> names;
  double sum = 0;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    Part part{.name = text.substr(0, equals)};
    if (equals != std::string::npos)
      part.share = parse_double(std::string_view(text).substr(equals + 1)).value_or(0);
    const bool named = !part.name.empty() && part.name.find('/') == std::string::npos;
    if (!named || !(part.share > 0) || part.share > 1)
      refuse("--split", text, "name=share, the share above 0 and at most 1", {});
    if (!names.insert(part.name).second) refuse("--split", text, "each name once", {});
    sum += part.share;
    parts.push_back(std::move(part));
  }
  if (sum > 1 + 1e-9)
    refuse("--split", number_text(sum) + " in all", "shares of at most 1 together", {});
  return parts;
}

/// "pets.lst" and "train" make "pets_train.lst", as im2rec names them.
std::string part_target(const std::string& output, const std::string& part) {
  const fs::path path(output);
  const std::string stem =
      path.extension() == ".lst" ? path.stem().string() : path.filename().string();
  return (path.parent_path() / (stem + "_" + part + ".lst")).string();
}

std::vector<LstRow> subset(std::vector<LstRow> rows, const CreateOptions& options) {
  rows = lists::select(rows, parse_where(options.where), options.source);
  if (options.per_class > 0) {
    rows = lists::sample_per_class(rows, static_cast<std::size_t>(options.per_class), options.seed,
                                   options.source);
  }
  if (options.count > 0) {
    rows = lists::sample_rows(rows, static_cast<std::size_t>(options.count), options.stratify,
                              options.seed, options.source);
  }
  if (rows.empty())
    refuse(options.source, "no image that is asked for", "at least one", "See --where and --only.");
  return rows;
}

std::vector<Made> divide(std::vector<LstRow> rows, const CreateOptions& options) {
  const std::vector<Part> parts = parse_split(options.split);
  if (parts.empty()) return {{.target = options.output, .rows = std::move(rows)}};
  if (options.output == "-")
    refuse("--split", "standard output", "the name of a file, which each part is named after", {});
  lists::SplitOptions split{.stratify = options.stratify, .seed = options.seed};
  std::vector<Made> made;
  for (const Part& part : parts) {
    split.shares.push_back(part.share);
    made.push_back({.target = part_target(options.output, part.name), .rows = {}});
  }
  const std::vector<std::size_t> chosen = lists::split_rows(rows, split, options.source);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (chosen[i] != lists::kNoPart) made[chosen[i]].rows.push_back(rows[i]);
  }
  for (const Made& each : made) {
    if (each.rows.empty())
      refuse("--split", each.target + " without rows", "at least one row in each part", {});
  }
  return made;
}

void refuse_to_replace(const std::string& target, bool force) {
  if (force || target == "-" || !fs::is_regular_file(target)) return;
  refuse(target, "a file that is there already", "a new name", "Give --force to replace it.");
}

/// Options that say nothing where all images have one label must not be passed over in silence.
void check_label_options(const CreateOptions& options) {
  if (options.label.empty()) return;
  if (options.only.empty() && options.classes.empty() && options.classes_out.empty()) return;
  refuse("--label", options.label, "no --only, --classes or --classes-out, which are about folders",
         "Choose images with --where, such as 'folder = cats'.");
}

std::string describe(const Made& made, const lists::ClassNames& names) {
  std::map<float, std::int64_t> counts;
  if (lists::form_of(made.rows) == lists::Form::Class) {
    for (const LstRow& row : made.rows) ++counts[row.labels[0]];
  }
  std::string text = made.target + ": " + rows_text(static_cast<std::int64_t>(made.rows.size()));
  if (!counts.empty()) {
    text += ", " + std::to_string(counts.size()) + (counts.size() == 1 ? " class" : " classes");
  }
  for (const auto& [name, label] : names) {
    const auto count = counts.find(static_cast<float>(label));
    if (count != counts.end())
      text += "\n  " + std::to_string(label) + "  " + printable(name, 200) + "  " +
              grouped(count->second);
  }
  return text;
}

void create(const CreateOptions& options, const fs::path& data_dir) {
  std::optional<FolderRows> folder;
  std::optional<lists::List> list;
  std::vector<LstRow> rows;
  if (options.source == "-" || fs::path(options.source).extension() == ".lst") {
    if (!options.only.empty() || !options.classes.empty() || !options.classes_out.empty() ||
        !options.label.empty() || options.first_index != 0) {
      refuse(options.source, "a list",
             "a folder for --only, --classes, --classes-out, --label and --first-index",
             "Choose rows of a list with --where, and number them with millrace lst sort.");
    }
    list = read_list(options.source);
    rows.assign(list->rows().begin(), list->rows().end());
    rows = subset(std::move(rows), options);
  } else {
    check_label_options(options);
    folder.emplace(options, data_dir);
    rows = subset(folder->rows(), options);
    lists::renumber(rows, options.first_index);
  }
  std::vector<Made> made = divide(std::move(rows), options);
  for (Made& each : made) {
    if (options.shuffle) lists::sort_rows(each.rows, lists::SortKey::Random, false, options.seed);
    refuse_to_replace(each.target, options.force);
  }
  if (!options.classes_out.empty()) refuse_to_replace(options.classes_out, options.force);
  const lists::ClassNames names = folder ? folder->names() : lists::ClassNames();
  for (const Made& each : made) {
    if (!options.dry_run) write_list(each.target, each.rows);
    say_beside(each.target, (options.dry_run ? "would write " : "") + describe(each, names));
  }
  if (options.classes_out.empty()) return;
  if (!options.dry_run) write_text(options.classes_out, lists::format_class_names(names));
  say_beside(options.classes_out, (options.dry_run ? "would write " : "") + options.classes_out +
                                      ": " + std::to_string(names.size()) + " classes");
}

}  // namespace

void add_lst_create(CLI::App& lst, fs::path& data_dir) {
  CLI::App* verb = lst.add_subcommand(
      "create", "Make lists from a folder of images, an S3 prefix or another list");
  verb->footer(
      "Each folder below SOURCE is a class: folders whose names are all whole numbers have that\n"
      "label, others are numbered from 0 in the order of their names. Indices count from 0 over\n"
      "all parts of a split. A list as SOURCE keeps its rows as they are.\n\n"
      "Examples:\n"
      "  millrace lst create photos/ pets.lst\n"
      "  millrace lst create photos/ pets.lst --split train=0.8,validation=0.2 --stratify --seed "
      "7\n"
      "  millrace lst create s3://data/photos pets.lst --only cats,dogs --per-class 500\n"
      "  millrace lst create new/ extra.lst --classes classes.txt --first-index 12000\n"
      "  millrace lst create all.lst half.lst --where 'not path ~ \"*blurred*\"' --count 6000\n");
  auto options = std::make_shared<CreateOptions>();
  verb->add_option("source", options->source, "Folder, s3://bucket/prefix, or list to choose from")
      ->type_name("SOURCE")
      ->required();
  verb->add_option("output", options->output,
                   "List to write, - for standard output; with --split, what parts are named after")
      ->type_name("OUTPUT")
      ->required();
  verb->add_option("--label", options->label, "One label (or labels, 0,1,0) for every image");
  verb->add_option("--class-folder", options->folder,
                   "Which folder of a path is the class: the first, or the last as im2rec "
                   "--recursive")
      ->check(CLI::IsMember({"first", "last"}))
      ->capture_default_str();
  verb->add_option("--classes", options->classes,
                   "Labels to follow: lines of `label TAB folder`, or of folders alone")
      ->type_name("FILE");
  verb->add_option("--classes-out", options->classes_out, "Write the labels of the folders here")
      ->type_name("FILE");
  verb->add_option("--only", options->only, "Only these class folders, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("FOLDER,...");
  verb->add_option("--where", options->where, "Only rows that fit; see millrace lst --help")
      ->type_name("QUERY");
  verb->add_option("--per-class", options->per_class, "At most so many rows a class, drawn")
      ->check(CLI::PositiveNumber);
  verb->add_option("--count", options->count, "At most so many rows in all, drawn")
      ->check(CLI::PositiveNumber);
  verb->add_option("--split", options->split, "Lists to divide the rows among, with their shares")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME=SHARE,...");
  verb->add_flag("--stratify", options->stratify,
                 "Draw --split and --count from each class in the same share");
  verb->add_flag("--shuffle", options->shuffle, "Write the rows in a random order");
  verb->add_option("--seed", options->seed, "Of all that is drawn")->capture_default_str();
  verb->add_option("--first-index", options->first_index, "Index of the first row")
      ->capture_default_str();
  verb->add_flag("--force", options->force, "Replace files that are there already");
  verb->add_flag("--dry-run", options->dry_run, "Say what would be written, and write nothing");
  add_data_dir_option(*verb, data_dir);
  verb->callback([&data_dir, options] {
    options->class_folder =
        options->folder == "last" ? lists::ClassFolder::Last : lists::ClassFolder::First;
    create(*options, data_dir);
  });
}

}  // namespace millrace::cli
