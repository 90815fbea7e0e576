#pragma once

#include <filesystem>

namespace millrace {

/// Removes a tree, also directories that their owner may not enter; a link is removed, not followed.
/// Throws nothing. Returns whether nothing is left of it.
bool remove_tree(const std::filesystem::path& path) noexcept;

}  // namespace millrace
