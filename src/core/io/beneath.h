#pragma once

#include <filesystem>

#include "core/base/fd.h"

namespace millrace {

/// Opens `relative` below the directory `root` without following any symbolic link, not even in the
/// middle: what somebody else put into a directory must not lead us elsewhere. An invalid Fd, with
/// errno set, when it is not there or not reachable that way.
Fd open_beneath(const std::filesystem::path& root, const std::filesystem::path& relative,
                int flags);

}  // namespace millrace
