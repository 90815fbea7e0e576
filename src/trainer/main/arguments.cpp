#include "trainer/main/arguments.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

[[noreturn]] void refuse(const CommandSpec& command, std::string_view word, std::string expected,
                         std::string fix) {
  throw Error(Blame::Customer,
              Problem{.where = command.name,
                      .given = std::string(word),
                      .expected = std::move(expected),
                      .fix = fix.empty() ? "See '" + command.name + " --help'." : std::move(fix)});
}

}  // namespace

std::map<std::string, std::string> parse_options(const CommandSpec& command,
                                                 const std::vector<std::string_view>& words) {
  std::vector<std::string> known;
  for (const OptionSpec& option : command.options) known.push_back(option.name);
  std::map<std::string, std::string> values;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string name(words[i].substr(0, equals));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto close = nearest(name, known);
      refuse(command, words[i], "an option: " + join(known, ", "),
             close ? "Did you mean '" + *close + "'?" : "");
    }
    if (equals == std::string_view::npos && i + 1 == words.size())
      refuse(command, words[i], "a value after " + name, "");
    const std::string value(equals == std::string_view::npos ? words[++i]
                                                             : words[i].substr(equals + 1));
    if (!values.emplace(name, value).second) refuse(command, words[i], name + " only once", "");
  }
  for (const OptionSpec& option : command.options) {
    if (option.required && !values.contains(option.name))
      refuse(command, "", option.name + " " + option.value, "");
  }
  return values;
}

std::string help_of(std::string_view program, const CommandSpec& command) {
  std::string text = command.summary + "\n\nExample\n";
  for (const std::string_view line : split(command.example, '\n'))
    text += "  " + std::string(line) + "\n";
  text += "\nUsage: " + std::string(program) + " " + command.name;
  for (const OptionSpec& option : command.options) {
    const std::string use = option.name + " " + option.value;
    text += option.required ? " " + use : " [" + use + "]";
  }
  text += "\n";
  for (const OptionSpec& option : command.options) {
    std::string use = "  " + option.name + " " + option.value;
    use.resize(std::max<std::size_t>(use.size() + 2, 24), ' ');
    text += use + option.doc + "\n";
  }
  return text;
}

}  // namespace millrace
