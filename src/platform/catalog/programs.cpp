#include "platform/catalog/programs.h"

#include <system_error>

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

}  // namespace

std::optional<Program> Programs::find(const ImageName& image, const ProgramOrder& order) const {
  if (const AlgorithmDescription* algorithm = algorithms_.find(image)) {
    return Program{.command = {trainer_.string(), order.verb},
                   .read_only_binds = bind_of(trainer_),
                   .environment = {{"MILLRACE_ALGORITHM", algorithm->name}}};
  }
  if (const auto registered = images_.find(image)) return executable_program(*registered, order);
  return std::nullopt;
}

}  // namespace millrace::catalog
