#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace millrace {

/// Removes a tree, also directories that their owner may not enter; a link is removed, not
/// followed. What is mounted inside is detached and its content left alone: a directory that a job
/// had mounted belongs to somebody else, and a file system whose server was killed answers nothing
/// any more. What cannot be detached stays, with the directories above it. Throws nothing. Returns
/// whether nothing is left of it.
bool remove_tree(const std::filesystem::path& path) noexcept;

/// What lies in an open directory, in no order; nothing where it cannot be read.
std::vector<std::string> names_in(int directory);

/// Detaches what is mounted at `path`; false when nothing is, or this user may not.
bool detach_mount(const std::filesystem::path& path) noexcept;

}  // namespace millrace
