#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/main/commands.h"

namespace {

using namespace millrace;

struct Command {
  const CommandSpec& spec;
  int (*run)(const Options&);
};

const std::vector<Command>& commands() {
  static const std::vector<Command> all{{train_command(), &train},
                                        {score_command(), &score},
                                        {serve_command(), &serve},
                                        {evaluate_command(), &evaluate},
                                        {describe_command(), &describe}};
  return all;
}

constexpr const char* kProgram = "millrace-trainer";

int print_overview(std::FILE* out, int status) {
  std::fprintf(out, "Trains, measures and serves Millrace's built-in algorithms.\n\n");
  for (const Command& command : commands()) {
    const std::string& summary = command.spec.summary;
    std::fprintf(out, "  %-10s%s\n", command.spec.name.c_str(),
                 summary.substr(0, summary.find_first_of(":,\n")).c_str());
  }
  std::fprintf(out, "\n'%s train --help' shows an example of a command.\n", kProgram);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const auto asks_for_help = [](std::string_view word) {
    return word == "--help" || word == "-h" || word == "help";
  };
  if (words.empty()) return print_overview(stderr, 2);
  if (asks_for_help(words[0])) return print_overview(stdout, EXIT_SUCCESS);
  for (const Command& command : commands()) {
    if (command.spec.name != words[0]) continue;
    const std::vector<std::string_view> rest(words.begin() + 1, words.end());
    for (const std::string_view word : rest) {
      if (word != "--help" && word != "-h") continue;
      std::fputs(help_of(kProgram, command.spec).c_str(), stdout);
      return EXIT_SUCCESS;
    }
    try {
      return command.run(parse_options(command.spec, rest));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", kProgram, error.what());
      return EXIT_FAILURE;
    }
  }
  std::fprintf(stderr, "%s: no command '%s'\n\n", kProgram, std::string(words[0]).c_str());
  return print_overview(stderr, 2);
}
