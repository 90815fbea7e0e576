#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/runner/tree.h"

namespace millrace::runner {

/// What the program of one host left.
struct HostTree {
  std::string host;
  std::filesystem::path root;
};

/// Visits the union of the directories `relative` below every root, each name once, the first
/// host's entries first and a directory before its content; `top` is the directory the entry was
/// found in. Where several hosts have an entry of one name, the last of them wins, save that
/// directories are joined; `note` is told, one sentence each, also of a directory that is missing.
/// Nothing may change meanwhile. Throws as walk_tree().
void walk_together(
    const std::vector<HostTree>& trees, const std::filesystem::path& relative,
    const std::function<void(std::string_view)>& note,
    const std::function<void(const std::filesystem::path& top, const TreeEntry&)>& visit);

}  // namespace millrace::runner
