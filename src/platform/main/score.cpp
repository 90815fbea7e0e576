#include "platform/main/score.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "platform/main/run_trainer.h"

namespace millrace {

void add_score_command(CLI::App& app) {
  CLI::App* score =
      app.add_subcommand("score", "Score rows or an image with a trained model, without a daemon");
  // The options, --help among them, are the trainer's.
  score->prefix_command();
  score->set_help_flag();
  score->footer("Example:\n  millrace score --model model.tar.gz --input x.csv\n");
  score->callback([score] {
    std::vector<std::string> arguments = score->remaining();
    arguments.insert(arguments.begin(), "score");
    become_trainer("millrace score", std::move(arguments));
  });
}

}  // namespace millrace
