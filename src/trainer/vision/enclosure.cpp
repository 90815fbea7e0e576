#include "trainer/vision/enclosure.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "core/data/lst.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> resolved(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  return error ? std::nullopt : std::optional(std::move(real));
}

}  // namespace

Enclosure::Enclosure(const fs::path& root) : root_(fs::canonical(root)) {}

Enclosure::Found Enclosure::look(const fs::path& relative) {
  if (leads_outside(relative.native())) return {.verdict = Verdict::Outside};
  const std::optional<fs::path>& folder = resolved_folder(relative.parent_path());
  if (!folder) return {};
  if (!holds(*folder)) return {.verdict = Verdict::Outside};
  const fs::path file = *folder / relative.filename();
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return {};
  if (S_ISLNK(status.st_mode)) {
    const std::optional<fs::path> target = resolved(file);
    if (!target) return {};
    if (!holds(*target)) return {.verdict = Verdict::Outside};
    if (::stat(target->c_str(), &status) != 0) return {};
  }
  if (!S_ISREG(status.st_mode)) return {};
  return {.verdict = Verdict::File, .bytes = status.st_size};
}

const std::optional<fs::path>& Enclosure::resolved_folder(const fs::path& relative) {
  const auto known = folders_.find(relative.native());
  if (known != folders_.end()) return known->second;
  return folders_.emplace(relative.native(), resolved(root_ / relative)).first->second;
}

bool Enclosure::holds(const fs::path& real) const {
  return std::mismatch(root_.begin(), root_.end(), real.begin(), real.end()).first == root_.end();
}

}  // namespace millrace
