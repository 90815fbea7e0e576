#include "core/lists/edit.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lists/form.h"
#include "platform/cli/lst/image_root.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWhereHelp = "Only rows that fit; see millrace lst --help";

[[noreturn]] void refuse(std::string where, std::string given, std::string expected,
                         std::string fix) {
  throw Error(Blame::Customer, Problem{.where = std::move(where),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

/// Sees to it that pictures are there before rows name them.
class PictureCheck {
 public:
  /// An empty `images` means not to look.
  PictureCheck(const std::string& images, const fs::path& data_dir) : images_(images) {
    if (images.empty()) return;
    for (std::string& path : open_image_root(images, data_dir)->images())
      there_.insert(std::move(path));
  }

  void require(std::string_view path, const std::string& what) const {
    if (images_.empty() || there_.count(std::string(path)) > 0) return;
    refuse(what, std::string(path), "an image that is in " + images_, {});
  }

 private:
  std::string images_;
  std::unordered_set<std::string> there_;
};

std::size_t width_of(std::span<const LstRow> rows) {
  return rows.empty() ? 0 : rows.front().labels.size();
}

struct AddOptions : EditOptions {
  std::vector<std::string> paths;
  std::string label;
  std::string rows;  ///< another list
  std::string images;
};

/// Appends rows, each with the next index.
class Adder {
 public:
  Adder(const lists::List& list, const PictureCheck& pictures)
      : rows_(list.rows().begin(), list.rows().end()),
        form_(lists::form_of(list.rows())),
        width_(width_of(list.rows())),
        next_(lists::next_index(list.rows())),
        origin_(list.origin()),
        pictures_(pictures) {
    for (const LstRow& row : list.rows()) paths_.insert(row.path);
  }

  void add(std::string_view path, std::span<const float> labels, const std::string& what) {
    pictures_.require(path, what);
    lists::check_labels_fit(labels, form_, width_, origin_);
    if (!paths_.insert(path).second)
      refuse(what, std::string(path), "a picture that " + origin_ + " has no row of",
             "Relabel the row it has.");
    rows_.push_back({.index = next_++, .labels = labels, .path = path});
    ++added_;
  }

  [[nodiscard]] const std::vector<LstRow>& rows() const { return rows_; }
  [[nodiscard]] std::int64_t added() const { return added_; }

 private:
  std::vector<LstRow> rows_;
  lists::Form form_;
  std::size_t width_;
  std::uint64_t next_;
  std::string origin_;
  const PictureCheck& pictures_;
  std::unordered_set<std::string_view> paths_;
  std::int64_t added_ = 0;
};

void add_rows(const AddOptions& options, const fs::path& data_dir) {
  if (options.paths.empty() == options.rows.empty())
    refuse("millrace lst add", options.rows.empty() ? "nothing" : "both", "paths, or --rows LIST",
           {});
  if (options.rows.empty() == options.label.empty())
    refuse("--label", options.label, "the labels of the paths; rows of a list have their own", {});
  const lists::List list = read_list(options.list);
  const PictureCheck pictures(options.images, data_dir);
  Adder adder(list, pictures);
  const std::vector<float> labels =
      options.label.empty() ? std::vector<float>() : parse_labels(options.label, "--label");
  for (const std::string& path : options.paths) adder.add(path, labels, "path");
  std::optional<lists::List> others;
  if (!options.rows.empty()) {
    others = read_list(options.rows);
    for (const LstRow& row : others->rows())
      adder.add(row.path, row.labels, lists::place_of(row, others->origin()));
  }
  finish_edit(options, list, adder.rows(), rows_text(adder.added()) + " added");
}

struct RelabelOptions : EditOptions {
  std::vector<std::string> paths;
  std::string where;
  std::string to;
  std::vector<std::string> set;
  std::string like;
};

/// "2=1": label column 2 becomes 1.
struct ColumnChange {
  std::size_t column = 0;
  float label = 0;
};

std::vector<ColumnChange> parse_columns(const std::vector<std::string>& texts) {
  std::vector<ColumnChange> changes;
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

/// What a list says of each picture that it has.
std::unordered_map<std::string_view, std::span<const float>> labels_by_path(
    const lists::List& list) {
  std::unordered_map<std::string_view, std::span<const float>> labels;
  for (const LstRow& row : list.rows()) {
    if (!labels.emplace(row.path, row.labels).second)
      refuse(lists::place_of(row, list.origin()), std::string(row.path),
             "each picture once, since its row says what label it gets", {});
  }
  return labels;
}

/// Gives rows of a list other labels.
class Relabeller {
 public:
  explicit Relabeller(const lists::List& list)
      : rows_(list.rows().begin(), list.rows().end()),
        form_(lists::form_of(list.rows())),
        origin_(list.origin()) {}

  void choose(const std::vector<std::string>& paths, const std::string& where) {
    const lists::Query query = parse_where(where);
    query.check(form_, origin_);
    const std::unordered_set<std::string_view> named(paths.begin(), paths.end());
    std::unordered_set<std::string_view> missing = named;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      missing.erase(rows_[i].path);
      if ((paths.empty() || named.count(rows_[i].path) > 0) && query.matches(rows_[i], form_))
        chosen_.push_back(i);
    }
    if (!missing.empty())
      refuse("path", std::string(*missing.begin()), "a path that " + origin_ + " has", {});
  }

  void give(std::span<const float> labels) {
    if (form_ == lists::Form::Detection) refuse_boxes();
    lists::check_labels_fit(labels, form_, width_of(rows_), origin_);
    const std::span<const float> kept = store_.keep(labels);
    for (const std::size_t i : chosen_) set(i, kept);
  }

  void give_columns(const std::vector<ColumnChange>& changes) {
    if (form_ == lists::Form::Detection) refuse_boxes();
    for (const std::size_t i : chosen_) {
      std::vector<float> labels(rows_[i].labels.begin(), rows_[i].labels.end());
      for (const ColumnChange& change : changes) {
        if (change.column >= labels.size()) {
          refuse(lists::place_of(rows_[i], origin_), "label[" + std::to_string(change.column) + "]",
                 "a label column below " + std::to_string(labels.size()), {});
        }
        labels[change.column] = change.label;
      }
      set(i, store_.keep(labels));
    }
  }

  void follow(const lists::List& other) {
    const auto labels = labels_by_path(other);
    for (const std::size_t i : chosen_) {
      const auto found = labels.find(rows_[i].path);
      if (found == labels.end()) continue;
      lists::check_labels_fit(found->second, form_, width_of(rows_), origin_);
      set(i, found->second);
    }
  }

  [[nodiscard]] const std::vector<LstRow>& rows() const { return rows_; }
  [[nodiscard]] std::int64_t changed() const { return changed_; }

 private:
  [[noreturn]] void refuse_boxes() const {
    refuse(origin_, "boxes", "one label a row, or a column a class",
           "Exchange classes of boxes with millrace lst remap, or give rows the labels of another "
           "list with --like.");
  }

  void set(std::size_t i, std::span<const float> labels) {
    LstRow& row = rows_[i];
    if (std::equal(labels.begin(), labels.end(), row.labels.begin(), row.labels.end())) return;
    row.labels = labels;
    ++changed_;
  }

  std::vector<LstRow> rows_;
  lists::Form form_;
  std::string origin_;
  lists::RowStore store_;
  std::vector<std::size_t> chosen_;
  std::int64_t changed_ = 0;
};

void relabel(const RelabelOptions& options) {
  const int ways = !options.to.empty() + !options.set.empty() + !options.like.empty();
  if (ways != 1)
    refuse("millrace lst relabel", std::to_string(ways) + " of them",
           "one of --to, --set and --like", {});
  if (options.paths.empty() && options.where.empty() && options.like.empty()) {
    refuse("millrace lst relabel", "no rows", "paths or --where, saying which rows are meant",
           "All of them: --where 'index >= 0'.");
  }
  const lists::List list = read_list(options.list);
  std::optional<lists::List> other;
  Relabeller relabeller(list);
  relabeller.choose(options.paths, options.where);
  if (!options.to.empty()) relabeller.give(parse_labels(options.to, "--to"));
  if (!options.set.empty()) relabeller.give_columns(parse_columns(options.set));
  if (!options.like.empty()) {
    other = read_list(options.like);
    relabeller.follow(*other);
  }
  finish_edit(options, list, relabeller.rows(), rows_text(relabeller.changed()) + " relabelled");
}

struct ReplaceOptions : EditOptions {
  std::string old_path;
  std::string new_path;
  bool prefix = false;
  std::string images;
};

void replace(const ReplaceOptions& options, const fs::path& data_dir) {
  const lists::List list = read_list(options.list);
  const PictureCheck pictures(options.images, data_dir);
  lists::RowStore store;
  std::vector<LstRow> rows(list.rows().begin(), list.rows().end());
  std::unordered_set<std::string_view> kept;
  std::vector<std::size_t> meant;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool fits = options.prefix ? rows[i].path.starts_with(options.old_path)
                                     : rows[i].path == options.old_path;
    if (fits)
      meant.push_back(i);
    else
      kept.insert(rows[i].path);
  }
  if (meant.empty())
    refuse(list.origin(), options.old_path,
           options.prefix ? "the beginning of a path it has" : "a path it has", {});
  for (const std::size_t i : meant) {
    LstRow& row = rows[i];
    row.path = store.keep(options.new_path + std::string(row.path.substr(options.old_path.size())));
    const std::string place = lists::place_of(row, list.origin());
    if (kept.count(row.path) > 0)
      refuse(place, std::string(row.path), "a picture that no other row has", {});
    pictures.require(row.path, place);
  }
  finish_edit(options, list, rows,
              rows_text(static_cast<std::int64_t>(meant.size())) + " replaced");
}

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

void add_lst_add(CLI::App& lst, fs::path& data_dir) {
  CLI::App* verb = lst.add_subcommand("add", "Append rows, each with the next index");
  verb->footer(
      "Examples:\n"
      "  millrace lst add train.lst cats/901.jpg cats/902.jpg --label 3 --images photos/\n"
      "  millrace lst add tags.lst beach/7.jpg --label 0,1,0,1\n"
      "  millrace lst add train.lst --rows extra.lst --dry-run\n");
  auto options = std::make_shared<AddOptions>();
  add_edit_options(*verb, *options);
  verb->add_option("paths", options->paths, "Paths of images")->type_name("PATH");
  verb->add_option("--label", options->label, "Their label, or labels as 0,1,0");
  verb->add_option("--rows", options->rows, "Append the rows of this list, numbered anew")
      ->type_name("LIST");
  verb->add_option("--images", options->images, "See to it that the images are here")
      ->type_name("SOURCE");
  add_data_dir_option(*verb, data_dir);
  verb->callback([options, &data_dir] { add_rows(*options, data_dir); });
}

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
  verb->add_option("--where", options->where, kWhereHelp)->type_name("QUERY");
  verb->add_option("--to", options->to, "The new label, or all labels as 0,1,0");
  verb->add_option("--set", options->set, "One label column, from 0, and what it becomes")
      ->delimiter(',')
      ->type_name("N=LABEL,...");
  verb->add_option("--like", options->like, "Take the labels that this list has for the same paths")
      ->type_name("LIST");
  verb->callback([options] { relabel(*options); });
}

void add_lst_replace(CLI::App& lst, fs::path& data_dir) {
  CLI::App* verb =
      lst.add_subcommand("replace", "Exchange the image of a row; its index and labels stay");
  verb->footer(
      "Examples:\n"
      "  millrace lst replace train.lst cats/7.jpg cats/7_sharp.jpg --images photos/\n"
      "  millrace lst replace train.lst --prefix raw/ resized/\n");
  auto options = std::make_shared<ReplaceOptions>();
  add_edit_options(*verb, *options);
  verb->add_option("old", options->old_path, "The path that the row has")->required();
  verb->add_option("new", options->new_path, "The path that it gets")->required();
  verb->add_flag("--prefix", options->prefix, "OLD and NEW are beginnings of paths");
  verb->add_option("--images", options->images, "See to it that the new image is here")
      ->type_name("SOURCE");
  add_data_dir_option(*verb, data_dir);
  verb->callback([options, &data_dir] { replace(*options, data_dir); });
}

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
  verb->add_flag("--renumber", options->renumber, "Then count the indices through");
  verb->add_option("--first-index", options->first_index, "Where --renumber begins")
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Of --by random")->capture_default_str();
  verb->callback([options] { sort(*options); });
}

}  // namespace millrace::cli
