#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace millrace {

/// The launcher of the script mode toolkit (src/toolkit/run.py) as it lies beside this program's
/// folder, in lib/millrace/toolkit; empty when it is not there.
std::filesystem::path find_toolkit();

/// Python modules of frameworks that this machine has, as the toolkit tells them ("torch"); none
/// when there is no interpreter to ask.
std::set<std::string> python_modules(const std::filesystem::path& launcher);

}  // namespace millrace
