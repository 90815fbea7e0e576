#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/shell_word.h"

namespace millrace::cli {

void add_data_dir_option(CLI::App& verb, std::filesystem::path& data_dir) {
  verb.add_option("--data-dir", data_dir, "Data directory of the daemon")
      ->type_name("DIR")
      ->default_str(default_data_dir().string());
}

void add_env_command(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* env = app.add_subcommand("env", "Print the shell lines that point AWS clients at the daemon");
  env->footer("Examples:\n"
              "  eval \"$(millrace env)\"\n"
              "  aws --endpoint-url \"$AWS_ENDPOINT_URL\" s3 ls      # AWS CLI older than 2.13\n"
              "  aws s3 ls                                         # newer ones read the variable\n");
  add_data_dir_option(*env, data_dir);
  env->callback([&data_dir] {
    const Target target = daemon_of(data_dir);
    std::cout << "export AWS_ENDPOINT_URL=" << shell_word(target.endpoint) << "\n"
              << "export AWS_ACCESS_KEY_ID=" << shell_word(target.access_key) << "\n"
              << "export AWS_SECRET_ACCESS_KEY=" << shell_word(target.secret_key) << "\n"
              << "export AWS_DEFAULT_REGION=" << shell_word(target.region) << "\n"
              << "export AWS_REGION=" << shell_word(target.region) << "\n"
              << "export AWS_EC2_METADATA_DISABLED='true'\n";
    if (target.authority) {
      const std::string authority = shell_word(target.authority->string());
      std::cout << "export AWS_CA_BUNDLE=" << authority << "\n"
                << "export NODE_EXTRA_CA_CERTS=" << authority << "\n";
    }
  });
}

}  // namespace millrace::cli
