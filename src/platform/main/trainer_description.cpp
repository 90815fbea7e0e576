#include "platform/main/trainer_description.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/json/json.h"

extern char** environ;

namespace millrace {
namespace {

constexpr const char* kProgram = "millrace-trainer";
constexpr std::size_t kMaxDescriptionBytes = 16 * 1024 * 1024;

/// Standard output of a program that is expected to end by itself.
std::string output_of(const std::filesystem::path& program, const std::string& argument) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("creating a pipe");
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  std::string name = program.string();
  std::string verb = argument;
  char* const arguments[] = {name.data(), verb.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    errno = failed;
    throw_errno("starting " + name);
  }
  write_end.close();
  FdSource source(std::move(read_end));
  std::string text = read_all(source, kMaxDescriptionBytes, name + " " + verb);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error(Blame::Platform, name + " " + verb + " failed; run it by hand to see why");
  }
  return text;
}

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
    const std::filesystem::path candidate = std::filesystem::path(folder) / kProgram;
    if (!folder.empty() && std::filesystem::exists(candidate)) return std::filesystem::canonical(candidate);
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
  const std::string text = output_of(trainer, "describe");
  write_file_durably(cache, to_text(Json{{"Trainer", version}, {"Description", text}}));
  return text;
}

}  // namespace millrace
