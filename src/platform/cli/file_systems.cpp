#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/text.h"
#include "core/base/time.h"
#include "generated/aws/control/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace control = wire::control;

struct AddOptions {
  std::string id;
  std::string type;
  std::filesystem::path path;
  std::string link;
  std::string mount_name;
};

void add(aws::Client client, const AddOptions& options) {
  control::RegisterFileSystemRequest request{
      .file_system_type = options.type,
      .path = std::filesystem::absolute(options.path).lexically_normal().string()};
  if (!options.id.empty()) request.file_system_id = options.id;
  if (!options.link.empty()) request.linked_s3_uri = options.link;
  if (!options.mount_name.empty()) request.mount_name = options.mount_name;
  const auto made = client.call<control::ops::RegisterFileSystem>(request).file_system;
  std::cout << made.file_system_id << " is " << made.path;
  if (made.linked_s3_uri) std::cout << ", linked to " << *made.linked_s3_uri;
  if (made.mount_name) std::cout << "; a DirectoryPath in it begins with /" << *made.mount_name;
  std::cout << '\n';
}

void list(aws::Client client) {
  const auto answer = client.call<control::ops::ListFileSystems>({});
  if (answer.file_systems.empty()) {
    std::cout << "no file systems\n";
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : answer.file_systems) {
    rows.push_back({one.file_system_id, one.file_system_type, one.path,
                    one.linked_s3_uri.value_or("-"), std::to_string(one.jobs_using)});
  }
  std::cout << aligned({"ID", "TYPE", "PATH", "LINKED TO", "JOBS"}, rows);
}

void describe(aws::Client client, const std::string& id) {
  const auto one =
      client.call<control::ops::DescribeFileSystem>({.file_system_id = id}).file_system;
  const auto print = [](const char* name, const std::string& value) {
    constexpr std::size_t kColumn = 16;
    const std::string text(name);
    std::cout << text << std::string(kColumn - text.size(), ' ') << value << '\n';
  };
  print("id", one.file_system_id);
  print("type", one.file_system_type);
  print("path", one.path);
  if (one.mount_name) print("mount name", *one.mount_name);
  if (one.linked_s3_uri) print("linked to", *one.linked_s3_uri);
  print("registered", iso8601_seconds(one.creation_time));
  print("jobs using it", std::to_string(one.jobs_using));
  print("fetches", std::to_string(one.fetches));
  print("bytes", std::to_string(one.bytes));
}

void remove(aws::Client client, const std::string& id) {
  client.call<control::ops::DeregisterFileSystem>({.file_system_id = id});
  std::cout << id << " is removed; its files stay where they are\n";
}

}  // namespace

void add_file_systems_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* noun = app.add_subcommand(
      "filesystems", "Directories that a job's channels name as EFS or FSx file systems");
  noun->require_subcommand(1);
  noun->footer(
      "Examples:\n"
      "  millrace filesystems add fs-0123456789abcdef0 --type EFS --path /srv/pictures\n"
      "  millrace filesystems list\n"
      "  millrace filesystems describe fs-0123456789abcdef0\n");

  CLI::App* add_verb = noun->add_subcommand("add", "Give a directory the id of a file system");
  add_verb->footer(
      "A channel then names the id, the type and a DirectoryPath inside the directory. A "
      "DirectoryPath in an\n"
      "FSxLustre file system begins with its mount name. With --link the objects of a bucket "
      "prefix appear\n"
      "in the directory and are fetched when they are first read, once for all jobs.\n\n"
      "Examples:\n"
      "  millrace filesystems add --type EFS --path /srv/pictures              # an id is made up\n"
      "  millrace filesystems add fs-0123456789abcdef0 --type FSxLustre --path /srv/lustre \\\n"
      "      --mount-name k4jhtbmv\n"
      "  millrace filesystems add --type FSxLustre --path /srv/cache --link s3://data/pictures\n");
  auto options = std::make_shared<AddOptions>();
  add_verb->add_option("id", options->id,
                       "fs- and at least eight hexadecimal digits; made up when left out");
  add_verb->add_option("--type", options->type, "Which type channels give")
      ->required()
      ->check(CLI::IsMember({"EFS", "FSxLustre"}));
  add_verb->add_option("--path", options->path, "Existing directory")->required()->type_name("DIR");
  add_verb
      ->add_option("--link", options->link,
                   "Bucket prefix whose objects appear in it; FSxLustre only")
      ->type_name("s3://BUCKET/PREFIX");
  add_verb
      ->add_option("--mount-name", options->mount_name,
                   "First component of every DirectoryPath; FSxLustre only [fsx]")
      ->type_name("NAME");
  add_data_dir_option(*add_verb, data_dir);
  add_verb->callback([&data_dir, options] { add(connect(data_dir), *options); });

  CLI::App* list_verb = noun->add_subcommand("list", "All registered file systems");
  list_verb->footer("Example:\n  millrace filesystems list\n");
  add_data_dir_option(*list_verb, data_dir);
  list_verb->callback([&data_dir] { list(connect(data_dir)); });

  auto id = std::make_shared<std::string>();
  const auto id_verb = [&](const std::string& verb, const std::string& what) {
    CLI::App* added = noun->add_subcommand(verb, what);
    added->footer("Example:\n  millrace filesystems " + verb + " fs-0123456789abcdef0\n");
    added->add_option("id", *id, "Its id")->required();
    add_data_dir_option(*added, data_dir);
    return added;
  };
  id_verb("describe", "Path, link, jobs, and what was fetched from the linked bucket")
      ->callback([&data_dir, id] { describe(connect(data_dir), *id); });
  id_verb("remove", "Forget a file system that no unfinished job uses; its files stay")
      ->callback([&data_dir, id] { remove(connect(data_dir), *id); });
}

}  // namespace millrace::cli
