#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <string_view>

#include "core/base/fd.h"

namespace millrace::console {

/// Writes a new file into `directory`, whole and durably; false where the name is taken, whoever
/// took it and when. Throws Error(Platform).
bool create_file(const Fd& directory, const std::string& name, std::string_view content,
                 unsigned mode);

/// Puts another file in the place of one for which `expected` holds, whole and durably, with its
/// permissions; false, with everything as it was, for another. In this process one at a time.
/// Programs that replace the file at the same moment lose nothing: the two are exchanged in one
/// step, and what comes out is looked at before it goes. Throws Error(Platform).
bool replace_file(const Fd& directory, const std::string& name, std::string_view content,
                  const std::function<bool(const struct stat& status)>& expected);

}  // namespace millrace::console
