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

Program executable_program(const ExecutableImage& image, const ProgramOrder& order) {
  Program program{.command = order.entrypoint.value_or(image.command),
                  .read_only_binds = image.read_only_binds,
                  .environment = {}};
  const std::vector<std::string> arguments =
      order.arguments.value_or(std::vector<std::string>{order.verb});
  program.command.insert(program.command.end(), arguments.begin(), arguments.end());
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
  if (const auto registered = images_.find(image)) return executable_program(*registered, order);
  if (const Framework* found = FrameworkImages::find(image))
    return frameworks_.program(*found, image, order);
  return std::nullopt;
}

}  // namespace millrace::catalog
