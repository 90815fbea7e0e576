#include <CLI/CLI.hpp>

#include "platform/cli/commands.h"
#include "platform/cli/data_commands.h"

namespace millrace::cli {

void add_data_commands(CLI::App& app) {
  CLI::App* data =
      app.add_subcommand("data", "Inspect, check and convert training data; needs no daemon");
  data->require_subcommand(1);
  data->footer(
      "Formats: csv, recordio-protobuf, libsvm, jsonlines, json, recordio (images), manifest;\n"
      "gzip'd where a name ends in .gz.\n\n"
      "Examples:\n"
      "  millrace data head train.csv\n"
      "  millrace data verify train.rec\n"
      "  millrace data convert train.csv train.pbr\n"
      "  millrace data convert photos/ train.rec\n");
  add_data_head(*data);
  add_data_stat(*data);
  add_data_verify(*data);
  add_data_convert(*data);
  add_data_pack_idx(*data);
}

}  // namespace millrace::cli
