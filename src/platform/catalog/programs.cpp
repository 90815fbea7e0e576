#include "platform/catalog/programs.h"

#include <system_error>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::catalog {
namespace {

/// The trainer's files where they lie outside /usr, which alone is visible in every sandbox: not
/// their folder, which may hold anything. The library is where the trainer looks for it.
std::vector<std::string> bind_of(const std::filesystem::path& trainer) {
  if (trainer.string().starts_with("/usr/")) return {};
  std::vector<std::string> files{trainer.string()};
  const std::filesystem::path folder = trainer.parent_path();
  for (const char* place : {".", "../lib/millrace"}) {
    const auto library = (folder / place / "libmillrace-tensors.so").lexically_normal();
    std::error_code failure;
    if (std::filesystem::exists(library, failure)) files.push_back(library.string());
  }
  return files;
}

/// Without a verb nothing is added: the image's own arguments, of which a program of this machine
/// has none, are only replaced.
std::vector<std::string> arguments_of(const ProgramOrder& order,
                                      const std::vector<std::string>& own) {
  if (order.arguments) return *order.arguments;
  if (!order.verb.empty()) return {order.verb};
  // Arguments belong to the entry point that they were written for.
  return order.entrypoint ? std::vector<std::string>{} : own;
}

Program executable_program(const OwnImage& image, const ProgramOrder& order) {
  Program program{.command = order.entrypoint.value_or(image.command),
                  .read_only_binds = image.read_only_binds,
                  .environment = {}};
  const std::vector<std::string> arguments = arguments_of(order, {});
  program.command.insert(program.command.end(), arguments.begin(), arguments.end());
  return program;
}

/// As a container engine would run it: what the request says wins over the image.
Program container_program(const containers::ImageRecord& image, const std::filesystem::path& root,
                          const ProgramOrder& order) {
  Program program{
      .command = order.entrypoint.value_or(image.entrypoint),
      .read_only_binds = {},
      .environment = image.environment,
      .container = wire::control::TicketContainer{.root_file_system = root.string(),
                                                  .working_directory = image.working_directory,
                                                  .user_id = image.user_id,
                                                  .group_id = image.group_id}};
  const std::vector<std::string> arguments = arguments_of(order, image.arguments);
  program.command.insert(program.command.end(), arguments.begin(), arguments.end());
  program.environment.emplace("HOME", image.home);
  return program;
}

[[noreturn]] void refuse(const Problem& problem) {
  throw Error(Blame::Customer, "ValidationException", describe(problem));
}

}  // namespace

void Programs::check(const std::string& where, const std::string& image) const {
  const ImageName name = parse_image_name(image);
  if (algorithms_.find(name) != nullptr || images_.find(name)) return;
  if (const Framework* found = FrameworkImages::find(name)) {
    frameworks_.check(*found, where, image);
    return;
  }
  if (FrameworkImages::is_refused(name)) {
    refuse(
        {.where = where,
         .given = image,
         .expected = "a framework that is served here",
         .fix = "There is none of '" + name.repository +
                "'. Register a program of your own under that name with 'millrace images add'."});
  }
  if (ImageName undigested = name; !name.digest.empty()) {
    undigested.digest.clear();
    if (const auto own = images_.find(undigested)) {
      refuse({.where = where,
              .given = image,
              .expected = "the image that is registered under this name, " +
                          (own->container ? own->container->digest : "a program without a digest"),
              .fix = "Leave the digest out, or add the image that has it."});
    }
  }
  const std::optional<std::string> close = nearest(name.repository, images_.repositories());
  refuse({.where = where,
          .given = image,
          .expected = "a built-in algorithm (tag 1 or latest) or a registered image",
          .fix = (close ? "Did you mean '" + *close + "'? " : std::string()) +
                 "'millrace images list' shows what there is."});
}

const Framework* Programs::framework(const ImageName& image) const {
  if (algorithms_.find(image) != nullptr || images_.find(image)) return nullptr;
  return FrameworkImages::find(image);
}

std::optional<Program> Programs::find(const ImageName& image, const ProgramOrder& order) const {
  if (const AlgorithmDescription* algorithm = algorithms_.find(image)) {
    return Program{.command = {trainer_.string(), order.verb},
                   .read_only_binds = bind_of(trainer_),
                   .environment = {{"MILLRACE_ALGORITHM", algorithm->name}}};
  }
  if (const auto own = images_.find(image)) {
    return own->container
               ? container_program(*own->container, images_.root_of(*own->container), order)
               : executable_program(*own, order);
  }
  if (const Framework* found = FrameworkImages::find(image))
    return frameworks_.program(*found, image, order);
  return std::nullopt;
}

}  // namespace millrace::catalog
