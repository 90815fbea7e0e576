#pragma once

#include <filesystem>

namespace millrace::runner {

/// Makes `target` a hard link to `source`, or, where that is impossible (another file system, too
/// many links), a copy that shares blocks if it can. False when `source` does not exist any more.
/// Throws Error(Platform) naming the target's file name.
bool link_or_copy(const std::filesystem::path& source, const std::filesystem::path& target);

/// A copy that shares blocks where the file system can. False when `source` does not exist.
bool copy_local(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace millrace::runner
