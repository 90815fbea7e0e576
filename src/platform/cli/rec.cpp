#include <CLI/CLI.hpp>

#include "platform/cli/commands.h"
#include "platform/cli/rec_commands.h"

namespace millrace::cli {

void add_rec_commands(CLI::App& app) {
  CLI::App* rec = app.add_subcommand(
      "rec", "Pack images and lists into RecordIO as im2rec does, and back; needs no daemon");
  rec->require_subcommand(1);
  rec->footer(
      "Examples:\n"
      "  millrace rec pack --resize 256 train.lst photos/ train.rec\n"
      "  millrace rec list train.rec\n"
      "  millrace rec unpack train.rec photos-again/\n");
  add_rec_pack(*rec);
  add_rec_unpack(*rec);
  add_rec_list(*rec);
}

}  // namespace millrace::cli
