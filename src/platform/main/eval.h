#pragma once

#include <filesystem>

namespace CLI {
class App;
}

namespace millrace {

/// `millrace eval`: fetches what lies in S3, finds model and data of a job, and has
/// `millrace-trainer evaluate` measure the one on the other. `data_dir` is filled by the parser and
/// must outlive the app, as `status` must, which gets the trainer's exit status.
void add_eval_command(CLI::App& app, std::filesystem::path& data_dir, int& status);

}  // namespace millrace
