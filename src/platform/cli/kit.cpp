#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "platform/cli/client_kit.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/shell_word.h"

namespace millrace::cli {
namespace {

constexpr const char* kAuthorityFile = "ca.pem";

void write_kit(const std::filesystem::path& data_dir, const std::filesystem::path& given) {
  const Target target = daemon_of(data_dir);
  const std::filesystem::path directory = std::filesystem::absolute(given).lexically_normal();
  if (std::filesystem::exists(directory) && !is_client_kit(directory) &&
      !(std::filesystem::is_directory(directory) && std::filesystem::is_empty(directory))) {
    throw Error(Blame::Customer, directory.string() +
                                     " holds something else than a client kit, which would be "
                                     "replaced. Give a new or empty directory");
  }
  PartialOutput output(directory);
  std::filesystem::create_directories(output.path());
  write_client_kit(output.path(), target.endpoint);
  if (target.authority)
    write_file_durably(output.path() / kAuthorityFile, read_file(*target.authority));
  output.replace();

  std::cout << "export AWS_DATA_PATH=" << shell_word(directory.string()) << '\n';
  if (target.authority)
    std::cout << "export AWS_CA_BUNDLE=" << shell_word((directory / kAuthorityFile).string())
              << '\n';
  if (target.endpoint.starts_with("http://")) {
    std::cerr
        << "millrace: the daemon speaks plain HTTP, while the SageMaker Python SDK asks STS over "
           "HTTPS only. For that, start it with --tls and write the kit again\n";
  }
}

}  // namespace

void add_kit_command(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* kit = app.add_subcommand(
      "kit",
      "Write the files by which any boto3 and AWS CLI finds the daemon without --endpoint-url");
  kit->footer(
      "botocore reads the directory before its own data when it stands in AWS_DATA_PATH, or when "
      "it is\n"
      "~/.aws/models. Editions older than 1.31 (Debian 12: boto3 1.26, AWS CLI 2.9) know no "
      "endpoint\n"
      "variables and need it; so does the SageMaker Python SDK for STS. Keys and region come as "
      "always:\n"
      "from `millrace env`, or a profile. The lines that it prints are for the shell.\n\n"
      "Examples:\n"
      "  millrace serve --tls &\n"
      "  eval \"$(millrace env)\"; eval \"$(millrace kit ~/millrace-kit)\"\n"
      "  aws s3 ls                               # Debian 12's, no --endpoint-url\n"
      "  millrace kit ~/.aws/models              # for every program of this user\n\n"
      "For one command, unchanged, `millrace run` needs no kit.\n");
  add_data_dir_option(*kit, data_dir);
  auto directory = std::make_shared<std::filesystem::path>();
  kit->add_option("directory", *directory, "Where to write; an earlier kit there is replaced")
      ->type_name("DIR")
      ->required();
  kit->callback([&data_dir, directory] { write_kit(data_dir, *directory); });
}

}  // namespace millrace::cli
