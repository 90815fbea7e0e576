#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "generated/aws/control/operations.h"
#include "platform/cli/add_container.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/shell_word.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace control = wire::control;

struct AddOptions {
  std::string name;
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::filesystem::path> binds;
  ContainerOptions container;
};

void add_executable(aws::Client client, const AddOptions& options) {
  const std::filesystem::path program =
      std::filesystem::absolute(options.program).lexically_normal();
  if (!std::filesystem::is_regular_file(program) || ::access(program.c_str(), X_OK) != 0) {
    throw Error(Blame::Customer,
                Problem{.where = "option --exec",
                        .given = program.string(),
                        .expected = "an executable file",
                        .fix = "Check the path, or make it executable with chmod +x."});
  }
  std::vector<std::string> command{program.string()};
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  control::RegisterImageRequest request{.image_name = options.name, .command = std::move(command)};
  std::vector<std::string> binds;
  for (const auto& bind : options.binds)
    binds.push_back(std::filesystem::absolute(bind).lexically_normal().string());
  // A program outside /usr is invisible in the sandbox unless it is bound.
  if (!program.string().starts_with("/usr/")) binds.push_back(program.string());
  if (!binds.empty()) request.read_only_binds = binds;
  client.call<control::ops::RegisterImage>(request);
  std::cout << "TrainingImage \"" << options.name << "\" now runs " << program.string() << '\n';
}

void add(const std::filesystem::path& data_dir, const AddOptions& options) {
  if (!options.program.empty()) {
    add_executable(connect(data_dir), options);
  } else {
    add_container(data_dir, options.name, options.container);
  }
}

/// An image says what it likes: a terminal is to show that, not to obey it.
std::string shown(const std::string& text) {
  constexpr std::size_t kMaxBytes = 4096;
  return printable(text, kMaxBytes);
}

std::string command_text(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_word(word));
  return join(quoted, " ");
}

std::string shown_digest(const std::string& digest) {
  constexpr std::size_t kShort = 7 + 12;  // as container engines show it
  return digest.substr(0, kShort);
}

void list(aws::Client client) {
  const auto answer = client.call<control::ops::ListImages>({});
  std::vector<std::vector<std::string>> rows;
  for (const auto& image : answer.images) {
    std::string runs = image.command ? join(*image.command, " ") : image.summary.value_or("");
    std::string digest = "-";
    std::string size = "-";
    if (const auto& container = image.container) {
      runs = container->entrypoint.empty() ? "train, serve" : command_text(container->entrypoint);
      digest = shown_digest(container->digest);
      size = human_bytes(static_cast<std::uint64_t>(container->size_in_bytes));
    }
    rows.push_back({shown(image.image_name), image.kind, shown(digest), size, shown(runs)});
  }
  std::cout << aligned({"IMAGE", "KIND", "DIGEST", "SIZE", "RUNS"}, rows);
}

void print(const char* name, const std::string& value) {
  constexpr std::size_t kColumn = 16;
  const std::string text(name);
  std::cout << text << std::string(kColumn - text.size(), ' ') << shown(value) << '\n';
}

void describe_container(const control::ContainerImage& image) {
  print("digest", image.digest);
  print("image id", image.image_id);
  print("from", image.source_kind + " " + image.source +
                    (image.reference ? ", " + *image.reference : std::string()));
  if (image.signature_beside) print("signature", "one lay beside the image; it was not verified");
  print("platform", image.platform);
  if (image.built) print("built", *image.built);
  print("size", human_bytes(static_cast<std::uint64_t>(image.size_in_bytes)) + " in " +
                    std::to_string(image.files) + " files, directories and links");
  for (const auto& layer : image.layers) {
    print(&layer == &image.layers.front() ? "layers" : "",
          layer.digest.value_or(layer.diff_id) + ", " +
              human_bytes(static_cast<std::uint64_t>(layer.size_in_bytes)));
  }
  print("entry point", image.entrypoint.empty() ? "none: train or serve of its PATH"
                                                : command_text(image.entrypoint));
  if (!image.arguments.empty()) print("arguments", command_text(image.arguments));
  for (const auto& [name, value] : image.environment)
    print(name == image.environment.begin()->first ? "environment" : "", name + "=" + value);
  print("directory", image.working_directory);
  print("user", (image.user.empty() ? "root" : image.user) + " (" + std::to_string(image.user_id) +
                    ":" + std::to_string(image.group_id) + ")");
  for (const std::string& sentence : image.dropped)
    print(&sentence == &image.dropped.front() ? "left out" : "", sentence);
}

void describe(aws::Client client, const std::string& name) {
  const auto image = client.call<control::ops::DescribeImage>({.image_name = name}).image;
  print("image", image.image_name);
  print("kind", image.kind);
  if (image.creation_time) print("registered", iso8601_seconds(*image.creation_time));
  if (image.command) print("runs", command_text(*image.command));
  if (image.read_only_binds) print("sees", join(*image.read_only_binds, ", "));
  if (image.container) describe_container(*image.container);
}

void remove(aws::Client client, const std::string& name) {
  client.call<control::ops::DeregisterImage>({.image_name = name});
  std::cout << name << " is removed\n";
}

void add_add_verb(CLI::App& images, std::filesystem::path& data_dir) {
  CLI::App* verb = images.add_subcommand("add", "Register a program or a container image");
  verb->footer(
      "A program (--exec) runs in the sandbox with the argument 'train' and the folders of the "
      "container contract\n"
      "under /opt/ml. It sees /usr, its own file, and what --bind names.\n\n"
      "A container image is unpacked into the data directory, every digest checked. Its entry "
      "point "
      "runs with the\n"
      "argument 'train' (for an endpoint 'serve') in its own root file system, with its "
      "environment, "
      "user and working\n"
      "directory; nothing of this machine but the kernel is seen. No container engine is needed. "
      "Run it as the user\n"
      "whom the daemon runs as, or as root.\n\n"
      "Examples:\n"
      "  millrace images add my-trainer --exec ./train.py\n"
      "  millrace images add churn --exec /usr/bin/python3 --bind /opt/churn --arg "
      "/opt/churn/train.py\n"
      "  docker save churn:3 -o churn.tar && millrace images add churn:3 --docker-archive "
      "churn.tar\n"
      "  skopeo copy docker-archive:churn.tar oci:churn:3 && millrace images add churn:3 "
      "--oci-layout "
      "churn\n"
      "  millrace images add bare --rootfs /srv/bookworm --entrypoint /usr/bin/python3 "
      "--entrypoint "
      "/train.py\n");
  auto options = std::make_shared<AddOptions>();
  ContainerOptions& container = options->container;
  verb->add_option("name", options->name, "Image name, as jobs will give it: churn, churn:3")
      ->required();
  CLI::Option* exec =
      verb->add_option("--exec", options->program, "Program to run")->type_name("PROGRAM");
  verb->add_option("--arg", options->arguments, "Argument before the job's own; may be repeated")
      ->needs(exec);
  verb->add_option("--bind", options->binds,
                   "Folder or file it needs, seen read-only; may be repeated")
      ->needs(exec);
  CLI::Option* archive = verb->add_option("--docker-archive", container.archive,
                                          "What `docker save` or `podman save` has written")
                             ->type_name("FILE.tar");
  CLI::Option* layout =
      verb->add_option("--oci-layout", container.layout, "OCI image layout")->type_name("DIR");
  CLI::Option* rootfs =
      verb->add_option("--rootfs", container.root, "Root file system, to be copied")
          ->type_name("DIR");
  const std::vector<CLI::Option*> sources{exec, archive, layout, rootfs};
  for (CLI::Option* source : sources) {
    for (CLI::Option* other : sources) {
      if (source != other) source->excludes(other);
    }
  }
  verb->add_option("--ref", container.reference,
                   "Which image of an archive or layout that holds several")
      ->type_name("NAME:TAG")
      ->excludes(exec, rootfs);
  verb->add_option("--max-size", container.max_gigabytes, "Refuse images that unpack to more [64]")
      ->type_name("GB")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20));
  verb->add_option("--entrypoint", container.config.entrypoint,
                   "Word of the command before the job's own arguments; may be repeated")
      ->needs(rootfs);
  verb->add_option("--env", container.environment, "Variable of every job; may be repeated")
      ->type_name("NAME=VALUE")
      ->needs(rootfs);
  verb->add_option("--workdir", container.config.working_directory, "Where it starts [/]")
      ->type_name("DIR")
      ->needs(rootfs);
  verb->add_option("--user", container.config.user, "Whom it runs as [root]")
      ->type_name("USER[:GROUP]")
      ->needs(rootfs);
  add_data_dir_option(*verb, data_dir);
  verb->callback([&data_dir, options, sources] {
    if (std::none_of(sources.begin(), sources.end(),
                     [](const CLI::Option* one) { return one->count() > 0; })) {
      throw CLI::RequiredError("one of --exec, --docker-archive, --oci-layout and --rootfs");
    }
    add(data_dir, *options);
  });
}

}  // namespace

void add_images_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* images = app.add_subcommand(
      "images", "Names that a job's TrainingImage and a model's Image may carry");
  images->require_subcommand(1);
  images->footer(
      "Examples:\n"
      "  millrace images add my-trainer --exec /opt/trainers/train.py\n"
      "  millrace images add churn:3 --docker-archive churn.tar\n"
      "  millrace images list\n"
      "  millrace images describe churn:3\n"
      "  millrace images remove churn:3\n");
  add_add_verb(*images, data_dir);

  CLI::App* list_verb =
      images->add_subcommand("list", "Built-in algorithms, framework images and registered images");
  list_verb->footer("Example:\n  millrace images list\n");
  add_data_dir_option(*list_verb, data_dir);
  list_verb->callback([&data_dir] { list(connect(data_dir)); });

  auto name = std::make_shared<std::string>();
  CLI::App* describe_verb = images->add_subcommand("describe", "One registered image");
  describe_verb->footer(
      "Of a container image: digests, layers, what it runs as whom, and what was left out of "
      "it.\n\n"
      "Example:\n  millrace images describe churn:3\n");
  describe_verb->add_option("name", *name, "Image name, as it was added")->required();
  add_data_dir_option(*describe_verb, data_dir);
  describe_verb->callback([&data_dir, name] { describe(connect(data_dir), *name); });

  CLI::App* remove_verb = images->add_subcommand("remove", "Take a registered name away");
  remove_verb->footer(
      "The files of a container image go with its last name. Refused while a job or an endpoint "
      "runs in it.\n\n"
      "Example:\n  millrace images remove churn:3\n");
  remove_verb->add_option("name", *name, "Image name, as it was added")->required();
  add_data_dir_option(*remove_verb, data_dir);
  remove_verb->callback([&data_dir, name] { remove(connect(data_dir), *name); });
}

}  // namespace millrace::cli
