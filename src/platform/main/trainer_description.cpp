#include "platform/main/trainer_description.h"

#include <chrono>
#include <cstdlib>
#include <system_error>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/main/program_output.h"

namespace millrace {
namespace {

constexpr const char* kProgram = "millrace-trainer";

/// Changes whenever the program is rebuilt or replaced.
std::string fingerprint(const std::filesystem::path& trainer) {
  return trainer.string() + " " + std::to_string(std::filesystem::file_size(trainer)) + " " +
         std::to_string(std::filesystem::last_write_time(trainer).time_since_epoch().count());
}

}  // namespace

std::optional<std::filesystem::path> find_trainer() {
  const std::filesystem::path beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / kProgram;
  if (std::filesystem::exists(beside)) return beside;
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':')) {
    if (folder.empty()) continue;
    // A folder that cannot be read or is none has no program, as in a shell.
    std::error_code failure;
    const std::filesystem::path candidate =
        std::filesystem::canonical(std::filesystem::path(folder) / kProgram, failure);
    if (!failure && std::filesystem::is_regular_file(candidate, failure)) return candidate;
  }
  return std::nullopt;
}

std::string trainer_description(const std::filesystem::path& trainer, const std::filesystem::path& cache) {
  const std::string version = fingerprint(trainer);
  if (std::filesystem::exists(cache)) {
    const Json kept = parse_json(read_file(cache, kMaxDescriptionBytes), cache.string());
    if (require_string(kept, "Trainer", cache.string()) == version) {
      return require_string(kept, "Description", cache.string());
    }
  }
  const std::string text = program_output({trainer.string(), "describe"});
  write_file_durably(cache, to_text(Json{{"Trainer", version}, {"Description", text}}));
  return text;
}

}  // namespace millrace
