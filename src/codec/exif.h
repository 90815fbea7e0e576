#pragma once

#include <string_view>

#include "codec/image.h"

namespace millrace {

/// How the stored rows and columns are to be shown, 1 to 8, as TIFF tag 0x0112 counts it (Exif 2.3,
/// 4.6.4 A): 1 as they are, 3 turned by 180 degrees, 6 and 8 by 90 degrees, the others mirrored.
inline constexpr int kUpright = 1;

/// The orientation that the EXIF data of a JPEG or PNG file gives; kUpright where it gives none, or
/// one that does not exist. Damaged EXIF data counts as none: no pixel depends on it.
int exif_orientation(std::string_view file);

/// The image as it is to be shown. Orientations 5 to 8 exchange width and height.
Image oriented(Image image, int orientation);

}  // namespace millrace
