#include <CLI/CLI.hpp>
#include <iostream>

#include "generated/aws/control/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"

namespace millrace::cli {

void add_console_command(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* console =
      app.add_subcommand("console", "Print a link that signs you in to the web console");
  console->footer(
      "The link works once, for ten minutes, for the user of the key that asks for it: the "
      "operator\n"
      "of the data directory, or whom AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY name. Nothing "
      "is\n"
      "opened. A session lasts twelve hours, and one hour without use.\n\n"
      "Examples:\n"
      "  millrace console\n"
      "  xdg-open \"$(millrace console --data-dir /srv/millrace)\"\n");
  add_data_dir_option(*console, data_dir);
  console->callback([&data_dir] {
    std::cout << connect(data_dir).call<wire::control::ops::CreateConsoleLink>({}).url << '\n';
  });
}

}  // namespace millrace::cli
