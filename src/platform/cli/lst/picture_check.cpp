#include "platform/cli/lst/picture_check.h"

#include <utility>

#include "core/base/refuse.h"
#include "platform/cli/lst/image_root.h"

namespace millrace::cli {

PictureCheck::PictureCheck(const std::string& images, const std::filesystem::path& data_dir)
    : images_(images) {
  if (images.empty()) return;
  for (std::string& path : open_image_root(images, data_dir)->images())
    there_.insert(std::move(path));
}

void PictureCheck::require(std::string_view path, const std::string& place) const {
  if (images_.empty() || there_.count(std::string(path)) > 0) return;
  refuse(place, path, "an image that is in " + images_);
}

}  // namespace millrace::cli
