#include "platform/main/score.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "platform/main/trainer_description.h"

namespace millrace {
namespace {

/// Becomes the trainer's program: whatever it prints and answers is the command's own.
void run_trainer(std::vector<std::string> arguments) {
  const std::optional<std::filesystem::path> trainer = find_trainer();
  if (!trainer) {
    throw Error(Blame::Customer, Problem{.where = "millrace score",
                                         .given = {},
                                         .expected = "millrace-trainer beside this program or on PATH",
                                         .fix = "Install it: models are scored by the program that trains them."});
  }
  std::vector<std::string> command{trainer->string(), "score"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  ::execv(words[0], words.data());
  throw_errno("starting " + trainer->string());
}

}  // namespace

void add_score_command(CLI::App& app) {
  CLI::App* score = app.add_subcommand("score", "Score rows with a trained model, without a daemon");
  // The options, --help among them, are the trainer's.
  score->prefix_command();
  score->set_help_flag();
  score->footer("Example:\n  millrace score --model model.tar.gz --input x.csv\n");
  score->callback([score] { run_trainer(score->remaining()); });
}

}  // namespace millrace
