#pragma once

#include <string>
#include <vector>

#include "codec/image.h"

namespace millrace::html {

/// A picture in a gallery; all text plain.
struct GalleryPicture {
  Image picture;     ///< shown at up to 132 pixels; small ones with visible pixels
  std::string good;  ///< what it is
  std::string bad;   ///< what the model made of it
  std::vector<std::string> notes;
};

/// Pictures beside and below each other, as many in a row as there is room for.
std::string gallery(const std::vector<GalleryPicture>& pictures);

}  // namespace millrace::html
