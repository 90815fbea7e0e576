#pragma once

#include <string_view>

namespace millrace::lists {

/// Whether the whole of `text` fits `pattern`: `*` stands for any run of characters, '/' among
/// them, `?` for one character, `[a-z]` for one of a set and `[!a-z]` for one outside it. A set of
/// one, `[*]`, is how to mean the sign itself. Upper and lower case differ; sets are of bytes.
///
/// Takes at most |text| * |pattern| steps, whatever the pattern.
bool matches_glob(std::string_view text, std::string_view pattern);

}  // namespace millrace::lists
