#include "platform/cli/unpack_target.h"

#include <cstdio>
#include <optional>

#include "codec/image_header.h"
#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::cli {

std::string file_name_of(std::uint64_t number, std::string_view image, const std::string& place) {
  const std::optional<ImageFormat> format = image_format_of(image);
  if (!format) {
    refuse(place, to_hex(image.substr(0, 8)), "a JPEG or PNG file",
           "Raw pixels cannot be unpacked into files.");
  }
  char name[32];
  std::snprintf(name, sizeof name, "%08llu", static_cast<unsigned long long>(number));
  return std::string(name) + (*format == ImageFormat::Jpeg ? ".jpg" : ".png");
}

void require_new_folder(const std::filesystem::path& target) {
  if (!std::filesystem::exists(target)) return;
  refuse(target.string(), "a name that is taken", "a folder that does not exist yet",
         "Choose another, or remove it first.");
}

}  // namespace millrace::cli
