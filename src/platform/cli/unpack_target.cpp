#include "platform/cli/unpack_target.h"

#include <cstdio>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::cli {
namespace {

/// nullptr for bytes that are no image file.
const char* extension_of(std::string_view image) {
  if (image.starts_with("\xff\xd8")) return ".jpg";
  if (image.starts_with("\x89PNG")) return ".png";
  return nullptr;
}

}  // namespace

std::string file_name_of(std::uint64_t number, std::string_view image, const std::string& place) {
  const char* extension = extension_of(image);
  if (extension == nullptr) {
    throw Error(Blame::Customer, Problem{.where = place,
                                         .given = to_hex(image.substr(0, 8)),
                                         .expected = "a JPEG or PNG file",
                                         .fix = "Raw pixels cannot be unpacked into files."});
  }
  char name[32];
  std::snprintf(name, sizeof name, "%08llu", static_cast<unsigned long long>(number));
  return std::string(name) + extension;
}

void require_new_folder(const std::filesystem::path& target) {
  if (!std::filesystem::exists(target)) return;
  throw Error(Blame::Customer, Problem{.where = target.string(),
                                       .given = "a name that is taken",
                                       .expected = "a folder that does not exist yet",
                                       .fix = "Choose another, or remove it first."});
}

}  // namespace millrace::cli
