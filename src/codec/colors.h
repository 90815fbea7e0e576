#pragma once

#include "codec/image.h"

namespace millrace {

/// A grey image in three equal channels; one of three as it is.
Image in_color(Image image);
/// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), as JPEG computes brightness, rounded; a grey image
/// as it is.
Image in_grey(Image image);

}  // namespace millrace
