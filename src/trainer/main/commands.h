#pragma once

#include <map>
#include <string>

#include "trainer/main/arguments.h"

namespace millrace {

/// The commands of millrace-trainer; each answers the exit status.
using Options = std::map<std::string, std::string>;

const CommandSpec& train_command();
int train(const Options& options);

const CommandSpec& describe_command();
int describe(const Options& options);

const CommandSpec& evaluate_command();
int evaluate(const Options& options);

const CommandSpec& score_command();
int score(const Options& options);

const CommandSpec& serve_command();
int serve(const Options& options);

}  // namespace millrace
