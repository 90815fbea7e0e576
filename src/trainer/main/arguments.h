#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// One option of a command; every option takes a value.
struct OptionSpec {
  std::string name;   ///< "--model"
  std::string value;  ///< what stands for the value in the help: "FILE"
  std::string doc;
  bool required = false;
};

/// A command with the example that teaches it.
struct CommandSpec {
  std::string name;
  std::string summary;  ///< one sentence
  std::string example;  ///< lines to type, as they are
  std::vector<OptionSpec> options;
};

/// Options of a command by name. Throws Error(Customer) for an unknown option (with its nearest
/// neighbour), one that is given twice or without a value, a missing one and a stray word. Both
/// "--model x" and "--model=x" are understood.
std::map<std::string, std::string> parse_options(const CommandSpec& command,
                                                 const std::vector<std::string_view>& words);

/// What `--help` prints.
std::string help_of(std::string_view program, const CommandSpec& command);

}  // namespace millrace
