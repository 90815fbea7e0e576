#include <CLI/CLI.hpp>
#include <memory>

#include "core/lists/edit.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/lst_commands.h"
#include "platform/cli/lst/picture_check.h"

namespace millrace::cli {
namespace {

struct ReplaceOptions : EditOptions {
  std::string old_path;
  std::string new_path;
  bool prefix = false;
  std::string images;
};

void replace(const ReplaceOptions& options, const std::filesystem::path& data_dir) {
  const lists::List list = read_list(options.list);
  const PictureCheck pictures(options.images, data_dir);
  lists::RowStore store;
  std::vector<LstRow> rows(list.rows().begin(), list.rows().end());
  const std::vector<std::size_t> replaced = lists::replace_paths(
      rows, {.from = options.old_path, .to = options.new_path, .prefix = options.prefix},
      list.origin(), store);
  for (const std::size_t i : replaced)
    pictures.require(rows[i].path, lists::place_of(rows[i], list.origin()));
  finish_edit(options, list, rows,
              rows_text(static_cast<std::int64_t>(replaced.size())) + " replaced");
}

}  // namespace

void add_lst_replace(CLI::App& lst, std::filesystem::path& data_dir) {
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

}  // namespace millrace::cli
