#include <cstdio>
#include <cstdlib>

#include "trainer/job/algorithm.h"
#include "trainer/main/commands.h"

namespace millrace {

const CommandSpec& describe_command() {
  static const CommandSpec command{.name = "describe",
                                   .summary =
                                       "Prints what every built-in algorithm takes and gives, as "
                                       "JSON: hyperparameters, channels, metrics. The daemon\n"
                                       "reads it at start.",
                                   .example = "millrace-trainer describe > algorithms.json",
                                   .options = {}};
  return command;
}

int describe(const Options&) {
  std::printf("%s\n", describe_algorithms(all_algorithms()).dump(2).c_str());
  return EXIT_SUCCESS;
}

}  // namespace millrace
