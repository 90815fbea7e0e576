#pragma once

#include <string>
#include <string_view>

namespace millrace::html {

/// Text as it stands between tags or inside a quoted attribute: & < > " ' become references, bytes
/// that are no UTF-8 and control characters that HTML forbids become U+FFFD.
std::string escaped(std::string_view text);

}  // namespace millrace::html
