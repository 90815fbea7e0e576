#include "platform/main/toolkit.h"

#include <iostream>

#include "core/base/error.h"
#include "core/json/json.h"
#include "platform/main/program_output.h"

namespace millrace {

std::filesystem::path find_toolkit() {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  const std::filesystem::path launcher =
      program.parent_path().parent_path() / "lib" / "millrace" / "toolkit" / "run.py";
  return std::filesystem::exists(launcher) ? launcher : std::filesystem::path();
}

std::set<std::string> python_modules(const std::filesystem::path& launcher) {
  std::set<std::string> modules;
  try {
    const std::string text = program_output({"/usr/bin/python3", launcher.string(), "describe"});
    const Json told = parse_json(text, "the toolkit's description");
    for (const auto& [module, version] : told.at("Libraries").items()) modules.insert(module);
  } catch (const Error& error) {
    std::cerr << "millrace: " << error.what() << ": framework images find no libraries\n";
  }
  return modules;
}

}  // namespace millrace
