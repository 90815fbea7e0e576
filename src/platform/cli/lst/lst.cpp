#include <CLI/CLI.hpp>

#include "platform/cli/commands.h"
#include "platform/cli/lst/lst_commands.h"

namespace millrace::cli {

void add_lst_commands(CLI::App& app, std::filesystem::path& data_dir, ExitStatus& status) {
  CLI::App* lst =
      app.add_subcommand("lst", "Make, check, edit, compare and merge image lists (.lst)");
  lst->require_subcommand(1);
  lst->footer(
      "A list has a line an image: index, label or labels, path, separated by tabs. `-` stands "
      "for\n"
      "standard input or output. What is written appears whole or not at all, and every verb that\n"
      "writes takes --dry-run. Lines that are not changed stay as they are, byte by byte.\n\n"
      "Queries (--where) choose rows:\n"
      "  label = 3 and path ~ \"cats/*\"\n"
      "  class in (1, 4) and not name ~ *_blurred.jpg\n"
      "  (index < 100 or index >= 900) and label[2] = 1\n"
      "Fields: index, line, label, label[N], labels, class, boxes, path, folder, name.\n"
      "Signs: = != < <= > >= in (...), for texts also ~ and !~ with * ? [a-z].\n\n"
      "Examples:\n"
      "  millrace lst create photos/ pets.lst --split train=0.8,validation=0.2 --stratify --seed "
      "7\n"
      "  millrace lst check pets_train.lst pets_validation.lst --images photos/\n"
      "  millrace lst relabel pets_train.lst --where 'path ~ \"*/tiger_*\"' --to 4 --dry-run\n"
      "  millrace lst diff old.lst pets_train.lst --html changes.html --images photos/\n");
  add_lst_create(*lst, data_dir);
  add_lst_cat(*lst);
  add_lst_stat(*lst);
  add_lst_check(*lst, data_dir, status);
  add_lst_add(*lst, data_dir);
  add_lst_relabel(*lst);
  add_lst_replace(*lst, data_dir);
  add_lst_remap(*lst);
  add_lst_sort(*lst);
  add_lst_sample(*lst);
  add_lst_diff(*lst, data_dir, status);
  add_lst_merge(*lst, status);
}

}  // namespace millrace::cli
