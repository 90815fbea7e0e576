#pragma once

#include <string_view>

#include "core/json/json.h"
#include "platform/console/preview/user_files.h"

namespace millrace::console {

/// What a file holds, from a look at its beginning, as a page shows it: {"Kind", "Sampled"?, ...}.
/// Which kind it is follows from its bytes and, where they leave that open, from its name. Bytes
/// that turn out to be something else become {"Kind": "text"} or "binary", with "Problem" saying
/// what is wrong; nothing is believed of what they claim, and little is read.
///
/// | Kind       | Members                                                                       |
/// | ---------- | ----------------------------------------------------------------------------- |
/// | `image`    | Format, Width, Height, Channels                                               |
/// | `records`  | Records [{n, Offset, Bytes, Id, Labels, Format?, Width?, Height?}] of images  |
/// | `protobuf` | Records [{n, Labels, Values, Columns}]                                        |
/// | `list`     | Rows [{index, labels, path}], Form                                            |
/// | `table`    | Rows [[cell]]                                                                 |
/// | `lines`    | Lines [text] of JSON                                                          |
/// | `archive`  | Members [{Name, Bytes, Kind}]                                                 |
/// | `text`     | Text                                                                          |
/// | `binary`   | Head, in hexadecimal                                                          |
Json sample(const OpenFile& file, std::string_view name);

}  // namespace millrace::console
