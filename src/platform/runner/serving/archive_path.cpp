#include "platform/runner/serving/archive_path.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::runner {
namespace {

constexpr std::size_t kMaxPartBytes = 255;

[[noreturn]] void refuse(const std::string& where, std::string_view given, const char* expected) {
  throw Error(Blame::Customer, Problem{.where = where,
                                       .given = std::string(given),
                                       .expected = expected,
                                       .fix = "Pack the model again, from inside its directory."});
}

}  // namespace

std::string archive_path(std::string_view name, const std::string& where) {
  constexpr const char* kExpected = "a name below the model's directory";
  if (name.starts_with('/') || name.find('\0') != std::string_view::npos)
    refuse(where, name, kExpected);
  std::string path;
  for (const std::string_view part : split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") refuse(where, name, kExpected);
    if (part.size() > kMaxPartBytes) refuse(where, name, "parts of at most 255 bytes");
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

void check_archive_link(std::string_view path, std::string_view target, const std::string& where) {
  constexpr const char* kExpected =
      "a link to something inside the model's directory, with '..' at its beginning only";
  if (target.empty() || target.starts_with('/') || target.find('\0') != std::string_view::npos)
    refuse(where, target, kExpected);
  auto up = std::count(path.begin(), path.end(), '/');
  bool down = false;
  for (const std::string_view part : split(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      down = true;
    } else if (down || up-- == 0) {
      refuse(where, target, kExpected);
    }
  }
}

}  // namespace millrace::runner
