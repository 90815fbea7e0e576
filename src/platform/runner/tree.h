#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/fd.h"
#include "core/io/beneath.h"

namespace millrace::runner {

/// One file, link or directory of a tree.
struct TreeEntry {
  std::string path;  ///< relative to the root of the walk, separated by '/'
  int directory;     ///< descriptor of the directory that holds it
  std::string name;  ///< in that directory
  struct stat status;
};

/// Visits everything below `directory` in the order of names, a directory before its content; links
/// are not followed. Entries that vanish meanwhile are skipped. Throws Error(Customer) when
/// directories are nested deeper than 128, since each level holds a descriptor, and Error(Platform)
/// when a directory cannot be read.
void walk_tree(const Fd& directory, const std::function<void(const TreeEntry&)>& visit);

/// Bytes on disk of everything below `directory`; a file with several names counts for each.
/// What cannot be read or is nested deeper than 128 is left out: the program that made it so is still
/// running, and measuring it must not fail its job.
std::int64_t disk_usage(const Fd& directory);

}  // namespace millrace::runner
