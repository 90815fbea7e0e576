#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "core/base/refuse.h"
#include "core/lists/append.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"
#include "platform/cli/lst/picture_check.h"

namespace millrace::cli {
namespace {

struct AddOptions : EditOptions {
  std::vector<std::string> paths;
  std::string label;
  std::string rows;  ///< another list
  std::string images;
};

void add_rows(const AddOptions& options, const std::filesystem::path& data_dir) {
  if (options.paths.empty() == options.rows.empty())
    refuse("millrace lst add", options.rows.empty() ? "nothing" : "both", "paths, or --rows LIST",
           {});
  if (options.rows.empty() == options.label.empty())
    refuse("--label", options.label, "the labels of the paths; rows of a list have their own", {});
  require_one_input({options.list, options.rows});
  const lists::List list = read_list(options.list);
  const PictureCheck pictures(options.images, data_dir);
  lists::Appender rows(list);
  const std::vector<float> labels =
      options.label.empty() ? std::vector<float>() : parse_labels(options.label, "--label");
  for (const std::string& path : options.paths) {
    pictures.require(path, "path");
    rows.add(path, labels, "path");
  }
  std::optional<lists::List> others;
  if (!options.rows.empty()) {
    others = read_list(options.rows);
    for (const LstRow& row : others->rows()) {
      const std::string place = lists::place_of(row, others->origin());
      pictures.require(row.path, place);
      rows.add(row.path, row.labels, place);
    }
  }
  finish_edit(options, list, rows.rows(), rows_text(rows.added()) + " added");
}

}  // namespace

void add_lst_add(CLI::App& lst, std::filesystem::path& data_dir) {
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

}  // namespace millrace::cli
