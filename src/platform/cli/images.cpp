#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "core/base/text.h"
#include "generated/aws/control/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace control = wire::control;

struct AddOptions {
  std::string name;
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::filesystem::path> binds;
};

void add(aws::Client client, const AddOptions& options) {
  const std::filesystem::path program = std::filesystem::absolute(options.program).lexically_normal();
  if (!std::filesystem::is_regular_file(program) || ::access(program.c_str(), X_OK) != 0) {
    throw Error(Blame::Customer, Problem{.where = "option --exec",
                                         .given = program.string(),
                                         .expected = "an executable file",
                                         .fix = "Check the path, or make it executable with chmod +x."});
  }
  control::RegisterImageRequest request{.image_name = options.name, .command = {program.string()}};
  request.command.insert(request.command.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> binds;
  for (const auto& bind : options.binds) binds.push_back(std::filesystem::absolute(bind).lexically_normal().string());
  // A program outside /usr is invisible in the sandbox unless it is bound.
  if (!program.string().starts_with("/usr/")) binds.push_back(program.string());
  if (!binds.empty()) request.read_only_binds = binds;
  client.call<control::ops::RegisterImage>(request);
  std::cout << "TrainingImage \"" << options.name << "\" now runs " << program.string() << '\n';
}

void list(aws::Client client) {
  const auto answer = client.call<control::ops::ListImages>({});
  std::vector<std::vector<std::string>> rows;
  for (const auto& image : answer.images) {
    const std::string runs = image.command ? join(*image.command, " ") : image.summary.value_or("");
    rows.push_back({image.image_name, image.kind, runs});
  }
  std::cout << aligned({"IMAGE", "KIND", "RUNS"}, rows);
}

}  // namespace

void add_images_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* images = app.add_subcommand("images", "Names that a job's TrainingImage may carry");
  images->require_subcommand(1);
  images->footer("Examples:\n"
                 "  millrace images add my-trainer --exec /opt/trainers/train.py\n"
                 "  millrace images list\n");
  CLI::App* add_verb = images->add_subcommand("add", "Register a program as a training image");
  add_verb->footer("The program runs in the sandbox with the argument 'train' and the folders of the container contract\n"
                   "under /opt/ml. It sees /usr, its own file, and what --bind names.\n\n"
                   "Examples:\n"
                   "  millrace images add my-trainer --exec ./train.py\n"
                   "  millrace images add churn --exec /usr/bin/python3 --bind /opt/churn --arg /opt/churn/train.py\n");
  auto options = std::make_shared<AddOptions>();
  add_verb->add_option("name", options->name, "Image name, as jobs will give it")->required();
  add_verb->add_option("--exec", options->program, "Program to run")->required()->type_name("PROGRAM");
  add_verb->add_option("--arg", options->arguments, "Argument before the job's own; may be repeated");
  add_verb->add_option("--bind", options->binds, "Folder or file it needs, seen read-only; may be repeated");
  add_data_dir_option(*add_verb, data_dir);
  add_verb->callback([&data_dir, options] { add(connect(data_dir), *options); });

  CLI::App* list_verb = images->add_subcommand("list", "Built-in algorithms and registered programs");
  add_data_dir_option(*list_verb, data_dir);
  list_verb->callback([&data_dir] { list(connect(data_dir)); });
}

}  // namespace millrace::cli
