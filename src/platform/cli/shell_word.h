#pragma once

#include <string>
#include <string_view>

namespace millrace::cli {

/// Text as one word of a POSIX shell, whatever characters it has (XCU section 2.2.2): for lines
/// that are printed to be evaluated.
std::string shell_word(std::string_view text);

}  // namespace millrace::cli
